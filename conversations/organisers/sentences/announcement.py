"""What an announcement says, to whom and when, as its author and who approves it read it."""

from collections.abc import Iterable, Mapping

from markupsafe import Markup

from assistant.domain.broadcasts import (
    Announcement,
    Audience,
    CallToAction,
    Timing,
)
from assistant.domain.cases import Case
from assistant.domain.texts import (
    CountryName,
    LanguageName,
    Lines,
    Listed,
    Sentence,
    Text,
    Values,
    Written,
)
from conversations.organisers.formatting import (
    duration,
    local_moment,
    moment,
)
from conversations.organisers.notifications import describe_request as describe_request

_ = Sentence


def texts(written: Announcement) -> Iterable[Text]:
    """What it says, in each language."""
    for language in written.texts:
        text = Written({language: written.text_for(language) or Markup()})
        yield Lines((_("{language}:", {"language": LanguageName(language)}), text))


def facts(written: Announcement, cases: Mapping[str, Case]) -> Text:
    """To whom it goes and when, a line each."""
    case = cases.get(written.audience.case or "")
    instead = [
        _(
            "Readers of {language} get it in {other}",
            {"language": LanguageName(each), "other": LanguageName(other)},
        )
        for each, other in written.fallbacks.items()
    ]
    return Lines((*instead, *_to_whom(written.audience, case), *_when(written.timing), *_with_it(written)))


def _to_whom(audience: Audience, case: Case | None) -> Iterable[Text]:
    if audience.received is not None:
        yield _("To: everyone who got number {number}", {"number": audience.received})
    elif audience.case is None:
        yield _("To: subscribers of any case")
    else:
        yield _("To: subscribers of {case}", {"case": case.title if case else audience.case})
    if audience.wrote is not None:
        action = case.actions.get(audience.action or "") if case else None
        if action:
            values: Values = {"action": action.title}
            yield (
                _("Only people who have written for {action}", values)
                if audience.wrote
                else _("Only people who have not written for {action}", values)
            )
        else:
            yield (
                _("Only people who have written a letter")
                if audience.wrote
                else _("Only people who have not written a letter")
            )
    if audience.countries:
        names = Listed(tuple(CountryName(code) for code in audience.countries))
        yield _("Only in: {countries}", {"countries": names})
    if audience.channel is not None:
        yield _("Only over {channel}", {"channel": audience.channel.capitalize()})
    if audience.languages:
        names = Listed(tuple(LanguageName(code) for code in audience.languages))
        yield _("Only in these languages: {languages}", {"languages": names})


def _when(timing: Timing) -> Iterable[Text]:
    if timing.at:
        yield _("Sent: {moment}", {"moment": moment(timing.at, timing.zone)})
    elif timing.day and timing.hour:
        there = local_moment(timing.day, timing.hour)
        yield _("Sent: {moment}, local time of each recipient", {"moment": there})
    else:
        yield _("Sent: as soon as it is approved")
    if timing.lasts is None:
        yield _("There is no time limit.")
    else:
        yield _("Sent for at most: {duration}", {"duration": duration(timing.lasts * 3600)})
    yield (
        _("Urgent: it is sent at night, too.")
        if timing.urgent
        else _("Where it is night, it waits until morning.")
    )


def _with_it(written: Announcement) -> Iterable[Text]:
    match written.call_to_action:
        case CallToAction.LETTER:
            yield _("Its button: {label}", {"label": _("Write a letter")})
        case CallToAction.READ:
            yield _("Its button: {label}", {"label": _("Read more")})
    if written.replaces_letter:
        yield _("Letters that stand on an older text wait until their writers agree to the new one.")
    if written.outcome:
        yield _("People who have written also read how many letters have arrived.")
