"""A database that is older than what was there is noticed, and what it may have sent since is held."""

from alembic import op
from sqlalchemy import BigInteger, Column, text

revision = "0015"
down_revision = "0014"

_RESTORED = text("restored_at IS NOT NULL AND status = 'held'")


def upgrade() -> None:
    """Of none so far is anything known."""
    table = op.create_table(
        "generation", Column("number", BigInteger, nullable=False), Column("raised_at", BigInteger)
    )
    op.bulk_insert(table, [{"number": 0, "raised_at": None}])
    op.add_column("letters", Column("restored_at", BigInteger))
    op.create_index("letters_restored", "letters", ["id"], sqlite_where=_RESTORED, postgresql_where=_RESTORED)
