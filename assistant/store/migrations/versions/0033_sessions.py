"""Organisers sign in to the dashboard."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Links that work once, and sessions; both end with their organiser."""
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "sign_in_links",
        sa.Column("digest", sa.LargeBinary, primary_key=True),
        sa.Column("organiser", row_id, sa.ForeignKey("organisers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.String(32)),
    )
    op.create_table(
        "sessions",
        sa.Column("id", row_id, primary_key=True),
        sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("organiser", row_id, sa.ForeignKey("organisers.id", ondelete="CASCADE"), nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("mac", sa.String(32)),
    )
    op.create_index("sessions_by_organiser", "sessions", ["organiser"])
