"""How numbers, times and roles are said to organisers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from assistant.domain.broadcasts import Broadcast, Kind
from assistant.domain.figures import FEW, Figure
from assistant.domain.organisers import Organiser, Role
from assistant.domain.texts import CaseDate, Locale, Number, Sentence, Text, TimeOfDay, Values, Weekday

_ = Sentence
UTC = "UTC"
FEWEST_MINUTES = 2  # that are counted


def named(broadcast: Broadcast) -> Text:
    """What it is, with its number."""
    values: Values = {"number": broadcast.id}
    match broadcast.announcement.kind:
        case Kind.UPDATE:
            return _("Update {number}", values)
        case Kind.ALERT:
            return _("Alert {number}", values)
        case Kind.CORRECTION:
            return _("Correction {number}", values)


@dataclass(frozen=True, slots=True)
class Shown:
    """A count of people or letters, as it may be shown."""

    figure: Figure

    def render(self, locale: Locale) -> Markup:
        if self.figure.exact is not None:
            return escape(locale.number(self.figure.exact))
        if self.figure.below is not None:
            return escape(f"<{locale.number(self.figure.below)}")
        return escape(f"{locale.number(self.figure.least)}+")


def people(counted: Figure) -> Text:
    return Sentence("{count} person", {"count": Shown(counted)}, "{count} people", plural_of(counted))


def plural_of(counted: Figure) -> int:
    """The number by whose plural it is said."""
    return FEW if counted.exact is None else counted.exact


def duration(seconds: float) -> Text:
    """About how long that is."""
    minutes = round(seconds / 60)
    if minutes < FEWEST_MINUTES:
        return _("less than {count} minutes", {"count": Number(FEWEST_MINUTES)})
    if minutes < 120:
        return Sentence("{count} minute", {"count": Number(minutes)}, "{count} minutes", minutes)
    hours = round(minutes / 60)
    if hours < 48:
        return Sentence("{count} hour", {"count": Number(hours)}, "{count} hours", hours)
    days = round(hours / 24)
    return Sentence("{count} day", {"count": Number(days)}, "{count} days", days)


def lasting_for(delta: timedelta) -> Text:
    """A duration of ours, such as how long a code works."""
    return duration(delta.total_seconds())


def hour_of_day(hour: int) -> Text:
    """A whole hour, as a clock shows it."""
    return TimeOfDay(datetime(2012, 1, 23, hour, tzinfo=ZoneInfo(UTC)), UTC)


def moment(at: datetime | None, timezone: str | None = None) -> Text:
    """A day of the week, a day and a time, with the zone's name. `timezone`: None for UTC."""
    if at is None:
        return _("a time that is not known yet")
    zone = timezone or UTC
    there = at.astimezone(ZoneInfo(zone))
    facts: Values = {
        "weekday": Weekday(there.date()),
        "date": day(there),
        "time": TimeOfDay(at, zone),
        "zone": zone.rpartition("/")[2].replace("_", " "),
    }
    return _("{weekday}, {date}, {time} ({zone})", facts)


def local_moment(at: date, hour: time) -> Text:
    """The same day and time everywhere, whatever the zone."""
    clock = datetime.combine(at, hour, ZoneInfo(UTC))
    facts: Values = {"weekday": Weekday(at), "date": day(at), "time": TimeOfDay(clock, UTC)}
    return _("{weekday}, {date}, {time}", facts)


def starting(broadcast: Broadcast) -> Text:
    """When it begins to be sent, in the time zone in which organisers read that."""
    return moment(broadcast.starts_at, broadcast.announcement.timing.zone)


def day(at: date) -> CaseDate:
    return CaseDate(at.year, at.month, at.day)


def role_name(role: str) -> Text:
    match Role(role):
        case Role.VIEWER:
            return _("viewer (sees and halts)")
        case Role.DRAFTER:
            return _("drafter (also writes)")
        case Role.APPROVER:
            return _("approver (also approves)")
        case Role.OWNER:
            return _("owner (also changes the team)")


def member_name(number: int | None, members: Sequence[Organiser]) -> Text | str:
    """Who did it; None: from the shell."""
    if number is None:
        return _("The server's operator")
    return next((each.name for each in members if each.number == number), _("Somebody who has left the team"))
