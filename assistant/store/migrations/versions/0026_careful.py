"""It is known who lives where it may be dangerous to write: of theirs less is kept."""

from alembic import op
from sqlalchemy import Boolean, Column, text

revision = "0026"
down_revision = "0025"

_CAREFUL = text("careful")


def upgrade() -> None:
    """Nobody, until they say again where they live."""
    op.add_column("chats", Column("careful", Boolean, nullable=False, server_default=text("false")))
    op.create_index("chats_careful", "chats", ["id"], sqlite_where=_CAREFUL, postgresql_where=_CAREFUL)
