"""Letters that somebody reads before they are sent: which those are, and what becomes of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, assert_never

from assistant.domain.cases import Case, target_of
from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.letters import Draft, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.likeness import BURST, BURST_MIN, KEPT, NEW_FOR, NEWCOMER_LETTERS, digests
from assistant.domain.messages import Reply
from assistant.domain.notifications import Notification
from assistant.domain.organisers import Permission
from assistant.domain.review import (
    DECIDED_AT_ONCE,
    Finding,
    Found,
    HeldLetter,
    Names,
    RefusalReason,
    ReviewDecision,
    Reviewer,
    join,
)
from assistant.domain.targets import Target
from assistant.domain.texts import Text, without_entities
from assistant.services.letters.answers import Settler
from assistant.services.letters.transitions import LetterTransitions
from assistant.services.notifier import Notifier
from assistant.store import audit, letter_reviews, newcomers
from assistant.store.chats import Chat
from assistant.store.database import Store, Tx
from assistant.store.letter_reviews import Written

AN_HOUR = timedelta(hours=1)
REMIND_AFTER = timedelta(days=1)
REMINDED = "reminded of letters to read"  # the entry that says that approvers have been


class ReviewMessages(Protocol):
    """What writers of letters are told."""

    def like_many_others(self) -> Text:
        """Somebody reads it before it is sent, because many others have written the same just now."""

    def may_take_longer(self, target: Target | None) -> Text:
        """It stands behind others, because very many letters are coming in."""

    def line_left_out(self, target: Target | None) -> Text:
        """It is sent, without their own line."""

    def refused(self, target: Target | None, reason: RefusalReason) -> Text:
        """It is not sent, and why."""


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen in a letter that is about to be queued.

    `found`: empty, where it goes by itself. `likeness`: of its line, see `likeness.digests`. `newcomer`: its
    chat is new. `behind`: its office gets others first.
    """

    found: tuple[Found, ...] = ()
    likeness: tuple[int, ...] = ()
    newcomer: bool = False
    behind: bool = False

    @property
    def stored(self) -> str:
        """As the letter has it."""
        return join(self.found)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRules:
    """What the operator has set.

    `newcomer_letters`: of new chats to one office in an hour, which stand among all others. `every_line`:
    each letter with a line of its writer's own is read before it is sent, whatever is in it.
    """

    newcomer_letters: int = NEWCOMER_LETTERS
    every_line: bool = False


