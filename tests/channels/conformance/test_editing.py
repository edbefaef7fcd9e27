"""A message of ours that is changed is the same message with another text, or it is said why not."""

import pytest
from markupsafe import Markup

from assistant.channels.base import Channel
from assistant.domain.errors import Failure, Throttled, Unreachable
from assistant.domain.messages import Button, Reply
from assistant.domain.richtext import plain
from tests.support.conformance import special_characters
from tests.support.conformance.channels import for_channels_with
from tests.support.conformance.driver import PRIVATE, Driver, Feature, Participant
from tests.support.conformance.receiver import Receiver

YES, NO = Button("yes", "Yes"), Button("no", "Not now")
MARK = "ready.0123456789ab"


def saying(text: str, *buttons: Button) -> Reply:
    """A message."""
    return Reply(Markup("<b>{}</b> {}").format(PRIVATE, text), buttons, mark=MARK)


def said(text: str) -> str:
    """How it reads."""
    return f"{PRIVATE} {text}"


async def sent(driver: Driver, participant: Participant, reply: Reply) -> str:
    """The reference of a new message."""
    reference = await driver.channel.send(participant.address, reply)
    assert reference is not None
    return reference


async def failing(
    driver: Driver, participant: Participant, reference: str, channel: Channel | None = None
) -> Failure:
    """How changing a message fails, without a word about whose or which."""
    with pytest.raises(Failure) as caught:
        await (channel or driver.channel).edit(participant.address, reference, saying("changed"))
    driver.check_no_private_text(f"{caught.value.reason}{caught.value!r}")
    assert caught.value.reason.endswith("."), "a sentence"
    return caught.value


@for_channels_with(Feature.CHANGES)
@pytest.mark.parametrize("newest", [False, True], ids=["by its first reference", "by its newest"])
async def test_a_message_is_changed_where_it_is_and_the_others_stay(
    driver: Driver, anna: Participant, newest: bool
) -> None:
    _, reference, _ = [await sent(driver, anna, saying(text, YES, NO)) for text in ("one", "two", "three")]
    early, _, late = anna.got()
    now = reference
    for text in ("two at first", "two then", "two at last"):
        named = now if newest else reference
        now = await driver.channel.edit(anna.address, named, saying(text, NO)) or now
        assert [anna.got()[0], anna.got()[2]] == [early, late]
        [_, changed, _] = anna.got()
        assert (changed.text, changed.options, changed.reference) == (said(text), (NO.label,), now)


@for_channels_with(Feature.CHANGES)
async def test_options_come_and_go(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("ready?"))
    for buttons in ((YES, NO), (), (NO,)):
        await driver.channel.edit(anna.address, reference, saying(f"{len(buttons)} options", *buttons))
        [got] = anna.got()
        assert got.options == tuple(button.label for button in buttons)


@for_channels_with(Feature.CHANGES)
async def test_a_change_to_the_same_is_none(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("ready?", YES))
    await driver.channel.edit(anna.address, reference, saying("ready?", YES))
    [got] = anna.got()
    assert (got.text, got.options) == (said("ready?"), (YES.label,))


@for_channels_with(Feature.CHANGES)
async def test_every_special_character_arrives(driver: Driver, anna: Participant) -> None:
    for text in special_characters.texts():
        reference = await sent(driver, anna, saying("before"))
        await driver.channel.edit(anna.address, reference, saying(text))
        assert anna.got()[-1].text == plain(saying(text).html)


@for_channels_with(Feature.CHANGES, Feature.QUOTES)
async def test_who_quotes_a_changed_message_gives_the_reference_it_has_now(
    driver: Driver, anna: Participant
) -> None:
    receiver = Receiver()
    reference = await sent(driver, anna, saying("ready?", YES))
    now = await driver.channel.edit(anna.address, reference, saying("ready now?", YES)) or reference
    [got] = anna.got()
    async with driver.reading(receiver.receive):
        await anna.writes(f"{PRIVATE} yes", quoting=got.reference)
        await receiver.until_taken(anna.address, 1)
    [incoming] = receiver.taken(anna.address)
    assert incoming.quotes == now


@for_channels_with()
async def test_the_pace_says_whether_messages_can_be_changed(driver: Driver, anna: Participant) -> None:
    can = Feature.CHANGES not in driver.lacks
    assert (driver.channel.pace.edits != 0) == can
    if not can:
        await driver.channel.send(anna.address, saying("hello"))
        before = anna.got()
        failure = await failing(driver, anna, "1")
        assert (failure.permanent, failure.uncertain) == (True, False)
        assert anna.got() == before


@for_channels_with(Feature.CHANGES, Feature.LEAVING)
async def test_who_has_gone_is_unreachable(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("hello"))
    await anna.leaves()
    assert isinstance(await failing(driver, anna, reference), Unreachable)
    assert [got.text for got in anna.got()] == [said("hello")]


@for_channels_with(Feature.CHANGES, Feature.LIMITS)
async def test_a_limit_is_told_with_its_time_and_then_it_works(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("hello"))
    seconds = driver.limit_next(edit=True)
    failure = await failing(driver, anna, reference)
    assert isinstance(failure, Throttled)
    assert (failure.retry_after, failure.uncertain) == (seconds, False)
    await driver.channel.edit(anna.address, reference, saying("later"))
    assert [got.text for got in anna.got()] == [said("later")]


@for_channels_with(Feature.CHANGES, Feature.ANSWERS)
async def test_a_change_whose_answer_is_lost_may_have_been_made(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("hello"))
    driver.drop_next_response(edit=True)
    failure = await failing(driver, anna, reference)
    assert failure.uncertain
    assert not isinstance(failure, Throttled | Unreachable)
    assert [got.text for got in anna.got()] == [said("changed")]


@for_channels_with(Feature.CHANGES, Feature.ANSWERS)
async def test_where_there_is_no_connection_it_can_be_tried_again(driver: Driver, anna: Participant) -> None:
    reference = await sent(driver, anna, saying("hello"))
    nowhere = driver.unreachable()
    await driver.opened(nowhere)
    await driver.channel.close()
    for channel in (nowhere, driver.channel):
        failure = await failing(driver, anna, reference, channel)
        assert (failure.permanent, failure.uncertain) == (False, False)
    await driver.channel.open()
    await driver.channel.edit(anna.address, reference, saying("again"))
    assert [got.text for got in anna.got()] == [said("again")]
