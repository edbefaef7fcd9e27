"""What organisers decide about letters, and what carriers report unasked."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import assert_never

from assistant.carriers.base import Carrier, Report
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, Refused
from assistant.domain.letter_decisions import RULES, TEAM_DECIDES, Decision, Obstacle, obstacle
from assistant.domain.letters import Letter, Transition
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.services.letters import stranded
from assistant.services.letters.answers import Settler
from assistant.services.letters.delivery import transition_of
from assistant.services.letters.transitions import LetterTransitions
from assistant.store import audit, letters, restored, uncertain_letters
from assistant.store.database import Store, Tx

_L = LetterStatus
BATCH = 200  # letters in one transaction


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Letters that are uncertain: those that a text names, and the others."""

    named: Sequence[Letter]
    others: Sequence[Letter]


NAME_MIN = 16  # characters: a shorter name, such as a number, may stand in a text by chance
_WORD_MIN = 12  # the longest part of a name without signs has so many at least
_WORDS = re.compile(rf"[0-9a-z]{{{_WORD_MIN},}}")


class LetterDecisions:
    """Carries decisions and reports out, each in a transaction of its own."""

    def __init__(
        self, store: Store, transitions: LetterTransitions, carriers: Mapping[str, Carrier], clock: Clock
    ) -> None:
        """`carriers`: by name."""
        self._store = store
        self._transitions = transitions
        self._carriers = carriers
        self._clock = clock

    async def look(self, number: int) -> Letter:
        """The letter of this number. Raises Refused where there is none."""
        async with self._store.read() as tx:
            letter = await letters.find(tx, number)
        if letter is None:
            raise _unknown(number)
        return letter

    async def decide(self, number: int, decision: Decision) -> LetterStatus:
        """Do that with the letter of this number. Returns where it is now.

        Raises Refused where the letter is not in a state for it.
        """
        letter = await self.look(number)
        step = _step(letter, decision, self._transitions)
        if letter.status is _L.SUBMITTED:
            await self._call_back(letter)
        async with self._store.write() as tx:
            if not await self._transitions.enter(tx, [step], self._clock()):
                raise Refused(f"Letter {number} has just moved on. Look at it again.")
        return step.status

    async def mentioned(self, text: str) -> Mentioned:
        """Which uncertain letters a text names, such as a mail server's log: by our name or the carrier's."""
        async with self._store.read() as tx:
            found = await uncertain_letters.listed(tx)
        said = text.lower()
        words = set(_WORDS.findall(said))
        named = [each for each in found if any(_stands(name, said, words) for name in _names(each))]
        return Mentioned(named, [each for each in found if each not in named])

    async def release_case(self, case: str) -> int:
        """Let go letters of the case that were held because they had no office any more, and have one now.

        Returns how many. Raises Refused where the case is not there.
        """
        known = self._transitions.case(case)
        if known is None:
            raise Refused(f"There is no case '{case}': put its folder back before its letters can be sent.")
        released = 0
        while True:
            async with self._store.write() as tx:
                batch = await stranded.release(tx, self._transitions, known, self._clock())
            if not batch:
                return released
            released += batch

    async def decide_restored(self, decision: Decision, case: str | None) -> tuple[int, int]:
        """The same with all letters that are held because the database was put back; only of that case.

        Returns how many, and how many others have no office any more and stay held.
        """
        rule, done, without_office, after = RULES[decision], 0, 0, 0
        while True:
            async with self._store.write() as tx:
                batch = await restored.held(tx, case, after, BATCH)
                known = [
                    each
                    for each in batch
                    if decision is not Decision.RELEASE or self._transitions.target(each) is not None
                ]
                steps = [
                    Transition(
                        letter=each,
                        status=rule.after,
                        reason=rule.reason,
                        route=each.route if rule.afresh else None,
                        due_at=each.due_at,
                    )
                    for each in known
                ]
                done += len(await self._transitions.enter(tx, steps, self._clock()))
            if not batch:
                return done, without_office
            without_office += len(batch) - len(known)
            after = batch[-1].id

    async def count_restored(self, case: str | None) -> int:
        """How many letters are held because the database was put back."""
        found, after = 0, 0
        while True:
            async with self._store.read() as tx:
                batch = await restored.held(tx, case, after, BATCH)
            if not batch:
                return found
            found += len(batch)
            after = batch[-1].id

    async def _call_back(self, letter: Letter) -> None:
        carrier = self._carriers.get(letter.route.carrier)
        printed = letter.print_run is not None  # and may be in an envelope
        if carrier is None or printed or not await carrier.cancel(letter.key, letter.reference or ""):
            raise Refused(
                f"Letter {letter.id} is with its carrier, which cannot call it back: it may arrive."
            )

    async def referred_to(self, reference: str) -> Letter | None:
        """The letter that its carrier calls so."""
        async with self._store.read() as tx:
            return await letters.by_key_or_reference(tx, reference=reference)

    async def settle(self, report: Report) -> bool:
        """Store what a report says (`carriers.base.Settle`)."""
        async with self._store.write() as tx:
            letter = await letters.by_key_or_reference(tx, key=report.key, reference=report.reference)
            if letter is None:
                return False
            step = transition_of(letter, report.outcome, self._clock())
            if isinstance(report.outcome, Failure) and report.reference not in (None, letter.reference):
                return True  # of an earlier try: what became of that is known
            if step.status in LETTERS.after(letter.status):  # others come late, or twice
                await self._transitions.enter(tx, [step], self._clock())
            return True


