"""One meaning a column: when a letter is due, is asked about, has ended; its print run; no update at all."""

from alembic import op
from sqlalchemy import BigInteger, Column, String, text

revision = "0006"
down_revision = "0005"

_ENDED = "status IN ('delivered', 'sent', 'failed', 'cancelled')"
_KEPT = f"{_ENDED} AND body IS NOT NULL"  # what supporters wrote, until it is deleted
_BY_POST = "(route = 'post' OR substr(route, 1, 5) = 'post:')"
_LETTERS = f"""
UPDATE letters SET
  print_run = CASE WHEN {_BY_POST} AND reference <> '' THEN reference END,
  reference = CASE WHEN NOT {_BY_POST} AND reference <> '' THEN reference END,
  look_at = CASE WHEN status = 'submitted' THEN due_at END,
  ended_at = CASE WHEN {_ENDED} THEN due_at END,
  due_at = CASE WHEN status IN ('queued', 'held', 'retry_wait', 'submitting') THEN due_at END
"""  # noqa: S608  our own words
_INDEXES = {
    "letters_submitted": (["lane_id", "look_at"], "status = 'submitted'"),
    "letters_ended": (["ended_at"], _KEPT),
}


def upgrade() -> None:
    for name in _INDEXES:
        op.drop_index(name, "letters")
    op.add_column("letters", Column("print_run", String(200)))
    op.add_column("letters", Column("look_at", BigInteger))
    op.add_column("letters", Column("ended_at", BigInteger))
    _let_be_empty("letters", Column("due_at", BigInteger))
    _let_be_empty("broadcasts", Column("update_slug", String(100)))
    op.execute(_LETTERS)
    op.execute("UPDATE broadcasts SET update_slug = NULL WHERE substr(update_slug, 1, 1) = '~'")
    for name, (columns, condition) in _INDEXES.items():
        where = text(condition)
        op.create_index(name, "letters", columns, sqlite_where=where, postgresql_where=where)


def _let_be_empty(table: str, column: Column[int] | Column[str]) -> None:
    """On SQLite that makes the table anew, for which `store.database` suspends foreign keys."""
    with op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column(column.name, existing_type=column.type, nullable=True)
