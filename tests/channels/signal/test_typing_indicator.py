"""Politeness: that we have read, that we are writing. Where it fails nothing else does."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from markupsafe import Markup
from structlog.testing import capture_logs

from assistant.channels import typing_indicator
from assistant.channels.signal.channel import Signal
from assistant.channels.typing_indicator import BackgroundCalls, TypingIndicator
from assistant.domain.errors import Failure
from assistant.domain.messages import Address, Reply
from tests.support.channels.signal_inbox import SignalInbox, listening
from tests.support.fakes.signal.server import FakeSignal

pytestmark = pytest.mark.chance


@pytest.fixture
async def channel(server: FakeSignal, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Signal]:
    """Our channel, open, with little patience."""
    opened = Signal(server.url, server.number, 0)
    opened._typing = TypingIndicator(opened._client.show_typing_indicator, opened._courtesies, patience=0.02)
    await opened.open()
    yield opened
    await opened.close()


async def test_a_message_is_marked_as_read_once_its_turn_is_stored(
    channel: Signal, server: FakeSignal
) -> None:
    turns, anna = SignalInbox(Failure("locked")), server.person("Anna")
    turns.may_go_on.clear()
    async with listening(channel, server, turns):
        first = await anna.write("hello")
        await turns.in_progress(1)
        assert anna.receipts == []
        turns.may_go_on.set()
        second = await anna.edit(first, "Hello")
        await server.until(lambda: anna.receipts == [first, second])


async def test_what_is_passed_over_is_not_marked_as_read_nor_is_a_reaction(
    channel: Signal, server: FakeSignal
) -> None:
    turns, anna = SignalInbox(Failure("never", permanent=True)), server.person("Anna")
    await channel.send(_at(channel, anna.uuid), Reply(Markup("hello")))
    async with listening(channel, server, turns):
        await anna.write("broken")
        await anna.react(anna.inbox[0])
        last = await anna.write("fine")
        await server.until(lambda: bool(anna.receipts))
    assert anna.receipts == [last]


async def test_somebody_who_waits_sees_us_writing(channel: Signal, server: FakeSignal) -> None:
    turns, anna, rosa = SignalInbox(replies=1), server.person("Anna"), server.person("Rosa")
    turns.may_go_on.clear()
    async with listening(channel, server, turns):
        await anna.write("hello")
        await server.until(lambda: anna.typing == [True])
        turns.may_go_on.set()
        await channel.send(_at(channel, anna.uuid), Reply(Markup("hello")))
    assert rosa.typing == []
    assert channel._typing._waiting == {}


async def test_nobody_waits_for_an_answer_that_will_not_come(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(replies=0), server.person("Anna")
    async with listening(channel, server, turns):
        await anna.write("thanks")
        await server.until(lambda: bool(anna.receipts))
        assert channel._typing._waiting == {}
    assert anna.typing == []


async def test_courtesies_that_fail_harm_nothing(channel: Signal, server: FakeSignal) -> None:
    turns, anna = SignalInbox(), server.person("Anna")
    server.fail_next("receipts", status=500)
    server.fail_next("receipts", reset=True)
    async with listening(channel, server, turns):
        for number in range(3):
            await anna.write(f"{number}")
            await turns.gets(number + 1)
        await server.until(lambda: [name for name, _ in server.calls].count("receipts") == 3)
    await channel.close()
    assert len(anna.receipts) == 1


async def test_typing_is_shown_again_until_it_is_answered() -> None:
    shown: list[str] = []
    twice = asyncio.Event()
    courtesies = BackgroundCalls(())

    async def show(person: str) -> None:
        shown.append(person)
        if len(shown) == 2:
            typing.answered(person)
            twice.set()

    typing = TypingIndicator(show, courtesies, patience=0.01, again=0.01)
    for person in ("Anna", "Anna", "Rosa"):
        typing.expect(person)
    typing.answered("Rosa")
    typing.answered("nobody")
    async with asyncio.timeout(5):
        await twice.wait()
    await courtesies.close()
    assert shown == ["Anna", "Anna"]
    assert typing._waiting == {}
    typing.expect("Anna")
    typing.close()
    assert typing._waiting == {}


async def test_nobody_is_told_for_ever_that_we_are_writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_indicator, "ENOUGH", 0.0)
    courtesies, shown = BackgroundCalls(()), asyncio.Event()

    async def show(person: str) -> None:
        shown.set()

    typing = TypingIndicator(show, courtesies, patience=0.0)
    typing.expect("Anna")
    async with asyncio.timeout(5):
        await shown.wait()
    await courtesies.close()
    assert typing._waiting == {}


async def test_closing_waits_for_what_is_under_way_but_not_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typing_indicator, "LEAVE", 0.05)
    courtesies, done = BackgroundCalls((Failure,)), []

    async def work(seconds: float) -> None:
        await asyncio.sleep(seconds)
        done.append(seconds)

    for seconds in (0.0, 60.0):
        courtesies.do(work(seconds))
    await courtesies.close()
    courtesies.do(work(0.0))
    await courtesies.close()
    assert done == [0.0]


async def test_a_mistake_of_ours_is_logged_without_its_words() -> None:
    courtesies = BackgroundCalls((Failure,))

    async def wrong() -> None:
        raise ValueError("hello Anna")

    with capture_logs() as logs:
        courtesies.do(wrong())
        await courtesies.close()
    assert [(entry["log_level"], entry["error"]) for entry in logs] == [("error", "ValueError")]
    assert "Anna" not in str(logs)


def _at(channel: Signal, person: str) -> Address:
    return Address(channel.account, person)
