"""A database of revision 0004, in which one column of a letter or a broadcast could mean several things."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import Connection, text

from assistant.domain.letters import Draft
from assistant.domain.messages import Address
from assistant.store.crypto import Vault
from assistant.store.database import _engine  # no Store yet: that would bring it up to date
from assistant.store.keyring import KeyringFile
from tests.support.store.first_version import insert, migrate

RUN = "2012-01-20-2"  # printed, not posted
TAKEN, FREE = "2011-09-conviction", "2011-thanks"  # updates: one was sent, the draft of the other was dropped
QUEUED, PRINTED, UNPRINTED, FAXED, LONG_SENT, SENT, FAILED, UNCERTAIN, CANCELLED, FORGOTTEN = range(1, 11)
_POST = "post:Street 1;12345 Invented Town"
_FAX = "fax:+50255500001"
_ROWS: dict[int, tuple[str, str, str | None, timedelta]] = {  # status, route, reference, due_at from now
    QUEUED: ("queued", _FAX, None, timedelta(minutes=10)),
    PRINTED: ("submitted", _POST, RUN, timedelta(days=3650)),
    UNPRINTED: ("submitted", _POST, None, timedelta(days=3650)),
    FAXED: ("submitted", _FAX, "job-4", timedelta(minutes=-1)),
    LONG_SENT: ("sent", "tray", "case-5.pdf", timedelta(days=-8)),
    SENT: ("sent", _POST, "2012-01-18-6", timedelta(days=-1)),
    FAILED: ("failed", _FAX, "job-7", timedelta(days=-5)),
    UNCERTAIN: ("uncertain", _FAX, "job-8", timedelta(days=-5)),
    CANCELLED: ("cancelled", _FAX, None, timedelta(days=-29)),
    FORGOTTEN: ("delivered", _FAX, "job-10", timedelta(days=-2)),
}


async def make(url: str, keyring: Path, writer: Address, draft: Draft, now: datetime) -> None:
    """Make it: a letter in each state, of a person each, and broadcasts with and without an update.

    `writer`: each letter's is one at an address of their own, with the letter's number behind it.
    """
    vault = Vault.load_or_create(KeyringFile(keyring))
    engine = _engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0004")
        await connection.run_sync(_fill, vault, writer, draft, now)
    await engine.dispose()


def _fill(connection: Connection, vault: Vault, writer: Address, draft: Draft, now: datetime) -> None:
    add = partial(insert, connection)
    at, today = round(now.timestamp() * 1000), now.date().isoformat()
    add("vault", proof=vault.proof(signed=False))
    add("lanes", id=1, kind="letters", name=draft.case, epoch=1, next_at=at)
    written = json.dumps({"name": draft.name, "line": draft.personal_line, "text": draft.text})
    for number, (status, route, reference, due) in _ROWS.items():
        address = replace(writer, person=f"{writer.person}{number}")
        wrapped, sealer = vault.new_key(number)
        sealed = sealer.seal("chats.address", number, address.person)
        known = {"language": "en", "recent": "", "created_on": today, "active_on": today, "forgotten": False}
        chat = {
            "lookup": vault.lookup(address),
            "key": wrapped,
            "line": str(address.account),
            "address": sealed,
        }
        if number != FORGOTTEN:
            add("chats", id=number, **chat, **known)
        add(
            "letters",
            id=number,
            key=f"case-{number}",
            chat_id=None if number == FORGOTTEN else number,
            lane_id=1,
            case_slug=draft.case,
            country=draft.country,
            language=draft.language,
            route=route,
            body=None if number == FORGOTTEN else sealer.seal("letters.body", number, written),
            status=status,
            epoch=1,
            attempts=0 if status == "queued" else 1,
            reference=reference,
            created_at=at,
            due_at=at + round(due.total_seconds() * 1000),
            left_at=None if status == "queued" else at,
            told=False,
        )
        add("letter_log", letter_id=number, at=at, status=status, reason="of an earlier version")
    over = {"case_slug": draft.case, "created_at": at, "started_at": at, "ended_at": at}
    add("broadcasts", id=1, update_slug=TAKEN, kind="update", status="done", **over)
    add("broadcast_texts", broadcast_id=1, language="en", html="Invented news.")
    add("tallies", broadcast_id=1, lane_id=1, outcome="sent", reason="", count=7)
    add("broadcasts", id=2, update_slug="~0a1b2c3d4e5f6071", kind="alert", status="done", **over)
    add(
        "broadcasts", id=3, update_slug="~3", kind="update", status="cancelled", **over | {"started_at": None}
    )
    if connection.dialect.name == "postgresql":
        for table in ("chats", "lanes", "letters", "letter_log", "broadcasts"):
            connection.execute(text(f"SELECT setval('{table}_id_seq', 100)"))
