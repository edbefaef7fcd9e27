"""Letters that somebody reads before they are sent, and those of new chats, which may stand behind others."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Integer, String, text

revision = "0022"
down_revision = "0021"

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")
_BEHIND = text("behind AND status IN ('queued', 'retry_wait')")
_IN_REVIEW = text("review <> '' AND status = 'held'")
_NEWCOMERS = "letters_of_newcomers"


def upgrade() -> None:
    """No letter that is there is looked at again."""
    op.add_column("letters", Column("review", String(200), nullable=False, server_default=text("''")))
    op.add_column("letters", Column("behind", Boolean, nullable=False, server_default=text("false")))
    due = ["lane_id", "due_at"]
    op.create_index("letters_behind", "letters", due, sqlite_where=_BEHIND, postgresql_where=_BEHIND)
    op.create_index("letters_review", "letters", ["id"], sqlite_where=_IN_REVIEW, postgresql_where=_IN_REVIEW)
    op.create_table(
        _NEWCOMERS,
        Column("letter_id", _ROW_ID, ForeignKey("letters.id", ondelete="CASCADE"), primary_key=True),
        Column("lane_id", _ROW_ID, nullable=False),
        Column("case_slug", String(64), nullable=False),
        Column("at", BigInteger, nullable=False),
        *(Column(f"likeness_{place}", BigInteger) for place in range(6)),
        Column("passed", Boolean, nullable=False, server_default=text("false")),
    )
    op.create_index(f"{_NEWCOMERS}_by_lane", _NEWCOMERS, ["lane_id", "at"])
    op.create_index(f"{_NEWCOMERS}_by_case", _NEWCOMERS, ["case_slug", "at"])
    op.create_index(f"{_NEWCOMERS}_by_time", _NEWCOMERS, ["at"])
    passed, columns = text("passed"), ["case_slug", "at"]
    op.create_index(f"{_NEWCOMERS}_passed", _NEWCOMERS, columns, sqlite_where=passed, postgresql_where=passed)
