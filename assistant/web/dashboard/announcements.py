"""An announcement as the fields of a form, and back. What it has to keep to is the domain's."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from assistant.dialogue.answers import clean_prose
from assistant.domain.broadcasts import (
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    Kind,
    Timing,
    texts_of,
    usual_call_to_action,
)
from assistant.domain.cases import Case
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.ports import Gazetteer
from assistant.domain.richtext import plain
from assistant.domain.texts import Locale

OWN = ""  # in place of another language, or of an update of the case folder: written in the form
HOURS = (6, 24, 72)  # that something is worth reading, to choose from
ALERT_HOURS = 24  # where nothing else is chosen
UTC_NAME = "UTC"

E = TypeVar("E", bound=StrEnum)
Fields = Mapping[str, str]
CallFor = Callable[[ExpectedActionDay, Locale], str]
"""What an alert says of an action day where its author writes nothing else."""


class Readers(StrEnum):
    """Who gets it."""

    CASE = "case"
    WROTE = "wrote"
    UNWRITTEN = "unwritten"
    EVERYONE = "everyone"


class When(StrEnum):
    """When it is sent."""

    NOW = "now"
    MOMENT = "moment"
    LOCAL = "local"


class Fault(StrEnum):
    """What cannot be understood in a form."""

    COUNTRY = "country"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class Misread:
    """A field that says nothing that we understand. `value`: what stands there."""

    fault: Fault
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What forms are read with. `now`: UTC."""

    cases: Mapping[str, Case]
    locales: Mapping[str, Locale]
    gazetteer: Gazetteer
    now: datetime


def suggested(
    kind: Kind, case: Case | None, known: Known, call_for: CallFor, unsent: Sequence[str]
) -> Fields:
    """What a new one says where nobody has chosen yet. `unsent`: news of the case folder, by slug."""
    fields = {
        "kind": kind.value,
        "case": case.slug if case else "",
        "update": unsent[0] if kind is Kind.UPDATE and unsent else OWN,
        "readers": Readers.UNWRITTEN if kind is Kind.ALERT and case else Readers.CASE,
        "when": When.NOW,
        "lasts": str(ALERT_HOURS) if kind is Kind.ALERT else "",
        "button": usual_call_to_action(kind, case),
    }
    day = case.action_day_ahead(known.now) if case and kind is Kind.ALERT else None
    if case and day:
        there = day.begins.astimezone(ZoneInfo(case.main.timezone))
        fields |= {"when": When.MOMENT, "at": there.strftime("%Y-%m-%dT%H:%M"), "action": day.action.action}
        fields |= {f"text-{code}": call_for(day, locale) for code, locale in known.locales.items()}
    return fields


def fields_of(found: Broadcast) -> Fields:
    """What was written, to be changed."""
    written = found.announcement
    audience, timing = written.audience, written.timing
    fields = {
        "kind": written.kind.value,
        "replaces": str(found.id),
        "digest": found.digest,
        "case": written.case or "",
        "update": written.update or OWN,
        "action": written.action or "",
        "readers": _readers(audience),
        "countries": ", ".join(audience.countries),
        "language": audience.languages[0] if len(audience.languages) == 1 else "",
        "received": str(audience.received or ""),
        "lasts": str(timing.lasts or ""),
        "urgent": "yes" if timing.urgent else "",
        "button": written.call_to_action.value,
        "waiting": "yes" if written.replaces_letter else "",
        "when": When.NOW,
    }
    if timing.at:
        there = timing.at.astimezone(ZoneInfo(timing.zone or UTC_NAME))
        fields |= {"when": When.MOMENT, "at": there.strftime("%Y-%m-%dT%H:%M")}
    elif timing.day and timing.hour:
        fields |= {"when": When.LOCAL, "at": f"{timing.day.isoformat()}T{timing.hour.strftime('%H:%M')}"}
    if written.update is None:
        fields |= {f"text-{code}": plain(Markup(text)) for code, text in written.texts.items()}  # noqa: S704
    fields |= {f"instead-{code}": other for code, other in written.fallbacks.items()}
    return fields


def _readers(audience: Audience) -> Readers:
    if audience.case is None and audience.received is None:
        return Readers.EVERYONE
    return {True: Readers.WROTE, False: Readers.UNWRITTEN, None: Readers.CASE}[audience.wrote]


