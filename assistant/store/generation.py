"""How often this database was seen at work: a number that grows, in a table of one row."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from assistant.store.database import Tx
from assistant.store.tables import generation


@dataclass(frozen=True, slots=True)
class Generation:
    """`raised_at`: when it was raised last, by the real clock; None: never."""

    number: int
    raised_at: datetime | None


async def current(tx: Tx) -> Generation:
    """As it is now; where the transaction may write, nobody else raises it before its end."""
    row = (await tx.connection.execute(select(generation).with_for_update())).one()
    return Generation(row.number, row.raised_at)


async def look(tx: Tx) -> Generation:
    """As it is now."""
    row = (await tx.connection.execute(select(generation))).one()
    return Generation(row.number, row.raised_at)


def look_directly(connection: Connection) -> Generation:
    """The same without a transaction of ours."""
    row = connection.execute(select(generation)).one()
    return Generation(row.number, row.raised_at)


async def set_number(tx: Tx, number: int, now: datetime) -> None:
    """It is that one from now on. `now`: by the real clock."""
    await tx.connection.execute(update(generation).values(number=number, raised_at=now))
