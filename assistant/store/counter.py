"""The counter of delivered letters (`domain.counter`): a leaf for each, and batches.

No column leads from a leaf to its letter, nor does the order of the rows: a letter's code is worked out from
its key with the keyring. Leaves of a batch are written anew together, sorted, with nothing but its number.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, and_, delete, func, insert, select, update

from assistant.domain.counter import SECRET, Batch, code_of, leaf_of
from assistant.store.crypto import Vault
from assistant.store.database import Tx, Value, insert_new
from assistant.store.tables import counter_batches as batches_table
from assistant.store.tables import counter_leaves as leaves_table

_CODES = "counter codes"
_SEED = "counter"
_WAITS = leaves_table.c.batch.is_(None)


def seed(vault: Vault) -> bytes:
    """The secret that batches are signed with: the keyring's, whichever keys wrap what is stored."""
    return vault.secret(_SEED)


def code_of_letter(vault: Vault, key: str) -> str:
    """The code of the letter with that key. The key alone, which offices may see, does not tell it."""
    return code_of(vault.digest(_CODES, key.encode(), SECRET))


async def add(tx: Tx, delivered: Collection[tuple[str, str]], day: date) -> None:
    """Letters, by case and key, were delivered on that day, UTC. Each counts once, whoever says it again."""
    rows: list[Mapping[str, Value]] = [
        {"leaf": leaf_of(case, code_of_letter(tx.vault, key)), "case_slug": case, "day": day}
        for case, key in delivered
    ]
    await insert_new(tx, leaves_table, rows)


async def waiting(tx: Tx) -> dict[str, dict[date, int]]:
    """How many letters are in no batch yet, by case and day."""
    which = (leaves_table.c.case_slug, leaves_table.c.day)
    found: defaultdict[str, dict[date, int]] = defaultdict(dict)
    for case, day, count in await tx.connection.execute(
        select(*which, func.count()).where(_WAITS).group_by(*which)
    ):
        found[case][day] = count
    return found


async def bring_forward(tx: Tx, today: date) -> None:
    """Letters that were delivered while the clock was ahead are of today: they do not wait for that day."""
    late = (_WAITS, leaves_table.c.day > today)
    await tx.connection.execute(update(leaves_table).where(*late).values(day=today))


async def take_waiting(tx: Tx, case: str, until: date) -> list[bytes]:
    """Delete the leaves of the case that wait, up to that day, so that `publish` writes them anew. Sorted.

    One statement deletes and reads them: a letter that is delivered meanwhile is not lost between two.
    """
    those = (_WAITS, leaves_table.c.case_slug == case, leaves_table.c.day <= until)
    taken = delete(leaves_table).where(*those).returning(leaves_table.c.leaf)
    return sorted(await tx.connection.scalars(taken))


async def publish(tx: Tx, batch: Batch, leaves: Collection[bytes]) -> None:
    """Write a batch down with its leaves, sorted."""
    facts = {
        "case_slug": batch.case,
        "number": batch.number,
        "day": batch.day,
        "count": batch.count,
        "total": batch.total,
        "root": batch.root.hex(),
        "before": batch.before.hex(),
        "signature": batch.signature.hex(),
    }
    await tx.connection.execute(insert(batches_table).values(facts))
    rows = [{"leaf": each, "case_slug": batch.case, "batch": batch.number} for each in leaves]
    await tx.connection.execute(insert(leaves_table), rows)


async def batches(tx: Tx, case: str) -> list[Batch]:
    """All batches of a case, in order."""
    query = select(batches_table).where(batches_table.c.case_slug == case).order_by(batches_table.c.number)
    return [_batch(row) for row in await tx.connection.execute(query)]


async def batch(tx: Tx, case: str, number: int) -> Batch | None:
    """That batch of a case; None where there is none."""
    query = select(batches_table).where(batches_table.c.case_slug == case, batches_table.c.number == number)
    row = (await tx.connection.execute(query)).first()
    return None if row is None else _batch(row)


async def last_batch(tx: Tx, case: str) -> Batch | None:
    """The newest batch of a case; None where there is none."""
    query = select(batches_table).where(batches_table.c.case_slug == case)
    row = (await tx.connection.execute(query.order_by(batches_table.c.number.desc()).limit(1))).first()
    return None if row is None else _batch(row)


async def leaves(tx: Tx, case: str, number: int) -> list[bytes]:
    """The leaves of that batch, sorted; none where there is no such batch."""
    those = (leaves_table.c.case_slug == case, leaves_table.c.batch == number)
    query = select(leaves_table.c.leaf).where(*those, ~_WAITS).order_by(leaves_table.c.leaf)
    return list(await tx.connection.scalars(query))


async def batch_of(tx: Tx, leaf: bytes) -> Batch | None:
    """The batch in which that leaf stands; None where it stands in none."""
    own = and_(
        batches_table.c.case_slug == leaves_table.c.case_slug, batches_table.c.number == leaves_table.c.batch
    )
    query = select(batches_table).join(leaves_table, own).where(leaves_table.c.leaf == leaf)
    row = (await tx.connection.execute(query)).first()
    return None if row is None else _batch(row)


async def digests(tx: Tx) -> dict[tuple[str, int], str]:
    """Of all batches, by case and number, in hex digits."""
    rows = await tx.connection.execute(select(batches_table))
    return {(row.case_slug, row.number): _batch(row).digest.hex() for row in rows}


def _batch(row: Row[Any]) -> Batch:  # Any: SQLAlchemy's row
    return Batch(
        case=row.case_slug,
        number=row.number,
        day=row.day,
        count=row._mapping["count"],  # a row has a method of that name
        total=row.total,
        root=bytes.fromhex(row.root),
        before=bytes.fromhex(row.before),
        signature=bytes.fromhex(row.signature),
    )
