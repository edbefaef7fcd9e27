"""Whether a channel would work is asked without a word to anybody, and without taking what people write."""

import asyncio

import pytest

from assistant.domain.errors import Failure
from assistant.domain.messages import TextMessage
from tests.support.conformance.channels import for_channels_with
from tests.support.conformance.driver import PRIVATE, Driver, Feature, Participant
from tests.support.conformance.receiver import Receiver

pytestmark = pytest.mark.chance
LIMIT = 20  # seconds


@for_channels_with()
async def test_a_channel_that_works_has_nothing_to_say(driver: Driver, anna: Participant) -> None:
    async with asyncio.timeout(LIMIT):
        await driver.channel.probe()
    assert anna.got() == []


@for_channels_with(Feature.ANSWERS)
async def test_where_no_server_listens_it_is_said_what_to_look_at(driver: Driver) -> None:
    nowhere = driver.unreachable()
    await driver.opened(nowhere)
    with pytest.raises(Failure) as caught:
        async with asyncio.timeout(LIMIT):
            await nowhere.probe()
    assert caught.value.reason.endswith(".")
    driver.check_no_private_text(caught.value.reason)


@for_channels_with(Feature.WRITING, Feature.KEPT)
async def test_what_people_write_meanwhile_still_comes(driver: Driver, anna: Participant) -> None:
    receiver = Receiver()
    async with driver.reading(receiver.receive):
        await driver.channel.probe()
        await anna.writes(f"{PRIVATE} one")
        await driver.channel.probe()
        await receiver.until_taken(anna.address, 1)
    [content] = receiver.contents(anna.address)
    assert isinstance(content, TextMessage) and content.text == f"{PRIVATE} one"
