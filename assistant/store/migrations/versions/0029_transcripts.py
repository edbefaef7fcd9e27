"""What was said in chats whose channel keeps nothing for people: the web page."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    """A table."""
    row_id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "transcripts",
        sa.Column("id", row_id, primary_key=True),
        sa.Column("chat_id", row_id, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("theirs", sa.Boolean, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("seen", sa.Boolean, nullable=False),
        sa.UniqueConstraint("chat_id", "number"),
        sqlite_autoincrement=True,
    )
    op.create_index("transcripts_by_day", "transcripts", ["day"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(sa.text("ALTER TABLE transcripts ALTER COLUMN body SET STATISTICS 0"))
