"""Which wrapping keys the database needs, and wrapping what it holds anew."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, LargeBinary, func, literal, select, update

from assistant.store.crypto import wrapping_key_of
from assistant.store.database import Tx, update_each
from assistant.store.tables import chats, vault

PIECE = 5_000  # chats that one transaction wraps anew: turns of these wait for it
_NUMBER = func.substr(chats.c.key, 2, 4)  # of the key that wraps it, see `crypto.py`


def _bytes_of(number: int) -> ColumnElement[bytes]:
    return literal(number.to_bytes(4, "big"), LargeBinary)


async def lock(tx: Tx) -> None:
    """Let nobody else change the keyring before this transaction ends."""
    await tx.connection.execute(select(vault.c.proof).with_for_update())


async def chats_by_key(tx: Tx) -> Mapping[int, int]:
    """How many chats each wrapping key wraps, by its number. It reads every chat's row."""
    query = select(_NUMBER, func.count()).group_by(_NUMBER)
    counted = await tx.connection.execute(query)
    return {int.from_bytes(number, "big"): count for number, count in counted}


async def rewrap(tx: Tx, after: int) -> int | None:
    """Wrap a piece of the chats' keys, those of chats beyond that number, by the key that wraps now.

    Returns the number to go on from; None where nothing is left.
    """
    old = _bytes_of(tx.vault.active.id) != _NUMBER
    query = select(chats.c.id, chats.c.key).where(chats.c.id > after, old).order_by(chats.c.id).limit(PIECE)
    rows = (await tx.connection.execute(query.with_for_update(key_share=True))).all()
    await update_each(tx, chats.c.key, tx.vault.rewrap({row.id: row.key for row in rows}))
    return rows[-1].id if len(rows) == PIECE else None


async def are_all_wrapped(tx: Tx) -> bool:
    """Whether every chat's key was wrapped by the key that wraps now, when that was noted last."""
    proof = await tx.connection.scalar(select(vault.c.proof))
    return proof is not None and wrapping_key_of(proof) == tx.vault.active.id


async def note_all_wrapped(tx: Tx) -> None:
    """Note that every chat's key is wrapped by the key that wraps now: no older one is needed."""
    await tx.connection.execute(update(vault).values(proof=tx.vault.proof()))
