"""A database as the first version left it: its tables, and what was under way in them."""

import json
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

import assistant.store as package
from assistant.domain.messages import Address
from assistant.store.crypto import Sealer, Vault
from assistant.store.database import _engine  # no Store yet: that would bring it up to date
from assistant.store.keyring import KeyringFile

MIGRATIONS = Path(package.__file__ or "").parent / "migrations"
QUESTION = "What name shall stand under the letter?"
NEWS = "Invented news."
OLDER, LATEST = 30, 31  # numbers of updates: everybody has the first one, the other one is leaving
OTHERS = {  # what became of the latest one for other people, and why
    "sent": None,
    "failed": "the person blocked us",
    "unknown": "a crash hid whether it was sent",
    "cancelled": "unsubscribed",
    "expired": None,
}
_CHAT, _REPLIES, _BULK = 11, 21, 22


async def make(url: str, keyring: Path, person: Address, now: datetime) -> None:
    """Make it: a subscriber with one reply sent, one queued, and news queued; and others who had the news."""
    vault = Vault.load_or_create(KeyringFile(keyring))
    engine = _engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0001")
        await connection.run_sync(_fill, vault, person, now)
    await engine.dispose()


def migrate(connection: Connection, revision: str) -> None:
    """Bring its tables as far as that migration."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def insert(connection: Connection, table: str, **row: object) -> None:
    """Add a row, by the names of that time."""
    columns, values = ", ".join(row), ", ".join(f":{column}" for column in row)
    connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), row)  # noqa: S608


def _fill(connection: Connection, vault: Vault, person: Address, now: datetime) -> None:
    add = partial(insert, connection)
    at, today = round(now.timestamp() * 1000), date(2012, 1, 20).isoformat()

    def add_chat(number: int, address: Address) -> Sealer:
        wrapped, sealer = vault.new_key(number)
        add(
            "chats",
            id=number,
            lookup=vault.lookup(address),
            key=wrapped,
            line=str(address.account),
            address=sealer.seal("chats.address", number, address.person),
            language="en",
            recent="m1 m2",
            created_on=today,
            active_on=today,
            forgotten=False,
        )
        return sealer

    add("vault", proof=vault.proof(signed=False))
    sealer = add_chat(_CHAT, person)
    add("subscriptions", chat_id=_CHAT, case_slug="norma-cruz", since=today)
    add("lanes", id=_REPLIES, kind="replies", name=str(person.account), epoch=3, next_at=at)
    add("lanes", id=_BULK, kind="bulk", name=str(person.account), epoch=2, next_at=at)
    for number, slug in ((OLDER, "2011-09-conviction"), (LATEST, "2011-thanks")):
        add("broadcasts", id=number, case_slug="norma-cruz", update_slug=slug, created_at=at + number)
        add("broadcast_texts", broadcast_id=number, language="en", html=NEWS)
    same = {"epoch": 0, "attempts": 0, "due_at": at}
    for number, html, status in ((41, "Hello.", "sent"), (42, QUESTION, "queued")):
        body = json.dumps([html, [["go", "Go"]], "name", "letter", "a-mark"])
        sealed = sealer.seal("messages.body", number, body)
        add("messages", id=number, chat_id=_CHAT, lane_id=_REPLIES, body=sealed, status=status, **same)
    copy = same | {"lane_id": _BULK}
    add("messages", id=43, chat_id=_CHAT, broadcast_id=OLDER, status="sent", **copy)
    add("messages", id=44, chat_id=_CHAT, broadcast_id=LATEST, status="queued", **copy)
    for number, (status, reason) in enumerate(OTHERS.items(), 1):
        add_chat(_CHAT + number, replace(person, person=status))
        copied = {"chat_id": _CHAT + number, "broadcast_id": LATEST, "status": status, "reason": reason}
        add("messages", id=44 + number, **copied, **copy)
    if connection.dialect.name == "postgresql":
        for table in ("chats", "lanes", "broadcasts", "messages"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', 100)"))
