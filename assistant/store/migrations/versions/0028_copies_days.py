"""Of copies that are over, the day is kept on which they were due."""

from alembic import op
from sqlalchemy import text

revision = "0028"
down_revision = "0027"

_DAY = 86_400_000  # milliseconds


def upgrade() -> None:
    """Those that wait stay as they are."""
    over = f"status NOT IN ('queued', 'sending') AND due_at % {_DAY} <> 0"
    op.execute(text(f"UPDATE copies SET due_at = due_at - due_at % {_DAY} WHERE {over}"))  # noqa: S608
