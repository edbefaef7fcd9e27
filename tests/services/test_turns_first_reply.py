"""The first reply that a chat gets is marked, so that its channel can set something up: once."""

import asyncio

import pytest

from assistant.domain.errors import Failure
from assistant.domain.messages import Approval, Blocked, Content, Open
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import LETTER, Harness


def _marked(channel: MemoryChannel, person: str) -> list[bool]:
    return [reply.first for reply in channel.sent[person]]


async def test_the_first_reply_of_a_chat_is_marked_and_no_other(harness: Harness) -> None:
    await harness.receive_all("ana", [*LETTER, "help", "mydata"])
    assert _marked(harness.channel, "ana") == [True, *[False] * (len(harness.texts_to("ana")) - 1)]


async def test_of_several_replies_to_the_first_message_only_the_first_is_marked(harness: Harness) -> None:
    harness.channel.shows_files = True
    await harness.receive("ana", "mydata", language="en")
    assert _marked(harness.channel, "ana") == [True, False]


async def test_of_several_parts_of_the_first_reply_only_the_first_is_marked(harness: Harness) -> None:
    harness.channel.part_max = 400
    await harness.receive("ana", Open(), language="en")
    first, *others = _marked(harness.channel, "ana")
    assert (first, set(others)) == (True, {False})


async def test_each_chat_has_its_own_though_they_begin_together(harness: Harness) -> None:
    people = ["ana", "ben", "eva"]
    await asyncio.gather(*(harness.turns.handle(harness.incoming(person, "hello")) for person in people))
    await harness.outbox.settle()
    assert [_marked(harness.channel, person) for person in people] == [[True]] * 3


async def test_the_mark_survives_a_crash_before_it_was_sent(harness: Harness) -> None:
    gate = harness.channel.gate = asyncio.Event()
    await harness.turns.handle(harness.incoming("ana", "hello"))
    fresh = await harness.restarted(channel=MemoryChannel())
    await fresh.engine().run_until_idle()
    await fresh.receive("ana", "help")
    assert _marked(fresh.channel, "ana") == [True, False, False]
    gate.set()
    await harness.outbox.settle()


async def test_it_stays_marked_until_it_is_sent(harness: Harness) -> None:
    harness.channel.faults["ana"].extend(Failure("no line") for _ in range(3))
    await harness.receive_all("ana", ["hello", "help"])
    for _ in range(4):
        harness.clock.advance(hours=1)
        await harness.engine().run_until_idle()
    assert _marked(harness.channel, "ana") == [True, False, False]


@pytest.mark.parametrize("silent", [Blocked(), Approval(), Approval("no-mark-of-ours")])
async def test_what_is_not_answered_does_not_use_it_up(harness: Harness, silent: Content) -> None:
    handled = await harness.receive("ana", silent)
    assert (handled.accepted, handled.replies) == (False, 0)
    assert (await harness.chat("ana")).new, "a chat that nothing came of is not kept"
    await harness.receive("ana", "hello")
    assert _marked(harness.channel, "ana") == [True]
