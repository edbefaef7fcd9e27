"""No statement of a turn, a lane or a fan-out reads a whole table that grows with the number of people."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from assistant.dialogue.script import Script
from assistant.domain.messages import Incoming, Text
from assistant.services.effects import Effects
from assistant.services.metrics import Metrics
from assistant.services.outbox import Outbox
from assistant.services.printing import Printer
from assistant.services.timetable import Timetable
from assistant.services.turns import Turns
from assistant.store import (
    broadcasts,
    chats,
    dispatch,
    lanes,
    letters,
    messages,
    notices,
    print_runs,
    retention,
)
from assistant.store.database import Store
from tests.fakes.channel import MemoryChannel, StillClock
from tests.services.claiming import claim

WALK = ("hi", "go", "Ana", "GT", "-", "send", "yes", "mydata", "forget", "yes", "hi")
Statements = dict[str, Any]  # Any: parameters as the driver takes them


@contextmanager
def noted(store: Store) -> Iterator[Statements]:
    """Every statement that is run meanwhile, with parameters that it was run with."""
    statements: Statements = {}

    def note(_c: object, _k: object, sql: str, parameters: Sequence[Any], _x: object, many: bool) -> None:
        statements.setdefault(sql, parameters[0] if many else parameters)

    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
async def sqlite_store(tmp_path: Path) -> Any:  # Any: an async fixture's own type
    store = await Store.open(f"sqlite:///{tmp_path / 'assistant.sqlite'}", tmp_path / "keyring.json")
    yield store
    await store.close()


async def everything(store: Store, script: Script, channel: MemoryChannel, clock: StillClock) -> None:
    metrics = Metrics(clock)
    outbox = Outbox(store, {channel.line: channel}, Printer(script.cases), clock, metrics)
    await outbox.open()
    turns = Turns(
        store,
        script,
        Effects(script.cases, Timetable(store, script.cases, timedelta(), clock)),
        outbox,
        clock,
        metrics,
    )
    for number, text in enumerate(WALK):
        await turns.handle(Incoming(channel.address("ana"), str(number), Text(text), "en"))
    await outbox.settle()
    async with store.write() as tx:
        ids = await lanes.lane_ids(tx, "bulk", [channel.line])
        bulk = await lanes.take(tx, lanes.Lane(ids[channel.line], "bulk", channel.line))
        await lanes.hold(tx, bulk)
        await messages.claim(tx, bulk, clock(), 5)
        await messages.recover(tx, bulk, clock())
        await messages.next_due(tx, bulk)
        broadcast = await broadcasts.open_broadcast(tx, "norma-cruz", "news", {}, clock())
        await broadcasts.fan_out(tx, broadcast, "norma-cruz", clock(), 0, 10)
        await broadcasts.wake_lanes(tx, broadcast, clock())
        await broadcasts.reach(tx, broadcast)
        ids = await lanes.lane_ids(tx, letters.LANE, ["norma-cruz"])
        office = await lanes.take(tx, lanes.Lane(ids["norma-cruz"], letters.LANE, "norma-cruz"))
        await dispatch.cancel_forgotten(tx, office, clock())
        await claim(tx, office, clock(), 5)
        await dispatch.orphans(tx, office)
        await dispatch.next_due(tx, office)
        await dispatch.next_look(tx, office)
        await dispatch.on_their_way(tx, office, clock(), 5)
        await dispatch.look_later(tx, [1], clock())
        await dispatch.departed(tx, office.id, clock(), 5)
        await dispatch.queue_of(tx, "norma-cruz", clock())
        await letters.named(tx, key="a")
        await letters.named(tx, reference="a")
        await print_runs.unposted(tx, "norma-cruz", "post", None, 5)
        await print_runs.of_run(tx, "norma-cruz", "post", "a")
        await print_runs.runs(tx, "norma-cruz", "post")
        await notices.readers(tx, [1], clock())
        await chats.unsubscribe(tx, [1])
        await retention.sweep(tx, clock())


async def test_nothing_reads_a_whole_table(
    sqlite_store: Store, script: Script, channel: MemoryChannel, clock: StillClock
) -> None:
    with noted(sqlite_store) as statements:
        await everything(sqlite_store, script, channel, clock)
    scans: list[str] = []
    async with sqlite_store.read() as tx:
        for sql, parameters in statements.items():
            if sql.startswith(("SELECT", "UPDATE", "DELETE", "INSERT")):
                plan = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", tuple(parameters))
                scans += [f"{step.detail}: {sql}" for step in plan if step.detail.startswith("SCAN ")]
    tables = {"chats", "messages", "letters", "letter_log", "subscriptions", "broadcasts", "broadcast_texts"}
    assert len(statements) > 40
    assert [scan for scan in scans if scan.split()[1].rstrip(":") in tables and " INDEX " not in scan] == []
