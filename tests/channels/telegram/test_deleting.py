"""What the bot wrote in the last 48 hours can be deleted; older messages hold up no others."""

import pytest
from markupsafe import Markup

from assistant.channels.telegram.channel import Telegram
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.messages import Reply
from tests.support.channels.telegram_calls import address_of, calls_of
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram

OLD = 49 * 3600  # seconds


async def sent(bot: Telegram, person: Person, count: int) -> list[str]:
    """The references of so many messages."""
    texts = (Reply(Markup("{} letters").format(number)) for number in range(count))
    return [await bot.send(address_of(person), each) or "" for each in texts]


async def test_many_are_deleted_in_one_call(bot: Telegram, server: FakeTelegram, anna: Person) -> None:
    assert bot.deletion.at_once == 100
    named = await sent(bot, anna, 100)
    await bot.delete(address_of(anna), named)
    assert anna.deleted == [int(each) for each in named]
    assert len(calls_of(server, "deleteMessages")) == 1
    assert calls_of(server, "deleteMessage") == []


async def test_those_that_are_too_old_stay_and_the_others_go(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    named = await sent(bot, anna, 4)
    anna.age(int(named[0]), OLD)
    anna.age(int(named[2]), OLD)
    await bot.delete(address_of(anna), named)
    assert anna.deleted == [int(named[1]), int(named[3])]
    assert len(calls_of(server, "deleteMessage")) == 4


async def test_one_that_its_reader_has_deleted_is_no_failure(bot: Telegram, anna: Person) -> None:
    gone, old, young = await sent(bot, anna, 3)
    await bot.delete(address_of(anna), [gone])
    anna.age(int(old), OLD)
    await bot.delete(address_of(anna), [gone, old, young])
    assert anna.deleted == [int(gone), int(young)]


@pytest.mark.parametrize(
    "refusal",
    [
        "Bad Request: message can't be deleted",
        "Bad Request: message can't be deleted for everyone",
        "Bad Request: message to delete not found",
        "Bad Request: message identifier is not specified",
    ],
)
async def test_whatever_telegram_says_of_one_the_others_are_deleted(
    bot: Telegram, server: FakeTelegram, anna: Person, refusal: str
) -> None:
    named = await sent(bot, anna, 2)
    server.fail_next("deleteMessages", status=400, description=refusal)
    server.fail_next("deleteMessage", status=400, description=refusal)
    await bot.delete(address_of(anna), named)
    assert anna.deleted == [int(named[1])]


async def test_a_pause_and_a_lost_connection_are_told_to_be_tried_again(
    bot: Telegram, server: FakeTelegram, anna: Person
) -> None:
    named = await sent(bot, anna, 2)
    server.fail_next("deleteMessages", retry_after=7)
    with pytest.raises(Throttled) as caught:
        await bot.delete(address_of(anna), named)
    assert caught.value.retry_after == 7
    server.fail_next("deleteMessages", reset=True)
    with pytest.raises(Failure) as lost:
        await bot.delete(address_of(anna), named)
    assert not lost.value.permanent
    await bot.delete(address_of(anna), named)
    assert len(anna.deleted) == 2


async def test_who_has_blocked_the_bot_keeps_what_they_have(bot: Telegram, anna: Person) -> None:
    named = await sent(bot, anna, 1)
    await anna.block()
    with pytest.raises(Unreachable):
        await bot.delete(address_of(anna), named)
    assert anna.deleted == []
