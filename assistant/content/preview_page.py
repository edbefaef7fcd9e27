"""All that people read of a case, as one page of HTML without scripts, and with nothing from elsewhere."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from assistant.content.cases import Checked
from assistant.content.documents import Documents
from assistant.content.languages import direction, language_name
from assistant.content.preview import Sample, names, samples
from assistant.content.targets import closed_days
from assistant.content.territories import called
from assistant.domain.actions import Action, ActionDay
from assistant.domain.cases import Case, FrequentQuestion, Update
from assistant.domain.office_hours import Hours
from assistant.domain.targets import Target
from assistant.domain.texts import Written

_TEMPLATE = "preview_page.html"
_ENGLISH = "en"
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Column:
    """A text in one language. `note`: what is to be said of it."""

    language: str
    text: Markup
    note: str = ""

    @property
    def name(self) -> str:
        """The language's."""
        return language_name(self.language)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return direction(self.language)


@dataclass(frozen=True, slots=True)
class Row:
    """A text in every language, side by side. `letter`: lines and spaces stay as they are."""

    heading: str
    columns: Sequence[Column]
    note: str = ""
    letter: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A target, in words."""

    slug: str
    office: Sequence[Column]
    salutation: Sequence[Column]
    place: str
    whose: str
    hours: str
    closed: str
    language: str
    routes: Sequence[str]


@dataclass(frozen=True, slots=True)
class PrintedPage:
    """A letter as it is printed. `source`: for an image."""

    heading: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An action, in words."""

    slug: str
    title: Row
    facts: Sequence[str]
    rows: Sequence[Row]
    addressees: Sequence[Addressee]
    letters: Sequence[tuple[Row, PrintedPage]]
    subjects: Sequence[Column]


def page(checked: Checked, written: datetime) -> str:
    """The HTML of a case that can be used. `written`: when its letters are, and what days to come are after.

    Raises Failure where a letter cannot be printed.
    """
    case = checked.case
    if case is None:
        raise ValueError("there is no case to show")
    view = _View(case, written)
    return _template().render(
        case=case,
        before=[view.row("Title", case.title), view.row("Briefing", case.briefing)],
        calls=[view.call(action) for action in case.actions.values()],
        share=view.row("To pass on", case.share),
        follow=view.columns({language: _links(links) for language, links in case.follow.items()}),
        ended=[view.row("How it ended", case.closed)] if case.closed else [],
        updates=[view.update(each) for each in case.updates.values()],
        questions=view.columns({language: _questions(asked) for language, asked in case.faq.items()}),
        notes=[each for each in checked.findings if not each.serious],
    )


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template(_TEMPLATE)


class _View:
    """A case in words, its languages always in the same order."""

    def __init__(self, case: Case, written: datetime) -> None:
        self._case = case
        self._written = written
        self._documents = Documents()
        self._order = list(case.title.texts)

    def columns(self, texts: Mapping[str, Markup], sent: str = "") -> list[Column]:
        """The texts by language; `sent`: the one in which they are sent."""
        order = sorted(texts, key=lambda each: self._order.index(each) if each in self._order else len(texts))
        return [Column(each, texts[each], "this one is sent" if each == sent else "") for each in order]

    def row(self, heading: str, text: Written, note: str = "") -> Row:
        return Row(heading, self.columns(text.texts), note)

    def update(self, update: Update) -> Row:
        said = {
            "tells what the letters did": update.outcome,
            "letters written before are not true any more": update.replaces_letter,
        }
        return self.row(f"Update {update.slug}", update.text, "; ".join(each for each in said if said[each]))

    def call(self, action: Action) -> Call:
        texts = {"What it asks": action.asks, "Briefing of this action": action.briefing}
        return Call(
            slug=action.slug,
            title=self.row("Title", action.title),
            facts=list(_facts(action)),
            rows=[
                *(self.row(heading, text) for heading, text in texts.items() if text),
                *(self.row(*_day(day)) for day in action.action_days),
            ],
            addressees=[self._addressee(each) for each in action.targets],
            letters=[(self._letter(each), self._printed(each)) for each in samples(action)],
            subjects=self.columns({each: escape("\n".join(said)) for each, said in action.subjects.items()}),
        )

    def _letter(self, sample: Sample) -> Row:
        readings = sample.draft.readings
        texts = {language: escape(letter.text) for language, letter in readings.items()}
        others = len(sample.targets) - 1
        first = sample.targets[0].slug
        note = f"as it is sent to {first}; {others} more get it with their own salutation" if others else ""
        columns = self.columns(texts, sent=sample.draft.language)
        return Row(f"Letter to {names(sample.targets)}", columns, note, letter=True)

    def _printed(self, sample: Sample) -> PrintedPage:
        picture = self._documents.picture(sample.page(self._case, self._written))
        heading = f"The letter to {sample.targets[0].slug} as it is printed"
        return PrintedPage(heading, f"data:image/svg+xml;base64,{base64.b64encode(picture).decode()}")

    def _addressee(self, target: Target) -> Addressee:
        place = target.place.texts.get(_ENGLISH) or next(iter(target.place.texts.values()))
        closed = closed_days(target.hours, target.hours.day(self._written))
        return Addressee(
            slug=target.slug,
            office=self.columns(target.office.texts),
            salutation=self.columns(target.salutation.texts) if target.salutation else [],
            place=f"{place.unescape()}, {called(target.country, _ENGLISH)}{_of_government(target)}",
            whose=_whose(target),
            hours=_in_words(target.hours),
            closed=", ".join(_date(day) for day in closed),
            language=language_name(target.language),
            routes=[str(route) for route in target.routes],
        )


def _links(links: Sequence[str]) -> Markup:
    each = Markup('<a href="{}">{}</a>')
    return Markup("\n").join(each.format(link, link) for link in links)


def _questions(asked: Sequence[FrequentQuestion]) -> Markup:
    each = Markup("<b>{}</b>\n{}\n{}")
    return Markup("\n\n").join(
        each.format(question.question, ", ".join(question.phrases), question.answer) for question in asked
    )


def _day(day: ActionDay) -> tuple[str, Written]:
    at = f", from {day.at:%H:%M} on at the office" if day.at.hour or day.at.minute else ""
    return f"Action day {day.date}{at}", day.title


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
