"""When letters of a case are sent."""

from collections.abc import Mapping

from assistant.domain.figures import Figure
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.office_pace import Portion
from assistant.domain.targets import Target
from assistant.domain.texts import Number, Sentence, Text, TimeOfDay, Values, Weekday
from conversations.organisers.formatting import Shown, day, moment, plural_of

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "title": _("When letters are sent"),
    "help": _("Times are those of the office. Letters that come until then go last. Counts are in tens."),
    "nothing_waits": _("No letter waits for this office."),
    "nothing_open": _("No letters can be written for this case now."),
}


def begins(day: ExpectedActionDay, target: Target) -> Text:
    at: Values = {"title": day.title, "moment": moment(day.begins, target.hours.timezone)}
    return _("Action day: {title}. Letters are kept for it until {moment}.", at)


def room(letters: int | None) -> Text:
    if letters is None:
        return _("Any number of letters can be sent on that day.")
    return Sentence(
        "Up to {count} letter can be sent on that day.",
        {"count": Number(letters)},
        "Up to {count} letters can be sent on that day.",
        letters,
    )


def portion(portion: Portion, letters: Figure, target: Target) -> Text:
    """Not when the last one is sent: with the pace of the case folder that tells how many they are."""
    zone = target.hours.timezone
    facts: Values = {
        "weekday": Weekday(portion.day),
        "day": day(portion.day),
        "first": TimeOfDay(portion.first, zone),
        "count": Shown(letters),
    }
    return Sentence(
        "{weekday}, {day}, from {first}: {count} letter",
        facts,
        "{weekday}, {day}, from {first}: {count} letters",
        plural_of(letters),
    )
