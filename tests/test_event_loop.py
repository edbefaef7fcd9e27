"""Names are looked up beside everything else: servers that are silent hold up nobody."""

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant.cli import app as commands
from assistant.domain.webhooks import Answer, Endpoint, Outcome
from assistant.event_loop import EventLoop
from assistant.webhooks.client import Client

SILENT = ".silent.test"  # nobody answers for these names
FEW = 20  # as many as ASSISTANT_WEBHOOKS can have; asyncio has up to 32 threads, on two cores 6


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[str]]:
    """How often the system is asked for each name. Of `SILENT` it says nothing until the test ends."""
    counted: Counter[str] = Counter()
    over = threading.Event()
    asks = socket.getaddrinfo

    def getaddrinfo(host: str, *given: Any) -> Any:
        counted[host] += 1
        if host.endswith(SILENT):
            over.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "silent")
        return asks(host, *given)

    monkeypatch.setattr("socket.getaddrinfo", getaddrinfo)
    yield counted
    over.set()


def test_names_that_nobody_answers_for_hold_up_nothing_else(
    asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.event_loop.LIMIT", 1.0)

    async def main() -> None:
        client = Client()
        endpoints = [
            Endpoint(name=str(each), url=f"https://{each}{SILENT}/", secret=b"s") for each in range(FEW)
        ]
        posts = [asyncio.create_task(client.post(each, "msg_1", "{}")) for each in endpoints]
        while asked.total() < FEW:  # noqa: ASYNC110  of threads
            await asyncio.sleep(0.01)
        async with asyncio.timeout(0.9):
            assert await asyncio.to_thread(lambda: "a file") == "a file"
            assert await asyncio.get_running_loop().getaddrinfo("localhost", 80)
        assert await asyncio.gather(*posts) == [Answer(Outcome.UNREACHABLE)] * FEW
        await client.close()

    began = time.monotonic()
    with asyncio.Runner(loop_factory=EventLoop) as runner:
        runner.run(main())
    assert time.monotonic() - began < 30  # the end waits for nobody's answer


def test_a_name_that_nobody_answers_for_has_one_thread_however_often_it_is_wanted(
    asked: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("assistant.event_loop.LIMIT", 0.05)
    name = f"mail{SILENT}"

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(5):
            with pytest.raises(socket.gaierror, match="in time"):
                await loop.getaddrinfo(name, 25)

    with asyncio.Runner(loop_factory=EventLoop) as runner:
        runner.run(main())
    assert asked[name] == 1


def test_a_name_is_looked_up_as_ever() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        hints = {"type": socket.SOCK_STREAM, "family": socket.AF_INET}
        assert await loop.getaddrinfo("localhost", 80, **hints) == socket.getaddrinfo(
            "localhost", 80, **hints
        )
        for _ in range(2):  # what failed is asked for anew
            with pytest.raises(socket.gaierror):
                await loop.getaddrinfo("nobody.invalid", 80)
        with pytest.raises(UnicodeError):
            await loop.getaddrinfo("a" * 64 + ".test", 80)

    with asyncio.Runner(loop_factory=EventLoop) as runner:
        runner.run(main())


@pytest.mark.parametrize(
    ("module", "works", "command"),
    [
        ("assistant.app", "run", ["run"]),
        ("assistant.app", "chat", ["chat"]),
        ("assistant.cli.doctor", "examine", ["doctor"]),
    ],
)
def test_what_asks_other_servers_runs_in_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str, works: str, command: list[str]
) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    async def work(*_: object) -> tuple[()]:
        loops.append(asyncio.get_running_loop())
        return ()

    monkeypatch.setattr(f"{module}.{works}", work)
    monkeypatch.setenv("ASSISTANT_DATA_DIR", str(tmp_path))
    assert CliRunner().invoke(commands, command).exit_code == 0
    assert [type(each) for each in loops] == [EventLoop]
