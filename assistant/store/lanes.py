"""Lanes: one throttle domain each, with one runner at a time.

Whoever takes a lane raises its epoch, and holds it by a lease. The lease says when somebody else may take it;
the epoch sees to it that who lost it can commit nothing.
"""

from collections.abc import Awaitable, Callable, Collection, Container, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, exists, func, literal, null, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.domain.clock import Clock, system_clock
from assistant.domain.lanes import LEASE, Call, Lane, LaneHeld, LaneLost, LaneState, Pause
from assistant.domain.lifecycle import MessageStatus
from assistant.store.database import Store, Tx, insert_new, real_time
from assistant.store.tables import copies, has, lanes, messages

LETTERS = "letters"  # the kind of lanes that letters are sent on, one an office
# Who queues a letter has locked its office's lane before it wakes others.
_ORDER = (case((lanes.c.kind == LETTERS, 0), else_=1), lanes.c.id)
_RUNS_AT = case((lanes.c.paused_until > lanes.c.next_at, lanes.c.paused_until), else_=lanes.c.next_at)
REPLIES = "replies"  # the kind of lanes that replies are sent on, one an account of ours

OVERDUE = timedelta(minutes=1)  # a lane that is due begins within a second, unless something is wrong


async def lane_ids(tx: Tx, kind: str, names: Collection[str]) -> dict[str, int]:
    """The ids of those lanes, by name; made where they are new. Of several that have a name, the first."""
    first = (lanes.c.kind == kind, lanes.c.slot == 0)
    query = select(lanes.c.name, lanes.c.id).where(*first, lanes.c.name.in_(names))
    found = {row.name: row.id for row in await tx.connection.execute(query)}
    if missing := sorted(set(names) - found.keys()):
        await insert_new(tx, lanes, [{"kind": kind, "name": name, "epoch": 0} for name in missing])
        found = {row.name: row.id for row in await tx.connection.execute(query)}
    return found


def wake(tx: Tx, which: Collection[int | tuple[str, str]], at: datetime) -> None:
    """See to it that these lanes run at `at`, or earlier, once the transaction is committed.

    `which`: ids, or kinds and names of lanes that are made where they are new. They are woken last, and
    together: so nobody who has woken a lane waits for a row of somebody who waits for that lane.
    """
    if which and not tx.wakes:
        tx.before_commit.append(_wake_all)
    for each in which:
        tx.wakes[each] = min(at, tx.wakes.get(each, at))


async def wake_kind(tx: Tx, kind: str, at: datetime) -> None:
    """See to it that all lanes of that kind run at `at`, or earlier."""
    wake(tx, list(await tx.connection.scalars(select(lanes.c.id).where(lanes.c.kind == kind))), at)


async def _wake_all(tx: Tx) -> None:
    if await _woken(tx) < len(tx.wakes):
        for kind, name in [each for each in tx.wakes if isinstance(each, tuple)]:
            await lane_ids(tx, kind, [name])
        await _woken(tx)


async def _woken(tx: Tx) -> int:
    """Wake the lanes that there are, in the order in which they are locked everywhere. How many there are."""
    asked = case(
        *((_is(each), literal(at, lanes.c.next_at.type)) for each, at in tx.wakes.items()),
        else_=lanes.c.next_at,
    )
    sooner = case((or_(lanes.c.next_at.is_(None), lanes.c.next_at > asked), asked), else_=lanes.c.next_at)
    woken = update(lanes).where(_locked(or_(*map(_is, tx.wakes)))).values(next_at=sooner)
    returning = woken.returning(lanes.c.id, lanes.c.kind, lanes.c.next_at)
    rows = (await tx.connection.execute(returning)).all()
    await _call(tx, [Call(row.id, row.kind, row.next_at) for row in rows])
    return len(rows)


async def _call(tx: Tx, calls: Sequence[Call]) -> None:
    """Replies are sent by the processes that hold their lanes: nobody needs to be called for them."""
    if tx.on_wake is not None and (others := [call for call in calls if call.kind != REPLIES]):
        await tx.on_wake(tx.connection, others)


