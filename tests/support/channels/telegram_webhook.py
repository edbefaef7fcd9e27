"""A bot that Telegram reaches by its webhook."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.webhook import Webhook
from assistant.web.server import serve
from tests.support.channels.inbox import Inbox, reading
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.ports import reserved

PATH = "/hook"
SECRET = Webhook("https://example.org", FakeTelegram.token).secret


@asynccontextmanager
async def running_bot(server: FakeTelegram, inbox: Inbox) -> AsyncIterator[Telegram]:
    """A bot whose web server is there, but of which Telegram does not know yet."""
    with reserved() as listen:
        bot = Telegram(server.token, server.url, webhook_url=f"http://{listen}{PATH}")
        await bot.open()
        try:
            async with serve(listen, bot.routes(inbox.receive)):
                yield bot
        finally:
            await bot.close()


@asynccontextmanager
async def registered_bot(server: FakeTelegram, inbox: Inbox) -> AsyncIterator[Telegram]:
    """A bot whose webhook Telegram calls."""
    async with running_bot(server, inbox) as bot, reading(bot, inbox):
        await server.until(lambda: server.webhook is not None)
        yield bot


def address(bot: Telegram) -> str:
    """Where its webhook is."""
    assert bot._webhook is not None
    return bot._webhook.url