class TeamDecisions:
    """What organisers decide about single letters, each in the caller's transaction."""

    def __init__(self, transitions: LetterTransitions, clock: Clock) -> None:
        self._transitions = transitions
        self._clock = clock

    async def decide(self, tx: Tx, actor: Settler, number: int, decision: Decision, seen: int) -> None:
        """Do that with the letter of this number, as it was when it had come to that entry of its log.

        Raises Refused where they may not, where it does not fit, or where something has become of it since.
        """
        if decision not in TEAM_DECIDES or not actor.role.may(TEAM_DECIDES[decision]):
            raise Refused(f"This takes another role than {actor.role}, or the server's shell.")
        await audit.lock(tx)
        letter = await letters.find(tx, number)
        if letter is None:
            raise _unknown(number)
        now = self._clock()
        if (await letters.newest_entries(tx, [number])).get(number) != seen:
            raise Refused(f"Something has become of letter {number} since. Look at it again.")
        if not await self._transitions.enter(tx, [_step(letter, decision, self._transitions)], now):
            raise Refused(f"Letter {number} has just moved on. Look at it again.")
        await audit.add(tx, now, actor.label, f"letter {decision}", f"letter {number}", letter.case)


def _unknown(number: int) -> Refused:
    return Refused(f"There is no letter {number}. `assistant letters list` shows those there are.")


def _step(letter: Letter, decision: Decision, transitions: LetterTransitions) -> Transition:
    """What the decision makes of the letter. Raises Refused where it does not fit."""
    rule = RULES[decision]
    if against := obstacle(letter, decision):
        raise Refused(_why_not(letter, against))
    if decision is Decision.RELEASE and transitions.target(letter) is None:
        raise Refused(
            f"Letter {letter.id} has no office any more: put its case folder back first. "
            f"Then `assistant letters release --case {letter.case}` lets all of them go."
        )
    keeps_its_time = _L.HELD in (letter.status, rule.after)  # an action day, for example
    return Transition(
        letter=letter,
        status=rule.after,
        reason=rule.reason,
        route=letter.route if rule.afresh else None,
        due_at=letter.due_at if keeps_its_time else None,
    )


def _names(letter: Letter) -> list[str]:
    known = (letter.key, letter.reference or "")
    return [name.lower() for name in known if len(name) >= NAME_MIN]


def _stands(name: str, said: str, words: Set[str]) -> bool:
    """Whether the name stands there. `words`: all that are long, because a log is large."""
    parts = _WORDS.findall(name)
    return bool(parts) and all(part in words for part in parts) and name in said


def _why_not(letter: Letter, against: Obstacle) -> str:
    match against:
        case Obstacle.STATUS:
            fitting = ", ".join(_fitting(letter))
            fits = f"What fits is: {fitting}." if fitting else "Nothing can be decided about it any more."
            return (
                f"Letter {letter.id} is {letter.status}. {fits} "
                f"`assistant letters log {letter.id}` shows how it came there."
            )
        case Obstacle.NO_TEXT:
            return f"The text of letter {letter.id} is deleted: it cannot be sent again."
        case Obstacle.ASKED:
            return (
                f"Letter {letter.id} stands on a text that is not true any more. Its writer is asked to "
                "agree to the new one: it is sent then."
            )
        case Obstacle.REVIEW:
            return (
                f"Letter {letter.id} waits until somebody has read it: `assistant review list` shows it, "
                f"`assistant review release {letter.id}` lets it go."
            )
        case Obstacle.NOT_RESTORED:
            return f"Letter {letter.id} has not been sent: it is held. Release it, or cancel it."
    assert_never(against)


def _fitting(letter: Letter) -> list[str]:
    """The commands of `assistant letters` for a letter in its state."""
    fitting = (
        decision
        for decision, rule in RULES.items()
        if letter.status in rule.before
        and (letter.has_text or rule.after is not _L.QUEUED)
        and decision is not Decision.HAD_LEFT  # only after a restore
    )
    return sorted({_COMMANDS.get(decision, decision.value) for decision in fitting})


_COMMANDS: Mapping[Decision, str] = dict.fromkeys(
    (Decision.ARRIVED, Decision.SEND_AGAIN, Decision.HAD_LEFT), "resolve"
)
