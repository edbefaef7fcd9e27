"""Letters whose case, action or office is gone from the case folders: they are held, and people are told.

Nobody knows whether that was taken away on purpose, so a person decides: see decision 0037.
"""

from datetime import datetime
from typing import Final

from assistant.content.library import CaseLibrary
from assistant.domain.cases import Case
from assistant.domain.lanes import Lane
from assistant.domain.letters import Transition
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Permission
from assistant.services.letters.transitions import LetterTransitions
from assistant.services.notifier import Notifier
from assistant.store import letters, stranded_letters
from assistant.store.database import Tx
from assistant.store.stranded_letters import Standing

REASON: Final = "its case, action or office is gone from the case folders"
BATCH = 200  # letters in one transaction


class StrandedLetters:
    """Holds what waits for offices of which we know nothing any more."""

    def __init__(self, library: CaseLibrary, transitions: LetterTransitions, notifier: Notifier) -> None:
        self._library = library
        self._transitions = transitions
        self._notifier = notifier

    def concerns(self, case: str, target: str) -> bool:
        """Whether the office is gone. Where its case's folder is only broken, letters wait for it."""
        known = self._library.get(case)
        return target not in known.targets if known else self._library.lacks(case)

    def standing(self, case: str) -> Standing | None:
        """Which letters of the case stand; None where its folder is only broken, so that nobody knows."""
        if known := self._library.get(case):
            return standing_of(known)
        return Standing() if self._library.lacks(case) else None

    async def hold(self, tx: Tx, lane: Lane, standing: Standing, now: datetime) -> bool:
        """Hold letters of the lane, which the caller runs, that do not stand. Whether there were any.

        A writer is told once of each action, however often it goes and to however many offices they wrote.
        After the last letters of the case, the owners are told how many are held.
        """
        case = letters.office_of(lane.name)[0]
        waiting = await stranded_letters.waiting(tx, lane.id, standing, BATCH)
        if not waiting:
            return False
        steps = [
            Transition(letter=each, status=LetterStatus.HELD, reason=REASON, due_at=each.due_at)
            for each in waiting
        ]
        await stranded_letters.lock(tx)
        told = await stranded_letters.told_before(tx, waiting, REASON)
        taken = await self._transitions.enter(tx, steps, now, awake=lane.id)
        news = {(step.letter.chat_id, step.letter.ref.of): step.letter for step in taken}
        await self._transitions.tell_gone(tx, [news[each] for each in news if each not in told], now)
        if not await stranded_letters.any_waits(tx, case, standing):
            count = await stranded_letters.count_held(tx, case, REASON)
            has_folder = case in self._library
            said = self._notifier.team_messages.letters_stranded(case, count, has_folder=has_folder)
            await self._notifier.tell(tx, now, said, may=Permission.MANAGE)
        return True


def standing_of(case: Case) -> Standing:
    """Which letters of the case stand, as its folder is now."""
    actions = case.actions.values()
    return Standing(
        offices=frozenset((action.slug, target.slug) for action in actions for target in action.targets),
        renamed=frozenset(former for action in actions for former in action.formerly),
    )


async def release(tx: Tx, transitions: LetterTransitions, case: Case, now: datetime) -> int:
    """Let go letters of the case that were held because they did not stand, and do now: at most a batch.

    Returns how many.
    """
    held = await stranded_letters.held(tx, case.slug, REASON, standing_of(case), BATCH)
    steps = [
        Transition(
            letter=each,
            status=LetterStatus.QUEUED,
            reason="an organiser lets it go, because its case is there again",
            due_at=each.due_at,
        )
        for each in held
    ]
    return len(await transitions.enter(tx, steps, now))
