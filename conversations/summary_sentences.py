"""What an update, an alert or a correction comes to: what it says, to whom it goes, and when."""

from collections.abc import Iterable

from markupsafe import Markup

from assistant.domain.broadcasts import Announcement, Audience, Step, Timing
from assistant.domain.speech import CountryName, LanguageName, Lines, Listed, Sentence, Speech, Written
from conversations.figures import duration, moment

_ = Sentence


def texts(written: Announcement) -> Iterable[Speech]:
    """What it says, in each language."""
    for language in written.texts:
        text = Written({language: written.text_for(language) or Markup()})
        yield Lines((_("{language}:", {"language": LanguageName(language)}), text))


def facts(written: Announcement) -> Speech:
    """To whom it goes and when, a line each."""
    instead = [
        _(
            "Readers of {language} get it in {other}",
            {"language": LanguageName(each), "other": LanguageName(other)},
        )
        for each, other in written.fallbacks.items()
    ]
    return Lines((*instead, *_to_whom(written.audience), *_when(written.timing), *_with_it(written)))


def _to_whom(audience: Audience) -> Iterable[Speech]:
    if audience.received is not None:
        yield _("To: those who got number {number}", {"number": audience.received})
    elif audience.case is None:
        yield _("To: subscribers of any case")
    else:
        yield _("To: those who get the news of {case}", {"case": audience.case})
    if audience.wrote is not None:
        yield (
            _("Only those who have written a letter")
            if audience.wrote
            else _("Only those yet to write a letter")
        )
    if audience.countries:
        names = Listed(tuple(CountryName(code) for code in audience.countries))
        yield _("Only in: {countries}", {"countries": names})
    if audience.languages:
        names = Listed(tuple(LanguageName(code) for code in audience.languages))
        yield _("Only in these languages: {languages}", {"languages": names})


def _when(timing: Timing) -> Iterable[Speech]:
    if timing.at:
        yield _("Leaves: {moment}", {"moment": moment(timing.at)})
    elif timing.day and timing.hour:
        there = f"{timing.day} {timing.hour:%H:%M}"
        yield _("Leaves: {moment}, in each reader's own time", {"moment": there})
    else:
        yield _("Leaves: as soon as it is approved")
    if timing.lasts is None:
        yield _("It stays worth reading.")
    else:
        yield _("Worth reading for: {duration}", {"duration": duration(timing.lasts * 3600)})
    yield _("Urgent: it leaves at night, too.") if timing.urgent else _("Where it is night, it waits.")


def _with_it(written: Announcement) -> Iterable[Speech]:
    match written.step:
        case Step.LETTER:
            yield _("Its button: {label}", {"label": _("Write a letter")})
        case Step.READ:
            yield _("Its button: {label}", {"label": _("Read more")})
    if written.outcome:
        yield _("Those who have written also read how many letters have arrived.")
