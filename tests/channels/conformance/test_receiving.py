"""What people write on any channel reaches us as they wrote it: once, in order, and never lost."""

import asyncio

import pytest

from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.messages import Account, Edited, TextMessage, Unreadable
from tests.support.conformance import special_characters
from tests.support.conformance.channels import for_channels_with
from tests.support.conformance.driver import PRIVATE, Driver, Feature, Participant
from tests.support.conformance.receiver import Receiver

pytestmark = pytest.mark.chance


def texts(receiver: Receiver, participant: Participant) -> list[str]:
    """The texts taken from there."""
    return [
        content.text for content in receiver.contents(participant.address) if isinstance(content, TextMessage)
    ]


@for_channels_with()
def test_its_account_is_known_before_it_is_open_and_names_nobody(driver: Driver) -> None:
    account = driver.fresh().account
    assert account == driver.channel.account
    assert account.channel and account.id
    assert Account.parse(str(account)) == account
    driver.check_no_private_text(str(account))


@for_channels_with(Feature.WRITING)
async def test_what_is_written_comes_with_its_address_and_in_order(driver: Driver, anna: Participant) -> None:
    receiver = Receiver()
    async with driver.reading(receiver.receive):
        for word in ("one", "two", "three"):
            await anna.writes(f"{PRIVATE} {word}")
        await receiver.until_taken(anna.address, 3)
    assert texts(receiver, anna) == [f"{PRIVATE} {word}" for word in ("one", "two", "three")]
    taken = receiver.taken(anna.address)
    assert len({incoming.id for incoming in taken}) == 3
    assert {incoming.address.account for incoming in taken} == {driver.channel.account}
    assert {incoming.quotes for incoming in taken} == {None}


@for_channels_with(Feature.WRITING)
async def test_every_special_character_arrives(driver: Driver, anna: Participant) -> None:
    receiver, written = Receiver(), special_characters.texts()
    async with driver.reading(receiver.receive):
        for text in written:
            await anna.writes(text)
        await receiver.until_taken(anna.address, len(written))
    assert texts(receiver, anna) == written


@for_channels_with(Feature.WRITING, Feature.LINE_BREAKS)
async def test_a_message_keeps_its_lines(driver: Driver, anna: Participant) -> None:
    receiver, text = Receiver(), f"{PRIVATE}\n\n  indented\n* {PRIVATE}"
    async with driver.reading(receiver.receive):
        await anna.writes(text)
        await receiver.until_taken(anna.address, 1)
    assert texts(receiver, anna) == [text]


@for_channels_with(Feature.EDITS)
async def test_an_edit_names_the_message_that_it_changes(driver: Driver, anna: Participant) -> None:
    receiver = Receiver()
    async with driver.reading(receiver.receive):
        ref = await anna.writes(f"{PRIVATE} once")
        await anna.edits(ref, f"{PRIVATE} twice")
        await receiver.until_taken(anna.address, 2)
    written, edited = receiver.contents(anna.address)
    assert written == TextMessage(f"{PRIVATE} once", ref)
    assert isinstance(edited, Edited)
    assert (edited.ref, edited.text) == (ref, f"{PRIVATE} twice")


@for_channels_with(Feature.PHOTOS)
async def test_what_cannot_be_read_is_told_to_be_so(driver: Driver, anna: Participant) -> None:
    receiver = Receiver()
    async with driver.reading(receiver.receive):
        await anna.sends_a_photo()
        await receiver.until_taken(anna.address, 1)
    assert receiver.contents(anna.address) == [Unreadable("photo")]


@for_channels_with(Feature.REPEATS)
async def test_a_message_that_is_delivered_twice_has_one_id(driver: Driver, anna: Participant) -> None:
    receiver = Receiver()
    async with driver.reading(receiver.receive):
        driver.repeat_next()
        await anna.writes(f"{PRIVATE} once")
        await receiver.until_seen(anna.address, 2)
    first, again = receiver.arrived
    assert first == again


@for_channels_with(Feature.KEPT)
@pytest.mark.parametrize("failure", [Failure("locked"), Misconfigured("The database cannot be written.")])
async def test_what_was_not_stored_comes_again_before_what_follows_it(
    driver: Driver, anna: Participant, bea: Participant, failure: Failure
) -> None:
    receiver = Receiver()
    receiver.refuse(anna.address, failure, times=3)
    async with driver.reading(receiver.receive):
        await anna.writes(f"{PRIVATE} one")
        await anna.writes(f"{PRIVATE} two")
        await bea.writes(f"{PRIVATE} three")
        await receiver.until_taken(anna.address, 2)
        await receiver.until_taken(bea.address, 1)
    assert texts(receiver, anna) == [f"{PRIVATE} one", f"{PRIVATE} two"]
    assert texts(receiver, bea) == [f"{PRIVATE} three"]
    refused = [each for each in receiver.arrived if each.address == anna.address][:4]
    assert refused == [receiver.taken(anna.address)[0]] * 4, "nothing overtakes what was not stored"


@for_channels_with(Feature.KEPT)
async def test_a_chat_that_cannot_be_stored_holds_up_no_other(
    driver: Driver, anna: Participant, bea: Participant
) -> None:
    receiver = Receiver()
    receiver.refuse(anna.address, Failure("locked"), times=1000)
    async with driver.reading(receiver.receive):
        await anna.writes(f"{PRIVATE} one")
        await receiver.until_seen(anna.address, 2)
        for word in ("one", "two", "three"):
            await bea.writes(f"{PRIVATE} {word}")
        await receiver.until_taken(bea.address, 3)
        assert receiver.taken(anna.address) == []
        receiver.accept_again(anna.address)
        await receiver.until_taken(anna.address, 1)
    assert texts(receiver, bea) == [f"{PRIVATE} {word}" for word in ("one", "two", "three")]
    assert texts(receiver, anna) == [f"{PRIVATE} one"]


@for_channels_with(Feature.KEPT)
async def test_what_can_never_be_stored_is_passed_over(driver: Driver, anna: Participant) -> None:
    receiver = Receiver()
    receiver.refuse(anna.address, Failure("a bug", permanent=True), times=1)
    async with driver.reading(receiver.receive):
        await anna.writes(f"{PRIVATE} one")
        await anna.writes(f"{PRIVATE} two")
        await receiver.until_taken(anna.address, 1)
    assert texts(receiver, anna) == [f"{PRIVATE} two"]
    assert receiver.times(anna.address) == 2


@for_channels_with(Feature.BETWEEN)
async def test_it_stops_when_told_to_and_goes_on_when_it_runs_again(
    driver: Driver, anna: Participant
) -> None:
    receiver = Receiver()
    for word in ("one", "two", "three"):
        async with asyncio.timeout(10), driver.reading(receiver.receive):
            await anna.writes(f"{PRIVATE} {word}")
            await receiver.until_taken(anna.address, len(texts(receiver, anna)) + 1)
    assert texts(receiver, anna) == [f"{PRIVATE} {word}" for word in ("one", "two", "three")]


@for_channels_with(Feature.TROUBLE)
async def test_trouble_is_told_in_a_sentence_while_it_lasts_and_no_longer(
    driver: Driver, anna: Participant
) -> None:
    receiver = Receiver()
    driver.refuse_listening()
    async with driver.running(receiver.receive):
        await driver.until_trouble()
        told = driver.channel.trouble
        await driver.until_heard()
        await anna.writes(f"{PRIVATE} hello")
        await receiver.until_taken(anna.address, 1)
        assert driver.channel.trouble is None
    assert told is not None
    assert told[0].isupper() or told[0].islower()
    assert told.endswith(".")
    driver.check_no_private_text(told)
