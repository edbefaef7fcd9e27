"""It is known who has blocked us, and who was asked whether they still want the news."""

from alembic import op
from sqlalchemy import Column, Date, text

revision = "0025"
down_revision = "0024"

_BLOCKED = text("blocked_on IS NOT NULL")


def upgrade() -> None:
    """Who has blocked us before is found by their silence."""
    op.add_column("chats", Column("blocked_on", Date))
    op.add_column("chats", Column("asked_on", Date))
    op.create_index("chats_by_activity", "chats", ["active_on"])
    op.create_index(
        "chats_blocked", "chats", ["blocked_on"], sqlite_where=_BLOCKED, postgresql_where=_BLOCKED
    )
