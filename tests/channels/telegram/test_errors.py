"""Every way in which Telegram refuses or breaks becomes a Failure that says what to do."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
from markupsafe import Markup

from assistant.channels.telegram import client as telegram_request
from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Failure, Misconfigured, Throttled, Unreachable
from assistant.domain.messages import File, Reply
from tests.support.channels.telegram_calls import address_of
from tests.support.fakes.telegram.chats import Chat
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

PDF = File("letter.pdf", "application/pdf", b"%PDF-1.7 invented")
SHORT = 0.5  # seconds; a busy machine needs some to connect


async def failing(bot: Telegram, person: Chat | int, file: File | None = None) -> Failure:
    """How sending fails."""
    with pytest.raises(Failure) as caught:
        await bot.send(address_of(person), Reply(Markup("hello Anna")), file)
    assert caught.value.reason.startswith("Telegram")
    assert "Anna" not in caught.value.reason
    return caught.value


@asynccontextmanager
async def over(url: str) -> AsyncIterator[Telegram]:
    """A bot whose Telegram is there."""
    channel = Telegram(FakeTelegram.token, url)
    await channel.open()
    yield channel
    await channel.close()


GONE = [
    (403, "Forbidden: bot was blocked by the user"),
    (403, "Forbidden: user is deactivated"),
    (403, "Forbidden: bot was kicked from the group chat"),
    (403, "Forbidden: bot can't initiate conversation with a user"),
    (400, "Bad Request: chat not found"),
    (400, "Bad Request: user not found"),
    (400, "Bad Request: PEER_ID_INVALID"),
    (400, "Bad Request: USER_ID_INVALID"),
    (400, "Bad Request: INPUT_USER_DEACTIVATED"),
    (400, "Bad Request: USER_IS_BLOCKED"),
    (400, "Bad Request: CHAT_WRITE_FORBIDDEN"),
    (400, "Bad Request: CHANNEL_PRIVATE"),
    (400, "PEER_ID_INVALID"),
]


@pytest.mark.parametrize(("status", "description"), GONE)
async def test_people_who_are_gone_are_unreachable(
    bot: Telegram, server: FakeTelegram, anna: Person, status: int, description: str
) -> None:
    server.fail_next("sendMessage", status=status, description=description)
    failure = await failing(bot, anna)
    assert isinstance(failure, Unreachable) and failure.permanent and not failure.uncertain


async def test_so_are_those_who_never_were(bot: Telegram, anna: Person) -> None:
    assert isinstance(await failing(bot, 4711), Unreachable)


async def test_so_are_those_who_block_us(bot: Telegram, anna: Person) -> None:
    await anna.block()
    assert isinstance(await failing(bot, anna, PDF), Unreachable)
    await anna.unblock()
    await bot.send(address_of(anna), Reply(Markup("hello")))
    assert [message.text for message in anna.inbox] == ["hello"]


@pytest.mark.parametrize("seconds", [1, 2282, 10_072])
async def test_a_pause_that_is_asked_for_is_throttled_for_just_as_long(
    bot: Telegram, server: FakeTelegram, anna: Person, seconds: int
) -> None:
    server.fail_next("sendMessage", retry_after=seconds)
    failure = await failing(bot, anna)
    assert isinstance(failure, Throttled)
    assert (failure.retry_after, failure.uncertain, failure.replies) == (seconds, False, False)


Fault = dict[str, Any]  # Any: arguments of `fail_next`
TRY_AGAIN, NEVER, PERHAPS = (False, False), (True, False), (False, True)
FAULTS: list[tuple[Fault, tuple[bool, bool], str]] = [
    ({"status": 400, "description": "Bad Request: message is too long"}, NEVER, "Message is too long"),
    ({"status": 400, "description": 'Bad Request: can\'t parse entities: "Anna"'}, NEVER, "parse entities"),
    ({"status": 400, "description": "Bad Request: BUTTON_DATA_INVALID"}, NEVER, "Button_data_invalid"),
    ({"status": 400, "description": "Bad Request: 'Anna 1000' is bad: x"}, NEVER, "that we do not know"),
    ({"status": 400, "description": "Anna: hello"}, NEVER, "that we do not know"),
    ({"status": 401}, TRY_AGAIN, "ASSISTANT_TELEGRAM_TOKEN"),  # once an operator has mended it
    ({"status": 404}, TRY_AGAIN, "ASSISTANT_TELEGRAM_TOKEN"),
    ({"status": 409, "description": "Conflict: other"}, TRY_AGAIN, "another program"),
    ({"status": 500, "description": "Internal Server Error: Anna"}, TRY_AGAIN, "cannot be reached"),
    ({"status": 502}, TRY_AGAIN, "cannot be reached"),
    ({"status": 503}, TRY_AGAIN, "cannot be reached"),
    ({"reset": True}, PERHAPS, "no answer"),
    ({"reset": True, "after": True}, PERHAPS, "no answer"),
    ({"hang": float("inf")}, PERHAPS, "no answer"),
    ({"hang": float("inf"), "after": True}, PERHAPS, "no answer"),
    ({"status": 504}, PERHAPS, "no answer"),
    ({"status": 504, "garbage": "<html>504 Gateway Time-out</html>"}, PERHAPS, "no answer"),
    ({"status": 502, "garbage": "<html>502 Bad Gateway</html>"}, TRY_AGAIN, "cannot be reached"),
    ({"garbage": '{"ok": true, "result": {"message_'}, PERHAPS, "no answer"),
    ({"garbage": '{"ok": true, "result": {}}'}, PERHAPS, "no answer"),
    ({"garbage": '{"ok": true}'}, PERHAPS, "no answer"),
    ({"garbage": "<html>200</html>"}, PERHAPS, "no answer"),
    ({"garbage": ""}, PERHAPS, "no answer"),
]


@pytest.mark.parametrize(("fault", "outcome", "words"), FAULTS, ids=str)
async def test_every_refusal_says_what_to_do(
    bot: Telegram,
    server: FakeTelegram,
    anna: Person,
    monkeypatch: pytest.MonkeyPatch,
    fault: Fault,
    outcome: tuple[bool, bool],
    words: str,
) -> None:
    monkeypatch.setattr(telegram_request, "READ", SHORT if "hang" in fault else 20)
    server.fail_next("sendMessage", **fault)
    failure = await failing(bot, anna)
    assert not isinstance(failure, Unreachable | Throttled)
    assert (failure.permanent, failure.uncertain) == outcome
    assert failure.retry_after is None
    assert words in failure.reason
    assert "anna" not in failure.reason.lower() and "1000" not in failure.reason, "it may be quoted"


async def test_letters_are_refused_like_texts(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    server.fail_next("sendDocument", retry_after=7)
    server.fail_next("sendDocument", status=502)
    server.fail_next("sendDocument", reset=True)
    server.fail_next("sendDocument", garbage='{"ok": true, "result": {}}')
    failures = [await failing(bot, anna, PDF) for _ in range(4)]
    assert [each.retry_after for each in failures] == [7, None, None, None]
    assert [(each.permanent, each.uncertain) for each in failures] == [TRY_AGAIN] * 2 + [PERHAPS] * 2


async def test_an_unknown_token_is_the_operators_to_mend_and_told(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    await server.revoke()
    failure = await failing(bot, anna)
    assert isinstance(failure, Misconfigured)
    assert bot.trouble == failure.reason


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1:9", "http://nowhere.invalid", "http://127.0.0.1:99999", "https://127.0.0.1:9"],
    ids=["nobody listens", "no such name", "no such port", "nobody listens to TLS"],
)
async def test_where_nothing_was_sent_nothing_is_uncertain(anna: Person, url: str) -> None:
    async with over(url) as nobody:
        failure = await failing(nobody, anna)
    assert (failure.permanent, failure.uncertain) == TRY_AGAIN
    assert failure.reason == "Telegram cannot be reached."


@contextmanager
def refusing() -> Iterator[str]:
    """An address whose machine takes no more connections, and does not say so, as behind some firewalls."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening:
        address = listening.getsockname()
        queue = []
        for _ in range(4):
            client = socket.socket()
            client.setblocking(False)
            client.connect_ex(address)
            queue.append(client)
        yield f"http://127.0.0.1:{address[1]}"
        for client in queue:
            client.close()


