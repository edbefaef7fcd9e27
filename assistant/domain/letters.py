"""Letters: what supporters write, where each one stands, and the steps it takes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol
from zoneinfo import ZoneInfo

from markupsafe import Markup

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.texts import CaseDate, Locale, Quote, Text, country_code


class ActionRef(NamedTuple):
    """Which action of which case, by their slugs."""

    case: str
    action: str

    def __str__(self) -> str:
        """As in links, on buttons and in commands: `norma-cruz--fax-2012`."""
        return f"{self.case}{SEPARATOR}{self.action}"


class LetterRef(NamedTuple):
    """Which letter of a person's: one each to a target of an action, by their slugs."""

    case: str
    action: str
    target: str

    @property
    def of(self) -> ActionRef:
        """Its action."""
        return ActionRef(self.case, self.action)


SEPARATOR = "--"
"""Between the slugs of a case and of its action. Telegram's links allow letters, digits, `_` and `-`."""


NAMELESS = ""
"""The name under a letter that is signed without one: it says \"A supporter\" in its own language."""


class LetterTemplate(Protocol):
    """The letter of an action in one language."""

    def fill(
        self,
        *,
        name: str,
        country: str,
        personal_line: str | None,
        salutation: str = "",
        office: str = "",
    ) -> str:
        """The letter's text. `name`: perhaps NAMELESS. `country`: as in `CountryName`; the letter names it in
        its own language."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """A letter in one language, filled in only when it is shown or sent. It can be said."""

    template: LetterTemplate
    language: str
    name: str
    country: str
    personal_line: str | None
    salutation: str = ""
    office: str = ""

    @property
    def text(self) -> str:
        """The letter's text."""
        return self.template.fill(
            name=self.name,
            country=self.country,
            personal_line=self.personal_line,
            salutation=self.salutation,
            office=self.office,
        )

    def render(self, locale: Locale) -> Markup:
        return Quote(self.text, self.language).render(locale)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One supporter's letter as it would be sent, and as they can read it.

    `version`: of the text that it is made of, see `actions.LetterText`.
    """

    ref: LetterRef
    name: str
    country: str
    personal_line: str | None
    language: str
    version: str
    readings: Mapping[str, Filled]  # the same letter in every language the case has

    @property
    def case(self) -> str:
        """The slug of its case."""
        return self.ref.case

    @property
    def target(self) -> str:
        """The slug of the target that it is for."""
        return self.ref.target

    @property
    def lives_in(self) -> str:
        """The supporter's country, by its ISO 3166 code, whatever they call it."""
        return country_code(self.country)

    @property
    def text(self) -> str:
        """What is sent."""
        return self.readings[self.language].text


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenLetter:
    """A letter that a person has written.

    `answers`: what it was made of, by the names of the questions, as long as we keep that. `status`: where
    it is. `has_left`: it is too late to change it, or withdraw it. `outdated`: what it says is not true any
    more, so it waits until its writer has confirmed the new text. `undecided`: it waits until an organiser
    has said whether the new text matters. `restored`: it may have been sent already, which we do not know any
    more: the database was put back to an earlier moment. `in_review`: somebody reads it before it is sent.
    """

    ref: LetterRef
    answers: tuple[tuple[str, str | None], ...] | None = None
    status: LetterStatus = LetterStatus.SENT
    has_left: bool = True
    outdated: bool = False
    undecided: bool = False
    restored: bool = False
    in_review: bool = False


@dataclass(frozen=True, slots=True)
class ExpectedActionDay:
    """A day on which many letters are sent together. `begins`: UTC."""

    title: Text
    begins: datetime
    action: ActionRef


REMINDED_AFTER = timedelta(days=2)
"""So long a writer has not answered whether the new text of their letter may be sent: then they are reminded.
Once only."""


