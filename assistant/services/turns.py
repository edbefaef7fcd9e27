"""Incoming messages become turns. Turns that wait together are committed together."""

import asyncio
import secrets
from collections import deque
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import structlog
from structlog.contextvars import bound_contextvars

from assistant.dialogue.danger import lives_with_danger
from assistant.dialogue.router import Turn, decline, turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.steps import reached
from assistant.dialogue.talk import Person
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure, ServerAway
from assistant.domain.messages import (
    Account,
    Approval,
    Blocked,
    Content,
    Erasure,
    Handled,
    Incoming,
    Open,
    Reply,
    TextMessage,
)
from assistant.domain.retention import KEEP_KEY, USE_KEY
from assistant.domain.steps import CaseStep
from assistant.domain.team import NotRead
from assistant.domain.texts import CaseDate
from assistant.services.effects import Effects, Overtaken
from assistant.services.messages.outbox import Outbox
from assistant.services.metrics import Metrics
from assistant.store import broadcasts, chats, copies, forgetting, messages, pauses, sources, steps
from assistant.store.chats import Chat
from assistant.store.database import Store, Tx
from assistant.store.messages import Ready, TurnReplies
from assistant.store.references import digest_of_incoming

BATCH_MAX = 100
REPLIES_MAX = 60  # that wait to be sent in a chat: what is written after that is passed over
TRIES = 3  # of a turn that is overtaken by what happens meanwhile
LATELY = 60.0  # seconds
FAILED_MAX = 10_000
GONE = "gone"  # the mark of a question that is not kept any more: no open one has it

log = structlog.get_logger()


@dataclass(slots=True)
class _Waiting:
    incoming: Incoming
    since: float
    committed: asyncio.Future[Handled]


