"""Who was forgotten stays so when an older copy is put back, and writes no second letter."""

from alembic import op
from sqlalchemy import BigInteger, Column, Date, Integer, LargeBinary, String, Text, text

revision = "0020"
down_revision = "0019"

_ROW_ID = BigInteger().with_variant(Integer, "sqlite")
_DIGESTS = {"tombstones": "digest", "past_messages": "digest", "past_letters": "writer"}


def upgrade() -> None:
    """Who was forgotten before is not known any more, which is as it should be."""
    op.create_table(
        "tombstones",
        Column("id", _ROW_ID, primary_key=True),
        Column("digest", LargeBinary, nullable=False, unique=True),
        Column("since", Date, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "past_letters",
        Column("writer", LargeBinary, primary_key=True),
        Column("case_slug", String(64), primary_key=True),
        Column("action_slug", String(64), primary_key=True),
        Column("target_slug", String(64), primary_key=True),
        Column("until", Date, nullable=False),
    )
    op.create_table(
        "past_messages",
        Column("digest", LargeBinary, primary_key=True),
        Column("until", Date, nullable=False),
    )
    op.create_index("past_messages_until", "past_messages", ["until"])
    op.create_index("past_letters_until", "past_letters", ["until"])
    op.add_column("chats", Column("written_before", Text, nullable=False, server_default=text("''")))
    if op.get_bind().dialect.name == "postgresql":
        for table, column in _DIGESTS.items():
            op.execute(text(f"ALTER TABLE {table} ALTER COLUMN {column} SET STATISTICS 0"))
