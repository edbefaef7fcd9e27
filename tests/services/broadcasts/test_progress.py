"""How far a broadcast is, in messages that change: seldom enough for the platform, never after the end."""

from itertools import pairwise

import pytest

from assistant.channels.base import RateLimit
from tests.support.harness import Harness
from tests.support.organisers import deliver_replies, halt, join, resume
from tests.support.progress_messages import (
    EditableChannel,
    Skip,
    advance,
    advance_a_moment,
    finish,
    settled,
    start_broadcast,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # any will do


@pytest.fixture
def channel() -> EditableChannel:
    """The harness's channel."""
    return EditableChannel()


@pytest.fixture
async def sending(harness: Harness) -> Harness:
    """A harness with one organiser, who has the message, and a broadcast to a hundred that has begun."""
    return await start_broadcast(harness)


async def test_a_message_changes_at_most_every_three_seconds(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await advance(sending, skip, 30, step=0.5)
    moments = [change.at for change in channel.changes]
    assert 8 <= len(moments) <= (moments[-1] - moments[0]) // 3 + 1  # real seconds pass beside those skipped
    assert all(later - earlier >= 3 for earlier, later in pairwise(moments))


async def test_it_says_how_far_it_is_how_fast_and_how_long_it_takes(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await advance(sending, skip, 30, copies=2)
    assert channel.changes[-1].text == (
        "Update 1\n██████░░░░ 56%\nSent: 56\nWaiting: 44\n2 a second\nTime left: less than 2 minutes"
    )
    assert [button.value for button in channel.changes[-1].reply.buttons] == ["halt:1"]


async def test_where_nothing_has_changed_nothing_is_changed(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await advance(sending, skip, 60, copies=0)
    assert len(channel.changes) == 1


@pytest.mark.parametrize("most", [0, 1, 3, 10])
async def test_where_a_message_may_change_only_so_often_the_last_change_shows_the_end(
    sending: Harness, channel: EditableChannel, skip: Skip, most: int
) -> None:
    channel.pace = RateLimit(edits=most)
    await advance(sending, skip, 3600, copies=0, step=100)
    await advance(sending, skip, 3600, step=100)
    assert len(channel.changes) == max(0, most - 1)
    await finish(sending, skip)
    assert len(channel.changes) == most
    assert not most or "It is over." in channel.changes[-1].text


async def test_ten_changes_last_for_three_quarters_of_an_hour(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    channel.pace = RateLimit(edits=10)
    await advance(sending, skip, 700, step=10)
    assert len(channel.changes) == 8
    await advance(sending, skip, 1300, step=50)
    assert len(channel.changes) == 9


async def test_at_the_end_it_says_so_and_has_no_button_and_changes_no_more(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await finish(sending, skip)
    last = channel.changes[-1]
    assert last.text == "Update 1\n██████████ 100%\nSent: 100\nIt is over."
    assert last.reply.buttons == ()
    for _ in range(5):
        skip(60)
        await sending.engine().run_until_idle()
        await settled()
    assert channel.changes[-1] == last


async def test_it_says_that_it_is_halted_and_how_to_let_it_go_on(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await advance(sending, skip, 4)
    await halt(sending)
    await sending.address()
    await advance_a_moment(skip)
    assert channel.changes[-1].text.endswith("It is halted.")
    assert [button.value for button in channel.changes[-1].reply.buttons] == ["resume:1"]
    await resume(sending)
    await finish(sending, skip)
    assert channel.changes[-1].text.endswith("It is over.")


async def test_everyone_of_the_team_has_a_message_of_their_own(
    harness: Harness, channel: EditableChannel, skip: Skip
) -> None:
    for person in ("olga", "abel"):
        await join(harness, person)
    await harness.subscribe("ana")
    await harness.publish()
    await deliver_replies(harness)
    await finish(harness, skip)
    assert sorted(change.person for change in channel.changes) == ["abel", "olga"]
    assert len({change.reference for change in channel.changes}) == 2
