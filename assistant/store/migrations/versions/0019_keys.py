"""Processes say which keys of the keyring they have; columns that are sealed have no statistics."""

from alembic import op
from sqlalchemy import BigInteger, Column, text

revision = "0019"
down_revision = "0018"

_SEALED = {
    "chats": ("lookup", "key", "address", "state"),
    "letters": ("body",),
    "answers": ("identity", "body", "likeness"),
    "organisers": ("name",),
    "messages": ("body",),
}


def upgrade() -> None:
    """ANALYZE copies values of a column into pg_statistic, where they would outlive their row.

    To give a column the type that it has drops what is there (RemoveStatistics in ATExecAlterColumnType of
    tablecmds.c), and rewrites no row.
    """
    for name in ("newest_key", "active_key"):
        op.add_column("processes", Column(name, BigInteger, nullable=False, server_default=text("0")))
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _SEALED.items():
            for column in columns:
                op.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} TYPE bytea"))
                op.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"))
