"""What letters that really leave need: when they left, what their writers were told, what is looked for."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, text

revision = "0003"
down_revision = "0002"

_FORGOTTEN = "status IN ('queued', 'retry_wait') AND body IS NULL"
_ENDED = "status IN ('delivered', 'sent', 'failed', 'cancelled') AND body IS NOT NULL"
_INDEXES = {
    "letters_forgotten": (["lane_id"], _FORGOTTEN),
    "letters_submitted": (["lane_id", "due_at"], "status = 'submitted'"),
    "letters_left": (["lane_id", "left_at"], "left_at IS NOT NULL"),
    "letters_ended": (
        ["due_at"],
        _ENDED,
    ),
    "letters_by_reference": (["reference"], "reference IS NOT NULL"),
}


def upgrade() -> None:
    op.add_column("lanes", Column("arrived", Integer, nullable=False, server_default=text("0")))
    op.add_column("letters", Column("left_at", BigInteger))
    op.add_column("letters", Column("told", Boolean, nullable=False, server_default=text("false")))
    op.add_column("messages", Column("notice", Boolean, nullable=False, server_default=text("false")))
    # What was handed to a carrier by an earlier version has left, and nobody is told of it any more.
    handed_over = "status IN ('submitting', 'sent', 'delivered', 'uncertain', 'failed') OR attempts > 0"
    op.execute(f"UPDATE letters SET left_at = due_at, told = (1 = 1) WHERE {handed_over}")  # noqa: S608
    for name, (columns, condition) in _INDEXES.items():
        where = text(condition)
        op.create_index(name, "letters", columns, sqlite_where=where, postgresql_where=where)
