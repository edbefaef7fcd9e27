"""What organisers read in several conversations."""

from assistant.dialogue.options import Option
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.texts import (
    Sentence,
    Text,
)
from conversations.organisers.notifications import describe_request as describe_request

_ = Sentence


def not_trusted() -> Text:
    return _(
        "Your role in the team does not include this, so nothing has changed. "
        "An owner of the team can change your role."
    )


def case_option(case: Case) -> Option:
    return Option(case.slug, case.title)


def pause_option(subject: str, paused: Case | Action) -> Option:
    """What is paused or resumed. An action stands among cases."""
    if isinstance(paused, Case):
        return Option(subject, paused.title)
    return Option(subject, _("Only {action}", {"action": paused.title}))


def ask_which_case() -> Text:
    return _("Which case is it about?")
