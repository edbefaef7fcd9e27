"""An attempt over real HTTP: what each answer means, and how little of it is read."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from assistant.domain.webhooks import Answer, Endpoint, Event, EventType, Outcome
from assistant.webhooks.client import LIMIT, Client
from tests.support.certificates import self_signed
from tests.support.fakes.channel import FakeClock
from tests.support.fakes.webhook_receiver import Receiver, receiving
from tests.support.processes.ports import reserved

BODY = Event(EventType.TEST, FakeClock()(), {}).body
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    opened = Client()
    yield opened
    await opened.close()


async def test_an_event_comes_signed_with_the_time_of_the_attempt(receiver: Receiver, client: Client) -> None:
    assert await client.post(receiver.endpoint, "msg_1", BODY) == Answer(Outcome.DELIVERED, 204)
    (came,) = receiver.came
    assert (came.id, came.raw) == ("msg_1", BODY)
    assert came.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (299, Outcome.DELIVERED),
        (304, Outcome.REDIRECTED),
        (400, Outcome.REFUSED),
        (404, Outcome.REFUSED),
        (410, Outcome.GONE),
        (429, Outcome.BUSY),
        (500, Outcome.BROKEN),
        (502, Outcome.BUSY),
        (503, Outcome.BUSY),
        (504, Outcome.BUSY),
        (599, Outcome.BROKEN),
    ],
)
async def test_what_each_status_means(
    receiver: Receiver, client: Client, status: int, outcome: Outcome
) -> None:
    receiver.always = status
    assert await client.post(receiver.endpoint, "msg_1", BODY) == Answer(outcome, status)


@pytest.mark.parametrize(
    ("status", "said", "wait"),
    [
        (429, "120", timedelta(minutes=2)),
        (503, " 7 ", timedelta(seconds=7)),
        (503, "999999999", timedelta(hours=30)),
        (503, "soon", timedelta()),
        (503, "-1", timedelta()),
        (503, "٣", timedelta()),
        (500, "120", timedelta()),
    ],
)
async def test_how_long_we_are_asked_to_wait(
    receiver: Receiver, client: Client, status: int, said: str, wait: timedelta
) -> None:
    receiver.answers.append(web.Response(status=status, headers={"Retry-After": said}))
    assert (await client.post(receiver.endpoint, "msg_1", BODY)).wait == wait


async def test_a_redirect_is_not_followed(receiver: Receiver, client: Client) -> None:
    for status in (301, 307, 308):
        receiver.answers.append(web.Response(status=status, headers={"Location": "/elsewhere"}))
        answer = await client.post(receiver.endpoint, "msg_1", BODY)
        assert answer == Answer(Outcome.REDIRECTED, status)
    assert receiver.strays == []


async def test_who_says_nothing_is_left_in_time(receiver: Receiver) -> None:
    receiver.hangs = True
    client = Client(limit=0.1)
    assert await client.post(receiver.endpoint, "msg_1", BODY) == Answer(Outcome.SILENT)
    await client.close()


async def test_where_nobody_listens_nobody_is_reached(receiver: Receiver, client: Client) -> None:
    with reserved() as listen:
        nowhere = replace(receiver.endpoint, url=f"http://{listen}/")
        assert await client.post(nowhere, "msg_1", BODY) == Answer(Outcome.UNREACHABLE)


@asynccontextmanager
async def speaking(
    serve: Serve, endpoint: Endpoint, context: ssl.SSLContext | None = None
) -> AsyncIterator[Endpoint]:
    """A server that speaks as it likes. `context`: how it encrypts, if it does."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=context)
    async with server:
        port, scheme = server.sockets[0].getsockname()[1], "http" if context is None else "https"
        yield replace(endpoint, url=f"{scheme}://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    ("spoken", "answer"),
    [
        (b"", Answer(Outcome.CUT_OFF)),
        (b"HTTP/1.1 2", Answer(Outcome.CUT_OFF)),
        (b"220 mail.example.org ESMTP\r\n", Answer(Outcome.CUT_OFF)),
        (b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n", Answer(Outcome.CUT_OFF)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\na", Answer(Outcome.DELIVERED, 200)),
    ],
    ids=["nothing", "half a line", "another protocol", "a long header", "half a body"],
)
async def test_what_is_no_answer_is_none(
    receiver: Receiver, client: Client, spoken: bytes, answer: Answer
) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(spoken)
        await writer.drain()

    async with speaking(serve, receiver.endpoint) as endpoint:
        assert await client.post(endpoint, "msg_1", BODY) == answer


async def test_of_a_body_without_end_nothing_is_waited_for(receiver: Receiver, client: Client) -> None:
    written = 0

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"10000\r\n" + b"a" * 0x10000 + b"\r\n")
            written += 0x10000
            await writer.drain()

    async with speaking(serve, receiver.endpoint) as endpoint:
        assert await client.post(endpoint, "msg_1", BODY) == Answer(Outcome.DELIVERED, 200)
    assert written < 50_000_000


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
async def test_who_says_without_end_that_it_is_at_it_is_left_soon(
    receiver: Receiver, client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encrypted: bool
) -> None:
    """Where all of them were read, each attempt would cost 15 seconds, most of them of a core."""
    written = 0

    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        while True:
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 1000)
            written += 27_000
            await writer.drain()

    context = None
    if encrypted:
        certificate = self_signed(tmp_path)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        trusting = ssl.create_default_context(cafile=str(certificate))
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    async with speaking(serve, receiver.endpoint, context) as endpoint, asyncio.timeout(LIMIT / 3):
        assert await client.post(endpoint, "msg_1", BODY) == Answer(Outcome.CUT_OFF)
    assert 0 < written < 50_000_000


async def test_whose_certificate_nobody_vouches_for_is_told_nothing(
    receiver: Receiver, client: Client, tmp_path: Path
) -> None:
    heard: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(self_signed(tmp_path))
    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        answer = await client.post(replace(receiver.endpoint, url=url), "msg_1", BODY)
    assert (answer, b"".join(heard)) == (Answer(Outcome.UNTRUSTED), b"")


async def test_who_does_not_speak_tls_is_told_nothing(receiver: Receiver, client: Client) -> None:
    heard: list[bytes] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(1000))
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(speak, "127.0.0.1", 0)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/path-of-which-nobody-knows"
        answer = await client.post(replace(receiver.endpoint, url=url), "msg_1", BODY)
    assert answer == Answer(Outcome.UNTRUSTED)
    assert b"path-of-which-nobody-knows" not in b"".join(heard)