@dataclass(frozen=True, slots=True)
class ExpectedDeparture:
    """When a letter that is queued now is expected to be sent.

    `today`: it is that day at its office now. `action_day`: the one for which it is kept.
    """

    day: date
    today: bool
    action_day: "ExpectedActionDay | None" = None

    @property
    def date(self) -> CaseDate:
        """The day, to be said."""
        return CaseDate(self.day.year, self.day.month, self.day.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterOutcome:
    """What became of a letter, for who wrote it.

    `carrier`: its name. `detour`: an earlier route had failed. `arrived`: how many letters of the
    case have been delivered, this one included: what its public counter will say (`domain.counter`). `code`:
    by which its writer finds it there; empty: they get none.
    """

    carrier: str
    status: LetterStatus
    at: datetime  # UTC
    arrived: int = 0
    detour: bool = False
    code: str = ""

    def date(self, timezone: str) -> CaseDate:
        """The day it was in that time zone."""
        there = self.at.astimezone(ZoneInfo(timezone))
        return CaseDate(there.year, there.month, there.day)


WAITING = (LetterStatus.QUEUED, LetterStatus.RETRY_WAIT)
UNSENT = (*WAITING, LetterStatus.HELD)
ENDED = (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.CANCELLED)


@dataclass(frozen=True, slots=True)
class Route:
    """A way to an office: which carrier brings letters there, and to which address of the office's."""

    carrier: str  # its name, without a colon
    address: str = ""  # as that carrier wants it; empty where it needs none

    def __str__(self) -> str:
        """As it is stored and written in case folders: `fax:+50255550100`, `tray`."""
        return f"{self.carrier}:{self.address}" if self.address else self.carrier

    @classmethod
    def parse(cls, written: str) -> "Route":
        """The route that is written so. Its address may hold colons."""
        carrier, _, address = written.partition(":")
        return cls(carrier, address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter as organisers see it: nothing personal.

    `due_at`: it is not handed over before then; None where it is with its carrier, or has ended.
    `reference`: the carrier's own name for it. `print_run`: by post, the run that it was printed in.
    `version`: of the text that it was made of, where that is known. `asked_at`: since when its writer is
    asked to confirm a new text. `restored_at`: since when it is of an older database than what was there: it
    may have been sent since. `telling`: in this try, its carrier may have it; see `carriers.base.Telling`.
    `review`: why somebody reads it before it is sent, as `review.join` has it; empty: nobody has to.
    `behind`: its office gets others first. `has_text`: what was written is kept, so that it can be sent.
    """

    id: int
    ref: LetterRef
    status: LetterStatus
    country: str
    language: str
    route: Route
    attempts: int
    created_at: datetime
    due_at: datetime | None
    reference: str | None
    print_run: str | None
    key: str
    chat_id: int | None
    lane_id: int
    told: bool
    version: str | None = None
    asked_at: datetime | None = None
    telling: bool = False
    restored_at: datetime | None = None
    review: str = ""
    behind: bool = False
    has_text: bool = True

    @property
    def may_have_left(self) -> bool:
        """Whether somebody but us may have it, where it is `held` or `submitted`: also on paper."""
        handed_over = self.reference is not None or self.print_run is not None
        return self.restored_at is not None or (self.status is LetterStatus.SUBMITTED and handed_over)

    @property
    def case(self) -> str:
        """The slug of its case."""
        return self.ref.case


@dataclass(frozen=True, slots=True)
class SignedLetter:
    """A letter with all that its carrier needs."""

    letter: Letter
    name: str
    personal_line: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A step of a letter. `reason`: for its log; nothing personal.

    `due_at`: when to hand it over, or to ask its carrier about it; by default at once. `spent`: whether the
    last try counts. `route`: the one that it takes from now on, with tries of its own. `patience`: after how
    many waits in all a person decides instead; 0: none does.
    """

    letter: Letter
    status: LetterStatus
    reason: str
    due_at: datetime | None = None
    reference: str | None = None
    spent: bool = True
    route: Route | None = None
    patience: int = 0

    @property
    def after(self) -> Letter:
        """The letter as it is after the step."""
        letter = self.letter
        attempts = letter.attempts if self.spent else max(0, letter.attempts - 1)
        return replace(
            letter,
            status=self.status,
            reference=self.reference or (None if self.route else letter.reference),
            print_run=None if self.route else letter.print_run,
            attempts=0 if self.route else attempts,
            route=self.route or letter.route,
            restored_at=None if self.status is LetterStatus.QUEUED else letter.restored_at,
            review=letter.review if self.status is LetterStatus.HELD else "",
        )


class TextStatus(StrEnum):
    """What a version of a letter's text is worth: letters that stand on it leave, or wait."""

    CURRENT = "current"  # as the case folder has it
    ACCEPTED = "accepted"  # older, but only its spelling is another one
    UNDECIDED = "undecided"  # older; an organiser has to say whether that matters: no letter leaves before
    REPLACED = "replaced"  # not true any more: writers are asked to confirm the new text


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One entry of a letter's log."""

    at: datetime
    status: LetterStatus
    reason: str
