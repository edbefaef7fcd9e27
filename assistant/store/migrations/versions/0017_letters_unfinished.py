"""How many letters are in each state before the last can be counted without looking at the others."""

from alembic import op
from sqlalchemy import text

revision = "0017"
down_revision = "0016"

_UNFINISHED = text("status IN ('queued', 'held', 'submitting', 'submitted', 'retry_wait', 'uncertain')")


def upgrade() -> None:
    op.create_index(
        "letters_unfinished",
        "letters",
        ["status"],
        sqlite_where=_UNFINISHED,
        postgresql_where=_UNFINISHED,
    )