def _locked(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Those lanes, locked one after the other in the order that everybody keeps to."""
    in_order = (
        select(lanes.c.id).where(*which).order_by(*_ORDER).with_for_update(key_share=True).cte("locked")
    )
    return lanes.c.id.in_(select(in_order.c.id))


def _is(which: int | tuple[str, str]) -> ColumnElement[bool]:
    if isinstance(which, int):
        return lanes.c.id == which
    return (lanes.c.kind == which[0]) & (lanes.c.name == which[1])


async def due(tx: Tx, kinds: Collection[str], now: datetime) -> list[Lane]:
    """Lanes of those kinds with something to do now, which no other process holds.

    Among them are those of processes that have died: they may have left something in the middle.
    """
    awake = lanes.c.paused_until.is_(None) | (lanes.c.paused_until <= now)
    left = lanes.c.held_by.is_not(None) & (lanes.c.held_by != tx.process)
    query = (
        select(lanes)
        .where(lanes.c.kind.in_(kinds), _free(tx), or_((lanes.c.next_at <= now) & awake, left))
        .order_by(lanes.c.next_at)
    )
    return [Lane(row.id, row.kind, row.name, row.epoch) for row in await tx.connection.execute(query)]


def _free(tx: Tx) -> ColumnElement[bool]:
    """Whether this process may take the lane.

    A lease that is longer than leases are was made by a clock that went wrong.
    """
    over = or_(lanes.c.held_until <= real_time(tx), lanes.c.held_until > real_time(tx, LEASE))
    return or_(lanes.c.held_by.is_(None), lanes.c.held_by == tx.process, over)


async def free_in(tx: Tx, kinds: Collection[str]) -> float | None:
    """Real seconds until another process loses one of those lanes, unless it renews its lease.

    None where no other process holds any.
    """
    query = select(
        func.min(lanes.c.held_until, type_=lanes.c.held_until.type), real_time(tx).label("now")
    ).where(lanes.c.kind.in_(kinds), lanes.c.held_by != tx.process)
    until, moment = (await tx.connection.execute(query)).one()
    return None if until is None else max(0.0, (until - moment).total_seconds())


def _is_held(tx: Tx) -> ColumnElement[bool]:
    """Whether a living process holds the lane."""
    lasts = (lanes.c.held_until > real_time(tx)) & (lanes.c.held_until <= real_time(tx, LEASE))
    return lanes.c.held_by.is_not(None) & lasts


async def overdue(tx: Tx, since: datetime) -> list[Lane]:
    """Lanes that have had something to do since then, or longer, and were not kept still meanwhile.

    Those that another process holds are its own to work on.
    """
    return await _waiting(tx, since, _free(tx))


async def abandoned(tx: Tx, since: datetime) -> list[Lane]:
    """The same, of those that no process holds."""
    return await _waiting(tx, since, ~_is_held(tx))


async def _waiting(tx: Tx, since: datetime, which: ColumnElement[bool]) -> list[Lane]:
    runnable = lanes.c.paused_until.is_(None) | (lanes.c.paused_until <= since)
    query = select(lanes).where(lanes.c.next_at <= since, runnable, which).order_by(lanes.c.next_at)
    return [Lane(row.id, row.kind, row.name, row.epoch) for row in await tx.connection.execute(query)]


async def listed(tx: Tx) -> list[LaneState]:
    """Every lane: there is one for each office and two for each account of ours."""
    query = select(lanes, _is_held(tx).label("held")).order_by(lanes.c.kind, lanes.c.name, lanes.c.slot)
    return [
        LaneState(
            lane=Lane(row.id, row.kind, row.name, row.epoch),
            next_at=row.next_at,
            paused_until=row.paused_until,
            held_by=row.held_by if row.held else None,
        )
        for row in await tx.connection.execute(query)
    ]


async def next_due(tx: Tx, kinds: Collection[str]) -> datetime | None:
    """When the first of those lanes has something to do; None where none has."""
    moment: datetime | None = await tx.connection.scalar(
        select(func.min(_RUNS_AT, type_=lanes.c.next_at.type)).where(lanes.c.kind.in_(kinds))
    )
    return moment


async def take(tx: Tx, lane: Lane) -> Lane:
    """Become the lane's runner: who ran it before can commit nothing on it any more.

    Raises LaneHeld where another process holds it.
    """
    # Stronger than the update's own lock: it waits for who has seen to it that the lane is theirs.
    await tx.connection.execute(select(lanes.c.id).where(lanes.c.id == lane.id).with_for_update())
    statement = (
        update(lanes)
        .where(lanes.c.id == lane.id, _free(tx))
        .values(epoch=lanes.c.epoch + 1, held_by=tx.process, held_until=real_time(tx, LEASE))
        .returning(lanes.c.epoch)
    )
    epoch = await tx.connection.scalar(statement)
    if epoch is None:
        raise LaneHeld(f"Another process works on lane {lane.kind}.")
    taken = Lane(lane.id, lane.kind, lane.name, epoch)
    tx.lease.took(taken)
    return taken


async def take_any(tx: Tx, kind: str, name: str) -> Lane:
    """Become the runner of the first lane of that name that nobody else holds, or of a new one."""
    await lane_ids(tx, kind, [name])
    query = (
        select(lanes.c.id, lanes.c.slot, _free(tx).label("free"))
        .where(lanes.c.kind == kind, lanes.c.name == name)
        .order_by(lanes.c.slot)
        .with_for_update()
    )
    while True:
        rows = (await tx.connection.execute(query)).all()
        free = next((row for row in rows if row.free), None)
        if free is not None:
            return await take(tx, Lane(free.id, kind, name))
        # Others that begin at this moment may make the same one: then it is looked at, too.
        await insert_new(tx, lanes, [{"kind": kind, "name": name, "epoch": 0, "slot": rows[-1].slot + 1}])


async def renew(tx: Tx) -> dict[int, int]:
    """Hold all lanes of this process for another while: those that nobody has taken.

    Returns their epochs, by their ids.
    """
    ours = update(lanes).where(_locked(lanes.c.held_by == tx.process))
    renewed = ours.values(held_until=real_time(tx, LEASE)).returning(lanes.c.id, lanes.c.epoch)
    return {row.id: row.epoch for row in await tx.connection.execute(renewed)}


async def release(tx: Tx) -> None:
    """Give back all lanes of this process; one with something in the middle as a dead process leaves it."""
    sending = or_(
        *(
            exists().where(queue.c.lane_id == lanes.c.id, has(queue.c.status, MessageStatus.SENDING))
            for queue in (messages, copies)
        )
    )
    ours = lanes.c.held_by == tx.process
    await abandon(tx, tx.process)
    given_back = update(lanes).where(_locked(ours, ~sending)).values(held_by=null(), held_until=null())
    await tx.connection.execute(given_back)


async def abandon(tx: Tx, process: str) -> None:
    """Let other processes take the lanes of that one, which is dead."""
    theirs = _locked(lanes.c.held_by == process)
    await tx.connection.execute(update(lanes).where(theirs).values(held_until=real_time(tx)))


async def find(tx: Tx, lane_id: int) -> Lane | None:
    """That lane."""
    row = (await tx.connection.execute(select(lanes).where(lanes.c.id == lane_id))).one_or_none()
    return None if row is None else Lane(row.id, row.kind, row.name, row.epoch)


async def put_down(tx: Tx, lane: Lane, not_before: datetime | None) -> None:
    """Give back a lane that this process has run, and call for it again when it has something to do.

    `not_before`: it has to rest until then.
    """
    await tx.connection.execute(
        update(lanes)
        .where(lanes.c.id == lane.id, lanes.c.held_by == tx.process)
        .values(held_by=null(), held_until=null())
    )
    query = select(_RUNS_AT).where(lanes.c.id == lane.id)
    next_at: datetime | None = await tx.connection.scalar(query)
    if next_at is not None:
        await _call(tx, [Call(lane.id, lane.kind, max(next_at, not_before or next_at))])


async def fence(tx: Tx, lane: Lane) -> datetime | None:
    """Lock the lane for this transaction. Returns until when it is kept still, where it ever was.

    Raises LaneLost where another process has taken it.
    """
    query = select(lanes.c.epoch, lanes.c.paused_until).where(lanes.c.id == lane.id)
    row = (await tx.connection.execute(query.with_for_update(key_share=True))).one_or_none()
    if row is None or row.epoch != lane.epoch:
        raise LaneLost(f"Another process has taken over lane {lane.kind}.")
    paused_until: datetime | None = row.paused_until
    return paused_until


async def keep(tx: Tx, lane: Lane) -> None:
    """See to it that nobody takes the lane before this transaction ends; it may be woken meanwhile.

    For what waits for chats: who has locked those wakes lanes. Raises LaneLost as `fence` does.
    """
    query = select(lanes.c.epoch).where(lanes.c.id == lane.id)
    if await tx.connection.scalar(query.with_for_update(read=True, key_share=True)) != lane.epoch:
        raise LaneLost(f"Another process has taken over lane {lane.kind}.")


async def lock(tx: Tx, ids: Collection[int]) -> None:
    """Lock these lanes for this transaction: before rows on them, so that nobody waits for each other."""
    if ids:
        query = select(lanes.c.id).where(lanes.c.id.in_(ids)).order_by(*_ORDER)
        await tx.connection.execute(query.with_for_update(key_share=True))


async def is_ours(tx: Tx, ours: Lane) -> bool:
    """Whether no other process has taken the lane."""
    epoch = await tx.connection.scalar(select(lanes.c.epoch).where(lanes.c.id == ours.id))
    return epoch == ours.epoch


async def schedule(tx: Tx, lane: Lane, next_at: datetime | None) -> None:
    """Store when the lane has something to do again; call after `fence`, in the same transaction."""
    await tx.connection.execute(update(lanes).where(lanes.c.id == lane.id).values(next_at=next_at))


async def reschedule(tx: Tx, lane: Lane, planned: datetime, next_at: datetime) -> None:
    """The same for a lane that took several transactions, the first of which stored `planned`.

    Whoever has woken it since then wants it to run again: that stays.
    """
    unwoken = (lanes.c.id == lane.id, lanes.c.next_at == planned)
    await tx.connection.execute(update(lanes).where(*unwoken).values(next_at=next_at))


async def pause(tx: Tx, name: str, kinds: Collection[str], until: datetime, note: str | None) -> None:
    """Keep the lanes of that name still until then, or longer where they are: also after a restart."""
    asked = literal(until, lanes.c.paused_until.type)
    shorter = or_(lanes.c.paused_until.is_(None), lanes.c.paused_until < asked)
    await tx.connection.execute(
        update(lanes)
        .where(_locked(lanes.c.name == name, lanes.c.kind.in_(kinds), shorter))
        .values(paused_until=until, note=note)
    )


async def pauses(tx: Tx, name: str, now: datetime) -> list[Pause]:
    """The lanes of that name that are kept still."""
    query = select(lanes).where(lanes.c.name == name, lanes.c.paused_until > now).order_by(lanes.c.kind)
    return [Pause(row.kind, row.paused_until, row.note) for row in await tx.connection.execute(query)]


async def resume(tx: Tx, name: str, now: datetime) -> None:
    """End the pauses of that name: its lanes run at once, and what was to be tried again later is due."""
    named = lanes.c.name == name
    await tx.connection.execute(
        update(lanes).where(_locked(named)).values(paused_until=None, note=None, next_at=now)
    )
    for queue in (messages, copies):
        await tx.connection.execute(
            update(queue)
            .where(queue.c.lane_id.in_(select(lanes.c.id).where(named)), queue.c.due_at > now)
            .where(has(queue.c.status, MessageStatus.QUEUED), queue.c.reason.is_not(None))
            .values(due_at=now)
        )


class StoredLanes:
    """`engine.base.Lanes` and `SharedLanes` over the database."""

    def __init__(self, store: Store, clock: Clock = system_clock) -> None:
        self._store = store
        self._clock = clock

    async def due(self, kinds: list[str], now: datetime) -> list[Lane]:
        async with self._store.read() as tx:
            return await due(tx, kinds, now)

    async def next_due(self, kinds: list[str]) -> datetime | None:
        async with self._store.read() as tx:
            return await next_due(tx, kinds)

    async def free_in(self, kinds: list[str]) -> float | None:
        async with self._store.read() as tx:
            return await free_in(tx, kinds)

    async def find(self, lane_id: int) -> Lane | None:
        async with self._store.read() as tx:
            return await find(tx, lane_id)

    async def put_down(self, lane: Lane, rest: float | None) -> None:
        not_before = self._clock() + timedelta(seconds=rest) * self._clock.speed if rest else None
        async with self._store.write(brief=True) as tx:
            await put_down(tx, lane, not_before)

    async def call_for_due(self, kinds: Sequence[str], running: Container[int]) -> None:
        now = self._clock()
        async with self._store.write(brief=True) as tx:
            found = await due(tx, kinds, now)
            await _call(tx, [Call(each.id, each.kind, now) for each in found if each.id not in running])

    async def prepare(self, lock: int, prepare: Callable[[AsyncConnection], Awaitable[None]]) -> None:
        async with self._store.write() as tx:
            await tx.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
            await prepare(tx.connection)
