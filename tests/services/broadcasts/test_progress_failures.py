"""Messages that show how far a broadcast is, where changing them does not go well."""

import asyncio

import pytest

from assistant.domain.broadcasts import CopyStatus
from assistant.domain.errors import Failure, Misconfigured, Throttled
from assistant.domain.lifecycle import BroadcastStatus
from assistant.services.messages.sender import MENDING
from tests.support.harness import Harness
from tests.support.organisers import halt, join
from tests.support.progress_messages import (
    PEOPLE,
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


@pytest.mark.parametrize(
    "failure",
    [Failure("it cannot be changed", permanent=True), Failure("no answer came"), ZeroDivisionError()],
)
async def test_a_change_that_fails_harms_nothing(
    sending: Harness, channel: EditableChannel, skip: Skip, failure: Exception
) -> None:
    channel.edit_faults["olga"].extend([failure] * 100)
    await advance(sending, skip, 10, copies=0)
    await finish(sending, skip)
    assert await sending.tally() == {CopyStatus.SENT: len(PEOPLE)}
    assert "is over" in sending.last_text_to("olga")
    assert channel.changes == []


async def test_a_platform_that_asks_for_a_pause_gets_it(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    began = asyncio.get_running_loop().time()
    channel.edit_faults["olga"].append(Throttled("too many requests", 20))
    await advance(sending, skip, 30)
    assert channel.changes[0].at - began >= 20


async def test_a_message_goes_on_changing_once_the_operator_has_mended_a_setting(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    began = asyncio.get_running_loop().time()
    channel.edit_faults["olga"].append(Misconfigured("the token is refused"))
    await advance(sending, skip, 70)
    assert channel.changes[0].at - began >= MENDING
    await finish(sending, skip)
    assert channel.changes[-1].text.splitlines()[-1] == "It is over."


async def test_the_end_is_shown_though_a_change_is_under_way(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    held = channel.held = asyncio.Event()
    await advance(sending, skip, 10)
    await finish(sending, skip)
    held.set()
    await advance_a_moment(skip)
    assert [change.text.splitlines()[-1] for change in channel.changes][-1] == "It is over."
    assert len(channel.changes) == 2


async def test_it_shows_its_end_though_it_is_quicker_than_the_message(
    harness: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await join(harness, "olga")
    await harness.subscribe("ana")
    await harness.publish()
    await harness.work_once("bulk")
    await harness.address()
    assert (await harness.broadcast()).status is BroadcastStatus.DONE
    for _ in range(2):
        await harness.engine().run_until_idle()
        await advance_a_moment(skip)
    assert [change.text.splitlines()[-1] for change in channel.changes] == ["It is over."]


async def test_another_process_goes_on_with_the_same_message(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    await advance(sending, skip, 4)
    await advance(await sending.restarted(), skip, 4)
    assert len({change.reference for change in channel.changes}) == 1
    assert len(channel.changes) >= 3


async def test_a_message_that_has_not_left_yet_is_not_changed(
    harness: Harness, channel: EditableChannel
) -> None:
    await join(harness, "olga")
    await harness.subscribe("ana")
    await harness.publish()
    await harness.news.progress_messages.show(await harness.broadcast())
    await settled()
    assert channel.changes == []


async def test_a_message_that_is_known_by_another_name_once_it_was_changed(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    channel.renames = True
    await advance(sending, skip, 30)
    names = [change.reference for change in channel.changes]
    assert names == [names[0] + "+" * times for times in range(len(names))]
    assert len(names) > 2


async def test_changes_that_fail_do_not_pile_up(sending: Harness, channel: EditableChannel) -> None:
    channel.edit_faults["olga"].extend(Failure("no answer came") for _ in range(100))
    await halt(sending)
    before = len(asyncio.all_tasks())
    for _ in range(20):
        await sending.news.progress_messages.show(await sending.broadcast())
        await settled()
    assert len(asyncio.all_tasks()) - before <= 2
    await sending.news.progress_messages.close()
    assert len(asyncio.all_tasks()) == before


async def test_a_message_that_is_gone_is_left_alone(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    channel.edit_faults["olga"].append(Failure("it is not there", permanent=True))
    await advance(sending, skip, 20)
    assert channel.changes == []


async def test_a_message_that_is_renamed_while_it_is_halted(
    sending: Harness, channel: EditableChannel, skip: Skip
) -> None:
    channel.renames, held = True, asyncio.Event()
    channel.held = held
    await advance(sending, skip, 4)
    await halt(sending)
    await sending.address()
    held.set()
    for _ in range(3):
        await advance_a_moment(skip)
    first, second = (change.reference for change in channel.changes)
    assert second == f"{first}+"


@pytest.mark.parametrize("failure", [Throttled("too many requests", 2), Failure("no answer came")])
async def test_the_end_is_shown_though_that_fails_at_first(
    sending: Harness, channel: EditableChannel, skip: Skip, failure: Failure
) -> None:
    channel.edit_faults["olga"].append(failure)
    await finish(sending, skip)
    for _ in range(3):
        await sending.engine().run_until_idle()
        await advance_a_moment(skip)
    assert [change.text.splitlines()[-1] for change in channel.changes] == ["It is over."]
