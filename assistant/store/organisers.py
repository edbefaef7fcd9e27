"""Organisers: who they are, who is invited, and what waits for a second person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from assistant.domain.errors import Refused
from assistant.domain.messages import Account, Address
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind, Role
from assistant.store import authenticity
from assistant.store.chats import Chat
from assistant.store.database import Tx, Value, insert_new, insert_or_skip, new_ids
from assistant.store.lanes import REPLIES
from assistant.store.tables import chats, invitations, lanes, organisers, requests


@dataclass(frozen=True, slots=True)
class OrganiserChat:
    """An organiser with their chat, to be written to."""

    member: Organiser
    chat: Chat


async def listed(tx: Tx) -> list[OrganiserChat]:
    """Everyone of the team, the longest-serving first; without roles that somebody else has written."""
    query = (
        select(organisers, chats.c.key, chats.c.account, chats.c.address, chats.c.language)
        .add_columns(chats.c.created_on, chats.c.active_on, chats.c.lookup, lanes.c.id.label("reply_lane"))
        .join(chats, chats.c.id == organisers.c.chat_id)
        .outerjoin(lanes, (lanes.c.kind == REPLIES) & (lanes.c.name == chats.c.account) & (lanes.c.slot == 0))
        .order_by(organisers.c.id)
    )
    rows = await tx.connection.execute(query)
    return [_organiser_chat(tx, row) for row in rows if authenticity.is_authentic(tx.vault, organisers, row)]


async def roles(tx: Tx) -> dict[int, str]:
    """What the table says of everyone, whoever has written it: by number."""
    rows = await tx.connection.execute(select(organisers.c.id, organisers.c.role).order_by(organisers.c.id))
    return {row.id: row.role for row in rows}


def _organiser_chat(tx: Tx, row: Row[Any]) -> OrganiserChat:  # Any: SQLAlchemy's row
    sealer = tx.vault.open_key(row.key, row.chat_id)
    person = sealer.open("chats.address", row.chat_id, row.address)
    address = Address(Account.parse(row.account), person)
    name = sealer.open("organisers.name", row.id, row.name)
    chat = Chat(
        id=row.chat_id,
        address=address,
        sealer=sealer,
        language=row.language,
        country=None,
        state=None,
        created_on=row.created_on,
        active_on=row.active_on,
        recent=[],
        reply_epoch=None,
    )
    chat.reply_lane = row.reply_lane
    return OrganiserChat(Organiser(row.id, Role(row.role), name), chat)


async def join(tx: Tx, chat: Chat, role: Role, name: str) -> int:
    """Make the chat's person an organiser, or give them another role and name. Returns their number."""
    known = await tx.connection.scalar(select(organisers.c.id).where(organisers.c.chat_id == chat.id))
    number = known or (await new_ids(tx, organisers, 1))[0]
    values: dict[str, Value] = {"id": number, "chat_id": chat.id, "role": role}
    facts = values | {"lookup": tx.vault.lookup(chat.address)}
    values["name"] = chat.sealer.seal("organisers.name", number, name)
    values["mac"] = authenticity.code(tx.vault, organisers, facts)
    if known:
        await tx.connection.execute(update(organisers).where(organisers.c.id == number).values(values))
    else:
        await insert_new(tx, organisers, [values])
    return number


async def change(tx: Tx, number: int, role: Role) -> None:
    """Give the organiser another role. Raises Refused where somebody else has written the one they have."""
    query = select(organisers, chats.c.lookup).join(chats, chats.c.id == organisers.c.chat_id)
    row = (await tx.connection.execute(query.where(organisers.c.id == number))).one_or_none()
    if row is None or not authenticity.is_authentic(tx.vault, organisers, row):
        raise Refused(f"There is no organiser {number}.")
    mac = authenticity.code(tx.vault, organisers, {**row._mapping, "role": role})
    await tx.connection.execute(
        update(organisers).where(organisers.c.id == number).values(role=role, mac=mac)
    )


async def remove(tx: Tx, number: int) -> None:
    """Take the organiser out of the team."""
    await tx.connection.execute(delete(organisers).where(organisers.c.id == number))


# Invitations


async def invite(tx: Tx, code: str, role: Role, expires_at: datetime) -> None:
    """Whoever writes the code until then becomes an organiser. Only a keyed digest of it is stored."""
    row: dict[str, Value] = {"code": _digest(tx, code), "role": role, "expires_at": expires_at}
    row["mac"] = authenticity.code(tx.vault, invitations, row)
    await insert_new(tx, invitations, [row])


async def use(tx: Tx, code: str, now: datetime) -> Role | None:
    """The role that the code gives, once; None where it gives none, or not any more."""
    await tx.connection.execute(delete(invitations).where(invitations.c.expires_at <= now))
    gone = delete(invitations).where(invitations.c.code == _digest(tx, code)).returning(invitations)
    row = (await tx.connection.execute(gone)).one_or_none()
    known = row is not None and authenticity.is_authentic(tx.vault, invitations, row)
    return Role(row.role) if row is not None and known else None


def _digest(tx: Tx, code: str) -> bytes:
    return tx.vault.digest("invitation", code.encode())


# What takes two persons


async def add_request(tx: Tx, request: ApprovalRequest, now: datetime, expires_at: datetime) -> None:
    """Write down that somebody wants this: it is done when somebody else wants it, too."""
    await tx.connection.execute(delete(requests).where(requests.c.expires_at <= now))
    row: dict[str, Value] = {
        "what": request.what,
        "subject": request.subject,
        "value": request.value,
        "author": request.author,
        "expires_at": expires_at,
    }
    row["mac"] = authenticity.code(tx.vault, requests, row)
    await tx.connection.execute(insert_or_skip(tx, requests).values(row))


async def open_requests(tx: Tx, now: datetime) -> Sequence[ApprovalRequest]:
    """What waits for a second person; without what nobody has asked for."""
    query = select(requests).where(requests.c.expires_at > now).order_by(requests.c.id)
    rows = await tx.connection.execute(query)
    return [_request(row) for row in rows if authenticity.is_authentic(tx.vault, requests, row)]


async def close_request(tx: Tx, number: int, now: datetime) -> ApprovalRequest | None:
    """Take that request off the list; None where it is not there any more."""
    await tx.connection.execute(delete(requests).where(requests.c.expires_at <= now))
    gone = delete(requests).where(requests.c.id == number).returning(requests)
    row = (await tx.connection.execute(gone)).one_or_none()
    known = row is not None and authenticity.is_authentic(tx.vault, requests, row)
    return _request(row) if row is not None and known else None


def _request(row: Row[Any]) -> ApprovalRequest:  # Any: SQLAlchemy's row
    return ApprovalRequest(
        id=row.id, what=RequestKind(row.what), subject=row.subject, value=row.value, author=row.author
    )
