"""What arrives is kept until it is stored, in order, and a connection that is lost is made again."""

import asyncio

import pytest
from structlog.testing import capture_logs

from assistant.channels.signal import client as signal_client
from assistant.channels.signal import inbox as signal_intake
from assistant.channels.signal.channel import Signal
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import TextMessage
from tests.support.channels.signal_inbox import SignalInbox, listening
from tests.support.fakes.signal.server import FakeSignal


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for seconds here."""
    monkeypatch.setattr(signal_intake, "LONGEST_BACKOFF", 0.02)


@pytest.mark.parametrize("failure", [Failure("locked"), Misconfigured("The database cannot be written.")])
async def test_a_message_that_was_not_stored_is_kept_until_it_is_and_those_after_it_wait(
    channel: Signal, server: FakeSignal, failure: Failure
) -> None:
    turns, anna = SignalInbox(failure, failure, failure), server.person("Anna")
    async with listening(channel, server, turns):
        await anna.write("one")
        await anna.write("two")
        await turns.gets(2)
    assert [each.content.text for each in turns.refused if isinstance(each.content, TextMessage)] == [
        "one"
    ] * 3
    assert [each.content.text for each in turns.taken if isinstance(each.content, TextMessage)] == [
        "one",
        "two",
    ]


@pytest.mark.parametrize("error", [Failure("never", permanent=True), ValueError("Anna said hello")])
async def test_a_message_that_can_never_be_stored_is_passed_over_without_a_word_of_it(
    channel: Signal, server: FakeSignal, error: Exception
) -> None:
    turns, anna = SignalInbox(error), server.person("Anna")
    with capture_logs() as logs:
        async with listening(channel, server, turns):
            await anna.write("broken")
            await anna.write("fine")
            await turns.gets(1)
    assert len(turns.refused) == 1
    assert any(entry["log_level"] == "error" for entry in logs)
    assert not any(word in str(logs) for word in ("broken", "hello", anna.uuid))


async def test_turns_of_one_chat_are_taken_one_by_one_and_chats_side_by_side(
    channel: Signal, server: FakeSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_intake, "AT_ONCE", 3)
    turns, people = SignalInbox(), [server.person(f"Person {number}") for number in range(5)]
    turns.may_go_on.clear()
    async with listening(channel, server, turns):
        for word in ("one", "two", "three"):
            for person in people:
                await person.write(word)
        await turns.in_progress(3)
        turns.may_go_on.set()
        await turns.gets(15)
    assert turns.most_at_once == 3
    for person in people:
        theirs = [each.content for each in turns.taken if each.address.person == person.uuid]
        assert [each.text for each in theirs if isinstance(each, TextMessage)] == ["one", "two", "three"]


async def test_of_a_flood_that_cannot_be_stored_only_so_much_is_kept_and_no_more_of_all_floods(
    channel: Signal, server: FakeSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_intake, "CHAT_MAX", 3)
    monkeypatch.setattr(signal_intake, "ALL_MAX", 5)
    turns, people = SignalInbox(), [server.person(f"Person {number}") for number in range(3)]
    turns.may_go_on.clear()
    with capture_logs() as logs:
        async with listening(channel, server, turns):
            for person in people:
                for number in range(10):
                    await person.write(f"{number}")
            turns.may_go_on.set()
            await turns.gets(5)
            await people[2].write("Is there room again?")
            await turns.gets(6)
    texts = [each.content.text for each in turns.taken if isinstance(each.content, TextMessage)]
    assert sorted(texts[:5]) == ["0", "0", "1", "1", "2"]
    assert texts[5] == "Is there room again?"
    assert sum("too many wait" in entry["event"] for entry in logs) == 1


async def test_frames_that_come_twice_or_backwards_are_handed_on_as_they_come(
    channel: Signal, server: FakeSignal
) -> None:
    """Each with its own id, by which the turns know what they have seen."""
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        server.twice = True
        first = await anna.write("twice")
        server.twice = False
        async with server.backwards():
            second, third = await anna.write("earlier"), await anna.write("later")
        await turns.gets(4)
    assert [each.id for each in turns.taken] == [str(name) for name in (first, first, third, second)]


@pytest.mark.parametrize("politely", [True, False])
async def test_a_lost_connection_is_made_again_and_trouble_tells_of_it(
    channel: Signal, server: FakeSignal, politely: bool
) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    assert channel.trouble is not None
    async with listening(channel, server, turns):
        for number in range(3):
            await anna.write(f"{number}")
            await turns.gets(number + 1)
            assert channel.trouble is None
            await server.drop(politely=politely)
            await server.listening()
    assert len(turns.taken) == 3
    assert channel.trouble is not None


async def test_a_connection_that_only_looks_alive_is_noticed(
    channel: Signal, server: FakeSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_client, "HEARTBEAT", 0.1)
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        server.half_open = True
        await server.until(lambda: not server.listeners)
        server.half_open = False
        await server.listening()
        await anna.write("heard")
        await turns.gets(1)


async def test_what_is_being_handled_at_the_end_is_finished(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    turns.may_go_on.clear()
    running = asyncio.create_task(channel.run(turns.receive))
    await server.listening()
    await anna.write("one")
    await anna.write("two")
    await turns.in_progress(1)
    running.cancel()
    await server.until(lambda: not server.listeners)
    turns.may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert len(turns.taken) == 2


async def test_the_end_does_not_wait_for_ever(
    channel: Signal, server: FakeSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal_intake, "LEAVE", 0.05)
    turns, anna = SignalInbox(), server.person("Anna")
    turns.may_go_on.clear()
    with capture_logs() as logs:
        async with listening(channel, server, turns):
            await anna.write("one")
            await anna.write("two")
            await turns.in_progress(1)
    assert [entry["count"] for entry in logs if "lost, because" in entry["event"]] == [2]