async def test_a_connection_that_is_never_made_leaves_nothing_uncertain(
    anna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telegram_request, "CONNECT", SHORT)
    with refusing() as url:
        async with over(url) as shut_out:
            failure = await failing(shut_out, anna)
    assert (failure.permanent, failure.uncertain) == TRY_AGAIN
    assert failure.reason == "Telegram cannot be reached."


@asynccontextmanager
async def answering(answer: bytes, *, ends: bool = True) -> AsyncIterator[str]:
    """An address that answers anything with these bytes."""
    connections: list[asyncio.StreamWriter] = []

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        await reader.read(1)
        writer.write(answer)
        if ends:
            await writer.drain()
            writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        for each in connections:
            each.close()


OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
PORTAL = b"<html>Please log in as Anna</html>"
NO_ANSWERS: list[tuple[bytes, bool]] = [  # what is said, and whether the connection then ends
    (b"", True),
    (b"", False),
    (b"HTTP/1.1 200 OK\r\nContent-Le", False),
    (OK + b"Content-Length: 500\r\n\r\n{", True),
    (OK + b"Content-Length: 500\r\n\r\n{", False),
    (b"SSH-2.0-invented\r\n", True),
]


@pytest.mark.parametrize(("answer", "ends"), NO_ANSWERS)
async def test_half_an_answer_is_none(
    anna: Person, monkeypatch: pytest.MonkeyPatch, answer: bytes, ends: bool
) -> None:
    monkeypatch.setattr(telegram_request, "READ", SHORT)
    async with answering(answer, ends=ends) as url, over(url) as bot:
        failure = await failing(bot, anna)
    assert (failure.permanent, failure.uncertain) == PERHAPS
    assert failure.reason == "Telegram gave no answer."


@pytest.mark.parametrize(
    "status", [b"200 OK", b"302 Found", b"403 Forbidden", b"511 Network Authentication Required"]
)
async def test_what_is_not_telegram_at_all_neither_ends_anything_nor_is_told_of_in_its_words(
    anna: Person, status: bytes
) -> None:
    page = b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status, len(PORTAL), PORTAL)
    async with answering(page) as url, over(url) as bot:
        failure = await failing(bot, anna)
    assert not failure.permanent
    assert "Please log in" not in failure.reason
