"""Whoever halts a broadcast stops it: nothing of it leaves until it goes on, to who has not had it."""

import asyncio

import pytest

from assistant.domain.broadcasts import Broadcast, CopyStatus, Timing
from assistant.domain.errors import Refused
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.services.broadcasts import worker
from assistant.services.broadcasts.approval import SHELL
from assistant.services.broadcasts.worker import BroadcastWorker
from assistant.services.messages import outbox
from tests.support.harness import Harness
from tests.support.organisers import (
    add_subscribers,
    alert,
    approve,
    audit_entries,
    deliver_replies,
    drafted,
    halt,
    join,
    pause_case,
    propose,
    resume,
)
from tests.support.publishing import CASE, SECOND_APPROVER

B = BroadcastStatus
PEOPLE = [f"person{number}" for number in range(40)]
BATCH = 5


@pytest.fixture
async def sending(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Harness:
    """A harness with an update that begins to leave, five copies at a time."""
    monkeypatch.setattr(outbox, "BATCH_MAX", BATCH)
    await add_subscribers(harness, PEOPLE, language="en")
    await harness.publish()
    return harness


def copies(harness: Harness) -> dict[str, int]:
    """How many copies each reader has got."""
    return {person: len(harness.channel.sent[person]) for person in PEOPLE}


async def some_have_left(harness: Harness) -> None:
    """Send three batches."""
    for _ in range(3):
        await harness.work_once("bulk")


async def test_what_is_halted_stays_where_it_is(sending: Harness) -> None:
    await some_have_left(sending)
    await halt(sending)
    for _ in range(3):
        await sending.engine().run_until_idle()
        sending.clock.advance(hours=1)
    assert sum(copies(sending).values()) == 3 * BATCH
    assert (await sending.broadcast()).status is B.HALTED


async def test_it_goes_on_with_who_has_not_had_it(sending: Harness) -> None:
    await some_have_left(sending)
    await halt(sending)
    await sending.engine().run_until_idle()
    await resume(sending)
    await sending.engine().run_until_idle()
    assert set(copies(sending).values()) == {1}
    assert await sending.tally() == {CopyStatus.SENT: len(PEOPLE)}


async def test_what_is_on_its_way_at_that_moment_is_all_that_still_leaves(sending: Harness) -> None:
    gate = sending.channel.gate = asyncio.Event()
    running = asyncio.create_task(sending.engine().run_until_idle())
    await sending.until_in_flight()
    await halt(sending)
    gate.set()
    await running
    assert sum(copies(sending).values()) == BATCH
    assert await sending.tally() == {CopyStatus.SENT: BATCH}


async def test_it_is_halted_while_it_is_addressed_and_goes_on_where_that_ended(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 7)
    await add_subscribers(harness, PEOPLE, language="en")
    pieces = 0
    address = BroadcastWorker._address

    async def halted_after_two(self: BroadcastWorker, lane: Lane, found: Broadcast, after: int) -> None:
        nonlocal pieces
        pieces += 1
        if pieces == 3:
            await halt(harness)
        await address(self, lane, found, after)

    monkeypatch.setattr(BroadcastWorker, "_address", halted_after_two)
    number = await harness.publish()
    await harness.engine().run_until_idle()
    assert ((await harness.broadcast(number)).recipients, sum(copies(harness).values())) == (14, 0)
    await resume(harness)
    await harness.engine().run_until_idle()
    assert set(copies(harness).values()) == {1}


async def test_halted_at_the_moment_at_which_it_begins_it_does_not_begin(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_subscribers(harness, PEOPLE)
    begin = BroadcastWorker._begin

    async def halted_just_before(self: BroadcastWorker, lane: Lane, found: Broadcast) -> None:
        await halt(harness, number=found.id)
        await begin(self, lane, found)

    monkeypatch.setattr(BroadcastWorker, "_begin", halted_just_before)
    number = await harness.approved(harness.written())
    await harness.engine().run_until_idle()
    now = await harness.broadcast(number)
    assert (now.status, now.started_at, now.recipients) == (B.HALTED, None, 0)


async def test_what_is_halted_before_it_begins_has_its_undo_window_anew(harness: Harness) -> None:
    await harness.subscribe("ana")
    number = await harness.approved(harness.written())
    await halt(harness)
    harness.clock.advance(hours=1)
    await resume(harness)
    await harness.engine().run_until_idle()
    assert (await harness.broadcast(number)).status is B.APPROVED
    harness.clock.advance(minutes=2)
    await harness.engine().run_until_idle()
    assert len(harness.texts_to("ana")) == 1


async def test_what_is_halted_in_the_middle_cannot_be_approved_once_more(sending: Harness) -> None:
    await halt(sending)
    found = await sending.broadcast()
    with pytest.raises(Refused, match="does not wait for approval"):
        await approve(sending, SECOND_APPROVER, found)
    assert await sending.broadcast() == found


async def test_what_is_halted_for_too_long_is_worthless_and_never_leaves(harness: Harness) -> None:
    await harness.subscribe("ana")
    number = await harness.publish(hours=6)
    await halt(harness)
    harness.clock.advance(hours=6)
    with pytest.raises(Refused, match="The time of broadcast 1 is over"):
        await resume(harness)
    await harness.engine().run_until_idle()
    assert (await harness.broadcast(number)).status is B.EXPIRED
    assert harness.texts_to("ana") == []


async def test_halting_everything_halts_all_that_leaves_or_is_about_to(sending: Harness) -> None:
    await sending.approved(alert(sending))
    async with sending.store.write() as tx:
        assert await sending.news.broadcast_service.halt_all(tx, SHELL) == [1, 2]
    await sending.engine().run_until_idle()
    assert sum(copies(sending).values()) == 0


@pytest.mark.parametrize("role", Role)
async def test_anyone_of_the_team_may_halt_it_and_only_who_may_approve_lets_it_go_on(
    sending: Harness, role: Role
) -> None:
    actor = await join(sending, "olga", role)
    await halt(sending, actor)
    if role.weighty:
        await resume(sending, actor)
    else:
        with pytest.raises(Refused, match="another role"):
            await resume(sending, actor)
    assert (await sending.broadcast()).status is (B.SENDING if role.weighty else B.HALTED)


async def test_a_case_that_is_stopped_halts_what_leaves_for_it_and_nothing_else(sending: Harness) -> None:
    about_none = alert(sending)
    other = await sending.approved(
        type(about_none)(
            kind=about_none.kind, texts=about_none.texts, dated=about_none.dated, timing=Timing(lasts=24)
        )
    )
    await pause_case(sending, CASE)
    assert [(await sending.broadcast(each)).status for each in (1, other)] == [B.HALTED, B.APPROVED]
    with pytest.raises(Refused, match="norma-cruz is paused"):
        await resume(sending)


async def test_who_subscribes_to_a_case_that_is_stopped_gets_nothing_of_it(sending: Harness) -> None:
    await sending.engine().run_until_idle()
    await pause_case(sending, CASE)
    await sending.receive_all("ana", ["hello", "English", "subscribe", "1"])
    assert not [text for text in sending.texts_to("ana") if "September 2011" in text]


async def test_the_audit_has_who_halted_it_and_who_let_it_go_on(sending: Harness) -> None:
    olga, vera = await join(sending, "olga"), await join(sending, "vera", Role.VIEWER)
    await halt(sending, vera)
    await resume(sending, olga)
    digest = (await sending.broadcast()).digest
    last = [(each.actor, each.action, each.detail) for each in (await audit_entries(sending))[-2:]]
    assert last == [(vera.label, "halted", digest), (olga.label, "resumed", digest)]


async def test_who_wrote_it_does_not_resume_what_another_person_halted(sending: Harness) -> None:
    await some_have_left(sending)
    vera = await join(sending, "vera", Role.VIEWER)
    await halt(sending, vera)
    with pytest.raises(Refused, match="Another person halted"):
        await resume(sending)  # the shell wrote it
    assert (await sending.broadcast()).status is B.HALTED
    await resume(sending, SECOND_APPROVER)
    assert (await sending.broadcast()).status is B.SENDING
    await halt(sending)
    await resume(sending)
    assert (await sending.broadcast()).status is B.SENDING


async def test_who_wrote_it_reads_in_their_chat_that_another_approver_resumes_it(harness: Harness) -> None:
    author = await join(harness, "abel", Role.APPROVER)
    found = await drafted(harness, author, alert(harness))
    await propose(harness, author, found)
    await approve(harness, SECOND_APPROVER, found)
    await join(harness, "vera", Role.VIEWER)
    await harness.receive("vera", "/halt")
    await deliver_replies(harness)
    await harness.receive("abel", "/resume")
    assert "another person has halted it" in harness.last_text_to("abel")
    await join(harness, "olga", Role.APPROVER)
    await deliver_replies(harness)
    await harness.receive_all("olga", ["/resume", "resume"])
    assert (await harness.broadcast()).status is B.APPROVED