def read(fields: Fields, known: Known, language: str) -> tuple[Announcement, Sequence[Misread]]:
    """What the form says, and what of it cannot be understood. `language`: of who has filled it in."""
    kind = _choice(Kind, fields.get("kind"), Kind.ALERT)
    case = known.cases.get(fields.get("case", ""))
    update = case.updates.get(fields.get("update", OWN)) if case and kind is Kind.UPDATE else None
    texts = texts_of(update) if update else _texts(fields, known)
    countries, misread = _countries(fields.get("countries", ""), known, language)
    timing, late = _timing(fields, case)
    action = fields.get("action") if case and len(case.actions) > 1 else None
    action = action if case and action in case.actions else None
    written = Announcement(
        kind=kind,
        texts=texts,
        dated=update.date if update else timing.dated(known.now),
        case=case.slug if case else None,
        update=update.slug if update else None,
        fallbacks=_fallbacks(fields, texts, known),
        audience=_audience(fields, kind, case, action, countries, known),
        timing=timing,
        call_to_action=_choice(CallToAction, fields.get("button"), CallToAction.NONE),
        outcome=bool(update and update.outcome),
        action=action,
        replaces_letter=bool(update and update.replaces_letter) or fields.get("waiting") == "yes",
    )
    return written, [*misread, *late]


def _texts(fields: Fields, known: Known) -> dict[str, str]:
    typed = {code: clean_prose(fields.get(f"text-{code}", "")) for code in known.locales}
    return {code: str(escape(text)) for code, text in typed.items() if text}


def _fallbacks(fields: Fields, texts: Mapping[str, str], known: Known) -> dict[str, str]:
    chosen = {code: fields.get(f"instead-{code}", OWN) for code in known.locales if code not in texts}
    return {code: other for code, other in chosen.items() if other in texts}


def _audience(
    fields: Fields,
    kind: Kind,
    case: Case | None,
    action: str | None,
    countries: Sequence[str],
    known: Known,
) -> Audience:
    if kind is Kind.CORRECTION:
        return Audience(received=number_in(fields.get("received")))
    readers = _choice(Readers, fields.get("readers"), Readers.CASE)
    wrote = {Readers.WROTE: True, Readers.UNWRITTEN: False}.get(readers)
    language = fields.get("language", "")
    language = language if language in known.locales else ""
    return Audience(
        case=case.slug if case and readers is not Readers.EVERYONE else None,
        countries=tuple(countries),
        languages=(language,) if language else (),
        wrote=wrote,
        action=action if wrote is not None else None,
    )


def _countries(typed: str, known: Known, language: str) -> tuple[Sequence[str], Sequence[Misread]]:
    found: dict[str, None] = {}
    misread: list[Misread] = []
    for name in _listed(typed):
        meant = known.gazetteer.find(name, language)
        if meant.sure:
            found[meant.codes[0]] = None
        else:
            misread.append(Misread(Fault.COUNTRY, name))
    return tuple(found), misread


def _listed(typed: str) -> Iterable[str]:
    """Names between commas, of any script."""
    for comma in "،、，;\n":
        typed = typed.replace(comma, ",")
    return filter(None, (each.strip() for each in typed.split(",")))


def _timing(fields: Fields, case: Case | None) -> tuple[Timing, Sequence[Misread]]:
    when = _choice(When, fields.get("when"), When.NOW)
    rest = Timing(lasts=number_in(fields.get("lasts")), urgent=fields.get("urgent") == "yes")
    if when is When.NOW:
        return rest, ()
    typed = fields.get("at", "").strip()
    try:
        there = datetime.fromisoformat(typed).replace(tzinfo=None)
    except ValueError:
        return rest, [Misread(Fault.TIME, typed)]
    if when is When.LOCAL:
        return Timing(day=there.date(), hour=there.time(), lasts=rest.lasts, urgent=rest.urgent), ()
    zone = case.main.timezone if case else UTC_NAME
    try:
        at = there.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    except OverflowError:
        return rest, [Misread(Fault.TIME, typed)]
    return Timing(at=at, zone=zone, lasts=rest.lasts, urgent=rest.urgent), ()


def number_in(typed: str | None) -> int | None:
    """The number that stands there; None for whatever else somebody writes there."""
    return int(typed) if typed and typed.isascii() and typed.isdecimal() and len(typed) < 10 else None


def _choice(kind: type[E], value: str | None, usual: E) -> E:
    """One of them; the usual one for whatever else somebody writes there."""
    return next((each for each in kind if each.value == value), usual)
