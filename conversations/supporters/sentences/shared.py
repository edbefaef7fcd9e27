"""What several conversations say."""

from assistant.dialogue.options import Option
from assistant.domain.cases import Case
from assistant.domain.texts import Sentence, Text

_ = Sentence


def ask_which_case() -> Text:
    return _("Which case is it about?")


def case_option(case: Case) -> Option:
    return Option(case.slug, _("{title} (closed)", {"title": case.title}) if case.closed else case.title)


YES = Option(
    "yes", _("Yes"), _("ok, okay, please, sure, yes please, yep, yeah, of course, 👍, y"), agrees=True
)
NO = Option(
    "no", _("No"), _("no thanks, no thank you, not now, nope, nah, no need, never mind, nevermind, n")
)
