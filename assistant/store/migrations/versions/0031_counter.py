"""Letters that were delivered are leaves of their case's public counter."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from alembic import context, op
from sqlalchemy import Column, Date, Integer, LargeBinary, String, column, table, text

from assistant.domain.counter import leaf_of
from assistant.store import counter, references
from assistant.store.crypto import Vault

revision = "0031"
down_revision = "0030"

_PIECE = 10_000  # rows read together


def upgrade() -> None:
    """Those of earlier versions, too: they are one batch, because few of their days were many people's."""
    op.create_table(
        "counter_leaves",
        Column("leaf", LargeBinary, primary_key=True),
        Column("case_slug", String(64), nullable=False),
        Column("day", Date),
        Column("batch", Integer),
        sqlite_with_rowid=False,
    )
    for name, columns, condition in (
        ("counter_leaves_waiting", ["case_slug", "day"], "batch IS NULL"),
        ("counter_leaves_published", ["case_slug", "batch", "leaf"], "batch IS NOT NULL"),
    ):
        where = text(condition)
        op.create_index(name, "counter_leaves", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "counter_batches",
        Column("case_slug", String(64), primary_key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        Column("day", Date, nullable=False),
        Column("count", Integer, nullable=False),
        Column("total", Integer, nullable=False),
        Column("root", String(64), nullable=False),
        Column("before", String(64), nullable=False),
        Column("signature", String(128), nullable=False),
    )
    keyring: Vault | None = context.config.attributes.get("keyring")
    if keyring is not None:
        _add_delivered(keyring)


def _add_delivered(keyring: Vault) -> None:
    found = dict(_delivered(keyring))
    last = _last_day()
    rows = [{"leaf": leaf, "case_slug": found[leaf], "day": last} for leaf in sorted(found)]
    columns = (column("leaf", LargeBinary), column("case_slug", String), column("day", Date))
    op.bulk_insert(table("counter_leaves", *columns), rows)


def _delivered(keyring: Vault) -> Iterator[tuple[bytes, str]]:
    """The leaves of letters that were delivered, and their cases."""
    query = text(
        "SELECT id, case_slug, sealed_key FROM letters WHERE status = 'delivered' AND id > :after"
        " ORDER BY id LIMIT :piece"
    )
    after = -1
    while rows := op.get_bind().execute(query, {"after": after, "piece": _PIECE}).all():
        for row in rows:
            key = references.unseal(keyring, references.KEY, row.id, row.sealed_key)
            yield leaf_of(row.case_slug, counter.code_of_letter(keyring, key)), row.case_slug
        after = rows[-1].id


def _last_day() -> date:
    """On which the last of them was delivered, UTC."""
    query = text("SELECT max(coalesce(ended_at, created_at)) FROM letters WHERE status = 'delivered'")
    return datetime.fromtimestamp((op.get_bind().execute(query).scalar() or 0) / 1000, UTC).date()
