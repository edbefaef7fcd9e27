"""A letter is one of an action and a target, and knows the text that it was made of."""

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, String, text

revision = "0009"
down_revision = "0008"

_WAITING = "status IN ('queued', 'retry_wait')"
_UNPRINTED = "status = 'submitted' AND reference IS NULL AND print_run IS NULL"
_NOT_CANCELLED = "status <> 'cancelled'"
_HELD = "status = 'held'"


def upgrade() -> None:
    """Until now a case had one action with one target: `letter` and `office`, as in a folder of that form."""
    op.add_column("letters", Column("action_slug", String(64), nullable=False, server_default="letter"))
    op.add_column("letters", Column("target_slug", String(64), nullable=False, server_default="office"))
    op.add_column("letters", Column("version", String(16)))
    op.add_column("letters", Column("asked_at", BigInteger))
    op.add_column("letters", Column("reminded", Boolean, nullable=False, server_default=text("false")))
    op.drop_index("letters_one_each", "letters")
    _index("letters_one_each", "chat_id", "case_slug", "action_slug", "target_slug", where=_NOT_CANCELLED)
    made_of = ("case_slug", "action_slug", "target_slug", "version")
    _index("letters_waiting", *made_of, where=_WAITING, unique=False)
    _index("letters_unprinted", *made_of, where=_UNPRINTED, unique=False)
    _index("letters_held", "lane_id", "asked_at", where=_HELD, unique=False)
    op.create_table(
        "action_counts",
        Column("case_slug", String(64), primary_key=True),
        Column("action_slug", String(64), primary_key=True),
        Column("arrived", Integer, nullable=False),
    )
    op.create_table(
        "letter_versions",
        Column("case_slug", String(64), primary_key=True),
        Column("action_slug", String(64), primary_key=True),
        Column("target_slug", String(64), primary_key=True),
        Column("version", String(16), primary_key=True),
        Column("status", String(20), nullable=False),
        Column("since", BigInteger, nullable=False),
        Column("update_slug", String(100)),
    )
    op.execute(
        "INSERT INTO action_counts (case_slug, action_slug, arrived) "
        "SELECT name, 'letter', arrived FROM lanes WHERE kind = 'letters' AND arrived > 0"
    )
    op.execute("UPDATE lanes SET name = name || '/office' WHERE kind = 'letters'")
    with op.batch_alter_table("lanes", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("arrived")


def _index(name: str, *columns: str, where: str, unique: bool = True) -> None:
    condition = text(where)
    op.create_index(
        name, "letters", list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition
    )
