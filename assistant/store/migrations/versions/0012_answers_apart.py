"""Which answers say the same is decided more strictly."""

from alembic import op
from sqlalchemy import text

revision = "0012"
down_revision = "0011"

_OF_ITS_OWN = {"sqlite": "randomblob(16)", "postgresql": "decode(md5(random()::text || id), 'hex')"}


def upgrade() -> None:
    """What was held to be the same before may differ: each of those is looked at by itself."""
    made = _OF_ITS_OWN[op.get_bind().dialect.name]
    op.execute(text(f"UPDATE answers SET likeness = {made} WHERE likeness IS NOT NULL"))  # noqa: S608  of no input
