"""A database as the first version left it: its tables, and one person's rows in them."""

import json
from datetime import date, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

import assistant.store as package
from assistant.domain.messages import Address
from assistant.store.crypto import Vault
from assistant.store.database import _engine  # no Store yet: that would bring it up to date

MIGRATIONS = Path(package.__file__ or "").parent / "migrations"
QUESTION = "What name shall stand under the letter?"
NEWS = "Invented news."
_CHAT, _REPLIES, _BULK = 11, 21, 22


async def make(url: str, keyring: Path, person: Address, now: datetime) -> None:
    """Make it: one subscriber, with one reply sent, one queued, and news queued."""
    vault = Vault.create(keyring)
    engine = _engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(_first_tables)
        await connection.run_sync(_fill, vault, person, now)
    await engine.dispose()


def _first_tables(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")


def _fill(connection: Connection, vault: Vault, person: Address, now: datetime) -> None:
    def add(table: str, **row: object) -> None:
        columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
        connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)  # noqa: S608

    wrapped, sealer = vault.new_key(_CHAT)
    at, today = round(now.timestamp() * 1000), date(2012, 1, 20).isoformat()
    add("vault", proof=vault.proof())
    add(
        "chats",
        id=_CHAT,
        lookup=vault.lookup(person),
        key=wrapped,
        line=person.line,
        address=sealer.seal("chats.address", _CHAT, person.person),
        language="en",
        recent="m1 m2",
        created_on=today,
        active_on=today,
        forgotten=False,
    )
    add("subscriptions", chat_id=_CHAT, case_slug="norma-cruz", since=today)
    add("lanes", id=_REPLIES, kind="replies", name=person.line, epoch=3, next_at=at)
    add("lanes", id=_BULK, kind="bulk", name=person.line, epoch=2, next_at=at)
    add("broadcasts", id=31, case_slug="norma-cruz", update_slug="2011-thanks", created_at=at)
    add("broadcast_texts", broadcast_id=31, language="en", html=NEWS)
    same = {"chat_id": _CHAT, "epoch": 0, "attempts": 0, "due_at": at}
    for number, html, status in ((41, "Hello.", "sent"), (42, QUESTION, "queued")):
        body = json.dumps([html, [["go", "Go"]], "name", "letter", "a-mark"])
        sealed = sealer.seal("messages.body", number, body)
        add("messages", id=number, lane_id=_REPLIES, body=sealed, status=status, **same)
    add("messages", id=43, lane_id=_BULK, broadcast_id=31, status="queued", **same)
    if connection.dialect.name == "postgresql":
        for table in ("chats", "lanes", "broadcasts", "messages"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', 100)"))
