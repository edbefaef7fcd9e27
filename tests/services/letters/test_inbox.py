"""The mailbox is watched: what comes is read at once, marked when it is done, and again after a failure."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog
from sqlalchemy import select

from assistant.carriers.email.settings import Inbox
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters import inbox as watching
from assistant.services.letters.inbox import InboxWatcher
from assistant.services.letters.mail import MailReader
from assistant.store.tables import answers
from tests.support.answers import SAID, answer, mailed, token_of
from tests.support.carriers.email_bounces import POSTFIX, TOKEN
from tests.support.carriers.email_own_formats import UNCLEAR
from tests.support.fakes.imap_server import PASSWORD, ImapServer
from tests.support.harness import Harness

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
pytestmark = ON_SQLITE


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for between two tries."""
    monkeypatch.setattr(watching, "LONGEST_BACKOFF", 0.05)


@asynccontextmanager
async def watched(harness: Harness, url: str, reader: MailReader | None = None) -> AsyncIterator[None]:
    task = asyncio.create_task(InboxWatcher(Inbox.parse(url), reader or harness.mail_reader()).run())
    try:
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def kept(harness: Harness) -> int:
    return len(await harness.rows(select(answers.c.id)))


@pytest.mark.parametrize("idle", [True, False])
async def test_what_is_there_and_what_comes_is_read_and_marked(
    harness: Harness, monkeypatch: pytest.MonkeyPatch, idle: bool
) -> None:
    monkeypatch.setattr(watching, "LOOK_EVERY", 0.05)
    await mailed(harness, "ana", "ben", "eva")
    async with ImapServer(idle=idle) as server:
        await server.put(answer(1))
        async with watched(harness, server.url):
            await server.until_flags({"Seen"})
            await server.put(POSTFIX.replace(TOKEN, token_of(2)).encode())
            await server.put(b"Subject: nothing of ours\r\n\r\nhello")
            await server.put(UNCLEAR["no address"].replace(TOKEN, token_of(3)).encode())
            await server.until_flags({"Seen"}, {"Seen"}, {"Seen"}, {"Flagged"})
    assert await kept(harness) == 1
    statuses = await harness.letter_statuses()
    assert statuses[0] is LetterStatus.SENT
    assert statuses[1:] != [LetterStatus.SENT] * 2


async def test_when_the_mailbox_hangs_up_or_goes_away_it_is_opened_again(harness: Harness) -> None:
    await mailed(harness, "ana")
    async with ImapServer() as server, watched(harness, server.url):
        await server.put(answer(number=1))
        await server.until_flags({"Seen"})
        server.cut()
        await server.put(answer(number=2))
        await server.until_flags({"Seen"}, {"Seen"})
        await server.go_away()
        await asyncio.sleep(0.2)
        await server.come_back()
        await server.put(answer(number=3))
        await server.until_flags({"Seen"}, {"Seen"}, {"Seen"})
    assert await kept(harness) == 3


class BrokenReader(MailReader):
    """Fails at some mails: `fault` at the first."""

    fault: Exception | None = None

    async def read(self, raw: bytes, *, again: bool = False) -> bool:
        if self.fault is not None and b"answer-1@" in raw:
            fault, self.fault = self.fault, None
            raise fault
        return await super().read(raw, again=again)


def broken(harness: Harness, fault: Exception) -> BrokenReader:
    reader = BrokenReader(harness.store, harness.decisions(), harness.news.answer_service)
    reader.fault = fault
    return reader


async def test_what_could_not_be_stored_stays_unread_and_is_read_again(harness: Harness) -> None:
    await mailed(harness, "ana")
    async with ImapServer() as server:
        await server.put(answer())
        async with watched(harness, server.url, broken(harness, Failure("the disk is full"))):
            await server.until_flags({"Seen"})
    assert await kept(harness) == 1


async def test_a_mail_at_which_we_fail_is_left_to_a_person_and_holds_up_no_other(harness: Harness) -> None:
    await mailed(harness, "ana")
    async with ImapServer() as server:
        await server.put(answer(number=1))
        await server.put(answer(number=2))
        async with watched(harness, server.url, broken(harness, ZeroDivisionError())):
            await server.until_flags({"Flagged"}, {"Seen"})
    assert await kept(harness) == 1


async def test_the_log_says_what_is_wrong_and_nothing_of_anybody(harness: Harness) -> None:
    await mailed(harness, "ana")
    with structlog.testing.capture_logs() as logged:
        async with ImapServer(password="another") as server, watched(harness, server.url):
            await server.until(lambda: server.sessions > 3)
        async with ImapServer() as server:
            await server.put(answer())
            async with watched(harness, server.url, broken(harness, ZeroDivisionError())):
                await server.until_flags({"Flagged"})
    refused = [each for each in logged if each["event"] == watching.MEND]
    assert len(refused) == 1  # and not each time
    assert "ASSISTANT_MAIL_INBOX" in refused[0]["reason"]
    shown = repr([{key: each[key] for key in each if key != "exc_info"} for each in logged])
    assert all(word not in shown for word in (SAID, PASSWORD, token_of(1), "office@example.org"))


async def test_a_cancelled_watcher_ends_soon(harness: Harness) -> None:
    async with ImapServer() as server:
        async with watched(harness, server.url):
            await server.until(lambda: server.connected > 0)
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 10
        await server.until(lambda: server.connected == 0)
