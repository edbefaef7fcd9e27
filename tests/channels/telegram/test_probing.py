"""What asking Telegram beforehand shows: the token, and whose webhook there is."""

import pytest

from assistant.channels.telegram.channel import Telegram
from assistant.channels.telegram.errors import OTHER_WEBHOOK, UNKNOWN_TOKEN
from assistant.domain.errors import Failure, Misconfigured
from tests.support.channels.telegram_calls import calls_of
from tests.support.fakes.telegram.server import FakeTelegram


async def test_a_token_that_telegram_refuses_is_the_operators_to_change(
    server: FakeTelegram, bot: Telegram
) -> None:
    await server.revoke()
    with pytest.raises(Misconfigured) as caught:
        await bot.probe()
    assert caught.value.reason == UNKNOWN_TOKEN


async def test_the_webhook_of_another_program_is_named_and_left_alone(
    server: FakeTelegram, bot: Telegram
) -> None:
    other = Telegram(server.token, server.url, webhook_url="http://127.0.0.1:9/other")
    await other.open()
    assert await other._register()
    await other.probe()  # to whom it belongs
    with pytest.raises(Failure) as caught:
        await bot.probe()
    assert caught.value.reason == OTHER_WEBHOOK
    assert calls_of(server, "deleteWebhook") == []
    await other.close()
