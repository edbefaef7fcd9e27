"""It is noted when a letter's carrier is about to have it, and that owners know of letters in doubt."""

from alembic import op
from sqlalchemy import Boolean, Column, text

revision = "0016"
down_revision = "0015"

_UNCERTAIN = text("status = 'uncertain'")


def upgrade() -> None:
    """A letter that an earlier version was handing over may be there."""
    for name in ("telling", "team_told"):
        op.add_column("letters", Column(name, Boolean, nullable=False, server_default=text("false")))
    op.execute(text("UPDATE letters SET telling = true WHERE status = 'submitting'"))
    op.create_index(
        "letters_uncertain", "letters", ["id"], sqlite_where=_UNCERTAIN, postgresql_where=_UNCERTAIN
    )
