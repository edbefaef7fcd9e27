"""Letters stay true: what happens to those that wait when the text that they are made of changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from assistant.content.preview import sample_draft
from assistant.domain.actions import ONLY_ACTION, Action
from assistant.domain.cases import Case, action_of
from assistant.domain.clock import Clock
from assistant.domain.letters import ActionRef, LetterRef, TextStatus
from assistant.domain.organisers import Permission
from assistant.domain.targets import ONLY_TARGET, Target
from assistant.domain.text_changes import Change, Piece, compare
from assistant.services.notifier import Notifier
from assistant.store import barred_letters, lanes, letter_versions, letters
from assistant.store.database import Store, Tx

log = structlog.get_logger()


def refs_of(actions: Iterable[Action]) -> dict[LetterRef, str]:
    """The version of each letter's text, as case folders have it."""
    return {
        LetterRef(*action.ref, target): text.version
        for action in actions
        for target, text in action.letters.items()
    }


async def note_changes(tx: Tx, cases: Mapping[str, Case], now: datetime) -> dict[ActionRef, int]:
    """See which texts have changed since they were looked at last.

    Returns how many letters wait, by action, until somebody says whether that matters (`decide`): none of
    them leaves before.
    """
    current = refs_of(action for case in cases.values() for action in case.actions.values())
    known = await letter_versions.known(tx)
    changed = {
        ref: version
        for ref, version in current.items()
        if known.get(ref, {}).get(version) is not TextStatus.CURRENT
    }
    if not changed:
        return {}
    await letters.lock_offices(tx, changed.keys())
    known = await letter_versions.known(tx)  # another process may have been first
    undecided: dict[ActionRef, int] = {}
    for ref, version in changed.items():
        versions = known.get(ref, {})
        if versions.get(version) is TextStatus.CURRENT:
            continue
        if not versions:
            await letter_versions.adopt(tx, ref, version)
        waiting = await letter_versions.waiting(tx, ref.of)
        for earlier, status in versions.items():
            if status is TextStatus.CURRENT:
                count = waiting.get((ref.target, earlier), 0)
                becomes = TextStatus.UNDECIDED if count else TextStatus.ACCEPTED
                await letter_versions.set_status(tx, ref, earlier, becomes, now)
                if count:
                    undecided[ref.of] = undecided.get(ref.of, 0) + count
        await letter_versions.set_status(tx, ref, version, TextStatus.CURRENT, now)
    return undecided


async def decide(tx: Tx, action: ActionRef, now: datetime, *, matters: bool) -> bool:
    """Say whether the change of an action's text matters; False where nobody has to.

    Where it does, letters that stand on the old text are held from this transaction on, and their writers
    are asked; where only the spelling has changed, they go on.
    """
    found = [
        each
        for each in await barred_letters.unsound(tx, action.case)
        if each.action == action.action and each.status is TextStatus.UNDECIDED
    ]
    refs = {LetterRef(*action, each.target) for each in found}
    await letters.lock_offices(tx, refs)
    for each in found:
        status = TextStatus.REPLACED if matters else TextStatus.ACCEPTED
        await letter_versions.set_status(tx, LetterRef(*action, each.target), each.version, status, now)
    _wake(tx, refs, now)
    return bool(found)


async def lock(tx: Tx, case: Case) -> None:
    """Before `replace`, and before any other lane is locked: see `store.lanes`."""
    await letters.lock_offices(tx, refs_of(case.actions.values()).keys())


async def replace(tx: Tx, case: Case, update: str | None, now: datetime) -> int:
    """News are out after which letters written before are not true any more.

    From this transaction on no letter leaves that stands on another text than the case folder has now; their
    writers are asked. `update`: its slug, where it stands in the folder. Returns how many letters that is.
    Call after `lock`, in the same transaction.
    """
    current = refs_of(case.actions.values())
    known = await letter_versions.known(tx)
    held = 0
    for action in case.actions.values():
        waiting = await letter_versions.waiting(tx, action.ref)
        for target in action.letters:
            ref = LetterRef(*action.ref, target)
            versions = {version for slug, version in waiting if slug == target} | known.get(ref, {}).keys()
            for version in versions - {current[ref]}:
                await letter_versions.set_status(tx, ref, version, TextStatus.REPLACED, now, update)
                held += waiting.get((target, version), 0)
    _wake(tx, current.keys(), now)
    return held


