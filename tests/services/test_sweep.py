"""What is kept no longer than needed."""

import pytest
from sqlalchemy import func, select

from assistant.domain.errors import Failure
from assistant.domain.lifecycle import MessageStatus
from assistant.store.tables import messages
from tests.services.house import House

OVER = {
    MessageStatus.SENT: None,
    MessageStatus.FAILED: Failure("refused", permanent=True),
    MessageStatus.UNKNOWN: Failure("the line broke", permanent=True, uncertain=True),
}


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


async def test_news_are_still_counted_after_weeks(house: House) -> None:
    await house.subscribe("ana", "ben")
    await house.publish()
    await house.engine().run_until_idle()
    house.clock.pass_by(days=30)
    await house.sweep()
    counted = select(func.count().label("n")).where(messages.c.broadcast_id.is_not(None))
    assert await house.rows(counted) == [{"n": 2}]
    await house.publish()
    await house.engine().run_until_idle()
    assert [len(house.read(person)) for person in ("ana", "ben")] == [1, 1], "nobody gets them twice"
