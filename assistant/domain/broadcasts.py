"""Broadcasts: updates, alerts and corrections that organisers send to many."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import assert_never

from markupsafe import Markup

from assistant.domain.cases import Case, Update
from assistant.domain.figures import Figure, beside_total, figure, share, total
from assistant.domain.lifecycle import BROADCASTS, BroadcastStatus
from assistant.domain.messages import Account, Button, Reply
from assistant.domain.notifications import START_MARK
from assistant.domain.organisers import Actor, Permission
from assistant.domain.richtext import is_well_formed, plain
from assistant.domain.texts import CaseDate

CONFIRM_NUMBER_OVER = 1000  # more people than this, and whoever starts it types their number
TEXT_MAX = 600  # characters that an organiser writes: more is not read on a phone
LASTS_MAX = 24 * 365  # hours: a longer end, or a later start, is a slip of the finger
UNDO = timedelta(minutes=2)  # so long nobody gets what was approved: it can still be halted
UNDO_ALONE = timedelta(minutes=10)  # the same, where one person is enough to approve it
ITSELF = 0  # in place of an organiser's number: the assistant, which halts what fails
NOT_AS_APPROVED = "it is not what was approved"  # the note of what somebody changed in the database
_LAST = timedelta(hours=12)  # where a day begins last, it begins so long after UTC


def undo(approvals: int) -> timedelta:
    """How long nobody gets what was approved, where it takes so many people to approve it."""
    return UNDO if approvals > 1 else UNDO_ALONE


class Kind(StrEnum):
    """What a broadcast is."""

    UPDATE = "update"  # news of a case
    ALERT = "alert"  # a call to act, worthless after it expires
    CORRECTION = "correction"  # to those who got an earlier one


class CallToAction(StrEnum):
    """What its button leads to."""

    LETTER = "letter"  # writing the letter
    READ = "read"  # more about the case
    NONE = "none"


def usual_call_to_action(kind: Kind, case: Case | None) -> CallToAction:
    """Where its button leads as long as nobody chooses."""
    return CallToAction.NONE if case is None or kind is Kind.CORRECTION else CallToAction.LETTER


class CopyStatus(StrEnum):
    """What became of one reader's copy."""

    SENT = "sent"
    FAILED = "failed"
    BLOCKED = "blocked"  # the reader cannot be written to any more
    UNKNOWN = "unknown"  # a crash, or silence, hid whether it was sent
    CANCELLED = "cancelled"  # the reader has unsubscribed, or is forgotten, meanwhile


class Rule(StrEnum):
    """What an announcement has to keep to, whoever writes it and wherever."""

    CASE_NEEDED = "case needed"  # an update is news of a case
    CASE_KNOWN = "case known"
    AS_IN_FOLDER = "as in folder"  # an update of a case folder says what stands there
    BUTTON_NEEDED = "button needed"  # an update leads to more about the case, or to the letter
    END_NEEDED = "end needed"  # an alert is worthless after some time
    BUTTON_NEEDS_CASE = "button needs case"  # it leads to a letter for it, or to more about it
    WRITERS_NEED_CASE = "writers need case"  # "those who wrote" a letter means: for that case
    SENT_BEFORE = "sent before"  # a correction is of something that people have got
    NOT_NARROWED = "not narrowed"  # a correction is for all of them
    TEXT_NEEDED = "text needed"
    TEXT_SHORT = "text short"
    TEXT_WELL_FORMED = "text well-formed"  # only tags that every channel knows, each of them closed
    FALLBACK_HAS_TEXT = "fallback has text"
    LANGUAGE_NEEDED = "language needed"  # its readers get a text, or one that somebody accepted by name
    ONE_START = "one start"  # a moment for all, or a day and an hour where each reader lives
    START_AHEAD = "start ahead"
    START_IN_REACH = "start in reach"
    END_IN_REACH = "end in reach"


