"""What the tests of the Telegram channel look at."""

from structlog.testing import capture_logs

from assistant.channels.telegram.channel import Telegram
from assistant.domain.messages import Account, Address, Incoming
from tests.support.channels.inbox import Inbox, reading
from tests.support.fakes.telegram.chats import Chat
from tests.support.fakes.telegram.html import Json
from tests.support.fakes.telegram.server import FakeTelegram


def address_of(chat: Chat | int) -> Address:
    """The address of a person or group over the bot."""
    return Address(Account("telegram", "123456"), str(chat if isinstance(chat, int) else chat.id))


def calls_of(server: FakeTelegram, method: str) -> list[Json]:
    """The parameters of every call of that method so far."""
    return [params for name, params in server.calls if name == method]


def offsets(server: FakeTelegram) -> list[int]:
    """The offset of every getUpdates so far: it confirms all updates below it."""
    return [params["offset"] for params in calls_of(server, "getUpdates")]


async def all_incoming(bot: Telegram, server: FakeTelegram) -> list[Incoming]:
    """What the bot hands over of all that people have done so far, none of which gives it trouble."""
    inbox, last = Inbox(), server.updates[-1]["update_id"]
    with capture_logs() as logs:
        async with reading(bot, inbox):
            await server.until(lambda: offsets(server)[-1:] == [last + 1])
    assert logs == []
    return inbox.taken
