"""Codes by which a chat moves to another channel."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    """A table."""
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "move_codes",
        sa.Column("code", sa.LargeBinary, primary_key=True),
        sa.Column("chat_id", row_id, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
    )
    op.create_index("move_codes_by_chat", "move_codes", ["chat_id"])
