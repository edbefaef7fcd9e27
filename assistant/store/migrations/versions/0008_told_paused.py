"""Writers whose letters wait are told that their case is paused."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, text

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Since when a case is paused, and which writers know that."""
    op.add_column("letters", Column("told_paused", Boolean, nullable=False, server_default=text("false")))
    op.add_column("paused_cases", Column("paused_at", BigInteger, nullable=False, server_default=text("0")))
