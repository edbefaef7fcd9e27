"""A lane is held for a while by one process, and processes are listed."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, text

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    _lanes()
    op.create_table(
        "processes",
        Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
        Column("name", String(100), nullable=False, unique=True),
        Column("place", String(100), nullable=False),
        Column("pid", Integer, nullable=False),
        Column("role", String(20), nullable=False),
        Column("engine", String(20), nullable=False),
        Column("version", String(40), nullable=False),
        Column("started_at", BigInteger, nullable=False),
        Column("seen_at", BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )


_UNNAMED = {"uq": "%(table_name)s_%(column_0_name)s_%(column_1_name)s_key"}  # as PostgreSQL names them


def _lanes() -> None:
    with op.batch_alter_table(
        "lanes", table_kwargs={"sqlite_autoincrement": True}, naming_convention=_UNNAMED
    ) as batch:
        batch.add_column(Column("held_by", String(100)))
        batch.add_column(Column("held_until", BigInteger))
        batch.add_column(Column("slot", Integer, nullable=False, server_default=text("0")))
        batch.drop_constraint("lanes_kind_name_key", type_="unique")
        batch.create_unique_constraint("lanes_kind_name_slot_key", ["kind", "name", "slot"])
