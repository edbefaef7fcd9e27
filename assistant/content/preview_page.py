"""All that people read of a case, as one page of HTML without scripts, and with nothing from elsewhere."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from assistant.content.case_view import (
    Addressee,
    DayRow,
    LetterRow,
    Row,
    UpdateRow,
    case_view,
)
from assistant.content.cases import Checked
from assistant.content.documents import Documents
from assistant.content.languages import language_name
from assistant.content.preview import names
from assistant.content.targets import closed_days
from assistant.content.territories import called
from assistant.domain.actions import Action
from assistant.domain.case_parts import Part
from assistant.domain.office_hours import Hours
from assistant.domain.targets import Target

_TEMPLATE = "preview_page.html"
_ENGLISH = "en"
_HEADINGS = {
    Part.TITLE: "Title",
    Part.BRIEFING: "Briefing",
    Part.ASKS: "What it asks",
    Part.ACTION_BRIEFING: "Briefing of this action",
    Part.SUBJECTS: "Subjects of emails",
    Part.SHARE: "To pass on",
    Part.FOLLOW: "Links to the campaign",
    Part.CLOSED: "How it ended",
    Part.QUESTIONS: "Questions, and below each the words by which they are recognised",
}
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True, kw_only=True)
class InWords:
    """A target, in words."""

    place: str
    whose: str
    hours: str
    closed: str
    language: str


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A letter as it is printed. `source`: for an image."""

    heading: str
    source: str


def page(checked: Checked, written: datetime) -> str:
    """The HTML of a case that can be used. `written`: when its letters are, and what days to come are after.

    Raises Failure where a letter cannot be printed.
    """
    case = checked.case
    if case is None:
        raise ValueError("there is no case to show")
    view, documents = case_view(case), Documents()

    def printed(letter: LetterRow) -> PrintedPage:
        picture = documents.picture(letter.sample.page(case, written))
        source = f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}"
        return PrintedPage(f"The letter to {letter.sample.targets[0].slug} as it is printed", source)

    return _template().render(
        case=case,
        view=view,
        heading=_heading,
        note=_note,
        facts=lambda action: "; ".join(_facts(action)).capitalize(),
        in_words=lambda addressee: _in_words_of(addressee, written),
        printed=printed,
        notes=[each for each in checked.findings if not each.serious],
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(_TEMPLATE)


def _heading(row: Row) -> str:
    match row:
        case LetterRow():
            return f"Letter to {names(row.sample.targets)}"
        case UpdateRow():
            return f"Update {row.update.slug}"
        case DayRow():
            at = f", from {row.day.at:%H:%M} on at the office" if row.day.at.hour or row.day.at.minute else ""
            return f"Action day {row.day.date}{at}"
    return _HEADINGS[row.part]


def _note(row: Row) -> str:
    match row:
        case LetterRow():
            others = len(row.sample.targets) - 1
            first = row.sample.targets[0].slug
            return (
                f"as it is sent to {first}; {others} more get it with their own salutation" if others else ""
            )
        case UpdateRow():
            said = {
                "tells what the letters did": row.update.outcome,
                "letters written before are not true any more": row.update.replaces_letter,
            }
            return "; ".join(each for each in said if said[each])
    return ""


def _in_words_of(addressee: Addressee, now: datetime) -> InWords:
    target = addressee.target
    place = target.place.texts.get(_ENGLISH) or next(iter(target.place.texts.values()))
    return InWords(
        place=f"{place.unescape()}, {called(target.country, _ENGLISH)}{_of_government(target)}",
        whose=_whose(target),
        hours=_in_words(target.hours),
        closed=", ".join(_date(day) for day in closed_days(target.hours, target.hours.day(now))),
        language=language_name(target.language),
    )


def _facts(action: Action) -> Iterator[str]:
    if action.opens:
        yield f"letters are written from {action.opens} on"
    if action.closes:
        yield f"letters are written until {action.closes}"
    if action.goal:
        yield f"{action.goal:,} letters are wanted"


def _of_government(target: Target) -> str:
    return f", of {called(target.governed_by, _ENGLISH)}" if target.governed_by != target.country else ""


def _whose(target: Target) -> str:
    if target.others:
        return "people in all other countries"
    if target.serves:
        return "people in " + ", ".join(sorted(called(each, _ENGLISH) for each in target.serves))
    return "everybody"


def _in_words(hours: Hours) -> str:
    days = ", ".join(_DAYS[day - 1] for day in sorted(hours.workdays))
    sent = {"weekends": hours.on_weekends, "public holidays": hours.on_holidays}
    waits = [each for each in sent if not sent[each]]
    kept = f"; letters wait on {' and '.join(waits)}" if waits else ""
    return f"{days}, {hours.opens:%H:%M} to {hours.closes:%H:%M} ({hours.timezone}){kept}"


def _date(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day}"
