"""A mailbox over IMAP, on pymap, a real server: what is unread comes, and what is done is marked."""

import asyncio
import threading
import time

import pytest
from imapclient import IMAPClient  # type: ignore[import-untyped]  # it has no types

from assistant.carriers.email.imap import Mailbox
from assistant.carriers.email.incoming import LARGEST
from assistant.carriers.email.settings import Inbox, Tls
from assistant.domain.errors import Down, Failure, Misconfigured
from tests.support.fakes.imap_server import PASSWORD, USER, ImapServer

MAIL = b"Subject: one\r\n\r\nThank you.\r\n"
OTHER = b"Subject: other\r\n\r\nNo.\r\n"


async def opened(url: str) -> Mailbox:
    mailbox = Mailbox(Inbox.parse(url))
    await asyncio.to_thread(mailbox.open)
    return mailbox


async def unread(mailbox: Mailbox) -> list[bytes]:
    return [mail.raw for mail in await asyncio.to_thread(lambda: list(mailbox.unread()))]


async def test_what_is_unread_comes_until_it_is_settled_or_flagged() -> None:
    async with ImapServer() as server:
        await server.put(MAIL)
        await server.put(OTHER)
        mailbox = await opened(server.url)
        first, second = await asyncio.to_thread(lambda: list(mailbox.unread()))
        assert (first.raw, second.raw) == (MAIL, OTHER)
        assert await unread(mailbox) == [MAIL, OTHER]  # a crash: nothing was settled
        assert await server.flags() == [set(), set()]
        await asyncio.to_thread(mailbox.settle, first)
        await asyncio.to_thread(mailbox.flag, second)
        assert await unread(mailbox) == []
        assert await server.flags() == [{"Seen"}, {"Flagged"}]
        mailbox.close()


async def test_it_waits_until_something_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    waits, check = threading.Event(), IMAPClient.idle_check

    def idle_check(client: IMAPClient, timeout: float) -> object:
        waits.set()  # before that, what comes breaks it off
        return check(client, timeout)

    monkeypatch.setattr(IMAPClient, "idle_check", idle_check)
    async with ImapServer() as server:
        mailbox = await opened(server.url)
        assert await asyncio.to_thread(lambda: mailbox.tells)
        waiting = asyncio.create_task(asyncio.to_thread(mailbox.wait))
        assert await asyncio.to_thread(waits.wait, 20)
        assert not waiting.done()
        await server.put(MAIL)
        try:
            async with asyncio.timeout(20):
                await waiting
        except Down as down:  # it came at that very moment: who waits looks again at once
            assert down.retry_after == 0
            mailbox.close()
            mailbox = await opened(server.url)
        assert await unread(mailbox) == [MAIL]
        mailbox.close()


async def test_what_comes_while_nobody_waits_is_not_waited_for() -> None:
    """The server tells it beside the answer to something else, and not a second time."""
    async with ImapServer() as server:
        mailbox = await opened(server.url)
        for mail in (MAIL, OTHER):
            found = await asyncio.to_thread(lambda: list(mailbox.unread()))
            await server.put(mail)
            for each in found:
                await asyncio.to_thread(mailbox.settle, each)
            async with asyncio.timeout(20):
                await asyncio.to_thread(mailbox.wait)
        assert await unread(mailbox) == [OTHER]
        mailbox.close()


async def test_it_waits_no_longer_than_it_is_told() -> None:
    async with ImapServer() as server:
        mailbox = await opened(server.url)
        await asyncio.to_thread(mailbox.wait, 0.1)
        assert await unread(mailbox) == []
        mailbox.close()


async def test_closing_ends_what_waits() -> None:
    async with ImapServer() as server:
        mailbox = await opened(server.url)
        waiting = asyncio.create_task(asyncio.to_thread(mailbox.wait))
        await asyncio.sleep(0.2)
        began = time.monotonic()
        mailbox.close()
        mailbox.close()
        with pytest.raises(Down):
            await waiting
        assert time.monotonic() - began < 10
        with pytest.raises(Down):
            await unread(mailbox)


async def test_of_a_huge_mail_no_more_comes_than_counts() -> None:
    async with ImapServer() as server:
        await server.put(MAIL + b"x" * LARGEST)
        mailbox = await opened(server.url)
        [raw] = await unread(mailbox)
        assert len(raw) == LARGEST
        mailbox.close()


