"""No chat knows which link brought it, and what is over keeps its days only."""

from alembic import op
from sqlalchemy import Column, Date, Integer, String, text

revision = "0024"
down_revision = "0023"

_DAY = 86_400_000  # milliseconds
_ENDED = f"status IN ('delivered', 'sent', 'failed', 'cancelled') AND ended_at % {_DAY} <> 0"
_OVER = f"status IN ('sent', 'failed', 'unknown') AND due_at % {_DAY} <> 0"
_FEW = 10  # chats: a word that brought fewer may be of one person's link


def upgrade() -> None:
    """A word that brought few chats goes with them. Times become days at the next housekeeping."""
    op.create_table(
        "source_counts",
        Column("source", String(20), primary_key=True),
        Column("day", Date, primary_key=True),
        Column("chats", Integer, nullable=False),
    )
    op.execute(
        text(
            "INSERT INTO source_counts (source, day, chats) SELECT source, created_on, count(*) FROM chats"  # noqa: S608
            f" WHERE source IN (SELECT source FROM chats GROUP BY source HAVING count(*) >= {_FEW})"
            " GROUP BY source, created_on"
        )
    )
    if op.get_bind().dialect.name == "postgresql":  # a case and an office; SQLite knows no lengths
        op.execute(text("ALTER TABLE requests ALTER COLUMN subject TYPE varchar(140)"))
    op.drop_index("chats_by_source", "chats")
    op.drop_column("chats", "source")
    for name, table, column, where in (
        ("letters_timed", "letters", "ended_at", text(_ENDED)),
        ("messages_timed", "messages", "due_at", text(_OVER)),
    ):
        op.create_index(name, table, [column], sqlite_where=where, postgresql_where=where)
