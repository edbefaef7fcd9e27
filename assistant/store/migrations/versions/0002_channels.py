"""What real channels need: references, doubts, pauses with a note, expiry, groups, sources of links."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, String, Text, text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("chats", Column("crowd", Boolean, nullable=False, server_default=text("false")))
    op.add_column("chats", Column("source", String(20)))
    known = text("source IS NOT NULL")
    op.create_index("chats_by_source", "chats", ["source"], sqlite_where=known, postgresql_where=known)
    op.add_column("lanes", Column("note", Text))
    op.add_column("broadcasts", Column("expires_at", BigInteger))
    op.add_column("messages", Column("reference", String(40)))
    op.add_column("messages", Column("doubtful", Boolean, nullable=False, server_default=text("false")))
    op.drop_index("messages_sent", "messages")
    over = text("status IN ('sent', 'failed', 'unknown') AND body IS NOT NULL")
    op.create_index("messages_over", "messages", ["due_at"], sqlite_where=over, postgresql_where=over)