class LetterReview:
    """Every step is taken in the caller's transaction."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        reviewer: Reviewer,
        transitions: LetterTransitions,
        review_messages: ReviewMessages,
        notifier: Notifier,
        clock: Clock,
        rules: ReviewRules,
    ) -> None:
        self._rules = rules
        self._cases = cases
        self._reviewer = reviewer
        self._transitions = transitions
        self._messages = review_messages
        self._notifier = notifier
        self._clock = clock

    def found(self, draft: Draft) -> tuple[Found, ...]:
        """What there is to look at in the letter itself."""
        found = self._reviewer.found(draft.name, draft.personal_line, self._names(draft))
        if not found and draft.personal_line and self._rules.every_line:
            return (Found(Finding.OWN_WORDS),)
        return found

    async def look(self, tx: Tx, chat: Chat, draft: Draft, now: datetime) -> Look:
        """What there is to look at in a letter of that chat's, which is to be queued."""
        found = self.found(draft)
        if chat.created_on < (now - NEW_FOR).date():
            return Look(found)
        written = await newcomers.count(
            tx, draft.case, draft.target, now - AN_HOUR, self._rules.newcomer_letters
        )
        likeness = digests(draft.personal_line or "", draft.case, tx.vault.secret("likeness"))
        if likeness and await self._is_burst(tx, chat, draft.case, likeness, now):
            found = (*found, Found(Finding.REPEATED))
        return Look(found, likeness, newcomer=True, behind=written >= self._rules.newcomer_letters)

    async def _is_burst(self, tx: Tx, chat: Chat, case: str, likeness: Sequence[int], now: datetime) -> bool:
        """Whether many new chats have just written nearly the same, and nobody has let it go."""
        others = await newcomers.count_alike(tx, case, likeness, now - BURST, chat.id)
        return others >= BURST_MIN and not await newcomers.has_passed(tx, case, likeness, now - KEPT)

    async def note(self, tx: Tx, draft: Draft, letter_id: int, seen: Look, now: datetime) -> None:
        """Remember the letter for a while, where its chat is new."""
        if seen.newcomer:
            await newcomers.add(tx, letter_id, draft.case, draft.target, now, seen.likeness)

    def _names(self, draft: Draft) -> Names:
        case = self._cases.get(draft.case)
        if case is None:
            return Names()
        offices = {
            without_entities(text)
            for target in case.targets.values()
            for text in target.office.texts.values()
        }
        return Names(case.person, tuple(sorted(offices)))

    async def held(self, tx: Tx, chat: Chat, seen: Look, now: datetime) -> Reply | None:
        """A letter of the chat's is about to be held. Returns what its writer cannot have been told yet.

        Whoever may decide is told when nothing waited before: once, not for each letter.
        """
        if not await letter_reviews.any_waits(tx):
            told = self._notifier.team_messages.letters_to_read()
            await self._notifier.tell(tx, now, told, may=Permission.APPROVE)
        if any(each.finding is not Finding.REPEATED for each in seen.found):
            return None  # the conversation says so
        return self._notifier.rendered(Notification(self._messages.like_many_others()), chat.language)

    async def remind(self, tx: Tx) -> None:
        """Tell whoever may decide that letters have been waiting for a day: once a day."""
        now, waiting = self._clock(), await letter_reviews.standing(tx)
        if waiting is None or waiting.since > now - REMIND_AFTER:
            return
        await audit.lock(tx)
        reminded = await audit.latest_of_ours(tx, REMINDED)
        if reminded is not None and now - reminded.at < REMIND_AFTER:
            return
        told = self._notifier.team_messages.letters_still_to_read(waiting.letters)
        if await self._notifier.tell(tx, now, told, may=Permission.APPROVE):
            await audit.add(tx, now, audit.ASSISTANT, REMINDED, "letters", f"{waiting.letters} wait")

    def behind(self, chat: Chat, draft: Draft) -> Reply:
        """What the writer of a letter is told that stands behind others."""
        said = self._messages.may_take_longer(target_of(self._cases, draft.ref))
        return self._notifier.rendered(Notification(said), chat.language)

    async def decide(
        self,
        tx: Tx,
        actor: Settler,
        numbers: Sequence[int],
        decision: ReviewDecision,
        reason: RefusalReason | None = None,
    ) -> int:
        """Do that with all of these letters, or with none. Returns with how many.

        Whoever lets one of a burst go lets go all that is like it and held for nothing else.

        `reason`: for which they are refused. Raises Refused where one of them does not wait any more, or
        where that cannot be done with it.
        """
        if not actor.role.may(Permission.APPROVE):
            raise Refused(f"This takes another role than {actor.role}.")
        wanted = sorted(set(numbers))
        if not 0 < len(wanted) <= DECIDED_AT_ONCE:
            raise Refused(f"Name from 1 to {DECIDED_AT_ONCE} letters at once.")
        await audit.lock(tx)
        found = await letter_reviews.find(tx, wanted)
        known = {each.letter.id for each in found}
        now = self._clock()
        if gone := [number for number in wanted if number not in known]:
            raise Refused(_gone(gone))
        if decision is ReviewDecision.RELEASE:
            found += await self._alike(tx, found, now)
        if decision is ReviewDecision.WITHOUT_LINE:
            drafts = {each.letter.id: self._without_line(each) for each in found}
        for each in found:
            if decision is not ReviewDecision.REFUSE and self._transitions.target(each.letter) is None:
                raise Refused(f"Letter {each.letter.id} has no office any more: put its case folder back.")
            if decision is ReviewDecision.WITHOUT_LINE:
                await letter_reviews.rewrite(tx, each.letter, drafts[each.letter.id])
        steps = [_step(each, decision, reason) for each in found]
        if len(await self._transitions.enter(tx, steps, now)) < len(steps):
            raise Refused("One of these letters has just moved on. Look at them again.")
        await self._tell(tx, found, decision, reason, now)
        what = f"{decision}: {reason}" if reason else decision.value
        for each in found:
            detail = f"{each.letter.case}, held for {each.letter.review}"
            await audit.add(tx, now, actor.label, f"review {what}", f"letter {each.letter.id}", detail)
        return len(found)

    async def _alike(self, tx: Tx, found: Sequence[Written], now: datetime) -> list[Written]:
        """What is held for nothing but being like one of these: whoever has read one has read them."""
        repeated, alike = Found(Finding.REPEATED), set[int]()
        for each in found:
            if repeated in Found.parse(each.letter.review):
                alike |= set(await newcomers.let_pass(tx, each.letter.id, now, str(repeated)))
        more = await letter_reviews.find(tx, alike - {each.letter.id for each in found}) if alike else []
        return [each for each in more if self._transitions.target(each.letter) is not None]

    def _without_line(self, written: Written) -> Draft:
        """The letter without its writer's own line. Raises Refused where that is no answer."""
        letter = written.letter
        if any(each.in_name for each in Found.parse(letter.review)):
            raise Refused(f"Letter {letter.id} is held for its name: release it, or refuse it.")
        target, case = target_of(self._cases, letter.ref), self._cases.get(letter.case)
        if target is None or case is None or written.personal_line is None:
            raise Refused(f"Letter {letter.id} has no line that could be left out, or no office any more.")
        draft = case.actions[letter.ref.action].draft(
            target, name=written.name, country=written.country, personal_line=None
        )
        if draft.version != letter.version:
            raise Refused(f"The text of letter {letter.id} has changed since: release it, or refuse it.")
        return draft

    async def _tell(
        self,
        tx: Tx,
        found: Sequence[Written],
        decision: ReviewDecision,
        reason: RefusalReason | None,
        now: datetime,
    ) -> None:
        """Let the writers know; of what is sent as it is, they hear when it is."""
        match decision:
            case ReviewDecision.RELEASE:
                return
            case ReviewDecision.WITHOUT_LINE:
                told = [
                    (each.letter, self._messages.line_left_out(target_of(self._cases, each.letter.ref)))
                    for each in found
                ]
            case ReviewDecision.REFUSE:
                told = [
                    (
                        each.letter,
                        self._messages.refused(
                            target_of(self._cases, each.letter.ref), reason or RefusalReason.CASE
                        ),
                    )
                    for each in found
                ]
            case _:
                assert_never(decision)
        await self._transitions.tell_writers(tx, told, now)


def _gone(numbers: Sequence[int]) -> str:
    named = ", ".join(map(str, numbers))
    which = f"Letter {named} does" if len(numbers) == 1 else f"Letters {named} do"
    return f"{which} not wait to be read. `assistant review list` shows those that do."


def _step(written: Written, decision: ReviewDecision, reason: RefusalReason | None) -> Transition:
    letter = written.letter
    if decision is ReviewDecision.REFUSE:
        why = f"an organiser has read it and refused it: {reason or RefusalReason.CASE}"
        return Transition(letter=letter, status=LetterStatus.CANCELLED, reason=why)
    kept = "" if decision is ReviewDecision.RELEASE else ", without its line"
    return Transition(
        letter=letter,
        status=LetterStatus.QUEUED,
        reason=f"an organiser has read it and lets it go{kept}",
        due_at=letter.due_at,  # an action day, for example
    )


class ReviewOverview:
    """Reads what waits, for an operator."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def listed(self) -> list[HeldLetter]:
        """All that wait, in the order in which they are looked at."""
        async with self._store.read() as tx:
            return await letter_reviews.waiting(tx, await letter_reviews.count(tx))
