"""Letters about which nobody decides are found by their age."""

from alembic import op
from sqlalchemy import text

revision = "0027"
down_revision = "0026"

_INDEXES = (
    ("letters_held_since", "created_at", "status = 'held' AND body IS NOT NULL"),
    ("letters_with_carriers", "left_at", "status IN ('submitted', 'uncertain') AND body IS NOT NULL"),
)


def upgrade() -> None:
    """Two indexes."""
    for name, column, condition in _INDEXES:
        where = text(condition)
        op.create_index(name, "letters", [column], sqlite_where=where, postgresql_where=where)
