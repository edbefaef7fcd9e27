"""Codes of the rows that give power: roles, invitations, requests, broadcasts and their texts, addresses.

Each covers all that its row says, with a key that is not in the database. So whoever can write to the
database, but has no keyring, can take power away, and gives none. What they can do is put a row back as it
once was: that is found by comparing it with the audit (`domain.audit.contradictions`).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, Table, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from assistant.store.crypto import Vault
from assistant.store.tables import (
    broadcast_texts,
    broadcasts,
    chats,
    invitations,
    office_routes,
    organisers,
    requests,
    sessions,
    sign_in_links,
)

_PURPOSE = "authenticity"
_CODE = 16  # bytes
Facts = Mapping[str, Any]  # Any: column values
_COVERED: Mapping[Table, tuple[str, ...]] = {
    organisers: ("id", "chat_id", "lookup", "role"),  # lookup: otherwise two chats could change places
    invitations: ("code", "role", "expires_at"),
    office_routes: ("case_slug", "target_slug", "routes"),
    requests: ("what", "subject", "value", "author", "expires_at"),
    sign_in_links: ("digest", "organiser", "expires_at"),
    sessions: ("digest", "organiser", "expires_at"),
    broadcasts: (
        "id",
        "status",
        "kind",
        "case_slug",
        "action_slug",
        "urgent",
        "announcement",
        "digest",
        "author",
        "approver",
        "halted_by",
        "starts_at",
        "expires_at",
    ),
    # The announcement, too, because a digest is short enough to find two that have the same.
    broadcast_texts: (
        "broadcast_id",
        "digest",
        "announcement",
        "language",
        "body",
        "footer",
        "outcome",
        "button",
    ),
}
_QUERIES: Mapping[Table, Select[Any]] = {
    organisers: select(organisers, chats.c.lookup).join(chats, chats.c.id == organisers.c.chat_id),
    invitations: select(invitations),
    office_routes: select(office_routes),
    requests: select(requests),
    sign_in_links: select(sign_in_links),
    sessions: select(sessions),
    broadcasts: select(broadcasts),
    broadcast_texts: select(broadcast_texts, broadcasts.c.digest, broadcasts.c.announcement).join(
        broadcasts, broadcasts.c.id == broadcast_texts.c.broadcast_id
    ),
}
TEXTS = _QUERIES[broadcast_texts]
"""Of broadcasts, with all that their codes cover."""


def code(vault: Vault, table: Table, facts: Facts) -> str:
    """The code of a row of that table that says this, in hex digits. `facts`: all of `_COVERED`, or more."""
    covered = [table.name, *(_encoded(facts[name]) for name in _COVERED[table])]
    message = json.dumps(covered, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.blake2b(message, key=vault.secret(_PURPOSE), digest_size=_CODE).hexdigest()


def _encoded(value: Any) -> Any:  # Any: a column value, and the same in JSON
    if isinstance(value, datetime):
        return round(value.timestamp() * 1000)  # as `tables.Moment` stores it
    return value.hex() if isinstance(value, bytes) else value


def is_authentic(vault: Vault, table: Table, row: Row[Any]) -> bool:  # Any: SQLAlchemy's row
    """Whether we have written the row, which has all that its code covers."""
    return matches(vault, table, {**row._mapping}, row.mac)


def matches(vault: Vault, table: Table, facts: Facts, mac: str | None) -> bool:
    """Whether that is the code of a row that says this."""
    return hmac.compare_digest((mac or "").encode(), code(vault, table, facts).encode())


async def sign_all(connection: AsyncConnection, vault: Vault) -> None:
    """Give every row its code: of a database in which none has any yet, because they were not known."""
    for table, query in _QUERIES.items():
        rows = (await connection.execute(query)).all()
        key = list(table.primary_key)
        wanted = [
            {"new_mac": code(vault, table, {**row._mapping})}
            | {f"of_{column.name}": row._mapping[column.name] for column in key}
            for row in rows
        ]
        if wanted:
            same = [column == bindparam(f"of_{column.name}") for column in key]
            await connection.execute(update(table).where(*same).values(mac=bindparam("new_mac")), wanted)


async def forged(connection: AsyncConnection, vault: Vault) -> list[str]:
    """What we have not written as it is, by name: "organiser 3", "broadcast 12"."""
    found: dict[str, None] = {}
    for table, query in _QUERIES.items():
        for row in await connection.execute(query):
            if not is_authentic(vault, table, row):
                found[_name(table, row)] = None
    return sorted(found)


def _name(table: Table, row: Row[Any]) -> str:  # Any: SQLAlchemy's row
    if table is invitations:
        return "an invitation"
    if table is sign_in_links:
        return "a link to sign in"
    if table is office_routes:
        return f"the addresses of {row.case_slug}/{row.target_slug}"
    if table is broadcast_texts:
        return f"broadcast {row.broadcast_id}"
    return f"{table.name.removesuffix('s')} {row.id}"
