"""Connections that say nothing are closed, and hold up nobody, over real sockets."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import ClientSession, web

from assistant.web import connections
from assistant.web.server import serve

pytestmark = pytest.mark.chance

MOST = 20
SOON = 0.3  # seconds
HALF = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Slow: "

Peer = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def greet(_request: web.Request) -> web.Response:
    return web.Response(text="Hello.")


async def length(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


class Working:
    """Requests that are being worked on, until they may go on."""

    def __init__(self) -> None:
        self.begun = asyncio.Semaphore(0)
        self.may_go_on = asyncio.Event()

    async def handle(self, _request: web.Request) -> web.Response:
        """A request that takes its time."""
        self.begun.release()
        await self.may_go_on.wait()
        return web.Response(text="Done.")


class Served:
    """A server of few connections, and who opens them."""

    def __init__(self, address: str, client: ClientSession) -> None:
        self._host, _, self._port = address.rpartition(":")
        self._client = client
        self._writers: list[asyncio.StreamWriter] = []

    async def says(self, said: bytes) -> Peer:
        """Open a connection, and say that."""
        reader, writer = await asyncio.open_connection(self._host, int(self._port))
        self._writers.append(writer)
        writer.write(said)
        await writer.drain()
        return reader, writer

    async def say(self, count: int, said: bytes) -> Sequence[Peer]:
        """So many of them do."""
        return [await self.says(said) for _ in range(count)]

    async def greets(self) -> bool:
        """Whether somebody who asks properly is answered."""
        async with self._client.get("/") as answer:
            return await answer.text() == "Hello."

    def close(self) -> None:
        """Hang up everywhere."""
        for writer in self._writers:
            writer.close()


@pytest.fixture
async def working() -> Working:
    return Working()


@pytest.fixture
async def served(working: Working) -> AsyncIterator[Served]:
    async with serving(working) as opened:
        yield opened


@asynccontextmanager
async def serving(working: Working) -> AsyncIterator[Served]:
    routes = [web.get("/", greet), web.post("/length", length), web.get("/work", working.handle)]
    async with (
        serve("127.0.0.1:0", routes, MOST) as address,
        ClientSession(f"http://{address}") as client,
    ):
        assert address is not None
        opened = Served(address, client)
        try:
            yield opened
        finally:
            working.may_go_on.set()
            opened.close()


async def hangs_up(peer: Peer) -> bool:
    """Whether the server ends the connection, before a test takes too long."""
    with suppress(ConnectionError):
        async with asyncio.timeout(20):
            return await peer[0].read() == b""
    return True


async def test_a_request_whose_head_never_ends_is_cut_off(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD", SOON)
    silent, slow = await served.says(b""), await served.says(HALF)
    assert await hangs_up(silent)
    assert await hangs_up(slow)


async def test_a_head_that_comes_letter_by_letter_gains_no_time(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD", SOON)
    reader, writer = await served.says(HALF)

    async def drip() -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(SOON / 10)

    dripping = asyncio.create_task(drip())
    assert await hangs_up((reader, writer))
    dripping.cancel()


async def test_a_body_that_never_comes_is_cut_off(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "REQUEST", SOON)
    peer = await served.says(b"POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nabc")
    assert await hangs_up(peer)


async def test_who_asks_properly_is_answered_while_others_say_nothing(served: Served) -> None:
    slow = await served.say(3 * MOST, HALF)
    assert await served.greets()
    gone = [each for each in slow[: 2 * MOST] if await hangs_up(each)]
    assert len(gone) == 2 * MOST
    assert not slow[-1][0].at_eof()  # there is room for it still


async def test_who_is_being_answered_makes_way_for_nobody(served: Served, working: Working) -> None:
    busy = await served.say(MOST, b"GET /work HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    for _ in busy:
        await working.begun.acquire()
    reader, _writer = await served.says(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readline()).startswith(b"HTTP/1.1 503 ")
    working.may_go_on.set()
    assert all([(await reader.read()).endswith(b"Done.") for reader, _ in busy])
    assert await served.greets()


async def test_a_connection_is_used_again_and_closed_when_nothing_follows(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "IDLE", SOON)
    reader, writer = await served.says(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readuntil(b"Hello.")).startswith(b"HTTP/1.1 200 ")
    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (await reader.readuntil(b"Hello.")).startswith(b"HTTP/1.1 200 ")
    assert await hangs_up((reader, writer))