class Turns:
    """Handles incoming messages: one transaction for all that wait, one turn of a chat at a time."""

    def __init__(
        self,
        store: Store,
        script: Script,
        effects: Effects,
        outbox: Outbox,
        clock: Clock,
        metrics: Metrics,
        sources: Container[str] = (),
        *,
        keys_change: bool = True,
    ) -> None:
        """`sources`: of links, that are counted. `keys_change`: a process of ours sees to that every week."""
        self._store = store
        self._script = script
        self._effects = effects
        self._outbox = outbox
        self._clock = clock
        self._metrics = metrics
        self._sources = sources
        self._keys_change = keys_change
        self._waiting: list[_Waiting] = []
        self._failed: deque[float] = deque(maxlen=FAILED_MAX)  # when, by the event loop's time
        self._working: asyncio.Task[None] | None = None

    def failed_lately(self) -> int:
        """How many turns have failed in the last minute; FAILED_MAX stands for that many and more.

        Without those for which the database was away: they come again, and it is told of itself.
        """
        since = asyncio.get_running_loop().time() - LATELY
        while self._failed and self._failed[0] < since:
            self._failed.popleft()
        return len(self._failed)

    async def handle(self, incoming: Incoming) -> Handled:
        """Take the turn; returns once it is committed, and its replies are on their way.

        Raises Failure where it could not be stored: nothing has changed then, and it can be tried again.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(incoming, loop.time(), loop.create_future())
        self._waiting.append(waiting)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await asyncio.shield(waiting.committed)

    async def foretell(self, incoming: Incoming) -> tuple[Reply, ...]:
        """What would be said to that message, were it the first one of its chat. Nothing is stored.

        Raises Failure.
        """
        account = incoming.address.account
        person = await self.newcomer(account, incoming.language)
        taken = turn(self._script, person, State(), incoming.content)
        return self._outbox.parts(account, taken.replies)

    async def newcomer(self, account: Account, language: str | None) -> Person:
        """Somebody who comes to that account and has not written yet. Raises Failure."""
        now = self._clock()
        await self._effects.look(now)
        async with self._store.read() as tx:
            paused = await pauses.everything(tx)
        locale = self._script.locale(language)
        return Person(
            language=locale.language if locale else None,
            leaving=self._effects.foreseen(now),
            now=now,
            paused=paused,
            is_read_first=self._effects.is_read_first,
            link=self._outbox.link(account),
            gets_files=self._outbox.shows_files(account),
            keeps_messages=self._outbox.keeps_messages(account),
            overheard_by=self._outbox.overheard_by(account),
            safer=self._outbox.safer_chat(),
            deletes_within=self._outbox.deletes_within(account),
            copies_last_until=self._copies_last_until(),
        )

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

    async def _take(self, batch: Sequence[_Waiting], tries: int = TRIES) -> None:
        """Whatever is logged on the way, also of sending what was replied, has the turn's id."""
        with bound_contextvars(turn=secrets.token_hex(4)):
            await self._take_as_one(batch, tries)

    async def _take_as_one(self, batch: Sequence[_Waiting], tries: int) -> None:
        try:
            ready, handled = await self._commit([each.incoming for each in batch], hopeless=not tries)
        except Exception as error:
            if len(batch) > 1 or (isinstance(error, Overtaken) and tries):
                for each in batch:  # one by one, so that a broken one harms only itself
                    await self._take([each], tries - 1)
                return
            self._give_up(batch[0], error)
            return
        self._outbox.send_now(ready)
        for each, result in zip(batch, handled, strict=True):
            self._count(each, "handled" if result.replies else "silent")
            if not each.committed.done():
                each.committed.set_result(result)

    def _give_up(self, waiting: _Waiting, error: Exception) -> None:
        if isinstance(error, Failure):
            failure = error
        else:
            log.exception(
                "a turn failed in a way it should not", channel=waiting.incoming.address.account.channel
            )
            failure = Failure(f"A turn failed: {type(error).__name__}.", permanent=True)
        self._count(waiting, "failed")
        if not isinstance(failure, ServerAway):
            self._failed.append(asyncio.get_running_loop().time())
        if not waiting.committed.done():
            waiting.committed.set_exception(failure)

    def _count(self, waiting: _Waiting, result: str) -> None:
        seconds = asyncio.get_running_loop().time() - waiting.since
        self._metrics.turn(waiting.incoming.address.account.channel, seconds, result)

    async def _commit(
        self, batch: Sequence[Incoming], *, hopeless: bool
    ) -> tuple[list[Ready], list[Handled]]:
        """`hopeless`: it was overtaken each time; the person is told so, and nothing is done."""
        now = self._clock()
        await self._effects.look(now)
        handled = [Handled(accepted=False, replies=0)] * len(batch)
        ready: list[Ready] = []
        try:
            async with self._store.write(brief=True) as tx:
                answers = await self._answers(tx, batch, handled, now, hopeless=hopeless)
                await self._save(tx, answers, now)
                ready = await messages.add_replies(tx, answers, now)
                await _count_all(tx, answers, now.date())
        except Failure:
            self._outbox.find_out(ready)
            raise
        return ready, handled

    async def _answers(
        self, tx: Tx, batch: Sequence[Incoming], handled: list[Handled], now: datetime, *, hopeless: bool
    ) -> list[TurnReplies]:
        """What is answered; `handled` gets what became of each message."""
        addresses = [incoming.address for incoming in batch]
        found = await chats.open_chats(tx, addresses, now.date(), self._outbox.reply_lanes())
        received = [digest_of_incoming(tx.vault, each.address, each.id) for each in batch]
        # One that another process has made a moment ago is new here, too, and has its message already.
        both = zip(received, found, strict=True)
        if new := {message: chat for message, chat in both if chat.new and not chat.handled(message)}:
            await forgetting.recall(tx, new)
            await chats.discard(tx, [chat.id for message, chat in new.items() if chat.handled(message)])
        marks = await self._quoted(tx, found, batch)
        answers: list[TurnReplies] = []
        # In the order in which rows are locked everywhere: nobody waits for each other.
        for place in sorted(range(len(batch)), key=lambda place: found[place].id):
            chat, incoming, message = found[place], batch[place], received[place]
            if chat.handled(message):
                continue
            if chat.waiting >= REPLIES_MAX and not incoming.urgent:
                handled[place] = Handled(accepted=False, replies=0, read=False)
                continue
            marked = _with_mark(incoming, chat, marks)
            chat.remember(message)
            answer, accepted = await self._answer(tx, chat, marked, now, hopeless=hopeless)
            if answer.chat is not chat:
                answer.chat.remember(message)
            answers.append(answer)
            handled[place] = Handled(accepted, len(answer.replies))
        return answers

    async def _save(self, tx: Tx, answers: Sequence[TurnReplies], now: datetime) -> None:
        """Who only blocked us, or reacted to something, is not remembered: the chat is new next time too."""
        silent = {
            answer.chat.id
            for answer in answers
            if answer.chat.new and not answer.replies and not answer.chat.state
        }
        await chats.save(tx, [answer.chat for answer in answers if answer.chat.id not in silent], now.date())
        await chats.discard(tx, silent)

    async def _quoted(
        self, tx: Tx, found: Sequence[Chat], batch: Sequence[Incoming]
    ) -> dict[tuple[int, str], str | None]:
        """The marks of the questions that are quoted."""
        quoted = [
            (chat, incoming.quotes) for chat, incoming in zip(found, batch, strict=True) if incoming.quotes
        ]
        if not quoted:
            return {}
        just_sent = self._outbox.marks()  # first: what is stored meanwhile is found by the second look
        marks = just_sent | await messages.marks(tx, quoted)
        others = {(chat.id, reference) for chat, reference in quoted} - marks.keys()
        return marks | dict.fromkeys(await copies.references(tx, others)) if others else marks

    async def _answer(
        self, tx: Tx, chat: Chat, incoming: Incoming, now: datetime, *, hopeless: bool
    ) -> tuple[TurnReplies, bool]:
        account = incoming.address.account
        lane = self._outbox.reply_lane(account)
        at_once = chat.reply_epoch == lane.epoch and not chat.waiting and self._outbox.flows(account)
        new = chat.new
        chat.blocked_on = now.date() if isinstance(incoming.content, Blocked) else None
        days_away = (now.date() - chat.active_on).days
        content = None if hopeless else incoming.content
        if chat.language is None and (locale := self._script.locale(incoming.language)):
            chat.language = locale.language
        person = self._person(chat, account, now)
        before = State.load(chat.state) if chat.state else State()
        taken = await self._taken(tx, chat, person, content, days_away=days_away)
        named = self._source(incoming.content)
        chat.source = named or before.source
        on_the_way = reached(before, taken)
        state = replace(taken.state, source=chat.source, step=on_the_way.furthest)
        chat.state = state.dump() if state.frames else None
        chat.careful = lives_with_danger(
            self._script.cases, taken.state, careful=chat.careful, country=chat.country
        )
        counted = () if chat.organiser else tuple(filter(self._is_open, on_the_way.steps))
        talked_with = chat
        just_sent = self._outbox.just_sent(chat.id)  # first: what is stored meanwhile is found there, too
        chat, replies = await self._effects.apply(tx, chat, taken, now)
        if chat is not talked_with and not chat.forgotten:
            replies += self._welcome(chat, account, now)
        if chat is talked_with and (replies or chat.state):
            chat.forgotten = False  # who writes again after *forget* begins anew
        replies = tuple(_with_more(reply, just_sent) for reply in replies)
        if replies and new:
            replies = (replace(replies[0], first=True), *replies[1:])
        if incoming.thread is not None:
            replies = tuple(replace(reply, thread=incoming.thread) for reply in replies)
        source = named if new else None
        parts = self._outbox.parts(account, replies)
        said = TurnReplies(chat=chat, replies=parts, lane=lane, at_once=at_once, source=source, steps=counted)
        return said, taken.accepted

    def _is_open(self, reached: CaseStep) -> bool:
        """Whether there is something to be written: an old link may lead to a case that is over."""
        case = self._script.cases.get(reached.case)
        return case is not None and not case.closed

    def _welcome(self, moved: Chat, account: Account, now: datetime) -> tuple[Reply, ...]:
        """To a chat that has just come here: that it has, and the question that is open in it."""
        state = State.load(moved.state) if moved.state else State()
        said = self._script.phrases.chat_has_moved()
        return decline(self._script, self._person(moved, account, now), state, said).replies

    def _source(self, content: Content) -> str | None:
        """By which of the operator's links a chat is begun: a word of anybody's own could name one person."""
        named = content.source if isinstance(content, Open) else None
        return named if named in self._sources else None

    def _person(self, chat: Chat, account: Account, now: datetime) -> Person:
        """Who we talk with in this chat."""
        return Person(
            language=chat.language,
            subscriptions=frozenset(chat.subscriptions),
            letters=tuple(chat.letters),
            leaving=self._effects.foreseen(now),
            now=now,
            paused=chat.paused,
            is_read_first=self._effects.is_read_first,
            team=self._effects.team(chat),
            link=self._outbox.link(account),
            gets_files=self._outbox.shows_files(account),
            keeps_messages=self._outbox.keeps_messages(account),
            overheard_by=self._outbox.overheard_by(account),
            safer=self._outbox.safer_chat(),
            careful=chat.careful,
            deletes_within=self._outbox.deletes_within(account),
            group_chat=chat.group_chat,
            copies_last_until=self._copies_last_until(),
        )

    def _copies_last_until(self) -> CaseDate | None:
        vault = self._store.vault
        if not (self._keys_change and vault.source.can_be_replaced):
            return None  # its operator changes the keys; or nobody knows when we are at work again
        day = (vault.now() + USE_KEY + KEEP_KEY).date()
        return CaseDate(day.year, day.month, day.day)

    async def _taken(
        self, tx: Tx, chat: Chat, person: Person, content: Content | None, *, days_away: int
    ) -> Turn:
        """The pure part of a turn: again from the top whenever it asks for more of the team.

        So a turn costs the queries for what it needs, and a conversation reads nothing itself.
        """
        while True:
            try:
                return take_turn(self._script, chat, person, content, days_away=days_away)
            except NotRead as asked:
                assert person.team is not None  # noqa: S101  for the type checker: it is the team that asks
                person = replace(person, team=await self._effects.read(tx, person.team, asked.part))


