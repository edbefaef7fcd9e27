"""How much waits, and since when; and that finding out reads no whole table."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import event, text

from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store import queue_sizes as store_depths
from assistant.store.broadcasts import LANE as BULK
from assistant.store.database import Store, Tx
from assistant.store.lanes import REPLIES
from assistant.store.queue_sizes import LETTERS, UNFINISHED, QueueSize, queue_sizes, unfinished_letters
from assistant.store.webhooks import LANE as WEBHOOKS
from tests.support.store.queued_rows import add_copy, add_letter, add_message, ago


async def found(store: Store) -> dict[str, QueueSize]:
    """What waits, by kind."""
    async with store.read() as tx:
        return {depth.kind: depth for depth in await queue_sizes(tx)}


async def test_nothing_waits_at_first(store: Store) -> None:
    assert await found(store) == {
        kind: QueueSize(kind, 0, None) for kind in (REPLIES, BULK, LETTERS, WEBHOOKS)
    }


async def test_each_kind_of_lane_is_counted_by_itself(store: Store) -> None:
    await add_message(store, REPLIES, ago(1))
    await add_message(store, BULK, ago(2))
    await add_message(store, BULK, ago(3))
    await add_letter(store, LetterStatus.QUEUED, ago(4))
    assert await found(store) == {
        REPLIES: QueueSize(REPLIES, 1, ago(1)),
        BULK: QueueSize(BULK, 2, ago(3)),
        LETTERS: QueueSize(LETTERS, 1, ago(4)),
        WEBHOOKS: QueueSize(WEBHOOKS, 0, None),
    }


async def test_copies_of_broadcasts_count_with_the_notices_of_their_lane(store: Store) -> None:
    await add_message(store, BULK, ago(2))
    for number, minutes in ((1, 5), (2, 9), (3, 7)):
        await add_copy(store, number, chat=number, due_at=ago(minutes))
    await add_copy(store, 1, chat=9, due_at=ago(20), status=MessageStatus.SENT)
    assert (await found(store))[BULK] == QueueSize(BULK, 4, ago(9))


async def test_the_oldest_is_the_first_of_all_accounts(store: Store) -> None:
    for minutes, account in ((7, "memory:1"), (9, "memory:2"), (8, "memory:3")):
        await add_message(store, BULK, ago(minutes), account=account)
    assert (await found(store))[BULK] == QueueSize(BULK, 3, ago(9))


@pytest.mark.parametrize("status", sorted(set(MessageStatus) - {MessageStatus.QUEUED}))
async def test_a_message_waits_only_while_it_is_queued(store: Store, status: MessageStatus) -> None:
    await add_message(store, REPLIES, ago(1), status)
    assert (await found(store))[REPLIES] == QueueSize(REPLIES, 0, None)


@pytest.mark.parametrize("status", list(LetterStatus))
async def test_a_letter_waits_until_its_carrier_gets_it(store: Store, status: LetterStatus) -> None:
    await add_letter(store, status, ago(1))
    waits = status in (LetterStatus.QUEUED, LetterStatus.RETRY_WAIT)
    assert (await found(store))[LETTERS].waiting == (1 if waits else 0)


async def test_counting_ends_at_the_limit(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_depths, "COUNT_MAX", 2)
    for minutes in (1, 2, 3):
        await add_message(store, BULK, ago(minutes))
    assert (await found(store))[BULK] == QueueSize(BULK, 2, ago(3))


async def test_every_look_is_served_by_the_index_of_what_is_due(store: Store) -> None:
    *plans, _webhooks = await plans_of(store, queue_sizes)  # of which few wait, and none for long
    queues = ["messages", "messages", "messages", "messages", "copies", "copies", "letters", "letters"]
    for each, queue in zip(plans, queues, strict=True):
        assert f"{queue}_due" in each, each
        assert not any(f"{scan} {table}" in each for scan in SCANS for table in set(queues)), each


async def test_letters_are_counted_by_their_state_from_an_index_alone(store: Store) -> None:
    for status in (*LetterStatus, LetterStatus.HELD):
        await add_letter(store, status, ago(1), b"sealed")
    await add_letter(store, LetterStatus.UNCERTAIN, ago(1))  # about which nobody can decide
    async with store.read() as tx:
        found = await unfinished_letters(tx)
    assert found == {status: 2 if status is LetterStatus.HELD else 1 for status in UNFINISHED}
    plans = await plans_of(store, unfinished_letters)
    assert len(plans) == len(UNFINISHED)
    for status, each in zip(UNFINISHED, plans, strict=True):
        if status is LetterStatus.UNCERTAIN:
            few = each.replace("SCAN letters USING INDEX letters_uncertain", "")  # all of that index
            assert not any(f"{scan} letters" in few for scan in SCANS), each
            continue
        by_index_alone = ("COVERING INDEX letters_unfinished", "Index Only Scan using letters_")
        assert any(words in each for words in by_index_alone), each


async def plans_of(store: Store, ask: Callable[[Tx], Awaitable[object]]) -> list[str]:
    """How the database goes about each statement of it."""
    noted: list[tuple[str, Any]] = []  # Any: parameters as the driver takes them

    def note(_c: object, _k: object, sql: str, parameters: Any, _x: object, _many: bool) -> None:  # Any: same
        noted.append((sql, parameters))

    engine = store._engine.sync_engine
    async with store.read() as tx:
        event.listen(engine, "before_cursor_execute", note)
        await ask(tx)
        event.remove(engine, "before_cursor_execute", note)
        return [await plan(tx, sql, parameters) for sql, parameters in noted]


SCANS = ("SCAN", "Seq Scan on")


async def plan(tx: Tx, sql: str, parameters: Any) -> str:  # Any: parameters as the driver takes them
    """How the database goes about a statement; PostgreSQL as if the tables were long."""
    if tx.dialect == "sqlite":
        steps = await tx.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
        return "\n".join(step.detail for step in steps)
    await tx.connection.execute(text("SET LOCAL enable_seqscan = off"))
    steps = await tx.connection.exec_driver_sql(f"EXPLAIN {sql}", parameters)
    return "\n".join(step[0] for step in steps)
