"""Copies of broadcasts have a table of their own, without what only replies and notices need."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, LargeBinary, SmallInteger, String, Text, TextClause, text

revision = "0018"
down_revision = "0017"

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")
_QUEUED, _SENDING = text("status = 'queued'"), text("status = 'sending'")
_OVER = text("status IN ('sent', 'failed', 'unknown')")
_COLUMNS = "broadcast_id, chat_id, lane_id, due_at, epoch, attempts, status, reason, reference"


def upgrade() -> None:
    """Their rows move; the order of those that wait stays, but for those of the same moment."""
    op.create_table(
        "copies",
        Column("broadcast_id", _ROW_ID, primary_key=True, autoincrement=False),
        Column("chat_id", _ROW_ID, primary_key=True, autoincrement=False),
        Column("lane_id", _ROW_ID, nullable=False),
        Column("due_at", BigInteger, nullable=False),
        Column("epoch", BigInteger, nullable=False),
        Column("attempts", SmallInteger, nullable=False),
        Column("status", String(20), nullable=False),
        Column("reason", Text),
        Column("reference", String(40)),
        sqlite_with_rowid=False,
    )
    op.execute(
        text(
            f"INSERT INTO copies ({_COLUMNS}) SELECT {_COLUMNS} FROM messages"  # noqa: S608  no value in it
            " WHERE broadcast_id IS NOT NULL ORDER BY broadcast_id, chat_id"
        )
    )
    _index("copies_due", "copies", "lane_id", "broadcast_id", "due_at", "chat_id", where=_QUEUED)
    _index("copies_sending", "copies", "lane_id", where=_SENDING)
    for name in ("messages_once", "messages_due", "messages_over"):
        op.drop_index(name, "messages")
    op.execute(text("DELETE FROM messages WHERE broadcast_id IS NOT NULL"))
    with op.batch_alter_table("messages", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint("messages_text", type_="check")
        batch.drop_column("broadcast_id")
        batch.alter_column("body", existing_type=LargeBinary, nullable=False)
    _index("messages_due", "messages", "lane_id", "due_at", "id", where=_QUEUED)
    _index("messages_over", "messages", "due_at", where=_OVER)


def _index(name: str, table: str, *columns: str, where: TextClause) -> None:
    op.create_index(name, table, list(columns), sqlite_where=where, postgresql_where=where)