async def _count_all(tx: Tx, answers: Sequence[TurnReplies], today: date) -> None:
    """Last, and together: who counts waits for nobody who waits for a count, and nobody waits for long."""
    await broadcasts.count_copies(tx, [end for answer in answers for end in answer.chat.ends])
    await sources.count(tx, [answer.source for answer in answers if answer.source], today)
    await steps.count(tx, [step for answer in answers for step in answer.steps], today)


def _with_mark(incoming: Incoming, chat: Chat, marks: Mapping[tuple[int, str], str | None]) -> Incoming:
    """The message with the mark of the question that it quotes."""
    content: Content = incoming.content
    if incoming.quotes is None or not isinstance(content, TextMessage | Approval):
        return incoming
    mark = marks.get((chat.id, incoming.quotes), GONE)
    return replace(incoming, content=replace(content, mark=mark))


def _with_more(reply: Reply, just_sent: Sequence[str]) -> Reply:
    """An erasure with these messages of ours, too."""
    if reply.erasure is None:
        return reply
    return replace(reply, erasure=Erasure(tuple(dict.fromkeys((*reply.erasure.references, *just_sent)))))


def take_turn(script: Script, chat: Chat, person: Person, content: Content | None, *, days_away: int) -> Turn:
    """The pure part of a turn: what the message leads to in this chat. None: what it wants cannot be done."""
    state = State.load(chat.state) if chat.state else State()
    if content is None:
        return decline(script, person, state, script.phrases.overtaken())
    return turn(script, person, state, content, days_away=days_away)