@dataclass(frozen=True, slots=True)
class Problem:
    """A rule that an announcement breaks. `language`: of the text that does."""

    rule: Rule
    language: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Whom it is for, among those who asked for the news of a case. What is empty narrows nothing."""

    case: str | None = None  # only its subscribers
    countries: tuple[str, ...] = ()  # only those who live there: ISO 3166
    languages: tuple[str, ...] = ()  # only those who read these
    wrote: bool | None = None  # only those who have, or have not, written a letter for the case
    action: str | None = None  # a letter of that action of the case, by its slug
    received: int | None = None  # only those who got that broadcast
    channel: str | None = None  # only those who write over it: "telegram"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When it leaves.

    `at`: a moment, UTC; otherwise as soon as it may. `zone`: the time zone in which organisers read that.
    `day`, `hour`: not before that time of that day where the reader lives. `lasts`: hours from then until
    it is worthless. `urgent`: it leaves at night, too.
    """

    at: datetime | None = None
    zone: str | None = None
    day: date | None = None
    hour: time | None = None
    lasts: int | None = None
    urgent: bool = False

    def starts(self, earliest: datetime) -> datetime:
        """When it begins to leave, where it may not before `earliest`. UTC."""
        return max(earliest, self.at) if self.at else earliest

    def dated(self, now: datetime) -> CaseDate:
        """The day on which it is sent, as far as that is known."""
        day = self.day or self.at or now
        return CaseDate(day.year, day.month, day.day)

    def expires(self, starts: datetime) -> datetime | None:
        """From when on it is worthless, if it begins to leave at `starts`. UTC; None: never."""
        if self.lasts is None:
            return None
        last = starts
        if self.day and self.hour:
            last = max(starts, datetime.combine(self.day, self.hour, UTC) + _LAST)
        return last + timedelta(hours=self.lasts)

    def problems(self, now: datetime) -> tuple[Problem, ...]:
        """What is wrong with it at the moment when somebody chooses it. UTC."""
        return tuple(Problem(rule) for rule in self._broken(now))

    def _broken(self, now: datetime) -> Iterable[Rule]:
        if (self.at and self.day) or (self.day is None) is not (self.hour is None):
            yield Rule.ONE_START
        if (self.at and self.at <= now) or (self.day and self.day < now.date()):
            yield Rule.START_AHEAD
        last = now + timedelta(hours=LASTS_MAX)
        if (self.at and self.at > last) or (self.day and self.day > last.date()):
            yield Rule.START_IN_REACH
        if self.lasts is not None and not 0 < self.lasts <= LASTS_MAX:
            yield Rule.END_IN_REACH


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What an organiser has written.

    `texts`: small HTML, by language. `dated`: the day on which it is sent; of an update of a case folder, or
    of a correction: of the news, or of what is corrected. `fallbacks`: for each language without a text, the
    one whose text its readers get; somebody has accepted that by name. `update`: the slug, where it is one of
    the case folder's. `outcome`: who has written a letter reads what became of all letters. `answers`: what
    it was made of, by question. `action`: the one that its button leads to; none: the person chooses.
    `replaces_letter`: letters written before are not true any more once it is sent.
    """

    kind: Kind
    texts: Mapping[str, str]
    dated: CaseDate
    case: str | None = None
    update: str | None = None
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    audience: Audience = Audience()
    timing: Timing = Timing()
    call_to_action: CallToAction = CallToAction.NONE
    outcome: bool = False
    action: str | None = None
    replaces_letter: bool = False
    answers: tuple[tuple[str, str | None], ...] = ()

    def text_for(self, language: str) -> Markup | None:
        """What readers of that language get; None where nobody has decided that."""
        text = self.texts.get(language) or self.texts.get(self.fallbacks.get(language, ""))
        return None if text is None else Markup(text)  # noqa: S704  escaped, or of a case folder, when written

    def problems(
        self, cases: Mapping[str, Case], languages: Iterable[str], corrected: "Broadcast | None" = None
    ) -> tuple[Problem, ...]:
        """What is wrong with it, whenever it is looked at.

        `cases`, `languages`: those there are; `corrected`: the broadcast that it corrects.
        """
        return (
            *self._problems_of_kind(corrected),
            *self._problems_of_case(cases),
            *self._problems_of_texts(),
            *self._problems_of_languages(languages),
        )

    def _problems_of_kind(self, corrected: "Broadcast | None") -> Iterable[Problem]:
        match self.kind:
            case Kind.UPDATE:
                if self.case is None:
                    yield Problem(Rule.CASE_NEEDED)
                elif self.call_to_action is CallToAction.NONE:
                    yield Problem(Rule.BUTTON_NEEDED)
            case Kind.ALERT:
                if self.timing.lasts is None:
                    yield Problem(Rule.END_NEEDED)
            case Kind.CORRECTION:
                sent = corrected and corrected.started_at and self.audience.received == corrected.id
                if not sent:
                    yield Problem(Rule.SENT_BEFORE)
                if self.audience != Audience(received=self.audience.received):
                    yield Problem(Rule.NOT_NARROWED)
            case _:
                assert_never(self.kind)

    def _problems_of_case(self, cases: Mapping[str, Case]) -> Iterable[Problem]:
        if self.case is not None:
            case = cases.get(self.case)
            if case is None:
                yield Problem(Rule.CASE_KNOWN)
            elif self.update is not None and not self._is_of(case):
                yield Problem(Rule.AS_IN_FOLDER)
            return
        if self.call_to_action is not CallToAction.NONE:
            yield Problem(Rule.BUTTON_NEEDS_CASE)
        if self.audience.wrote is not None:
            yield Problem(Rule.WRITERS_NEED_CASE)

    def _is_of(self, case: Case) -> bool:
        """Whether the case folder has that update, in these words."""
        found = case.updates.get(self.update or "")
        return found is not None and self.texts == texts_of(found)

    def _problems_of_texts(self) -> Iterable[Problem]:
        if not self.texts:
            yield Problem(Rule.TEXT_NEEDED)
        for language, text in self.texts.items():
            if not is_well_formed(text):
                yield Problem(Rule.TEXT_WELL_FORMED, language)
                continue
            read = plain(Markup(text))  # noqa: S704  only counted
            if not read.strip():
                yield Problem(Rule.TEXT_NEEDED, language)
            if self.update is None and len(read) > TEXT_MAX:  # a case folder's is measured by its check
                yield Problem(Rule.TEXT_SHORT, language)
        for language, other in self.fallbacks.items():
            if other not in self.texts:
                yield Problem(Rule.FALLBACK_HAS_TEXT, language)

    def _problems_of_languages(self, languages: Iterable[str]) -> Iterable[Problem]:
        for language in languages:
            if self.texts and language not in self.texts and language not in self.fallbacks:
                yield Problem(Rule.LANGUAGE_NEEDED, language)


def texts_of(update: Update) -> dict[str, str]:
    """What readers get of a case folder's update, by language. A stale translation is not among them."""
    return {language: str(text) for language, text in update.text.current.items()}


