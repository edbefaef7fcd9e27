"""Before Signal can be heard: what an operator has to set right is said, what passes by is waited for."""

import asyncio

import pytest

from assistant.channels.signal import channel as signal
from assistant.channels.signal import inbox as signal_intake
from assistant.channels.signal.channel import Signal
from assistant.domain.errors import Misconfigured
from tests.support.channels.signal_inbox import SignalInbox, listening
from tests.support.fakes.signal.server import FakeSignal

pytestmark = pytest.mark.chance


@pytest.fixture(autouse=True)
def short_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has to wait for seconds here."""
    monkeypatch.setattr(signal_intake, "LONGEST_BACKOFF", 0.02)


@pytest.mark.parametrize("mode", ["normal", "native", "unknown"])
async def test_a_mode_in_which_nobody_can_listen_is_named_with_the_cure(
    channel: Signal, server: FakeSignal, mode: str
) -> None:
    server.mode = mode
    with pytest.raises(Misconfigured, match="MODE=json-rpc"):
        await channel.run(SignalInbox().receive)


async def test_a_number_that_is_not_registered_is_said_to_be_so_without_the_number(
    channel: Signal, server: FakeSignal
) -> None:
    server.accounts = ["+15550199"]
    with pytest.raises(Misconfigured, match="assistant signal register") as caught:
        await channel.run(SignalInbox().receive)
    assert "555" not in caught.value.reason


async def test_either_json_rpc_mode_is_fine(channel: Signal, server: FakeSignal) -> None:
    server.mode = "json-rpc-native"
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        await anna.write("heard")
        await turns.gets(1)
        assert channel.trouble is None


async def test_a_server_that_starts_late_is_waited_for(channel: Signal, server: FakeSignal) -> None:
    server.fail_next("about", status=502)
    server.fail_next("about", reset=True)
    server.fail_next("about", status=200, body="no such API")
    server.fail_next("accounts", status=400, body={"error": "invented"})
    server.fail_next("accounts", status=200, body={"not": "a list"})
    server.fail_next("receive", status=503)
    server.fail_next("receive", status=404)
    turns, anna = SignalInbox(), server.person("Anna")
    async with listening(channel, server, turns):
        await anna.write("heard")
        await turns.gets(1)
    assert [name for name, _ in server.calls].count("about") == 6


async def test_a_server_that_never_answers_is_asked_again(
    channel: Signal, server: FakeSignal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "PROBE", 0.05)
    server.fail_next("accounts", hang=60)
    async with listening(channel, server, SignalInbox()):
        assert [name for name, _ in server.calls].count("accounts") == 2


async def test_while_nobody_is_there_trouble_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    failed = asyncio.Event()

    def tell(failures: int) -> float:
        failed.set()
        return 60.0

    monkeypatch.setattr(signal, "backoff", tell)
    nobody = Signal("http://127.0.0.1:9", "+15550100", 0)
    await nobody.open()
    running = asyncio.create_task(nobody.run(SignalInbox().receive))
    async with asyncio.timeout(5):
        await failed.wait()
    assert nobody.trouble is not None and "ASSISTANT_SIGNAL_API_URL" in nobody.trouble
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await nobody.close()
