"""What is done becomes an event, wherever it is done, and what is not done becomes none."""

import pytest

from assistant.domain.counter_files import batch_facts
from assistant.domain.effects import Approve, Discard, Halt, Pause, Propose, Resume
from assistant.domain.errors import Failure
from assistant.domain.organisers import Role
from assistant.services.broadcasts.approval import SHELL
from assistant.services.counter import PublishedCounters
from assistant.store import counter, queue_sizes
from assistant.store.webhooks import LANE as WEBHOOKS
from tests.support.fakes.webhook_receiver import Receiver
from tests.support.harness import Harness
from tests.support.organisers import alert, audit_entries, carry_out, drafted, join, pause_case
from tests.support.publishing import CASE
from tests.support.webhooks import Webhooks

pytestmark = pytest.mark.both_databases


async def test_an_update_is_told_of_from_its_first_copy_to_its_last(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await harness.subscribe("ana", "ben")
    number = await harness.publish()
    await carry_out(harness, "shell", Halt(number))
    await carry_out(harness, "shell", Resume(number))
    await harness.engine().run_until_idle()
    harness.clock.advance(minutes=1)
    await harness.address()
    await hooks.run()
    assert sorted(receiver.types) == [
        "broadcast.finished",
        "broadcast.halted",
        "broadcast.resumed",
        "broadcast.started",
    ]
    for each in receiver.came:
        assert each.data == {"broadcast": number, "kind": "update", "case": CASE, "action": None}
        assert set(each.event) == {"type", "timestamp", "data"}
    assert len({each.id for each in receiver.came}) == 4


async def test_what_nobody_has_approved_is_the_teams_own(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    olga, abel = await join(harness, "olga"), await join(harness, "abel")
    first = await drafted(harness, olga, alert(harness))
    await carry_out(harness, "olga", Discard(first.id))
    second = await drafted(harness, olga, alert(harness))
    await carry_out(harness, "olga", Propose(second.id, second.digest))
    await hooks.run()
    assert receiver.came == [] and abel.number is not None
    await carry_out(harness, "abel", Approve(second.id, second.digest))
    await carry_out(harness, "olga", Halt(second.id))
    await carry_out(harness, "olga", Discard(second.id))
    await hooks.run()
    assert sorted(receiver.types) == ["broadcast.discarded", "broadcast.halted"]
    assert {each.data["kind"] for each in receiver.came} == {"alert"}


async def test_what_was_worth_nothing_any_more_is_told_as_that(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await harness.subscribe("ana")
    number = await harness.publish(hours=1)
    await carry_out(harness, "shell", Halt(number))
    harness.clock.advance(hours=2)
    await harness.address()
    await hooks.run()
    assert sorted(receiver.types) == ["broadcast.expired", "broadcast.halted", "broadcast.started"]


async def test_a_case_is_paused_and_resumed(harness: Harness, hooks: Webhooks, receiver: Receiver) -> None:
    await join(harness, "olga", Role.OWNER)
    await carry_out(harness, "olga", Pause(CASE))
    await hooks.run()
    assert (receiver.types, receiver.came[0].data) == (["case.paused"], {"case": CASE})
    assert "olga" not in receiver.came[0].raw.lower()
    async with harness.store.write() as tx:
        await harness.news.organiser_service.resume(tx, SHELL, CASE)
    await hooks.run()
    assert receiver.types == ["case.paused", "case.resumed"]


async def test_a_closed_day_of_the_counter_says_what_is_published_and_nothing_more(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    for count in (9, 12):
        async with harness.store.write() as tx:
            today = harness.clock().date()
            await counter.add(tx, [(CASE, f"{today}-{each}") for each in range(count)], today)
        harness.clock.advance(days=1)
        await harness.run_retention()
        await hooks.run()
    published = await PublishedCounters(harness.store).published(CASE)
    (came,) = receiver.came
    (batch,) = published.batches
    assert batch.count == 21, "nine by themselves are not published"
    assert (came.type, came.data) == ("counter.day_closed", {"case": CASE, **batch_facts(batch)})


async def test_what_was_undone_is_told_to_nobody(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    with pytest.raises(Failure):
        async with harness.store.write() as tx:
            await harness.news.organiser_service.pause(tx, SHELL, CASE)
            raise Failure("The commit fails.")
    await hooks.run()
    assert receiver.came == [] and await hooks.waiting() == []
    assert "paused" not in [each.action for each in await audit_entries(harness)]


async def test_other_entries_of_the_record_are_no_events(
    harness: Harness, hooks: Webhooks, receiver: Receiver
) -> None:
    await join(harness, "olga", Role.OWNER)
    await harness.receive("olga", "/signout")
    await harness.run_retention()
    harness.clock.advance(days=1)
    await harness.run_retention()
    assert len(await audit_entries(harness)) > 2
    assert await hooks.waiting() == []


async def test_who_has_no_endpoints_keeps_nothing(harness: Harness) -> None:
    await pause_case(harness, CASE)
    async with harness.store.read() as tx:
        waiting = {each.kind: each.waiting for each in await queue_sizes.queue_sizes(tx)}
    assert waiting[WEBHOOKS] == 0