@dataclass(frozen=True, slots=True)
class Count:
    """How many readers of one language there are on one of our accounts."""

    account: Account
    language: str | None
    people: int


@dataclass(frozen=True, slots=True)
class Tally:
    """How many copies came to the same end for the same reason."""

    outcome: CopyStatus
    reason: str
    count: int


class Operation(StrEnum):
    """What somebody does with a broadcast that is written."""

    PROPOSE = "propose"
    APPROVE = "approve"
    HALT = "halt"
    RESUME = "resume"
    DISCARD = "discard"

    @property
    def permission(self) -> Permission:
        """What one has to be trusted with for it."""
        return _PERMISSIONS[self]


_STARTING = (Operation.PROPOSE, Operation.APPROVE, Operation.RESUME)
"""What brings a broadcast nearer to being sent."""
_PERMISSIONS = {
    Operation.PROPOSE: Permission.DRAFT,
    Operation.APPROVE: Permission.APPROVE,
    Operation.HALT: Permission.HALT,
    Operation.RESUME: Permission.APPROVE,
    Operation.DISCARD: Permission.DRAFT,
}
_STATES = {
    Operation.PROPOSE: {BroadcastStatus.DRAFT},
    Operation.APPROVE: {BroadcastStatus.PROPOSED},
    Operation.HALT: BROADCASTS.before(BroadcastStatus.HALTED),
    Operation.RESUME: {BroadcastStatus.HALTED},
    Operation.DISCARD: BROADCASTS.before(BroadcastStatus.CANCELLED),
}


