"""All that people read of a case, in every language side by side, for who writes it or answers for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from assistant.content.languages import direction, language_name
from assistant.content.preview import Sample, samples
from assistant.domain.actions import Action, ActionDay
from assistant.domain.case_parts import Part
from assistant.domain.cases import Case, FrequentQuestion, Update
from assistant.domain.targets import Target
from assistant.domain.texts import Written


@dataclass(frozen=True, slots=True)
class Column:
    """A text in one language. `is_sent`: it is the one that an office gets."""

    language: str
    text: Markup
    is_sent: bool = False

    @property
    def name(self) -> str:
        """The language's, in itself."""
        return language_name(self.language)

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`."""
        return direction(self.language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A text in every language, side by side."""

    part: Part
    columns: Sequence[Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateRow(Row):
    """An update."""

    update: Update


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRow(Row):
    """The title of an action day."""

    day: ActionDay


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow(Row):
    """A letter of an invented person: lines and spaces stay as they are."""

    sample: Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """A target, and what it is called and greeted with."""

    target: Target
    office: Sequence[Column]
    salutation: Sequence[Column]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionView:
    """An action: its texts, who gets its letters, and the letters."""

    action: Action
    rows: Sequence[Row]
    addressees: Sequence[Addressee]
    letters: Sequence[LetterRow]
    subjects: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """A case: what is read first, its actions, and what is read of it later."""

    before: Sequence[Row]
    actions: Sequence[ActionView]
    later: Sequence[Row]


def case_view(case: Case) -> CaseView:
    """All of it, its languages always in the same order."""
    return _Viewer(case).case()


class _Viewer:
    def __init__(self, case: Case) -> None:
        self._case = case
        self._order = list(case.title.texts)

    def case(self) -> CaseView:
        case = self._case
        links = {language: _links(each) for language, each in case.follow.items()}
        asked = {language: _questions(each) for language, each in case.faq.items()}
        return CaseView(
            before=[self._row(Part.TITLE, case.title), self._row(Part.BRIEFING, case.briefing)],
            actions=[self._action(action) for action in case.actions.values()],
            later=[
                self._row(Part.SHARE, case.share),
                *([Row(part=Part.FOLLOW, columns=self._columns(links))] if links else []),
                *(self._update(each) for each in case.updates.values()),
                *([self._row(Part.CLOSED, case.closed)] if case.closed else []),
                *([Row(part=Part.QUESTIONS, columns=self._columns(asked))] if asked else []),
            ],
        )

    def _action(self, action: Action) -> ActionView:
        texts = {Part.ASKS: action.asks, Part.ACTION_BRIEFING: action.briefing}
        subjects = {each: escape("\n".join(said)) for each, said in action.subjects.items()}
        return ActionView(
            action=action,
            rows=[
                self._row(Part.TITLE, action.title),
                *(self._row(part, text) for part, text in texts.items() if text),
                *(self._day(day) for day in action.action_days),
            ],
            addressees=[self._addressee(each) for each in action.targets],
            letters=[self._letter(each) for each in samples(action)],
            subjects=Row(part=Part.SUBJECTS, columns=self._columns(subjects)),
        )

    def _letter(self, sample: Sample) -> LetterRow:
        texts = {language: escape(letter.text) for language, letter in sample.draft.readings.items()}
        columns = self._columns(texts, sent=sample.draft.language)
        return LetterRow(part=Part.LETTER, columns=columns, sample=sample)

    def _update(self, update: Update) -> UpdateRow:
        return UpdateRow(part=Part.UPDATE, columns=self._columns(update.text.texts), update=update)

    def _day(self, day: ActionDay) -> DayRow:
        return DayRow(part=Part.ACTION_DAY, columns=self._columns(day.title.texts), day=day)

    def _addressee(self, target: Target) -> Addressee:
        salutation = self._columns(target.salutation.texts) if target.salutation else []
        return Addressee(target=target, office=self._columns(target.office.texts), salutation=salutation)

    def _row(self, part: Part, text: Written) -> Row:
        return Row(part=part, columns=self._columns(text.texts))

    def _columns(self, texts: Mapping[str, Markup], sent: str | None = None) -> list[Column]:
        """The texts by language; `sent`: the one in which they are sent."""
        order = sorted(texts, key=lambda each: self._order.index(each) if each in self._order else len(texts))
        return [Column(each, texts[each], is_sent=each == sent) for each in order]


def _links(links: Sequence[str]) -> Markup:
    each = Markup('<a href="{}">{}</a>')
    return Markup("\n").join(each.format(link, link) for link in links)


def _questions(asked: Sequence[FrequentQuestion]) -> Markup:
    each = Markup("<b>{}</b>\n{}\n{}")
    return Markup("\n\n").join(
        each.format(question.question, ", ".join(question.phrases), question.answer) for question in asked
    )
