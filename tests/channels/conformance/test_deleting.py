"""A message of ours that is deleted is gone from its chat, and the others stay."""

import pytest

from assistant.domain.errors import Failure
from tests.channels.conformance.test_editing import saying, sent
from tests.support.conformance.channels import for_channels_with
from tests.support.conformance.driver import Driver, Feature, Participant


@for_channels_with(Feature.DELETES)
async def test_a_message_is_deleted_and_the_others_stay(driver: Driver, anna: Participant) -> None:
    _, reference, _ = [await sent(driver, anna, saying(text)) for text in ("one", "two", "three")]
    first, _, last = anna.got()
    await driver.channel.delete(anna.address, [reference])
    assert anna.got() == [first, last]


@for_channels_with(Feature.DELETES)
async def test_as_many_as_it_says_are_deleted_at_once(driver: Driver, anna: Participant) -> None:
    assert driver.channel.deletion is not None
    count = min(driver.channel.deletion.at_once, 20)
    named = [await sent(driver, anna, saying(str(number))) for number in range(count)]
    await driver.channel.delete(anna.address, named)
    assert anna.got() == []


@for_channels_with(Feature.DELETES)
async def test_one_that_is_gone_already_is_passed_over(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("one"))
    for _ in range(2):
        await driver.channel.delete(anna.address, [reference])
    assert anna.got() == []


@for_channels_with(Feature.DELETES, Feature.ANSWERS)
async def test_where_there_is_no_connection_it_can_be_tried_again(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("one"))
    nowhere = driver.unreachable()
    await driver.opened(nowhere)
    with pytest.raises(Failure) as caught:
        await nowhere.delete(anna.address, [reference])
    assert not caught.value.permanent
    driver.check_no_private_text(f"{caught.value.reason}{caught.value!r}")
    await driver.channel.delete(anna.address, [reference])
    assert anna.got() == []


@for_channels_with()
async def test_a_channel_says_whether_it_can(driver: Driver, anna: Participant) -> None:
    can = Feature.DELETES not in driver.lacks
    assert (driver.channel.deletion is not None) == can
    if not can:
        await driver.channel.send(anna.address, saying("hello"))
        before = anna.got()
        with pytest.raises(Failure) as caught:
            await driver.channel.delete(anna.address, ["1"])
        assert caught.value.permanent
        assert anna.got() == before