async def test_another_folder_can_be_named() -> None:
    async with ImapServer() as server:
        await server.make_folder("Letters/In")
        await server.put(MAIL)
        await server.put(OTHER, "Letters/In")
        mailbox = await opened(f"{server.url}/Letters%2FIn")
        assert await unread(mailbox) == [OTHER]
        mailbox.close()


# What does not work


@pytest.mark.parametrize(
    ("right", "wrong", "word"), [("p%40ss", "wrong", "user and password"), ("", "/nowhere", "folder")]
)
async def test_a_mailbox_that_refuses_us_says_what_to_mend(right: str, wrong: str, word: str) -> None:
    async with ImapServer() as server:
        url = server.url.replace(right, wrong) if right else server.url + wrong
        with pytest.raises(Misconfigured, match=word) as caught:
            await opened(url)
        assert "ASSISTANT_MAIL_INBOX" in caught.value.reason
        assert USER not in caught.value.reason and PASSWORD not in caught.value.reason
        await server.until(lambda: server.connected == 0)


async def test_a_mailbox_that_is_gone_is_down() -> None:
    async with ImapServer() as server:
        url = server.url
    with pytest.raises(Down, match="cannot be reached"):
        await opened(url)


async def test_a_mailbox_that_hangs_up_is_down() -> None:
    async with ImapServer() as server:
        mailbox = await opened(server.url)
        waiting = asyncio.create_task(asyncio.to_thread(mailbox.wait))
        await asyncio.sleep(0.2)
        server.cut()
        with pytest.raises(Down):
            await waiting
        with pytest.raises(Failure):
            await unread(mailbox)
        mailbox.close()


async def test_what_is_no_mailbox_is_told() -> None:
    async def nonsense(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(nonsense, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Failure):
            await opened(f"imap://user:secret@127.0.0.1:{port}")


# The setting


@pytest.mark.parametrize(
    ("url", "host", "port", "tls", "folder"),
    [
        ("imaps://u:p@mail.example.org", "mail.example.org", 993, Tls.AT_ONCE, "INBOX"),
        ("imaps://u:p@mail.example.org/", "mail.example.org", 993, Tls.AT_ONCE, "INBOX"),
        ("imaps://u:p@mail.example.org:1993/Letters", "mail.example.org", 1993, Tls.AT_ONCE, "Letters"),
        ("imaps://u:p@mail.example.org/a/b%20c", "mail.example.org", 993, Tls.AT_ONCE, "a/b c"),
        ("imap://u:p@mail.example.org", "mail.example.org", 143, Tls.STARTTLS, "INBOX"),
        ("imap://u:p@127.0.0.1", "127.0.0.1", 143, Tls.NONE, "INBOX"),
        ("imap://u:p@mail.example.org/x?tls=none", "mail.example.org", 143, Tls.NONE, "x"),
    ],
)
def test_an_address_says_where_the_mailbox_is(url: str, host: str, port: int, tls: Tls, folder: str) -> None:
    inbox = Inbox.parse(url)
    server = inbox.server
    assert (server.host, server.port, server.tls, inbox.folder) == (host, port, tls, folder)
    assert (server.context is None) == (tls is Tls.NONE)


def test_the_login_is_percent_encoded_and_not_shown() -> None:
    inbox = Inbox.parse("imaps://user%40example.org:p%40ss%2F@mail.example.org")
    assert (inbox.server.user, inbox.server.password) == ("user@example.org", "p@ss/")
    assert "p@ss" not in repr(inbox)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "imaps://mail.example.org",
        "imaps://user@mail.example.org",
        "imaps://:secret@mail.example.org",
        "pop3://user:secret@mail.example.org",
        "smtp://user:secret@mail.example.org",
        "imaps://user:secret@",
        "imaps://user:secret@mail.example.org:port",
        "imaps://user:sec/ret@mail.example.org",
        "imaps://user:secret#@mail.example.org",
        "imaps://user:secret@mail.example.org/a%0D%0Ab",
        "imaps://user:secr%C3%A9t@mail.example.org",
        "imaps://user:secret%0A@mail.example.org",
        "imaps://user:secret@mail.example.org?tls=none",
        "imaps://user:secret@mail.example.org?cafile=/nowhere/ca.pem",
    ],
)
def test_an_address_that_is_none_is_told_without_its_password(url: str) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_MAIL_INBOX") as caught:
        Inbox.parse(url)
    assert "secr" not in caught.value.reason
