"""How many people reached which step on the way to a letter, counted by case and day."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """A table of counts. What was reached before is counted of letters under way only, at their next turn."""
    op.create_table(
        "steps",
        sa.Column("case_slug", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("step", sa.String(20), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
