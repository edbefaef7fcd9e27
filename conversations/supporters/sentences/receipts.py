"""What is said of a letter outside of a conversation: what became of it, and that it waits."""

from collections.abc import Callable, Mapping

from assistant.domain.cases import Case
from assistant.domain.letters import LetterOutcome
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.texts import CountryName, Number, Paragraphs, Sentence, Text, TimeOfDay
from conversations.supporters.sentences.letter import failed, waiting

_ = Sentence


FEW = 10  # a smaller count could point at a person


def kept_waiting(case: Case) -> Text:
    """To who wrote a letter for a case that has been paused for a while."""
    return Paragraphs(
        (waiting(case, None, paused=True), _("You do not need to do anything. <b>withdraw</b> still works."))
    )


def receipt(case: Case, arrival: LetterOutcome) -> Text:
    """What became of a letter."""
    office = {"office": case.target.office}
    if arrival.status is LetterStatus.FAILED:
        return failed(office)
    told = _WAYS.get(arrival.carrier, _left)
    where: Mapping[str, Text | str | int] = {
        **office,
        "day": arrival.date(case.target.timezone),
        "time": TimeOfDay(arrival.at, case.target.timezone),
        "country": CountryName(case.target.country),
    }
    return Paragraphs(
        (
            told(where),
            _("The first way that we tried did not work, so we sent it this way.") if arrival.detour else "",
            _("It is one of {count} that have arrived.", {"count": Number(arrival.arrived)})
            if arrival.status is LetterStatus.DELIVERED and arrival.arrived >= FEW
            else "",
        )
    )


def _left(where: Mapping[str, Text | str | int]) -> Text:
    return _("Your letter to {office} has been sent.", where)


_WAYS: Mapping[str, Callable[[Mapping[str, Text | str | int]], Text]] = {
    "fax": lambda where: _("Your letter was faxed to {office} on {day} at {time} in {country}.", where),
    "email": lambda where: _("Your letter was emailed to {office}, and nothing came back.", where),
    "post": lambda where: _("Your letter to {office} was posted on {day}.", where),
    "tray": lambda where: _("We gave your letter to the campaign, which passes it on to {office}.", where),
}
