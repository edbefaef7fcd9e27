"""Rows that give power have a code each, which the database alone cannot make; who halted a broadcast."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String

revision = "0023"
down_revision = "0022"

_TABLES = ("organisers", "invitations", "requests", "broadcasts", "broadcast_texts")


def upgrade() -> None:
    """The codes need the keyring: they are made when the database is opened, see `database._prepare`."""
    for table in _TABLES:
        op.add_column(table, Column("mac", String(32)))
    op.add_column("broadcasts", Column("halted_by", BigInteger().with_variant(Integer, "sqlite")))
