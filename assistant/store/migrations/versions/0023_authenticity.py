"""Rows that give power have a code each, which the database alone cannot make.

It is known who halted a broadcast, and to which addresses of offices letters may go.
"""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision = "0023"
down_revision = "0022"

_TABLES = ("organisers", "invitations", "requests", "broadcasts", "broadcast_texts")


def upgrade() -> None:
    """The codes need the keyring: they are made when the database is opened, see `database._prepare`."""
    for table in _TABLES:
        op.add_column(table, Column("mac", String(32)))
    op.add_column("broadcasts", Column("halted_by", BigInteger().with_variant(Integer, "sqlite")))
    op.create_table(
        "office_routes",
        Column("case_slug", String(64), primary_key=True),
        Column("target_slug", String(64), primary_key=True),
        Column("routes", Text, nullable=False),
        Column("told", String(32), nullable=False),
        Column("mac", String(32)),
    )
