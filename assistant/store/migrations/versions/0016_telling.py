"""It is noted when a letter's carrier is about to have it: before that, a crash leaves no doubt."""

from alembic import op
from sqlalchemy import Boolean, Column, text

revision = "0016"
down_revision = "0014"


def upgrade() -> None:
    """A letter that an earlier version was handing over may be there."""
    op.add_column("letters", Column("telling", Boolean, nullable=False, server_default=text("false")))
    op.execute(text("UPDATE letters SET telling = true WHERE status = 'submitting'"))
