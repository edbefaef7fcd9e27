"""Organisers, their broadcasts and the record of what they did; what became of copies is counted."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)

revision = "0004"
down_revision = "0003"

RowId = BigInteger().with_variant(Integer, "sqlite")
_OPEN = "status IN ('draft', 'proposed', 'approved', 'sending', 'halted')"
_BROADCASTS = (
    Column("kind", String(20), nullable=False, server_default=text("'update'")),
    Column("status", String(20), nullable=False, server_default=text("'sending'")),
    Column("urgent", Boolean, nullable=False, server_default=text("false")),
    Column("announcement", Text),
    Column("digest", String(32), nullable=False, server_default=text("''")),
    Column("author", RowId),
    Column("approver", RowId),
    Column("starts_at", BigInteger),
    Column("started_at", BigInteger),
    Column("ended_at", BigInteger),
    Column("counted", String(32), nullable=False, server_default=text("''")),
    Column("counts", Text),
    Column("reached", BigInteger),
    Column("recipients", Integer, nullable=False, server_default=text("0")),
    Column("note", Text),
)
_FINISHED = "('sent', 'failed', 'unknown', 'cancelled', 'expired')"


def upgrade() -> None:
    _make_team()
    for column in _BROADCASTS:
        op.add_column("broadcasts", column)
    op.add_column("broadcast_texts", Column("outcome", Text))
    op.add_column("broadcast_texts", Column("button", Text))
    op.create_table(
        "tallies",
        _broadcast_id(),
        Column("lane_id", RowId, primary_key=True),
        Column("outcome", String(20), primary_key=True),
        Column("reason", String(300), primary_key=True),
        Column("count", Integer, nullable=False),
    )
    op.create_table(
        "watchers",
        _broadcast_id(),
        Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
        Column("message_id", RowId, nullable=False),
    )
    _count_what_was_sent()
    _make_indexes()


def _broadcast_id() -> Column[int]:
    return Column("broadcast_id", RowId, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True)


def _make_team() -> None:
    op.create_table(
        "organisers",
        Column("id", RowId, primary_key=True),
        Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False, unique=True),
        Column("role", String(20), nullable=False),
        Column("name", LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "invitations",
        Column("code", LargeBinary, primary_key=True),
        Column("role", String(20), nullable=False),
        Column("expires_at", BigInteger, nullable=False),
    )
    op.create_table(
        "requests",
        Column("id", RowId, primary_key=True),
        Column("what", String(20), nullable=False),
        Column("subject", String(64), nullable=False),
        Column("value", String(20), nullable=False),
        Column("author", RowId),
        Column("expires_at", BigInteger, nullable=False),
        UniqueConstraint("what", "subject", "value"),
        sqlite_autoincrement=True,
    )
    op.create_table("paused_cases", Column("case_slug", String(64), primary_key=True))
    op.create_table(
        "audit",
        Column("id", RowId, primary_key=True, autoincrement=False),
        Column("at", BigInteger, nullable=False),
        Column("actor", String(40), nullable=False),
        Column("action", String(40), nullable=False),
        Column("subject", String(120), nullable=False),
        Column("detail", Text, nullable=False),
        Column("mac", LargeBinary, nullable=False),
    )


def _count_what_was_sent() -> None:
    """What an earlier version has published goes on where it was."""
    of_it = "messages WHERE messages.broadcast_id = broadcasts.id"
    op.execute(
        "UPDATE broadcasts SET started_at = created_at, starts_at = created_at, "  # noqa: S608  our own words
        f"recipients = (SELECT count(*) FROM {of_it})"
    )
    op.execute(
        "INSERT INTO tallies (broadcast_id, lane_id, outcome, reason, count) "  # noqa: S608
        "SELECT broadcast_id, lane_id, "
        "CASE status WHEN 'expired' THEN 'cancelled' ELSE status END AS outcome, "
        "CASE status WHEN 'sent' THEN '' ELSE substr(coalesce(reason, status), 1, 300) END AS why, count(*) "
        f"FROM messages WHERE broadcast_id IS NOT NULL AND status IN {_FINISHED} "
        "GROUP BY broadcast_id, lane_id, outcome, why"
    )


def _make_indexes() -> None:
    op.drop_index("messages_due", "messages")
    queued = text("status = 'queued'")
    columns = ["lane_id", "broadcast_id", "due_at", "id"]
    op.create_index("messages_due", "messages", columns, sqlite_where=queued, postgresql_where=queued)
    op.create_index("broadcasts_of_case", "broadcasts", ["case_slug", "started_at"])
    for name, column, condition in (
        ("broadcasts_open", "id", _OPEN),
        ("broadcasts_sending", "id", "status = 'sending'"),
        ("broadcasts_ended", "ended_at", "ended_at IS NOT NULL"),
    ):
        where = text(condition)
        op.create_index(name, "broadcasts", [column], sqlite_where=where, postgresql_where=where)
