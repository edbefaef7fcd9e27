"""The webhook's door: who knocks without the secret is not listened to."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from structlog.testing import capture_logs

from assistant.channels.telegram.webhook import HEADER
from assistant.domain.errors import Failure
from assistant.domain.messages import TextMessage
from assistant.web.server import BODY_MAX
from tests.support.channels.inbox import Inbox
from tests.support.channels.telegram_webhook import PATH, SECRET, address, running_bot
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.server import FakeTelegram

pytestmark = pytest.mark.chance

HELLO: Json = {
    "update_id": 5,
    "message": {
        "message_id": 9,
        "date": 1,
        "chat": {"id": 1000, "type": "private", "first_name": "Anna"},
        "from": {"id": 1000, "is_bot": False, "first_name": "Anna"},
        "text": "hello",
    },
}
LET_IN = {HEADER: SECRET}


@pytest.fixture
def inbox() -> Inbox:
    """What comes in."""
    return Inbox()


@pytest.fixture
async def webhook_address(server: FakeTelegram, inbox: Inbox) -> AsyncIterator[str]:
    """The address of the webhook."""
    async with running_bot(server, inbox) as bot:
        yield address(bot)


@pytest.fixture
async def http() -> AsyncIterator[ClientSession]:
    """Anybody in the world."""
    async with ClientSession() as session:
        yield session


async def test_who_has_the_secret_is_let_in(webhook_address: str, http: ClientSession, inbox: Inbox) -> None:
    async with http.post(webhook_address, json=HELLO, headers=LET_IN) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    assert inbox.contents == [TextMessage("hello", "9")]


WRONG = ["", "x", SECRET[:-1], f"{SECRET}x", SECRET.upper(), f"{SECRET}, {SECRET}", "contraseña"]


@pytest.mark.parametrize("secret", [None, *WRONG])
async def test_who_has_not_is_not(
    webhook_address: str, http: ClientSession, inbox: Inbox, secret: str | None
) -> None:
    headers = {} if secret is None else {HEADER: secret}
    async with http.post(webhook_address, json=HELLO, headers=headers) as answer:
        assert (answer.status, await answer.read()) == (403, b"")
    assert inbox.arrived == 0


async def test_the_secret_in_the_address_opens_nothing(
    webhook_address: str, http: ClientSession, inbox: Inbox
) -> None:
    async with http.post(f"{webhook_address}?{HEADER}={SECRET}", json=HELLO) as answer:
        assert answer.status == 403
    assert inbox.arrived == 0


async def raw_request(webhook_address: str, *lines: bytes) -> bytes:
    """The status line that is answered to these lines, while more would follow."""
    host, _, port = webhook_address.removeprefix("http://").removesuffix(PATH).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(b"\r\n".join([b"POST %s HTTP/1.1" % PATH.encode(), b"Host: x", *lines]))
        async with asyncio.timeout(10):
            return await reader.readline()
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("secret", [b"", b"wrong", b"\xff\xfe", "ñ".encode(), b"\x80" * 200])
async def test_a_wrong_secret_is_refused_before_anything_else_is_read(
    webhook_address: str, inbox: Inbox, secret: bytes
) -> None:
    header = b"%s: %s" % (HEADER.encode(), secret)
    status = await raw_request(webhook_address, header, b"Content-Length: 60000", b"", b'{"update_id": 5, ')
    assert status == b"HTTP/1.1 403 Forbidden\r\n"
    assert inbox.arrived == 0


async def test_a_wrong_secret_is_refused_however_long_its_body_says_it_is(webhook_address: str) -> None:
    status = await raw_request(webhook_address, b"Content-Length: 999999999999", b"", b"{")
    assert status == b"HTTP/1.1 403 Forbidden\r\n"


async def test_what_is_too_long_is_refused(webhook_address: str, http: ClientSession, inbox: Inbox) -> None:
    padding = b" " * BODY_MAX
    async with http.post(webhook_address, data=b"{" + padding, headers=LET_IN) as answer:
        assert answer.status == 413
    assert inbox.arrived == 0


JUNK = [
    b"",
    b"nonsense",
    b"\xff\xfe",
    b"[]",
    b"5",
    b"null",
    b'"text"',
    b"{}",
    b"[" * 60_000,
]


@pytest.mark.parametrize("junk", JUNK, ids=lambda junk: str(junk[:20]))
async def test_junk_is_taken_so_that_it_does_not_come_again(
    webhook_address: str, http: ClientSession, inbox: Inbox, junk: bytes
) -> None:
    with capture_logs() as logs:
        async with http.post(webhook_address, data=junk, headers=LET_IN) as answer:
            assert answer.status == 200
    assert inbox.arrived == 0
    assert [each["log_level"] for each in logs] == ["error"]


async def test_what_could_not_be_stored_is_asked_for_again(server: FakeTelegram, http: ClientSession) -> None:
    inbox = Inbox(Failure("locked"))
    async with running_bot(server, inbox) as bot:
        for status in (503, 200):
            async with http.post(address(bot), json=HELLO, headers=LET_IN) as answer:
                assert (answer.status, await answer.read()) == (status, b"")
    assert inbox.contents == [TextMessage("hello", "9")]


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_it_opens_to_post_only(
    webhook_address: str, http: ClientSession, inbox: Inbox, method: str
) -> None:
    async with http.request(method, webhook_address, json=HELLO, headers=LET_IN) as answer:
        assert answer.status == 405
    assert inbox.arrived == 0


async def test_there_is_no_other_door(webhook_address: str, http: ClientSession) -> None:
    for path in ("", "/", "/telegram", f"{PATH}/{SECRET}"):
        async with http.post(
            f"{webhook_address.removesuffix(PATH)}{path}", json=HELLO, headers=LET_IN
        ) as answer:
            assert answer.status == 404
