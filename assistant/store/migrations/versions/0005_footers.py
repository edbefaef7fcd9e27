"""What stands below each broadcast has a column of its own: it is no longer cut off when it is read."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table, Text, select, text

revision = "0005"
down_revision = "0004"

_RowId = BigInteger().with_variant(Integer, "sqlite")
_TEXTS = Table(
    "broadcast_texts",
    MetaData(),
    Column("broadcast_id", _RowId, primary_key=True),
    Column("language", String(35), primary_key=True),
    Column("body", Text),
    Column("footer", Text),
)


def upgrade() -> None:
    """The last paragraph of a text was how to get no more; a text of one paragraph had nothing below it."""
    op.execute("ALTER TABLE broadcast_texts RENAME COLUMN html TO body")
    op.add_column("broadcast_texts", Column("footer", Text, nullable=False, server_default=text("''")))
    connection, key = op.get_bind(), (_TEXTS.c.broadcast_id, _TEXTS.c.language)
    for row in connection.execute(select(*key, _TEXTS.c.body)).all():
        body, blank_line, footer = row.body.rpartition("\n\n")
        if blank_line:
            same = (key[0] == row.broadcast_id, key[1] == row.language)
            connection.execute(_TEXTS.update().where(*same).values(body=body, footer=footer))
