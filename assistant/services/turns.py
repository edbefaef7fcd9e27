"""Incoming messages become turns. Turns that wait together are committed together."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from assistant.dialogue.router import Turn, turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.messages import Incoming, Reply
from assistant.services.effects import Effects
from assistant.services.outbox import Outbox
from assistant.store import chats, messages
from assistant.store.chats import Chat
from assistant.store.database import Store, Tx
from assistant.store.messages import Answer, Ready

BATCH_MAX = 100

log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    incoming: Incoming
    committed: asyncio.Future[None]


class Turns:
    """Handles incoming messages: one transaction for all that wait, one turn of a chat at a time."""

    def __init__(self, store: Store, script: Script, effects: Effects, outbox: Outbox, clock: Clock) -> None:
        self._store = store
        self._script = script
        self._effects = effects
        self._outbox = outbox
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def handle(self, incoming: Incoming) -> None:
        """Take the turn; returns once it is committed, and its replies are on their way.

        Raises Failure where it could not be stored: nothing has changed then, and it can be tried again.
        """
        waiting = _Waiting(incoming, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        await asyncio.shield(waiting.committed)

    async def _work(self) -> None:
        await asyncio.sleep(0)  # let everything that has arrived join
        try:
            while self._waiting:
                await self._take(self._next_batch())
        finally:
            self._working = None

    def _next_batch(self) -> list[_Waiting]:
        """The longest waiting, one of a chat: the next message of a chat takes the next batch."""
        batch: dict[object, _Waiting] = {}
        left: list[_Waiting] = []
        for each in self._waiting:
            address = each.incoming.address
            if len(batch) < BATCH_MAX and address not in batch:
                batch[address] = each
            else:
                left.append(each)
        self._waiting = left
        return list(batch.values())

    async def _take(self, batch: Sequence[_Waiting]) -> None:
        try:
            ready = await self._commit([each.incoming for each in batch])
        except Exception as error:
            if len(batch) > 1:
                for each in batch:  # so that a broken one harms only itself
                    await self._take([each])
                return
            self._give_up(batch[0], error)
            return
        self._outbox.send_now(ready)
        for each in batch:
            if not each.committed.done():
                each.committed.set_result(None)

    def _give_up(self, waiting: _Waiting, error: Exception) -> None:
        if isinstance(error, Failure):
            failure = error
        else:
            log.exception("a turn failed in a way it should not", channel=waiting.incoming.address.channel)
            failure = Failure(f"A turn failed: {type(error).__name__}.", permanent=True)
        if not waiting.committed.done():
            waiting.committed.set_exception(failure)

    async def _commit(self, batch: Sequence[Incoming]) -> list[Ready]:
        now = self._clock()
        today = now.date()
        async with self._store.write(brief=True) as tx:
            found = await chats.open_chats(tx, [incoming.address for incoming in batch], today)
            answers: list[Answer] = []
            changed: list[Chat] = []
            for chat, incoming in zip(found, batch, strict=True):
                if chat.handled(incoming.id):
                    continue
                lane = self._outbox.reply_lane(incoming.address.line)
                at_once = chat.reply_epoch == lane.epoch and not chat.waiting
                after, replies = await self._turn(tx, chat, incoming, now)
                after.remember(incoming.id)
                answers.append(Answer(after, replies, lane, at_once))
                changed.append(after)
            if changed:
                await chats.save(tx, changed, today)
            return await messages.add_replies(tx, answers, now)

    async def _turn(
        self, tx: Tx, chat: Chat, incoming: Incoming, now: datetime
    ) -> tuple[Chat, tuple[Reply, ...]]:
        taken = take_turn(self._script, chat, incoming, days_away=(now.date() - chat.active_on).days)
        chat.state = taken.state.dump() if taken.state.frames else None
        return await self._effects.apply(tx, chat, taken, now)


def take_turn(script: Script, chat: Chat, incoming: Incoming, *, days_away: int) -> Turn:
    """The pure part of a turn: what the message leads to in this chat."""
    if chat.language is None and (tongue := script.tongue(incoming.language)):
        chat.language = tongue.language
    person = Person(chat.language, frozenset(chat.subscriptions), frozenset(chat.letters))
    state = State.load(chat.state) if chat.state else State()
    return turn(script, person, state, incoming.content, days_away=days_away)
