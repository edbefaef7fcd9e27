"""Organisers in tests, without the talk before what they do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import insert, update

from assistant.domain.broadcasts import Announcement, Broadcast, Kind, Timing
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    Discard,
    Halt,
    OrganiserEffect,
    PauseCase,
    Propose,
    RequestApproval,
    Resume,
    Save,
)
from assistant.domain.organisers import Role
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.services.messages.outbox import OutboxWorker
from assistant.store import audit, chats
from assistant.store.audit import Entry
from assistant.store.database import Tx
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.store.tables import chats as chat_table
from assistant.store.tables import subscriptions
from tests.support.fakes.channel import StillClock
from tests.support.harness import House
from tests.support.publishing import CASE

URGENT = Timing(lasts=24, urgent=True)


class Today(StillClock):
    """It stands still, too, but now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)


async def have_readers(house: House, people: Sequence[str], **facts: str | None) -> None:
    """Have all of them subscribe to the case, without the talk. `facts`: their `language` or `country`."""
    today = house.clock().date()
    async with house.store.write() as tx:
        for start in range(0, len(people), 500):
            addresses = [house.channel.address(person) for person in people[start : start + 500]]
            found = await chats.open_chats(tx, addresses, today)
            rows = [{"chat_id": chat.id, "case_slug": CASE, "since": today} for chat in found]
            await tx.connection.execute(insert(subscriptions), rows)
            if facts:
                ours = update(chat_table).where(chat_table.c.id.in_([chat.id for chat in found]))
                await tx.connection.execute(ours.values(facts))


async def deliver_replies(house: House) -> None:
    """Have everything leave that is said to one person, and nothing that goes to many."""
    worker = OutboxWorker(house.outbox, REPLIES)
    await EmbeddedEngine(StoredLanes(house.store), [worker], house.clock).run_until_idle()


async def do(house: House, step: Callable[[Tx], Awaitable[object]]) -> None:
    """Take a step of an organiser in a transaction of its own."""
    async with house.store.write() as tx:
        await step(tx)


async def join(house: House, person: str, role: Role = Role.OWNER) -> Actor:
    """Have that person in the team: "olga" is called Olga."""
    async with house.store.write() as tx:
        code = await house.news.organiser_service.invite(tx, SHELL, role)
    await house.hear(person, f"/organiser {code}", language="en")
    await house.hear(person, person.capitalize())
    number = (await house.chat(person)).organiser
    assert number is not None
    return Actor(number, role)


def alert(house: House, text: str = "Please write today!", timing: Timing = URGENT) -> Announcement:
    """A call to act, in two languages, to all subscribers of the case."""
    texts = {"en": text, "es": f"{text} (es)"}
    return replace(house.written(), kind=Kind.ALERT, update=None, texts=texts, timing=timing)


async def drafted(
    house: House, actor: Actor, written: Announcement, replaces: int | None = None
) -> Broadcast:
    """Have that written, counted and tested."""
    async with house.store.write() as tx:
        number = await house.news.broadcast_service.save(tx, actor, written, replaces)
    await house.address()
    return await house.broadcast(number)


async def propose(house: House, actor: Actor, found: Broadcast) -> None:
    """Have it proposed as it reads there."""
    await do(house, lambda tx: house.news.broadcast_service.propose(tx, actor, found.id, found.digest))


async def approve(house: House, actor: Actor, found: Broadcast) -> None:
    """Have it approved as it reads there."""
    await do(house, lambda tx: house.news.broadcast_service.approve(tx, actor, found.id, found.digest))


async def halt(house: House, actor: Actor = SHELL, number: int = 1) -> None:
    """Have it halted."""
    await do(house, lambda tx: house.news.broadcast_service.halt(tx, actor, number))


async def resume(house: House, actor: Actor = SHELL, number: int = 1) -> None:
    """Have it go on."""
    await do(house, lambda tx: house.news.broadcast_service.resume(tx, actor, number))


async def pause_case(house: House, slug: str, actor: Actor = SHELL) -> None:
    """Have the case stopped."""
    await do(house, lambda tx: house.news.organiser_service.pause_case(tx, actor, slug))


async def entries(house: House) -> list[Entry]:
    """The audit, which has no break."""
    async with house.store.read() as tx:
        await audit.verify(tx)
        return [entry async for entry in audit.listed(tx)]


OPERATOR = "shell"  # who is no chat


async def want(house: House, who: str, effect: OrganiserEffect) -> None:
    """Have that person do this, as a conversation of theirs would, or the operator. Raises Refused."""
    if who != OPERATOR:
        chat = await house.chat(who)
        return await do(house, lambda tx: house.news.effects.carry_out(tx, chat, effect))
    desk, organiser_service = house.news.broadcast_service, house.news.organiser_service
    async with house.store.write() as tx:
        match effect:
            case Save(written, replaces):
                await desk.save(tx, SHELL, written, replaces)
            case Propose(number, digest):
                await desk.propose(tx, SHELL, number, digest)
            case Approve(number, digest):
                await desk.approve(tx, SHELL, number, digest)
            case Halt(None):
                await desk.halt_all(tx, SHELL)
            case Halt(int(number)):
                await desk.halt(tx, SHELL, number)
            case Resume(number):
                await desk.resume(tx, SHELL, number)
            case Discard(number):
                await desk.discard(tx, SHELL, number)
            case PauseCase(case):
                await organiser_service.pause_case(tx, SHELL, case)
            case RequestApproval(request):
                await organiser_service.ask(tx, SHELL, request)
            case AnswerRequest(number, agreed):
                await organiser_service.agree(tx, SHELL, number, agreed=agreed)
    return None
