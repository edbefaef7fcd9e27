"""What offices answer: taken in, and passed on to who wrote the letter once an organiser has looked at it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from assistant.carriers.email.incoming import Answer
from assistant.domain.answers import AnswerCount, AnswerKind, AnswerStatus, AnswerText, OfficeAnswer
from assistant.domain.cases import Case, target_of
from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.letters import ActionRef
from assistant.domain.organisers import Permission, Role
from assistant.domain.targets import Target
from assistant.domain.texts import Text
from assistant.services.letters.notices import LATELY, WriterNotices
from assistant.services.notifier import Notifier
from assistant.store import answers, audit, messages
from assistant.store.answers import Addressee
from assistant.store.database import Store, Tx

TELL_AGAIN = timedelta(days=1)

Answered = Callable[[Case, Target, AnswerText], Text]
"""What the writer of a letter reads when its answer is passed on."""


class AnswerService:
    """Every step is taken in the caller's transaction."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        notices: WriterNotices,
        answered: Answered,
        notifier: Notifier,
        clock: Clock,
    ) -> None:
        self._cases = cases
        self._notices = notices
        self._answered = answered
        self._notifier = notifier
        self._clock = clock

    async def receive(self, tx: Tx, addressees: Sequence[Addressee], answer: Answer) -> bool:
        """Keep what was answered to these letters; False where all of it is known already."""
        now = self._clock()
        added = [
            await answers.add(tx, each, answer.kind, answer.content, answer.identity, now)
            for each in addressees
        ]
        if answer.kind is AnswerKind.GENUINE:
            await self.tell_waiting(tx)
        return any(number is not None for number in added)

    async def tell_waiting(self, tx: Tx) -> None:
        """Tell whoever may approve that answers wait of which nobody has been told.

        Once a day, as long as any that they were told of still waits.
        """
        untold, now = await answers.untold(tx), self._clock()
        if untold is None:
            return
        if untold.told_at is not None and now - TELL_AGAIN < untold.told_at <= now:  # not by a wrong clock
            return
        notice = self._notifier.team_messages.answered(untold.first)
        if await self._notifier.tell(tx, now, notice, may=Permission.APPROVE):
            await answers.mark_told(tx, now)

    async def settle(
        self,
        tx: Tx,
        actor: "Settler",
        number: int,
        status: AnswerStatus,
        *,
        same_up_to: int | None = None,
    ) -> int:
        """Pass the answer on, or set it aside; with those that say the same, up to that number.

        Returns how many were settled: `SETTLED_AT_ONCE` at most, and the same again settles more. Raises
        Refused where nobody can, or somebody else already has.
        """
        if not actor.role.may(Permission.APPROVE):
            raise Refused(f"This takes another role than {actor.role}.")
        await audit.lock(tx)
        found = await answers.find(tx, number)
        if found is None:
            raise Refused(f"There is no answer {number}. `assistant answers list` shows those there are.")
        now = self._clock()
        settled = await answers.settle(tx, number, status, now, same_up_to=same_up_to)
        if not settled:
            raise Refused(_why_not(found))
        if status is AnswerStatus.PASSED:
            await self._tell(tx, found.case, settled)
        detail = f"{len(settled)} to letters for {found.case}"
        await audit.add(tx, now, actor.label, f"answer {status}", f"answer {number}", detail)
        return len(settled)

    async def _tell(self, tx: Tx, slug: str, numbers: Sequence[int]) -> None:
        case = self._cases.get(slug)
        if case is None:
            raise Refused(f"The case '{slug}' cannot be used: `assistant cases check` says why.")
        now = self._clock()
        passed = await answers.with_letters(tx, numbers)
        chat_ids = {each.letter.chat_id for each in passed if each.letter.chat_id is not None}
        readers = await messages.readers(tx, chat_ids, now - LATELY)
        told = [
            self._notices.notice(
                each.letter.country,
                readers[each.letter.chat_id],
                self._answered(case, target, each.content),
                now,
            )
            for each in passed
            if each.letter.chat_id in readers and (target := target_of(self._cases, each.letter.ref))
        ]
        await messages.add_notices(tx, told)


@dataclass(frozen=True, slots=True)
class Settler:
    """Who settles answers, or decides about letters. `label`: as the audit has it."""

    label: str
    role: Role


def _why_not(answer: OfficeAnswer) -> str:
    if answer.status is not AnswerStatus.NEW and answer.content is not None:
        return f"Answer {answer.id} is {answer.status} already."
    return f"The text of answer {answer.id} is kept no longer."


class AnswerOverview:
    """Reads answers, for an operator."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def listed(
        self,
        *,
        case: str | None = None,
        action: str | None = None,
        status: AnswerStatus | None = None,
        kind: AnswerKind | None = None,
    ) -> list[OfficeAnswer]:
        """Those of that case, action, status and kind, the oldest first, without what they say."""
        async with self._store.read() as tx:
            return await answers.listed(tx, case_slug=case, action_slug=action, status=status, kind=kind)

    async def find(self, number: int) -> OfficeAnswer:
        """The answer of that number, whole. Raises Refused where there is none."""
        async with self._store.read() as tx:
            found = await answers.find(tx, number)
        if found is None:
            raise Refused(f"There is no answer {number}. `assistant answers list` shows those there are.")
        return found

    async def counts(self) -> Mapping[ActionRef, AnswerCount]:
        """How many there are, by action."""
        async with self._store.read() as tx:
            return await answers.counts(tx)
