"""Nobody is woken: copies leave by day where their readers live, or at an hour of theirs."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from assistant.domain.broadcasts import CopyStatus, Timing
from assistant.domain.lifecycle import BroadcastStatus
from assistant.services.messages import outbox
from assistant.store import message_queue
from assistant.store.broadcasts import LANE as BULK
from assistant.store.lanes import StoredLanes
from tests.support.harness import Harness
from tests.support.organisers import add_subscribers

TEN = Timing(day=date(2012, 1, 25), hour=time(10))
NOW = "24 15:00"  # what the clock shows at first, UTC
NEVER = datetime(2012, 1, 28, tzinfo=UTC)
A_LITTLE = timedelta(milliseconds=4)  # by which those who wrote lately go before the others
Place = tuple[str | None, str]  # a country, and a language


async def received(harness: Harness, timing: Timing, places: Iterable[Place]) -> dict[Place, str]:
    """When those who live there got it, UTC: looked at whenever something is due."""
    people = {f"{country} {language}": (country, language) for country, language in places}
    for person, (country, language) in people.items():
        await add_subscribers(harness, [person], language=language, country=country)
    await harness.send(replace(harness.written(), timing=timing))
    got: dict[Place, str] = {}
    while len(got) < len(people):
        await harness.engine().run_until_idle()
        for person in people.keys() & harness.channel.sent.keys():
            got.setdefault(people[person], f"{harness.clock() + A_LITTLE:%d %H:%M}")
        due = await StoredLanes(harness.store).next_due([BULK])
        harness.clock.now = max(harness.clock(), due or harness.clock() + timedelta(days=1))
        assert harness.clock() < NEVER
    return got


async def test_by_day(harness: Harness) -> None:
    expected: dict[Place, str] = {
        ("FI", "en"): NOW,  # 17:00
        ("GT", "es"): NOW,  # 09:00
        ("IN", "en"): NOW,  # 20:30
        ("JP", "en"): "24 23:00",  # 08:00, after midnight there
        ("NZ", "en"): "24 19:00",  # 08:00, and 08:45 on the Chatham Islands
        ("US", "en"): "24 18:00",  # 08:00 in Honolulu, 13:00 in New York
        ("RU", "en"): "25 05:00",  # 08:00 in Kaliningrad, 17:00 in Kamchatka
        (None, "es"): NOW,  # as in Guatemala, where those live who read it and of whom we know it
        (None, "en"): "24 18:00",  # as in the United States, one of the places where most live
        (None, "xx"): NOW,  # nobody knows: as at the office of the case
    }
    assert await received(harness, Timing(), expected) == expected


async def test_what_is_urgent_comes_at_night(harness: Harness) -> None:
    places: list[Place] = [("JP", "en"), ("US", "en"), (None, "es")]
    assert set((await received(harness, Timing(urgent=True), places)).values()) == {NOW}


async def test_at_ten_where_they_live(harness: Harness) -> None:
    expected: dict[Place, str] = {
        ("FI", "en"): "25 08:00",
        ("GT", "es"): "25 16:00",
        ("IN", "en"): "25 04:30",
        ("NP", "en"): "25 04:15",
        ("JP", "en"): "25 01:00",
        ("US", "en"): "25 20:00",  # ten in Honolulu, where it comes last
        (None, "es"): "25 16:00",  # as in Guatemala
        (None, "xx"): "25 16:00",  # nobody knows: as at the office of the case
    }
    assert await received(harness, TEN, expected) == expected


@pytest.mark.parametrize("urgent", [False, True])
async def test_at_ten_in_the_evening_only_what_is_urgent_comes(harness: Harness, urgent: bool) -> None:
    timing = Timing(day=date(2012, 1, 25), hour=time(22), urgent=urgent)
    here = ("FI", "en")
    assert await received(harness, timing, [here]) == {here: "25 20:00" if urgent else "26 06:00"}


async def test_who_subscribes_before_the_hour_has_come_gets_it_at_that_hour(harness: Harness) -> None:
    await add_subscribers(harness, ["ana"], country="FI", language="en")
    await harness.send(replace(harness.written(), timing=TEN))
    await add_subscribers(harness, ["ben"], country="JP", language="en")
    await harness.receive_all("ben", ["stop", "subscribe", "1"])
    harness.channel.sent.clear()
    for hours, got in ((9, 0), (2, 1), (30, 1)):  # midnight, two in the morning: eleven in Japan
        harness.clock.advance(hours=hours)
        await harness.engine().run_until_idle()
        assert len(harness.texts_to("ben")) == got


# Into the night

PEOPLE = [f"person{number}" for number in range(30)]


@pytest.fixture
async def slow_harness(harness: Harness, monkeypatch: pytest.MonkeyPatch) -> Harness:
    """A harness that sends five copies at a time."""
    monkeypatch.setattr(outbox, "BATCH_MAX", 5)
    return harness


def copies(harness: Harness) -> int:
    return sum(len(harness.channel.sent[person]) for person in PEOPLE)


@pytest.mark.parametrize(("country", "left"), [("FI", "18:59"), ("IN", "15:29"), ("NP", "15:14")])
async def test_what_is_not_through_by_nine_waits_for_the_morning(
    slow_harness: Harness, country: str, left: str
) -> None:
    hour, minute = map(int, left.split(":"))
    slow_harness.clock.now = slow_harness.clock.now.replace(hour=hour, minute=minute)
    await add_subscribers(slow_harness, PEOPLE, country=country, language="en")
    await slow_harness.send(replace(slow_harness.written(), timing=Timing()))
    await slow_harness.work_once("bulk")
    slow_harness.clock.advance(minutes=1)
    for _ in range(10):
        await slow_harness.engine().run_until_idle()
        assert copies(slow_harness) == 5
        slow_harness.clock.advance(hours=1)
    slow_harness.clock.advance(hours=3)
    await slow_harness.engine().run_until_idle()
    assert copies(slow_harness) == len(PEOPLE)
    assert await slow_harness.tally() == {CopyStatus.SENT: len(PEOPLE)}


async def test_what_is_urgent_goes_on_into_the_night(slow_harness: Harness) -> None:
    slow_harness.clock.advance(hours=3, minutes=59)
    await add_subscribers(slow_harness, PEOPLE, country="FI", language="en")
    await slow_harness.publish()
    await slow_harness.work_once("bulk")
    slow_harness.clock.advance(minutes=1)
    await slow_harness.engine().run_until_idle()
    assert copies(slow_harness) == len(PEOPLE)


async def test_whoever_is_awake_need_not_wait_for_who_sleeps(
    slow_harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though they are more than are put off in one transaction."""
    monkeypatch.setattr(message_queue, "ROUNDS", 2)
    slow_harness.clock.advance(hours=3, minutes=59)
    await add_subscribers(slow_harness, PEOPLE, country="FI", language="en")
    await add_subscribers(slow_harness, ["ana"], country="GT", language="es")
    await slow_harness.send(replace(slow_harness.written(), timing=Timing()))
    slow_harness.clock.advance(minutes=1)
    for _ in range(4):
        await slow_harness.engine().run_until_idle()
        slow_harness.clock.advance(seconds=1)
    assert (len(slow_harness.texts_to("ana")), copies(slow_harness)) == (1, 0)
    assert (await slow_harness.broadcast()).status is BroadcastStatus.SENDING


async def test_who_is_put_off_until_it_is_worthless_never_gets_it(slow_harness: Harness) -> None:
    slow_harness.clock.advance(hours=5)
    await add_subscribers(slow_harness, PEOPLE, country="FI", language="en")
    await slow_harness.send(replace(slow_harness.written(), timing=Timing(lasts=6)))
    slow_harness.clock.advance(hours=12)
    await slow_harness.engine().run_until_idle()
    assert ((await slow_harness.broadcast()).status, copies(slow_harness)) == (BroadcastStatus.EXPIRED, 0)
