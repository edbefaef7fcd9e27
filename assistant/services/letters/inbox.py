"""The mailbox of our addresses is watched, and what comes is read: again after every failure."""

import asyncio
import random

import structlog

from assistant.carriers.email.imap import LOOK_EVERY, Arrived, Mailbox
from assistant.carriers.email.settings import Inbox
from assistant.domain.errors import Failure, Misconfigured
from assistant.outages import Outage
from assistant.services.letters.mail import MailReader

LONGEST_BACKOFF = 300.0  # seconds
MEND = "mail cannot be read until this is mended; it is tried again, and all else goes on"
AGAIN = "mail cannot be read now; it is tried again"

log = structlog.get_logger()


class InboxWatcher:
    """Reads what is unread, then waits for more."""

    def __init__(self, inbox: Inbox, reader: MailReader) -> None:
        self._inbox = inbox
        self._reader = reader

    async def run(self) -> None:
        """Until cancelled."""
        failures, outage = 0, Outage("the mailbox")
        while True:
            mailbox, failures = Mailbox(self._inbox), failures + 1
            try:
                await asyncio.to_thread(mailbox.open)
                await self._read_new(mailbox)
                failures = 0
                outage.over()
                await self._watch(mailbox)
            except Failure as failure:
                if not failures:
                    continue  # it worked until now: servers hang up now and then
                mend = isinstance(failure, Misconfigured)
                outage.failed(MEND if mend else AGAIN, level="error", reason=failure.reason)
            except Exception:
                log.exception("the mailbox failed in a way it should not")
            finally:
                mailbox.close()
            await asyncio.sleep(min(LONGEST_BACKOFF, 2.0 ** min(failures, 10)) * random.uniform(0.5, 1.0))  # noqa: S311

    async def _watch(self, mailbox: Mailbox) -> None:
        tells = await asyncio.to_thread(lambda: mailbox.tells)
        while True:
            if tells:
                await asyncio.to_thread(mailbox.wait)
            else:
                await asyncio.sleep(LOOK_EVERY)
            await self._read_new(mailbox)

    async def _read_new(self, mailbox: Mailbox) -> None:
        """Each is marked as seen once what it says is stored; those for a person are flagged instead."""
        unread = mailbox.unread()
        while (mail := await asyncio.to_thread(next, unread, None)) is not None:
            settled = await self._read(mail)
            await asyncio.to_thread(mailbox.settle if settled else mailbox.flag, mail)

    async def _read(self, mail: Arrived) -> bool:
        try:
            return await self._reader.read(mail.raw)
        except Failure:
            raise
        except Exception:  # one mail must not keep all others waiting
            log.exception("a mail could not be read: it is flagged in the mailbox")
            return False
