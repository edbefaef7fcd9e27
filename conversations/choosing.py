"""Which case a conversation is about, asked only where that is open."""

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.domain.model import Case
from conversations import sentences as say


def choose_case(talk: Talk) -> Case:
    """The case of this conversation."""
    if talk.frame.case is None:
        options = [say.case_option(case) for case in talk.cases.values()]
        return talk.cases[talk.ask("case", Choice(*options), say.ask_which_case())]
    return talk.case
