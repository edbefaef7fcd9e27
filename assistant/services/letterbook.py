"""Writes down what becomes of letters: the step, the next route after a failure, what writers are told."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.model import Arrival, Case
from assistant.domain.quiet import after_the_night
from assistant.domain.speech import Speech, Tongue
from assistant.services.metrics import Metrics
from assistant.store import lanes, letters, notices
from assistant.store.database import Tx
from assistant.store.letters import Letter, Move

LATELY = timedelta(hours=1)  # who has written since then is awake

Receipt = Callable[[Case, Arrival], Speech]
"""What the writer of a letter reads of it."""
Zones = Callable[[str], Sequence[str]]
"""The time zones of a country, by its code."""


class Letterbook:
    """Enters steps of letters, in the caller's transaction, with all that follows from them."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        tongues: Mapping[str, Tongue],
        receipt: Receipt,
        zones: Zones,
        metrics: Metrics | None = None,
    ) -> None:
        """`metrics`: of the process, where it has any."""
        self._cases = cases
        self._tongues = tongues
        self._receipt = receipt
        self._zones = zones
        self._metrics = metrics

    async def enter(self, tx: Tx, steps: Sequence[Move], now: datetime) -> list[Move]:
        """Take the letters these steps; those that have moved on meanwhile are left alone.

        Returns the steps that were taken. Raises IllegalMove where the table of lifecycles has no such step.
        """
        return [step for step in steps if await self._enter(tx, step, now)]

    async def _enter(self, tx: Tx, step: Move, now: datetime) -> bool:
        if step.patience and await letters.waits(tx, step.letter) >= step.patience:
            reason = f"{step.reason} Put off {step.patience} times: an organiser decides."
            step = Move(step.letter, LetterStatus.HELD, reason, spent=False)
        if not await letters.move(tx, step, now):
            return False
        letter = step.letter
        if self._metrics:
            self._metrics.letter(letter.route.partition(":")[0], step.status)
        if step.status in (LetterStatus.QUEUED, LetterStatus.RETRY_WAIT, LetterStatus.SUBMITTED):
            await lanes.wake(tx, [letter.lane_id], step.due_at or now)
        elif step.status is LetterStatus.FAILED and (route := self._next_route(letter)):
            way = route.partition(":")[0]
            again = Move(
                letters.moved(letter, step), LetterStatus.QUEUED, f"goes by {way} instead", route=route
            )
            await self._enter(tx, again, now)
        elif step.status in (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED):
            await self._tell(tx, letter, step.status, now)
        return True

    def _routes(self, letter: Letter) -> tuple[str, ...]:
        case = self._cases.get(letter.case)
        return case.target.routes if case else ()

    def _next_route(self, letter: Letter) -> str | None:
        """The route to take where the letter's own has failed for good."""
        routes = self._routes(letter)
        later = routes[routes.index(letter.route) + 1 :] if letter.route in routes else ()
        return later[0] if later else None

    async def _tell(self, tx: Tx, letter: Letter, status: LetterStatus, now: datetime) -> None:
        """Let the writer know, once a letter; where it is night, in the morning."""
        case = self._cases.get(letter.case)
        if case is None or letter.told or letter.chat_id is None:
            return
        reader = await notices.reader(tx, letter.chat_id, now - LATELY)
        if reader is None or not await letters.mark_told(tx, letter):
            return
        arrival = Arrival(
            letter.route.partition(":")[0],
            status,
            now,
            arrived=await letters.arrived(tx, letter),
            detour=letter.route != case.target.routes[0],
        )
        tongue = self._tongues.get(reader.language or "") or next(iter(self._tongues.values()))
        html = self._receipt(case, arrival).render(tongue)
        due_at = now if reader.awake else after_the_night(now, self._zones(letter.country))
        await notices.add(tx, reader, html, due_at)
