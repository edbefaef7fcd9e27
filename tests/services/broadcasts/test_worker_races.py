"""Two persons, or a person and the newsroom, at the same moment: whatever comes first, it fits together.

On PostgreSQL, where transactions run side by side; each race is run some times, as it turns out now and then.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path
from typing import Any

import pytest

from assistant.domain.effects import Approve
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.organisers import Role
from assistant.services.broadcasts import worker
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.organisers import (
    add_subscribers,
    alert,
    approve,
    audit_entries,
    carry_out,
    drafted,
    halt,
    join,
    pause_case,
    propose,
)
from tests.support.publishing import CASE

B = BroadcastStatus
TIMES = 5
FIRST, SECOND = Actor(101, Role.APPROVER), Actor(102, Role.APPROVER)
PEOPLE = [f"person{number}" for number in range(30)]

pytestmark = [pytest.mark.chance, pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)]


@pytest.fixture
async def other(harness: Harness, database_url: str, tmp_path: Path) -> AsyncIterator[Harness]:
    """Another process, with connections of its own."""
    store = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    yield await Harness.open(store, harness.script, harness.channel, harness.clock)
    await store.close()


async def both(*works: Coroutine[Any, Any, object]) -> list[bool]:
    """Do these at once. Which of them were not refused; anything else, such as a deadlock, is raised."""
    ended = await asyncio.gather(*works, return_exceptions=True)
    for each in ended:
        if isinstance(each, BaseException) and not isinstance(each, Refused):
            raise each
    return [not isinstance(each, Refused) for each in ended]


async def proposed(harness: Harness, number: int) -> int:
    """An alert that waits for approval, unlike any other."""
    found = await drafted(harness, SHELL, alert(harness, f"Please write, for the {number}th time!"))
    await propose(harness, SHELL, found)
    return found.id


async def actions(harness: Harness, number: int) -> list[str]:
    """What was done with the broadcast, in order."""
    return [entry.action for entry in await audit_entries(harness) if entry.subject == f"broadcast {number}"]


async def test_two_approve_it(harness: Harness, other: Harness) -> None:
    for time in range(TIMES):
        found = await harness.broadcast(await proposed(harness, time))
        done = await both(approve(harness, FIRST, found), approve(other, SECOND, found))
        assert sorted(done) == [False, True]
        now = await harness.broadcast(found.id)
        assert (now.status, now.approver) == (B.APPROVED, 101 if done[0] else 102)
        assert (await actions(harness, found.id)).count("approved") == 1


async def test_one_approves_it_while_its_author_changes_it(harness: Harness, other: Harness) -> None:
    for time in range(TIMES):
        found = await harness.broadcast(await proposed(harness, time))
        changed = alert(harness, f"Please write at last, for the {time}th time!")
        approved, edited = await both(
            approve(harness, FIRST, found), drafted(other, SHELL, changed, replaces=found.id)
        )
        now = await harness.broadcast(found.id)
        assert edited
        assert (now.status, now.approver, now.announcement.texts) == (B.DRAFT, None, changed.texts)
        assert (await actions(harness, found.id))[2:] == (["approved", "edited"] if approved else ["edited"])


async def test_it_is_halted_at_the_moment_at_which_it_begins(harness: Harness, other: Harness) -> None:
    await add_subscribers(harness, PEOPLE)
    for time in range(TIMES):
        found = await harness.broadcast(await proposed(harness, time))
        await approve(harness, FIRST, found)
        harness.clock.advance(minutes=2)
        assert await both(harness.address(), halt(other, number=found.id)) == [True, True]
        assert (await harness.broadcast(found.id)).status is B.HALTED
    await harness.engine().run_until_idle()
    assert not any(harness.texts_to(person) for person in PEOPLE)


async def test_it_is_halted_while_it_is_addressed(
    harness: Harness, other: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "CHUNK", 1)
    await add_subscribers(harness, PEOPLE)
    for time in range(TIMES):
        found = await harness.broadcast(await proposed(harness, time))
        await approve(harness, FIRST, found)
        harness.clock.advance(minutes=2)
        addressing = asyncio.create_task(harness.address())
        await asyncio.sleep(0.02 * time)
        assert await both(addressing_of(addressing), halt(other, number=found.id)) == [True, True]
        assert (await harness.broadcast(found.id)).status is B.HALTED
    await harness.engine().run_until_idle()
    assert not any(harness.texts_to(person) for person in PEOPLE)


async def addressing_of(task: asyncio.Task[None]) -> None:
    """Wait for it."""
    await task


async def test_who_was_put_out_of_the_team_at_that_moment_has_approved_it_before_or_not_at_all(
    harness: Harness, other: Harness
) -> None:
    for time in range(TIMES):
        person = f"abel{'abcdefgh'[time]}"
        actor = await join(harness, person, Role.APPROVER)
        found = await harness.broadcast(await proposed(harness, time))

        async def removed(number: int | None = actor.number) -> None:
            async with other.store.write() as tx:
                await other.news.organiser_service.remove(tx, SHELL, number or 0)

        approved, _ = await both(carry_out(harness, person, Approve(found.id, found.digest)), removed())
        acted = [entry.action for entry in await audit_entries(harness)][-2:]
        assert acted == (["approved", "remove"] if approved else ["proposed", "remove"])


async def test_a_letter_is_queued_while_its_case_is_stopped(harness: Harness, other: Harness) -> None:
    office = await harness.with_office(routes=("fax:+50255500001",))
    fax = FakeCarrier()
    for time in range(TIMES):
        assert await both(office.queue_letters(f"person{time}"), pause_case(other, CASE)) == [True, True]
        await office.deliver_letters(fax)
        assert fax.taken == []
    assert await harness.letter_statuses() == [LetterStatus.QUEUED] * TIMES
