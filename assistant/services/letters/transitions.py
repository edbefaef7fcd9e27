"""Writes down what becomes of letters: the step, the next route after a failure, what writers are told."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from assistant.domain.cases import Case, Update, target_of
from assistant.domain.letters import ActionRef, Letter, LetterOutcome, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import Reply
from assistant.domain.notifications import Notification
from assistant.domain.targets import Target
from assistant.domain.texts import Locale, Text
from assistant.services.counter import code_for_writer
from assistant.services.letters.notices import LATELY, WriterNotices, Zones
from assistant.services.metrics import Metrics
from assistant.store import lanes, letter_queue, letter_versions, letters, messages
from assistant.store.database import Tx
from assistant.store.messages import Notice, Reader

UNCERTAIN_LANE = "uncertain letters"
"""The lane, and its kind, on which owners are told of them."""

GATHERED = timedelta(minutes=1)  # letters that become uncertain together are told of together

_GO_ON = frozenset({LetterStatus.QUEUED, LetterStatus.RETRY_WAIT, LetterStatus.SUBMITTED})
_TOLD = frozenset({LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED})

Receipt = Callable[[Target | None, LetterOutcome], Text]
"""What the writer of a letter reads of it. The target is None where it is gone."""


class LetterTransitions:
    """Enters steps of letters, in the caller's transaction, with all that follows from them."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        locales: Mapping[str, Locale],
        receipt: Receipt,
        paused: Callable[[Target], Text],
        gone: Callable[[], Text],
        over: Callable[[Target], Text],
        confirm: Callable[[Case, ActionRef, Update | None], Notification],
        zones: Zones,
        metrics: Metrics | None = None,
    ) -> None:
        """`paused`: what a writer reads whose letter waits for a paused case; `gone`: whose letter is held,
        because its office is gone; `over`: whose letter was not sent before its action was over; `confirm`:
        whose letter waits, because its text is not true any more. `metrics`: of the process.
        """
        self._cases = cases
        self._notices = WriterNotices(locales, zones)
        self._receipt = receipt
        self._paused = paused
        self._gone = gone
        self._over = over
        self._confirm = confirm
        self._metrics = metrics

    def target(self, letter: Letter) -> Target | None:
        """The office that the letter is for; None where there is none any more."""
        return target_of(self._cases, letter.ref)

    def case(self, slug: str) -> Case | None:
        """The case of that slug; None where it is not there."""
        return self._cases.get(slug)

    async def enter(
        self, tx: Tx, steps: Sequence[Transition], now: datetime, awake: int | None = None
    ) -> list[Transition]:
        """Take the letters these steps, one each; those that have moved on meanwhile are left alone.

        `awake`: the lane that the caller runs: it has locked it, and will settle it.
        Returns the steps that were taken. Raises IllegalTransition where the table of lifecycles lacks one.
        """
        await lanes.lock(tx, {step.letter.lane_id for step in steps} - {awake})
        taken = await letters.apply_transitions(
            tx, [_looked_at(await self._in_patience(tx, step)) for step in steps], now
        )
        if self._metrics:
            for step in taken:
                self._metrics.letter(step.letter.route.carrier, step.status)
        self._wake(tx, [step for step in taken if step.letter.lane_id != awake], now)
        if any(step.status is LetterStatus.UNCERTAIN for step in taken):
            lanes.wake(tx, [(UNCERTAIN_LANE, UNCERTAIN_LANE)], now + GATHERED)
        onward = {step: again for step in taken if (again := self._next_route(step))}
        if onward:
            await self.enter(tx, list(onward.values()), now, awake)
        await self._tell(
            tx, [step.after for step in taken if step.status in _TOLD and step not in onward], now
        )
        return taken

    async def _in_patience(self, tx: Tx, step: Transition) -> Transition:
        """The step; or, where the letter was put off too often, that a person decides."""
        if not step.patience or await letters.count_waits(tx, step.letter) < step.patience:
            return step
        reason = f"{step.reason} Put off {step.patience} times: an organiser decides."
        return Transition(letter=step.letter, status=LetterStatus.HELD, reason=reason, spent=False)

    def _wake(self, tx: Tx, taken: Sequence[Transition], now: datetime) -> None:
        """The lanes of letters that go on run in time."""
        for step in taken:
            if step.status in _GO_ON:
                lanes.wake(tx, [step.letter.lane_id], step.due_at or now)

    def _next_route(self, step: Transition) -> Transition | None:
        """The step onto the next route, where the letter's own has failed for good."""
        target = target_of(self._cases, step.letter.ref)
        if step.status is not LetterStatus.FAILED or target is None or not step.letter.has_text:
            return None
        if step.letter.restored_at:
            return None  # it may have gone by the next route already
        routes, route = target.routes, step.letter.route
        later = routes[routes.index(route) + 1 :] if route in routes else ()
        if not later:
            return None
        reason = f"goes by {later[0].carrier} instead"
        return Transition(letter=step.after, status=LetterStatus.QUEUED, reason=reason, route=later[0])

    async def _tell(self, tx: Tx, ended: Sequence[Letter], now: datetime) -> None:
        """Let the writers know, once a letter; where it is night, in the morning."""
        news = [each for each in ended if not each.told]
        chat_ids = {each.chat_id for each in news if each.chat_id is not None}
        if not chat_ids:
            return
        readers = await messages.readers(tx, chat_ids, now - LATELY)
        untold = await letters.mark_told(tx, [each.id for each in news if each.chat_id in readers])
        arrived = await letters.arrived(tx, {each.case for each in news})
        told = [
            self._receipt_for(tx, each, readers[each.chat_id], arrived.get(each.case, 0), now)
            for each in news
            if each.id in untold and each.chat_id is not None
        ]
        await messages.add_notices(tx, told)

    async def tell_over(self, tx: Tx, withdrawn: Sequence[Transition], now: datetime) -> None:
        """Let the writers of these letters know that the action was over before they could be sent."""
        known = self._with_targets([step.letter for step in withdrawn])
        await self._tell_each(tx, [(each, self._over(target)) for each, target in known], now)

    async def ask_to_confirm(
        self, tx: Tx, held: Sequence[tuple[Letter, Update | None]], now: datetime, *, again: bool = False
    ) -> None:
        """Ask the writers of these letters whether they may be sent with the new text: once for each action.

        Each with the news that tells what has changed, where there are any. The letters are of one lane.
        `again`: they are reminded.
        """
        chat_ids = {letter.chat_id for letter, _ in held if letter.chat_id is not None}
        if not chat_ids:
            return
        readers = await messages.readers(tx, chat_ids, now - LATELY)
        said: dict[tuple[ActionRef, str, str], Reply] = {}  # it is the same for many
        wakes: dict[str, datetime] = {}
        asked: dict[tuple[int, ActionRef], Notice] = {}
        known = await letter_versions.asked_elsewhere(
            tx, [letter for letter, _ in held], now - LATELY, reminded=again
        )
        for letter, news in held:
            case = self._cases.get(letter.case)
            if letter.chat_id not in readers or case is None or (letter.chat_id, letter.ref.of) in known:
                continue
            reader = readers[letter.chat_id]
            locale = self._notices.locale(reader)
            version = (letter.ref.of, news.slug if news else "", locale.language)
            if version not in said:
                said[version] = self._confirm(case, letter.ref.of, news).render(locale)
            if letter.country not in wakes:
                wakes[letter.country] = self._notices.wakes(letter.country, now)
            due_at = now if reader.awake else wakes[letter.country]
            asked[letter.chat_id, letter.ref.of] = Notice(reader, said[version], due_at)
        await messages.add_notices(tx, list(asked.values()))

    async def tell_paused(self, tx: Tx, waiting: Sequence[Letter], now: datetime) -> None:
        """Let the writers of these letters know that they wait, because the case is paused."""
        await letter_queue.mark_told_paused(tx, [each.id for each in waiting])
        known = self._with_targets(waiting)
        await self._tell_each(tx, [(each, self._paused(target)) for each, target in known], now)

    async def tell_gone(self, tx: Tx, held: Sequence[Letter], now: datetime) -> None:
        """Let the writers of these letters know that they are held, because their offices are gone."""
        await self._tell_each(tx, [(each, self._gone()) for each in held], now)

    async def tell_writers(self, tx: Tx, told: Sequence[tuple[Letter, Text]], now: datetime) -> None:
        """Let the writers of these letters know that."""
        await self._tell_each(tx, told, now)

    def _with_targets(self, known: Iterable[Letter]) -> list[tuple[Letter, Target]]:
        return [(each, target) for each in known if (target := target_of(self._cases, each.ref))]

    async def _tell_each(self, tx: Tx, told: Sequence[tuple[Letter, Text]], now: datetime) -> None:
        chat_ids = {each.chat_id for each, _ in told if each.chat_id is not None}
        if not chat_ids:
            return
        readers = await messages.readers(tx, chat_ids, now - LATELY)
        notices = [
            self._notices.notice(each.country, readers[each.chat_id], said, now)
            for each, said in told
            if each.chat_id in readers
        ]
        await messages.add_notices(tx, notices)

    def _receipt_for(self, tx: Tx, letter: Letter, reader: Reader, arrived: int, now: datetime) -> Notice:
        target = target_of(self._cases, letter.ref)
        detour = target is not None and letter.route != target.routes[0]
        arrival = LetterOutcome(
            carrier=letter.route.carrier,
            status=letter.status,
            at=now,
            arrived=arrived,
            detour=detour,
            code=code_for_writer(tx.vault, letter, self.case(letter.case), careful=reader.careful),
        )
        return self._notices.notice(letter.country, reader, self._receipt(target, arrival), now)


def _looked_at(step: Transition) -> Transition:
    """The step; or, where it would be tried again and may have been sent already, that a person decides."""
    if step.status is not LetterStatus.RETRY_WAIT or step.letter.restored_at is None:
        return step
    reason = f"{step.reason} The database was put back since: an organiser decides."
    return Transition(letter=step.letter, status=LetterStatus.HELD, reason=reason, spent=False)
