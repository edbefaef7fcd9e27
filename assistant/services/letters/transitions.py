"""Writes down what becomes of letters: the step, the next route after a failure, what writers are told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from assistant.domain.cases import Case
from assistant.domain.letters import Letter, LetterOutcome, Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.quiet_hours import next_waking_hour
from assistant.domain.texts import Locale, Text
from assistant.services.metrics import Metrics
from assistant.store import lanes, letter_queue, letters, messages
from assistant.store.database import Tx
from assistant.store.messages import Notice, Reader

LATELY = timedelta(hours=1)  # who has written since then is awake

_GO_ON = frozenset({LetterStatus.QUEUED, LetterStatus.RETRY_WAIT, LetterStatus.SUBMITTED})
_TOLD = frozenset({LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED})

Receipt = Callable[[Case, LetterOutcome], Text]
"""What the writer of a letter reads of it."""
Zones = Callable[[str], Sequence[str]]
"""The time zones of a country, by its code."""


class LetterTransitions:
    """Enters steps of letters, in the caller's transaction, with all that follows from them."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        locales: Mapping[str, Locale],
        receipt: Receipt,
        paused: Callable[[Case], Text],
        zones: Zones,
        metrics: Metrics | None = None,
    ) -> None:
        """`paused`: what a writer reads whose letter waits for a paused case. `metrics`: of the process."""
        self._cases = cases
        self._locales = locales
        self._receipt = receipt
        self._paused = paused
        self._zones = zones
        self._metrics = metrics

    async def enter(
        self, tx: Tx, steps: Sequence[Transition], now: datetime, awake: int | None = None
    ) -> list[Transition]:
        """Take the letters these steps, one each; those that have moved on meanwhile are left alone.

        `awake`: the lane that the caller runs: it has locked it, and will settle it.
        Returns the steps that were taken. Raises IllegalTransition where the table of lifecycles lacks one.
        """
        await lanes.lock(tx, {step.letter.lane_id for step in steps} - {awake})
        taken = await letters.apply_transitions(
            tx, [await self._in_patience(tx, step) for step in steps], now
        )
        if self._metrics:
            for step in taken:
                self._metrics.letter(step.letter.route.carrier, step.status)
        self._wake(tx, [step for step in taken if step.letter.lane_id != awake], now)
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
        case = self._cases.get(step.letter.case)
        if step.status is not LetterStatus.FAILED or case is None:
            return None
        routes, route = case.target.routes, step.letter.route
        later = routes[routes.index(route) + 1 :] if route in routes else ()
        if not later:
            return None
        reason = f"goes by {later[0].carrier} instead"
        return Transition(letter=step.after, status=LetterStatus.QUEUED, reason=reason, route=later[0])

    async def _tell(self, tx: Tx, ended: Sequence[Letter], now: datetime) -> None:
        """Let the writers know, once a letter; where it is night, in the morning."""
        known = [each for each in ended if not each.told and each.case in self._cases]
        chat_ids = {each.chat_id for each in known if each.chat_id is not None}
        if not chat_ids:
            return
        readers = await messages.readers(tx, chat_ids, now - LATELY)
        untold = await letters.mark_told(tx, [each.id for each in known if each.chat_id in readers])
        arrived = await letters.arrived(tx, {each.lane_id for each in known})
        told = [
            self._receipt_for(each, readers[each.chat_id], arrived[each.lane_id], now)
            for each in known
            if each.id in untold and each.chat_id is not None
        ]
        await messages.add_notices(tx, told)

    async def tell_paused(self, tx: Tx, waiting: Sequence[Letter], now: datetime) -> None:
        """Let the writers of these letters know that they wait, because the case is paused."""
        await letter_queue.mark_told_paused(tx, [each.id for each in waiting])
        chat_ids = {each.chat_id for each in waiting if each.chat_id is not None}
        readers = await messages.readers(tx, chat_ids, now - LATELY)
        told = [
            self._notice(each, readers[each.chat_id], self._paused(self._cases[each.case]), now)
            for each in waiting
            if each.chat_id in readers
        ]
        await messages.add_notices(tx, told)

    def _receipt_for(self, letter: Letter, reader: Reader, arrived: int, now: datetime) -> Notice:
        case = self._cases[letter.case]
        detour = letter.route != case.target.routes[0]
        arrival = LetterOutcome(
            carrier=letter.route.carrier, status=letter.status, at=now, arrived=arrived, detour=detour
        )
        return self._notice(letter, reader, self._receipt(case, arrival), now)

    def _notice(self, letter: Letter, reader: Reader, said: Text, now: datetime) -> Notice:
        locale = self._locales.get(reader.language or "") or next(iter(self._locales.values()))
        due_at = now if reader.awake else next_waking_hour(now, self._zones(letter.country))
        return Notice(reader, said.render(locale), due_at)