async def outdated(tx: Tx, cases: Mapping[str, Case]) -> dict[str, int]:
    """How many letters that wait stand on another text than their case folder has now, by case."""
    found: dict[str, int] = {}
    for slug, case in cases.items():
        current = refs_of(case.actions.values())
        for action in case.actions.values():
            for (target, version), count in (await letter_versions.waiting(tx, action.ref)).items():
                if current.get(LetterRef(*action.ref, target)) != version:
                    found[slug] = found.get(slug, 0) + count
    return found


def _wake(tx: Tx, refs: Iterable[LetterRef], now: datetime) -> None:
    lanes.wake(tx, [(letters.LANE, letters.lane_name(ref.case, ref.target)) for ref in refs], now)


class LetterTexts:
    """Sees to letters' texts when a process starts, and when case folders have been read again."""

    def __init__(self, store: Store, cases: Mapping[str, Case], notifier: Notifier, clock: Clock) -> None:
        self._store = store
        self._cases = cases
        self._notifier = notifier
        self._clock = clock

    async def look(self) -> None:
        """Give letters the names that their actions have now, and ask organisers about texts that changed."""
        now = self._clock()
        async with self._store.write() as tx:
            for case in self._cases.values():
                for action in case.actions.values():
                    await _rename(tx, action, now)
                    if ends_at := now if case.closed else action.closes_at:
                        offices = [target.slug for target in action.targets]
                        await letters.wake_offices(tx, case.slug, ends_at, offices)
            undecided = await note_changes(tx, self._cases, now)
            await _keep_texts(tx, self._cases)
            for ref, count in undecided.items():
                case = self._cases[ref.case]
                told = self._notifier.team_messages.text_changed(case, case.actions[ref.action], count)
                await self._notifier.tell(tx, now, told, may=Permission.APPROVE)
                log.warning(
                    "letters wait: their text reads otherwise than before. An approver says whether that "
                    "matters, with /reword or `assistant actions reword`",
                    action=str(ref),
                    letters=count,
                )


@dataclass(frozen=True, slots=True)
class TextChange:
    """How a letter reads otherwise to these targets. `pieces`: None where the old text was not kept."""

    targets: Sequence[Target]
    pieces: Sequence[Piece] | None


async def changes(tx: Tx, action: Action) -> Sequence[TextChange]:
    """What has changed in the letters of the action that somebody has to decide about, each change once.

    The letters compared are those of an invented person, in the language in which they are sent.
    """
    found: dict[tuple[str, tuple[Piece, ...] | None], TextChange] = {}
    for slug, before in await letter_versions.undecided_texts(tx, action.ref):
        target = action.target(slug)
        if target is None:
            continue
        pieces = compare(before, _sample(action, target)) if before is not None else None
        changed = (
            tuple(each for each in pieces if each.change is not Change.KEPT) if pieces is not None else None
        )
        known = found.get((target.language, changed))
        targets = (*known.targets, target) if known else (target,)
        found[target.language, changed] = TextChange(targets, known.pieces if known else pieces)
    return list(found.values())


def _sample(action: Action, target: Target) -> str:
    """The letter of an invented person to it, as it is sent."""
    return sample_draft(action, target).text


async def _keep_texts(tx: Tx, cases: Mapping[str, Case]) -> None:
    """Keep what letters say now: once the folder has another text, nobody knows the old one."""
    for ref, version in await letter_versions.without_text(tx):
        action = action_of(cases, ref.of)
        target = action.target(ref.target) if action else None
        if action and target and action.letters[target.slug].version == version:
            await letter_versions.keep_text(tx, ref, version, _sample(action, target))


async def _rename(tx: Tx, action: Action, now: datetime) -> None:
    """Letters that were written under a former name of the action are of this one."""
    for former in action.formerly:
        renamed = action.target(ONLY_TARGET) is None and former == ONLY_ACTION
        targets = {ONLY_TARGET: action.main.slug} if renamed else {}
        current = {target: text.version for target, text in action.letters.items()}
        await letters.rename(tx, ActionRef(action.ref.case, former), action.slug, targets, current, now)
