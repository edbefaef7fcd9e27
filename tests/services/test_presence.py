"""Processes that share a database know of each other, and none works on what another one holds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from sqlalchemy import select, update

from assistant.domain.errors import Misconfigured
from assistant.domain.lanes import LEASE, Lane, LaneHeld, LaneLost, Lease
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.services import presence
from assistant.services.presence import Presence
from assistant.store import lanes, processes
from assistant.store.database import Store, real_time
from assistant.store.keyring import KeyringFile
from assistant.store.tables import lanes as lanes_table
from assistant.store.tables import processes as processes_table
from tests.support.fakes.channel import FakeClock


@pytest.fixture
async def other(store: Store, database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    """The same database, as another process has it."""
    opened = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    yield opened
    await opened.close()


async def _lane(store: Store, clock: FakeClock) -> Lane:
    async with store.write() as tx:
        (lane_id,) = (await lanes.lane_ids(tx, "work", ["here"])).values()
        lanes.wake(tx, [lane_id], clock())
    return Lane(lane_id, "work", "here")


async def _take(store: Store, lane: Lane) -> Lane:
    async with store.write() as tx:
        return await lanes.take(tx, lane)


async def _due(store: Store, clock: FakeClock) -> list[str]:
    async with store.read() as tx:
        return [each.name for each in await lanes.due(tx, ["work"], clock())]


async def _lease_ends_in(store: Store, seconds: float) -> None:
    """All leases do."""
    async with store.write() as tx:
        await tx.connection.execute(update(lanes_table).values(held_until=real_time(tx, seconds)))


async def test_a_lane_that_another_process_holds_is_not_due_and_not_taken(
    store: Store, other: Store, clock: FakeClock
) -> None:
    lane = await _lane(store, clock)
    ours = await _take(store, lane)
    assert await _due(store, clock) == ["here"]
    assert await _due(other, clock) == []
    with pytest.raises(LaneHeld):
        await _take(other, lane)
    async with store.write() as tx:
        await lanes.fence(tx, ours)
    async with other.read() as tx:
        free_in = await lanes.free_in(tx, ["work"])
    assert free_in is not None
    assert LEASE - 4 < free_in <= LEASE


async def test_a_lane_whose_lease_is_over_is_taken_and_who_held_it_can_commit_nothing(
    store: Store, other: Store, clock: FakeClock
) -> None:
    lane = await _lane(store, clock)
    ours = await _take(store, lane)
    await _lease_ends_in(store, 0)
    assert await _due(other, clock) == ["here"]
    theirs = await _take(other, lane)
    assert theirs.epoch > ours.epoch
    async with store.write() as tx:
        with pytest.raises(LaneLost):
            await lanes.fence(tx, ours)
    with pytest.raises(LaneHeld):
        await _take(store, lane)
    async with store.write() as tx:
        await lanes.renew(tx)  # of what is ours: it is not any more
    async with other.write() as tx:
        await lanes.fence(tx, theirs)


async def test_a_lease_made_by_a_clock_that_went_wrong_keeps_nobody(
    store: Store, other: Store, clock: FakeClock
) -> None:
    lane = await _lane(store, clock)
    await _take(store, lane)
    await _lease_ends_in(store, 365 * 86_400)
    assert await _due(other, clock) == ["here"]
    await _take(other, lane)


async def test_what_is_given_back_is_taken_at_once(store: Store, other: Store, clock: FakeClock) -> None:
    first = Presence(store, ProcessRole.ALL, EMBEDDED)
    await first.open()
    lane = await _lane(store, clock)
    await _take(store, lane)
    await first.close()
    second = Presence(other, ProcessRole.ALL, EMBEDDED)
    await second.open()
    await _take(other, lane)
    await second.close()


async def test_a_second_process_that_works_alone_is_refused_and_told_which_one_is_there(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "RENEW", 0.05)
    monkeypatch.setattr(presence, "is_alive", lambda _pid: True)
    first, second = Presence(store, ProcessRole.ALL, EMBEDDED), Presence(other, ProcessRole.ALL, EMBEDDED)
    await first.open()
    with pytest.raises(Misconfigured, match=store.process):
        await second.open()
    await first.close()
    await second.open()
    await second.close()


async def test_a_process_that_has_died_here_is_not_waited_for(
    store: Store, other: Store, clock: FakeClock
) -> None:
    await Presence(store, ProcessRole.ALL, EMBEDDED)._enter()  # our own number, as in a new container
    lane = await _lane(store, clock)
    await _take(store, lane)
    heir = Presence(other, ProcessRole.ALL, EMBEDDED)
    await heir.open()
    await _take(other, lane)
    await heir.close()


async def test_a_process_that_has_died_elsewhere_is_waited_for_and_not_longer(
    store: Store, other: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "is_alive", lambda _pid: True)
    await Presence(store, ProcessRole.ALL, EMBEDDED)._enter()
    async with store.write() as tx:
        seen_at = real_time(tx, 0.5 - LEASE)
        await tx.connection.execute(update(processes_table).values(seen_at=seen_at))
    second = Presence(other, ProcessRole.ALL, EMBEDDED)
    await second.open()
    async with other.read() as tx:
        assert [each.name for each in await processes.living(tx)] == [other.process]
        assert len((await tx.connection.execute(select(processes_table))).all()) == 1
    await second.close()


async def test_a_chat_in_a_terminal_is_in_nobodys_way(store: Store, other: Store) -> None:
    talk, work = Presence(store, ProcessRole.CHAT, EMBEDDED), Presence(other, ProcessRole.ALL, EMBEDDED)
    await talk.open()
    await work.open()
    await work.close()
    await talk.close()


async def test_who_was_taken_for_dead_is_listed_again(store: Store) -> None:
    living = Presence(store, ProcessRole.ALL, EMBEDDED)
    await living.open()
    async with store.write() as tx:
        await processes.remove(tx, store.process)
    await living._renew()
    async with store.read() as tx:
        assert [each.name for each in await processes.living(tx)] == [store.process]
    await living.close()


def test_a_lease_holds_until_it_was_not_renewed_in_time() -> None:
    now = 100.0
    lease, lane = Lease(lambda: now), Lane(1, "work", "here", epoch=7)
    assert lease.holds(lane.id, lane.epoch), "nobody looks after it: nobody can lose it"
    lease.renewed(now, {})
    assert not lease.holds(lane.id, lane.epoch)
    lease.took(lane)
    now += LEASE - 0.1
    assert lease.holds(lane.id, lane.epoch)
    assert not lease.holds(lane.id, lane.epoch - 1), "what was begun before it was lost, and taken again"
    lease.renewed(now - 1, {lane.id: lane.epoch})  # asked for before the database was slow
    now += LEASE - 0.5
    assert not lease.holds(lane.id, lane.epoch)


async def test_who_wakes_up_and_renews_does_not_hold_what_was_taken_meanwhile(
    store: Store, other: Store, clock: FakeClock
) -> None:
    frozen = Presence(store, ProcessRole.WEB, "procrastinate")
    await frozen.open()
    lost = await _take(store, await _lane(store, clock))
    async with store.write() as tx:
        kept = await lanes.take_any(tx, "work", "elsewhere")
    await _lease_ends_in(store, 0)
    await _take(other, lost)
    await frozen._renew()
    assert store.lease.lasts()
    assert not store.lease.holds(lost.id, lost.epoch)
    assert store.lease.holds(kept.id, kept.epoch)
    await frozen.close()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_processes_that_begin_at_the_same_moment_each_get_a_lane_of_their_own(
    database_url: str, tmp_path: Path, store: Store
) -> None:
    async with AsyncExitStack() as stack:
        others = [await Store.open(database_url, KeyringFile(tmp_path / "keyring.json")) for _ in range(8)]
        for each in others:
            stack.push_async_callback(each.close)

        async def begin(each: Store) -> int:
            async with each.write() as tx:
                return (await lanes.take_any(tx, lanes.REPLIES, "memory:1")).id

        taken = await asyncio.gather(*(begin(each) for each in others))
    assert len(set(taken)) == len(others)
