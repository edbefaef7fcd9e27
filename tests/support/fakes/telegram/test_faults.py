"""The bad days of the fake Telegram."""

import asyncio
import math

import pytest
from aiohttp import ClientSession
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter, TimedOut

from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram


@pytest.fixture
def now(server: FakeTelegram) -> list[float]:
    """The time of the flood limits, in seconds, which a test moves."""
    time = [1000.0]
    server.clock = lambda: time[0]
    return time


async def waits(bot: Bot, person: Person, **options: bool) -> float:
    """How long the bot is told to wait before it may send this person something; 0 where it was sent."""
    try:
        await bot.send_message(person.id, "hello", **options)  # type: ignore[arg-type]  # one of many options
    except RetryAfter as error:
        pause = error.retry_after
        return pause if isinstance(pause, int) else pause.total_seconds()
    return 0


async def test_a_bot_that_is_too_fast_has_to_wait(
    server: FakeTelegram, anna: Person, bot: Bot, now: list[float]
) -> None:
    server.flood((0.5, 2))
    assert [await waits(bot, anna) for _ in range(3)] == [0, 0, 2]
    now[0] += 1
    assert await waits(bot, anna) == 1
    now[0] += 1
    assert [await waits(bot, anna) for _ in range(2)] == [0, 2]
    assert await waits(bot, anna, allow_paid_broadcast=True) == 0
    assert len(anna.inbox) == 4


async def test_each_chat_has_a_limit_of_its_own(
    server: FakeTelegram, anna: Person, bot: Bot, now: list[float]
) -> None:
    bea = server.person("Bea")
    server.flood(chat=(1, 1))
    assert [await waits(bot, anna), await waits(bot, anna), await waits(bot, bea)] == [0, 1, 0]
    server.flood()
    assert await waits(bot, anna) == 0


async def test_a_revoked_token_is_good_for_nothing(server: FakeTelegram, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await server.until(lambda: server.calls[-1][0] == "getUpdates")
    await server.revoke()
    with pytest.raises(InvalidToken):
        await poll
    with pytest.raises(InvalidToken):
        await bot.get_me()


async def test_an_answer_that_never_comes(server: FakeTelegram, anna: Person, bot: Bot) -> None:
    server.fail_next("sendMessage", hang=math.inf)
    with pytest.raises(TimedOut):
        await bot.send_message(anna.id, "hello", read_timeout=0.05)
    assert anna.inbox == []


async def test_a_failure_may_be_meant_for_one_chat(server: FakeTelegram, anna: Person, bot: Bot) -> None:
    bea = server.person("Bea")
    server.fail_next("sendMessage", status=502, to=bea)
    server.fail_next("sendMessage", status=400, description="Bad Request: invented")
    with pytest.raises(BadRequest, match="Invented"):
        await bot.send_message(anna.id, "hello")
    await bot.send_message(anna.id, "hello")
    with pytest.raises(NetworkError, match="Bad Gateway"):
        await bot.send_message(bea.id, "hello")
    assert (len(anna.inbox), len(bea.inbox)) == (1, 0)


@pytest.mark.parametrize(
    "method", ["getMe", "getUpdates", "setWebhook", "sendDocument", "setMyCommands", "getMyDescription"]
)
async def test_every_method_can_fail(server: FakeTelegram, http: ClientSession, method: str) -> None:
    server.fail_next(method, retry_after=4)
    async with http.post(method) as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "4")
