"""Rows stored beforehand, as if people had talked with us: quickly, and each with a key of its own."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table

from assistant.domain.messages import Address
from assistant.store.crypto import Sealer
from assistant.store.database import Tx, Value

Rows = Sequence[Mapping[str, Value]]


def chat_row(
    tx: Tx, number: int, address: Address, today: date, **facts: Value
) -> tuple[dict[str, Value], Sealer]:
    """A chat by that number, with what seals more of it. `facts`: other columns."""
    wrapped, sealer = tx.vault.new_key(number)
    row: dict[str, Value] = {
        "id": number,
        "lookup": tx.vault.lookup(address),
        "key": wrapped,
        "account": str(address.account),
        "address": sealer.seal("chats.address", number, address.person),
        "recent": "",
        "created_on": today,
        "active_on": today,
        "forgotten": False,
    }
    return row | facts, sealer


async def copy_rows(tx: Tx, table: Table, rows: Rows) -> None:
    """Store them in a PostgreSQL by COPY, which takes a fraction of what INSERT does."""
    columns = ", ".join(table.c[key].name for key in rows[0])
    raw: Any = (await tx.connection.get_raw_connection()).driver_connection  # Any: any driver's
    async with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
        for row in rows:
            await copy.write_row(tuple(row.values()))
