"""Organisers in tests, without the talk before what they do."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import insert, update

from assistant.domain.audit import Entry
from assistant.domain.broadcasts import Announcement, Broadcast, Kind, Timing
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    Discard,
    Halt,
    OrganiserEffect,
    Pause,
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
from assistant.store.database import Tx
from assistant.store.lanes import REPLIES, StoredLanes
from assistant.store.tables import chats as chat_table
from assistant.store.tables import subscriptions
from tests.support.fakes.channel import FakeClock
from tests.support.harness import Harness
from tests.support.publishing import CASE

URGENT = Timing(lasts=24, urgent=True)


class CurrentClock(FakeClock):
    """It stands still, too, but now."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)


async def add_subscribers(harness: Harness, people: Sequence[str], **facts: str | None) -> None:
    """Have all of them subscribe to the case, without the talk. `facts`: their `language` or `country`."""
    today = harness.clock().date()
    async with harness.store.write() as tx:
        for start in range(0, len(people), 500):
            addresses = [harness.channel.address(person) for person in people[start : start + 500]]
            found = await chats.open_chats(tx, addresses, today)
            rows = [{"chat_id": chat.id, "case_slug": CASE, "since": today} for chat in found]
            await tx.connection.execute(insert(subscriptions), rows)
            if facts:
                ours = update(chat_table).where(chat_table.c.id.in_([chat.id for chat in found]))
                await tx.connection.execute(ours.values(facts))


async def deliver_replies(harness: Harness) -> None:
    """Have everything leave that is said to one person, and nothing that goes to many."""
    worker = OutboxWorker(harness.outbox, REPLIES)
    await EmbeddedEngine(StoredLanes(harness.store), [worker], harness.clock).run_until_idle()


async def in_transaction(harness: Harness, step: Callable[[Tx], Awaitable[object]]) -> None:
    """Take a step of an organiser in a transaction of its own."""
    async with harness.store.write() as tx:
        await step(tx)


async def join(harness: Harness, person: str, role: Role = Role.OWNER) -> Actor:
    """Have that person in the team: "olga" is called Olga."""
    async with harness.store.write() as tx:
        code = await harness.news.organiser_service.invite(tx, SHELL, role)
    await harness.receive(person, f"/organiser {code}", language="en")
    await harness.receive(person, person.capitalize())
    member = (await harness.chat(person)).organiser
    assert member is not None
    return Actor(member.number, role, member.name)


def alert(harness: Harness, text: str = "Please write today!", timing: Timing = URGENT) -> Announcement:
    """A call to act, in two languages, to all subscribers of the case."""
    texts = {"en": text, "es": f"{text} (es)"}
    return replace(harness.written(), kind=Kind.ALERT, update=None, texts=texts, timing=timing)


async def drafted(
    harness: Harness, actor: Actor, written: Announcement, replaces: int | None = None
) -> Broadcast:
    """Have that written, counted and tested."""
    async with harness.store.write() as tx:
        number = await harness.news.broadcast_service.save(tx, actor, written, replaces)
    await harness.address()
    return await harness.broadcast(number)


async def propose(harness: Harness, actor: Actor, found: Broadcast) -> None:
    """Have it proposed as it reads there."""
    await in_transaction(
        harness, lambda tx: harness.news.broadcast_service.propose(tx, actor, found.id, found.digest)
    )


async def approve(harness: Harness, actor: Actor, found: Broadcast) -> None:
    """Have it approved as it reads there."""
    await in_transaction(
        harness, lambda tx: harness.news.broadcast_service.approve(tx, actor, found.id, found.digest)
    )


async def halt(harness: Harness, actor: Actor = SHELL, number: int = 1) -> None:
    """Have it halted."""
    await in_transaction(harness, lambda tx: harness.news.broadcast_service.halt(tx, actor, number))


async def resume(harness: Harness, actor: Actor = SHELL, number: int = 1) -> None:
    """Have it go on."""
    await in_transaction(harness, lambda tx: harness.news.broadcast_service.resume(tx, actor, number))


async def pause_case(harness: Harness, slug: str, actor: Actor = SHELL) -> None:
    """Have the case stopped."""
    await in_transaction(harness, lambda tx: harness.news.organiser_service.pause(tx, actor, slug))


async def audit_entries(harness: Harness) -> list[Entry]:
    """The audit, which has no break."""
    async with harness.store.read() as tx:
        await audit.verify(tx)
        return [entry async for entry in audit.listed(tx)]


OPERATOR = "shell"  # who is no chat


async def carry_out(harness: Harness, who: str, effect: OrganiserEffect) -> None:
    """Have that person do this, as a conversation of theirs would, or the operator. Raises Refused."""
    if who != OPERATOR:
        chat = await harness.chat(who)
        return await in_transaction(harness, lambda tx: harness.news.effects.carry_out(tx, chat, effect))
    desk, organiser_service = harness.news.broadcast_service, harness.news.organiser_service
    async with harness.store.write() as tx:
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
            case Pause(case):
                await organiser_service.pause(tx, SHELL, case)
            case RequestApproval(request):
                await organiser_service.ask(tx, SHELL, request)
            case AnswerRequest(number, agreed):
                await organiser_service.agree(tx, SHELL, number, agreed=agreed)
    return None
