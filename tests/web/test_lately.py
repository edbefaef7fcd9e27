"""What takes long to make is made for who asks first, and anew while others look at what there is."""

import asyncio

import pytest

from assistant.domain.errors import Failure
from assistant.web.lately import Refreshed


class Made:
    """How often it was made, and what it says each time."""

    def __init__(self) -> None:
        self.count = 0
        self.now = 0.0
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Failure | None = None
        self.values = Refreshed(self.make, 60, 600, 2, lambda: self.now)

    async def make(self, key: str) -> str:
        self.count += 1
        await self.gate.wait()
        if self.failure:
            raise self.failure
        return f"{key} {self.count}"


async def _a_moment() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_only_who_asks_first_waits() -> None:
    made = Made()
    assert await made.values.get("a") == "a 1"
    assert await made.values.get("a") == "a 1"
    made.now = 61
    made.gate.clear()
    assert await made.values.get("a") == "a 1"
    assert await made.values.get("a") == "a 1", "and it is made anew once"
    made.gate.set()
    await _a_moment()
    assert await made.values.get("a") == "a 2"
    assert made.count == 2


async def test_many_who_ask_first_have_it_made_once() -> None:
    made = Made()
    assert await asyncio.gather(*(made.values.get("a") for _ in range(10))) == ["a 1"] * 10


async def test_what_is_too_old_is_waited_for() -> None:
    made = Made()
    await made.values.get("a")
    made.now = 601
    assert await made.values.get("a") == "a 2"


async def test_where_it_cannot_be_made_anew_the_old_one_is_shown_for_a_while() -> None:
    made = Made()
    await made.values.get("a")
    made.now, made.failure = 61, Failure("The database is away.")
    assert await made.values.get("a") == "a 1"
    await _a_moment()
    assert await made.values.get("a") == "a 1"
    made.now = 601
    with pytest.raises(Failure):
        await made.values.get("a")
    made.failure = None
    assert (await made.values.get("a")).startswith("a ")


async def test_who_leaves_while_it_is_made_takes_it_from_nobody() -> None:
    made = Made()
    made.gate.clear()
    first = asyncio.create_task(made.values.get("a"))
    await _a_moment()
    second = asyncio.create_task(made.values.get("a"))
    await _a_moment()
    first.cancel()
    made.gate.set()
    assert await second == "a 1"
