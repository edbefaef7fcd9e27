"""What is kept no longer than needed."""

from dataclasses import replace

import pytest

from assistant.domain.broadcasts import CopyStatus, Kind
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import MessageStatus
from assistant.store import retention
from tests.support.harness import House
from tests.support.publishing import UPDATE

NEWER = "2011-thanks"  # sent later, whatever it is dated
OVER = {
    MessageStatus.SENT: None,
    MessageStatus.FAILED: Failure("refused", permanent=True),
    MessageStatus.UNKNOWN: Failure("the line broke", permanent=True, uncertain=True),
}


async def _sent(house: House, *people: str, slug: str = UPDATE) -> int:
    """An update that they all have got, and that has come to its end."""
    await house.subscribe(*people)
    number = await house.publish(slug)
    await house.engine().run_until_idle()
    await house.address()
    return number


@pytest.mark.parametrize("status", OVER)
async def test_a_reply_that_is_over_goes_after_seven_days(house: House, status: MessageStatus) -> None:
    if fault := OVER[status]:
        house.channel.faults["ana"].append(fault)
    await house.hear("ana", "hello")
    assert await house.message_statuses() == [status]
    house.clock.pass_by(days=7)
    await house.sweep()
    assert await house.message_statuses() == [status]
    house.clock.pass_by(seconds=1)
    await house.sweep()
    assert await house.message_statuses() == []


async def test_a_reply_that_still_waits_stays(house: House) -> None:
    house.channel.faults["ana"].append(Failure("no line"))
    await house.hear("ana", "hello")
    house.clock.pass_by(days=30)
    await house.sweep()
    await house.engine().run_until_idle()
    assert len(house.read("ana")) == 1


async def test_who_got_older_news_is_kept_for_seven_days_and_how_many_did_for_ever(house: House) -> None:
    number = await _sent(house, "ana", "ben")
    house.clock.pass_by(days=7)
    await _sent(house, slug=NEWER)
    await house.sweep()
    assert len(await house.bulk_statuses()) == 4
    house.clock.pass_by(seconds=1)
    await house.sweep()
    assert len(await house.bulk_statuses()) == 2
    assert await house.tally(number) == {CopyStatus.SENT: 2}


async def test_who_got_the_latest_news_is_kept_so_that_nobody_gets_them_twice(house: House) -> None:
    await _sent(house, "ana")
    house.clock.pass_by(days=100)
    await house.sweep()
    for said in ("stop", "subscribe", "yes"):
        await house.hear("ana", said)
    assert "You will hear from us" in house.last("ana")


async def test_who_got_an_alert_is_kept_for_seven_days(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.send(replace(house.written(), kind=Kind.ALERT, update=None))
    await house.engine().run_until_idle()
    await house.address()
    house.clock.pass_by(days=7, seconds=1)
    await house.sweep()
    assert await house.bulk_statuses() == []


async def test_who_is_to_get_the_news_is_kept_until_they_have_it(house: House) -> None:
    await house.subscribe("ana", "ben")
    number = await house.publish()
    await house.publish(NEWER)
    house.clock.pass_by(days=30)
    await house.sweep()
    await house.engine().run_until_idle()
    assert await house.tally(number) == {CopyStatus.SENT: 2}


async def test_many_copies_are_deleted_in_pieces(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "COPIES_MAX", 2)
    await _sent(house, "ana", "ben", "eva")
    house.clock.pass_by(days=8)
    await _sent(house, slug=NEWER)
    for left in (4, 3, 3):
        await house.sweep()
        assert len(await house.bulk_statuses()) == left
