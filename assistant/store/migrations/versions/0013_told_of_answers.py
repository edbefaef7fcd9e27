"""Organisers are told again of answers that wait."""

from alembic import op
from sqlalchemy import BigInteger, Column, text

revision = "0013"
down_revision = "0012"

_INDEXES = {
    "answers_waiting": ("id", "status = 'new' AND body IS NOT NULL"),
    "answers_told": ("told_at", "told_at IS NOT NULL"),
}


def upgrade() -> None:
    """Of none so far is it known whether they were told."""
    op.add_column("answers", Column("told_at", BigInteger))
    for name, (column, condition) in _INDEXES.items():
        where = text(condition)
        op.create_index(name, "answers", [column], sqlite_where=where, postgresql_where=where)
