"""Steps on the way to a letter are counted by case and day; letters are counted in an index."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """A table of counts, and an index to count letters by. Of what was reached before only letters under way
    are counted, at their next turn."""
    op.create_index("letters_by_case", "letters", ["case_slug", "status", "country", "source"])
    op.create_table(
        "steps",
        sa.Column("case_slug", sa.String(64), primary_key=True),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("step", sa.String(20), primary_key=True),
        sa.Column("count", sa.Integer, nullable=False),
    )
