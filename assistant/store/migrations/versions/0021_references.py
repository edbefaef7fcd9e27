"""What carriers and channels call letters and messages is stored readable no more."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from alembic import context, op
from sqlalchemy import Column, LargeBinary, Row, text

from assistant.store import references
from assistant.store.crypto import Vault

revision = "0021"
down_revision = "0020"

PIECE = 10_000  # rows read together


def upgrade() -> None:
    """Each is replaced by its keyed digest, and sealed where we have to name it again."""
    op.add_column("letters", Column("sealed_key", LargeBinary))
    op.add_column("letters", Column("sealed_reference", LargeBinary))
    op.add_column("messages", Column("sealed_reference", LargeBinary))
    if op.get_bind().dialect.name == "postgresql":
        for table, column in (
            ("letters", "sealed_key"),
            ("letters", "sealed_reference"),
            ("messages", "sealed_reference"),
        ):
            op.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"))
    keyring: Vault | None = context.config.attributes.get("keyring")
    if keyring is not None:
        _change("letters", "id, key, reference", "id", lambda row: _letter(keyring, row))
        _change("messages", "id, chat_id, reference", "id", lambda row: _message(keyring, row))
        _change(
            "copies",
            "broadcast_id, chat_id, reference",
            "broadcast_id, chat_id",
            lambda row: _copy(keyring, row),
        )
        _change("chats", "id, lookup, recent", "id", lambda row: _chat(keyring, row))


def _letter(keyring: Vault, row: Row[Any]) -> dict[str, Any]:  # Any: column values, here and below
    name = row.reference
    return {
        "key": references.digest_of_key(keyring, row.key),
        "sealed_key": references.seal(keyring, references.KEY, row.id, row.key),
        "reference": name and references.digest_of_reference(keyring, name),
        "sealed_reference": name and references.seal(keyring, references.REFERENCE, row.id, name),
    }


def _message(keyring: Vault, row: Row[Any]) -> dict[str, Any]:
    name = row.reference
    return {
        "reference": name and references.digest_of_message(keyring, row.chat_id, name),
        "sealed_reference": name and references.seal(keyring, references.MESSAGE, row.id, name),
    }


def _chat(keyring: Vault, row: Row[Any]) -> dict[str, Any]:
    handled = [references.digest_of_incoming_at(keyring, row.lookup, each) for each in row.recent.split()]
    return {"recent": " ".join(handled)}


def _copy(keyring: Vault, row: Row[Any]) -> dict[str, Any]:
    name = row.reference
    return {"reference": name and references.digest_of_message(keyring, row.chat_id, name)}


def _change(table: str, columns: str, key: str, change: Callable[[Row[Any]], dict[str, Any]]) -> None:
    names = key.split(", ")
    for rows in _pages(table, columns, names):
        changed = [change(row) | {f"the_{name}": getattr(row, name) for name in names} for row in rows]
        values = ", ".join(f"{name} = :{name}" for name in changed[0] if not name.startswith("the_"))
        where = " AND ".join(f"{name} = :the_{name}" for name in names)
        op.get_bind().execute(text(f"UPDATE {table} SET {values} WHERE {where}"), changed)  # noqa: S608


def _pages(table: str, columns: str, key: Sequence[str]) -> Iterator[Sequence[Row[Any]]]:
    last = dict.fromkeys((f"last_{name}" for name in key), -1)
    order = ", ".join(key)
    beyond = f"({order}) > ({', '.join(f':last_{name}' for name in key)})"
    query = text(f"SELECT {columns} FROM {table} WHERE {beyond} ORDER BY {order} LIMIT {PIECE}")  # noqa: S608
    while rows := op.get_bind().execute(query, last).all():
        yield rows
        last = {f"last_{name}": getattr(rows[-1], name) for name in key}
