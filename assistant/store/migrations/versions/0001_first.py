"""The first tables. Frozen: a change of tables.py is a new migration, never an edit here."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

revision = "0001"
down_revision = None

metadata = MetaData()
RowId = BigInteger().with_variant(Integer, "sqlite")

chats = Table(
    "chats",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("lookup", LargeBinary, nullable=False, unique=True),
    Column("key", LargeBinary, nullable=False),
    Column("line", String(200), nullable=False),
    Column("address", LargeBinary, nullable=False),
    Column("language", String(35)),
    Column("country", String(2)),
    Column("state", LargeBinary),
    Column("recent", Text, nullable=False),
    Column("created_on", Date, nullable=False),
    Column("active_on", Date, nullable=False),
    Column("forgotten", Boolean, nullable=False),
    Index(
        "chats_recent", "active_on", sqlite_where=text("recent <> ''"), postgresql_where=text("recent <> ''")
    ),
    Index(
        "chats_drafts",
        "active_on",
        sqlite_where=text("state IS NOT NULL"),
        postgresql_where=text("state IS NOT NULL"),
    ),
    Index("chats_forgotten", "id", sqlite_where=text("forgotten"), postgresql_where=text("forgotten")),
    sqlite_autoincrement=True,
)

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), primary_key=True),
    Column("case_slug", String(64), primary_key=True),
    Column("since", Date, nullable=False),
    Index("subscriptions_by_case", "case_slug", "chat_id"),
)

lanes = Table(
    "lanes",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("next_at", BigInteger),
    Column("paused_until", BigInteger),
    UniqueConstraint("kind", "name"),
    Index("lanes_due", "next_at"),
    sqlite_autoincrement=True,
)

letters = Table(
    "letters",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("key", String(100), nullable=False, unique=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="SET NULL")),
    Column("lane_id", RowId, ForeignKey("lanes.id"), nullable=False),
    Column("case_slug", String(64), nullable=False),
    Column("country", String(2), nullable=False),
    Column("language", String(35), nullable=False),
    Column("route", String(200), nullable=False),
    Column("body", LargeBinary),
    Column("status", String(20), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("reference", String(200)),
    Column("created_at", BigInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Index(
        "letters_due",
        "lane_id",
        "due_at",
        sqlite_where=text("status IN ('queued', 'retry_wait')"),
        postgresql_where=text("status IN ('queued', 'retry_wait')"),
    ),
    Index(
        "letters_submitting",
        "lane_id",
        sqlite_where=text("status = 'submitting'"),
        postgresql_where=text("status = 'submitting'"),
    ),
    Index("letters_by_chat", "chat_id"),
    Index(
        "letters_one_each",
        "chat_id",
        "case_slug",
        unique=True,
        sqlite_where=text("status <> 'cancelled'"),
        postgresql_where=text("status <> 'cancelled'"),
    ),
    sqlite_autoincrement=True,
)

letter_log = Table(
    "letter_log",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("letter_id", RowId, ForeignKey("letters.id", ondelete="CASCADE"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("status", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    Index("letter_log_by_letter", "letter_id", "id"),
    sqlite_autoincrement=True,
)

broadcasts = Table(
    "broadcasts",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("case_slug", String(64), nullable=False),
    Column("update_slug", String(100), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("case_slug", "update_slug"),
    sqlite_autoincrement=True,
)

broadcast_texts = Table(
    "broadcast_texts",
    metadata,
    Column("broadcast_id", RowId, ForeignKey("broadcasts.id", ondelete="CASCADE"), primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("html", Text, nullable=False),
)

messages = Table(
    "messages",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("chat_id", RowId, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("lane_id", RowId, ForeignKey("lanes.id"), nullable=False),
    Column("broadcast_id", RowId, ForeignKey("broadcasts.id")),
    Column("body", LargeBinary),
    Column("status", String(20), nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Column("reason", Text),
    CheckConstraint("(body IS NULL) = (broadcast_id IS NOT NULL)", name="messages_text"),
    Index(
        "messages_due",
        "lane_id",
        "due_at",
        "id",
        sqlite_where=text("status = 'queued'"),
        postgresql_where=text("status = 'queued'"),
    ),
    Index(
        "messages_open",
        "chat_id",
        "id",
        sqlite_where=text("status IN ('queued', 'sending')"),
        postgresql_where=text("status IN ('queued', 'sending')"),
    ),
    Index(
        "messages_sending",
        "lane_id",
        sqlite_where=text("status = 'sending'"),
        postgresql_where=text("status = 'sending'"),
    ),
    Index(
        "messages_sent",
        "due_at",
        sqlite_where=text("status = 'sent' AND body IS NOT NULL"),
        postgresql_where=text("status = 'sent' AND body IS NOT NULL"),
    ),
    Index("messages_once", "broadcast_id", "chat_id", unique=True),
    Index("messages_by_chat", "chat_id"),
    sqlite_autoincrement=True,
)

vault = Table("vault", metadata, Column("proof", LargeBinary, nullable=False))


def upgrade() -> None:
    metadata.create_all(op.get_bind(), checkfirst=False)