class Confirmation(StrEnum):
    """What who approves a broadcast has to say."""

    READ = "read"  # that they have read it in every language
    URGENT = "urgent"  # that it is to wake people up
    NUMBER = "number"  # how many people get it, typed


class Obstacle(StrEnum):
    """What stands against an action on a broadcast."""

    ROLE = "role"  # it takes another role
    STATUS = "status"  # it is in no state for that
    STARTED = "started"  # it is being sent already, or was
    NOT_THE_AUTHOR = "not the author"  # only who got the test can propose it
    NOT_TESTED = "not tested"  # its recipients are still being counted
    FORGED = "forged"  # somebody has changed it in the database
    OWN = "own"  # it takes another person than who wrote it
    HALTED_BY_ANOTHER = "halted by another"  # whoever wrote it does not undo another person's halt
    PAUSED = "paused"
    WORTHLESS = "worthless"  # no time is left in which it is worth reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Broadcast:
    """An announcement on its way. `digest`: of all that is approved; any edit changes it.

    `author`, `approver`, `halted_by`: numbers of organisers; None: the shell's, or nobody yet; 0: the
    assistant itself. `starts_at`: when it may begin to leave. `counts`: whom it would reach, once that is
    counted. `recipients`: whom it has been addressed to. `authentic`: it is as the assistant has written it;
    otherwise somebody has changed it in the database.
    """

    id: int
    status: BroadcastStatus
    digest: str
    announcement: Announcement
    author: int | None
    approver: int | None
    starts_at: datetime | None
    started_at: datetime | None
    expires_at: datetime | None
    counts: tuple[Count, ...] | None
    recipients: int
    note: str | None  # why it was halted
    halted_by: int | None = None
    authentic: bool = True
    paused: str | None = None  # its case or action, where nothing may be sent for it now

    @property
    def is_halted(self) -> bool:
        """Whether somebody has stopped it."""
        return self.status is BroadcastStatus.HALTED

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return not BROADCASTS.after(self.status)

    @property
    def worthless_from(self) -> datetime | None:
        """When it is worthless, whatever has become of it, as far as that is fixed. UTC."""
        timing = self.announcement.timing
        return self.expires_at or (timing.expires(timing.at) if timing.at else None)

    def is_worthless(self, now: datetime) -> bool:
        """Whether its time is over."""
        return self.worthless_from is not None and self.worthless_from <= now

    def fits(self, action: Operation) -> bool:
        """Whether it is in a state for that."""
        never_started = action is Operation.DISCARD
        return self.status in _STATES[action] and not (never_started and self.started_at is not None)

    def obstacle(self, action: Operation, by: Actor, now: datetime, *, approvals: int) -> Obstacle | None:
        """What stands against it first, where anything does; None where nothing does.

        `approvals`: how many persons it takes to start one: 1 or 2.
        """
        if not by.role.may(action.permission):
            return Obstacle.ROLE
        if action is Operation.DISCARD and self.started_at is not None:
            return Obstacle.STARTED
        if not self.fits(action):
            return Obstacle.STATUS
        if action in _STARTING and not self.authentic:
            return Obstacle.FORGED
        match action:
            case Operation.PROPOSE:
                if self.author != by.number:
                    return Obstacle.NOT_THE_AUTHOR
                if self.counts is None:
                    return Obstacle.NOT_TESTED
            case Operation.APPROVE:
                if self.author == by.number and approvals > 1:
                    return Obstacle.OWN
            case Operation.HALT | Operation.DISCARD:
                return None
            case Operation.RESUME:
                pass
            case _:
                assert_never(action)
        if self.paused and action is not Operation.PROPOSE:
            return Obstacle.PAUSED
        if self.is_worthless(now):
            return Obstacle.WORTHLESS
        undoes = action is Operation.RESUME and self.halted_by not in (by.number, ITSELF)
        return Obstacle.HALTED_BY_ANOTHER if undoes and self.author == by.number and approvals > 1 else None

    @property
    def confirmations(self) -> tuple[Confirmation, ...]:
        """What who approves it has to say, in this order."""
        demanded = {
            Confirmation.READ: True,
            Confirmation.URGENT: self.announcement.timing.urgent,
            Confirmation.NUMBER: self.reach > CONFIRM_NUMBER_OVER,
        }
        return tuple(each for each, is_demanded in demanded.items() if is_demanded)

    @property
    def reach(self) -> int:
        """How many people it would reach, as counted last."""
        return sum(count.people for count in self.counts or ())

    @property
    def shown_reach(self) -> Figure:
        """The same, as it may be shown beside `shown_counts`."""
        return beside_total(self._by_count())[0]

    @property
    def shown_counts(self) -> Mapping[Count, Figure]:
        """Each of the counts, as it may be shown; none where they are few altogether."""
        whole, shown = beside_total(self._by_count())
        return {} if whole.below else shown

    def _by_count(self) -> dict[Count, int]:
        return {count: count.people for count in self.counts or ()}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a broadcast is. `rate`: copies a second; `left`: seconds to go, where that can be told."""

    broadcast: Broadcast
    tallies: tuple[Tally, ...]
    rate: float = 0.0
    left: float | None = None

    def count(self, outcome: CopyStatus) -> int:
        """How many copies came to that end."""
        return sum(tally.count for tally in self.tallies if tally.outcome is outcome)

    @property
    def ended(self) -> int:
        """How many copies have come to an end."""
        return sum(tally.count for tally in self.tallies)

    @property
    def percent(self) -> int:
        """How much of it is sent, or has come to another end, as far as that may be shown."""
        shown = self.shown
        return 100 if self.broadcast.status is BroadcastStatus.DONE else share(shown.ended, shown.whole)

    @property
    def shown(self) -> "ProgressFigures":
        """How far it is, as it may be shown."""
        waiting = max(0, self.broadcast.recipients - self.ended)
        parts: dict[Tally | None, int] = {tally: tally.count for tally in self.tallies}
        whole, shown = beside_total(parts | ({None: waiting} if waiting else {}))
        ends = {tally: each for tally, each in shown.items() if tally is not None}
        return ProgressFigures(whole, shown.get(None), ends)


@dataclass(frozen=True, slots=True)
class ProgressFigures:
    """How far a broadcast is, as it may be shown: none of the small counts can be worked out from the others.

    `whole`: whom it is addressed to; `waiting`: who has not got it yet, None: nobody.
    """

    whole: Figure
    waiting: Figure | None
    ends: Mapping[Tally, Figure]

    def count(self, outcome: CopyStatus) -> Figure:
        """How many copies came to that end."""
        found = [each for tally, each in self.ends.items() if tally.outcome is outcome]
        return total(found) if found or not self.whole.below else figure(0)

    @property
    def ended(self) -> Figure:
        """How many copies have come to an end."""
        return total(self.ends.values()) if self.ends or not self.whole.below else figure(0)


@dataclass(frozen=True, slots=True)
class Version:
    """What readers of one language get.

    `footer`: how to get no more, its last paragraph. `outcome`: what is said before that to those who have
    written a letter: None: nothing ever is; empty: it has not been counted yet.
    """

    body: Markup
    footer: Markup = Markup("")  # noqa: RUF009  a constant
    button: Button | None = None
    outcome: Markup | None = None

    @property
    def html(self) -> Markup:
        """As those read it who have not written a letter."""
        return self._joined(self.body, self.footer)

    def copy(self, *, wrote: bool) -> Reply:
        """As one reader gets it. `wrote`: they have written a letter."""
        outcome = self.outcome if wrote and self.outcome else Markup()
        buttons = (self.button,) if self.button else ()
        return Reply(
            self._joined(self.body, outcome, self.footer),
            buttons,
            mark=START_MARK if buttons else None,
            bulk=True,
        )

    @staticmethod
    def _joined(*parts: Markup) -> Markup:
        return Markup("\n\n").join(part for part in parts if part)


def version_for(found: Mapping[str, Version], language: str | None) -> Version:
    """What a reader of that language gets."""
    return found.get(language or "") or next(iter(found.values()))
