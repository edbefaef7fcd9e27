"""A broadcast of whose last 500 copies more than 5% failed is halted, until a person has seen why."""

from collections.abc import Sequence

import pytest
from markupsafe import Markup

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.domain.messages import Reply
from assistant.services.broadcasts.failure_guard import FAILURES_MAX, WINDOW
from assistant.services.messages import outbox
from assistant.services.messages.sender import Sent
from assistant.store.messages import Done, Ready
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers, audit_entries, halt, join, resume

B, M = BroadcastStatus, MessageStatus
LANE = Lane(1, "bulk", "memory:1")
REFUSED = Failure("the text is refused", permanent=True)
UNCLEAR = Failure("no answer came", uncertain=True)


def test_that_is_26_of_500() -> None:
    assert (WINDOW, FAILURES_MAX) == (500, 25)


@pytest.fixture
async def sending(harness: Harness) -> Harness:
    """A harness with a broadcast that leaves."""
    await harness.subscribe("ana")
    await harness.publish()
    return harness


def ended(
    harness: Harness, status: MessageStatus, failure: Failure | None = None, broadcast: int = 1
) -> Sent:
    """What became of a copy."""
    message = Ready(
        id=1,
        chat_id=1,
        lane=LANE,
        address=harness.channel.address("ana"),
        reply=Reply(Markup(), bulk=True),
        broadcast=broadcast,
    )
    return Sent(Done(message=message, status=status, reason=failure.reason if failure else None), failure)


async def hear(harness: Harness, *batches: Sequence[Sent]) -> BroadcastStatus:
    """Where the broadcast is, once the alarm has heard of all these."""
    for batch in batches:
        await harness.news.failure_guard.hear(batch)
    return (await harness.broadcast()).status


def sent(harness: Harness, count: int) -> list[Sent]:
    return [ended(harness, M.SENT)] * count


def failed(harness: Harness, count: int) -> list[Sent]:
    return [ended(harness, M.FAILED, REFUSED)] * count


async def test_so_many_failures_are_borne_and_no_more(sending: Harness) -> None:
    assert await hear(sending, failed(sending, 25), sent(sending, 400)) is B.SENDING
    assert await hear(sending, failed(sending, 1)) is B.HALTED
    assert (await sending.broadcast()).note == "the text is refused"


async def test_failures_that_are_long_past_do_not_count(sending: Harness) -> None:
    for _ in range(4):
        assert await hear(sending, failed(sending, 25), sent(sending, 475)) is B.SENDING


async def test_failures_count_from_the_first_copy_on(sending: Harness) -> None:
    assert await hear(sending, failed(sending, 26)) is B.HALTED


async def test_what_is_unknown_is_a_failure(sending: Harness) -> None:
    assert await hear(sending, [ended(sending, M.UNKNOWN, UNCLEAR)] * 26) is B.HALTED


@pytest.mark.parametrize(
    ("status", "failure"),
    [(M.FAILED, Unreachable("they shut us out")), (M.QUEUED, Throttled("too many", 5)), (M.SENT, None)],
)
async def test_who_shut_us_out_and_what_is_tried_again_do_not_count(
    sending: Harness, status: MessageStatus, failure: Failure | None
) -> None:
    assert await hear(sending, [ended(sending, status, failure)] * 600) is B.SENDING


async def test_each_broadcast_has_failures_of_its_own(sending: Harness) -> None:
    others = [ended(sending, M.FAILED, REFUSED, broadcast=2)] * 25
    assert await hear(sending, failed(sending, 20), others, failed(sending, 5)) is B.SENDING


async def test_who_lets_it_go_on_has_all_the_failures_again(sending: Harness) -> None:
    await hear(sending, failed(sending, 26))
    await resume(sending)
    assert await hear(sending, failed(sending, 25)) is B.SENDING
    assert await hear(sending, failed(sending, 1)) is B.HALTED


async def test_failures_of_what_somebody_has_halted_already_change_nothing(sending: Harness) -> None:
    await halt(sending)
    before = await sending.broadcast()
    await hear(sending, failed(sending, 30))
    assert await sending.broadcast() == before


async def test_the_team_is_told_why_and_the_audit_has_it(sending: Harness) -> None:
    await join(sending, "olga")
    await hear(sending, failed(sending, 26))
    await sending.engine().run_until_idle()
    assert "was halted because too many messages failed" in sending.last_text_to("olga")
    assert "the text is refused" in sending.last_text_to("olga")
    assert [button.value for button in sending.channel.sent["olga"][-1].buttons] == ["resume:1"]
    assert [(each.actor, each.action) for each in await audit_entries(sending)][-1] == ("assistant", "halted")


async def test_where_it_cannot_be_halted_it_is_tried_with_the_next_failures(
    sending: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object) -> None:
        raise Failure("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(sending.news.broadcast_service, "halt", broken)
        assert await hear(sending, failed(sending, 26)) is B.SENDING
    assert await hear(sending, failed(sending, 26)) is B.HALTED


async def test_a_whole_broadcast_stops_early_and_goes_on(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"person{number}" for number in range(100)]
    await add_subscribers(harness, people, language="en")
    for person in people:
        harness.channel.faults[person].append(REFUSED)
    monkeypatch.setattr(outbox, "BATCH_MAX", 10)
    await harness.publish()
    for already in (0, 1):
        before = sum((await harness.tally()).values()) if already else 0
        await harness.engine().run_until_idle()
        assert (await harness.broadcast()).status is B.HALTED
        failures = (await harness.tally())[CopyStatus.FAILED] - before
        assert FAILURES_MAX < failures <= FAILURES_MAX + 20, "those in flight"
        await resume(harness)
