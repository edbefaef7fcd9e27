"""Letters know by which of the operator's links their writers came."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    """A column, and an index of the letters that have something in it."""
    op.add_column("letters", sa.Column("source", sa.String(20), nullable=False, server_default=sa.text("''")))
    known = sa.text("source <> ''")
    op.create_index("letters_by_source", "letters", ["source"], sqlite_where=known, postgresql_where=known)
