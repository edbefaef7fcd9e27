"""What letters of each version say, so that organisers see what has changed."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """The text of the current version, and of those that somebody has to decide about."""
    op.add_column("letter_versions", sa.Column("text", sa.Text))
