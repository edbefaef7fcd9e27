"""What several conversations say."""

from collections.abc import Collection, Mapping

from assistant.dialogue.options import Option
from assistant.domain.cases import Case
from assistant.domain.texts import CountryName, Listed, Sentence, Text

_ = Sentence

_HANDS: Mapping[str, Text] = {
    "email": _("• mail servers on its way"),
    "fax": _("• the service that sends the fax"),
    "post": _("• people of the campaign, who print and post it"),
    "tray": _("• people of the campaign, who pass it on"),
}
_OTHER_HANDS = _("• whoever carries it there")


def hands(carrier: str) -> Text:
    """Who sees letters that go by that carrier."""
    return _HANDS.get(carrier, _OTHER_HANDS)


def governments(countries: Collection[str]) -> Text:
    """Whose offices read the letters."""
    if len(countries) == 1:
        return _("• the government of {country}", {"country": CountryName(*countries)})
    return _("• the governments of {countries}", {"countries": Listed(tuple(map(CountryName, countries)))})


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
