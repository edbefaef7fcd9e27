"""An action can be paused alone, with its broadcasts."""

from alembic import op
from sqlalchemy import BigInteger, Column, String, text

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """What is paused: cases so far. What was paused before it was noted when counts as paused since 0."""
    op.create_table(
        "pauses",
        Column("subject", String(64), primary_key=True),
        Column("paused_at", BigInteger, nullable=False),
    )
    op.execute(text("INSERT INTO pauses (subject, paused_at) SELECT case_slug, paused_at FROM paused_cases"))
    op.drop_table("paused_cases")
    op.add_column("broadcasts", Column("action_slug", String(64)))
