"""What offices answer to letters."""

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, UniqueConstraint, text

revision = "0010"
down_revision = "0009"

_KEPT = "body IS NOT NULL"
_INDEXES = {
    "answers_new": (["likeness", "id"], f"status = 'new' AND {_KEPT}"),
    "answers_kept": (["received_at"], _KEPT),
}


def upgrade() -> None:
    """A row for each."""
    row_id = BigInteger().with_variant(Integer, "sqlite")
    op.create_table(
        "answers",
        Column("id", row_id, primary_key=True),
        Column("letter_id", row_id, ForeignKey("letters.id", ondelete="CASCADE"), nullable=False),
        Column("identity", LargeBinary, nullable=False),
        Column("received_at", BigInteger, nullable=False),
        Column("kind", String(20), nullable=False),
        Column("status", String(20), nullable=False),
        Column("settled_at", BigInteger),
        Column("body", LargeBinary),
        Column("likeness", LargeBinary),
        UniqueConstraint("letter_id", "identity"),
        sqlite_autoincrement=True,
    )
    for name, (columns, condition) in _INDEXES.items():
        where = text(condition)
        op.create_index(name, "answers", columns, sqlite_where=where, postgresql_where=where)
