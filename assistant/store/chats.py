"""Chats: who we talk with, what is remembered of the talk, and which news they get."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    LargeBinary,
    Row,
    bindparam,
    case,
    cast,
    delete,
    exists,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from assistant.domain.letters import LetterRef, TextStatus, WrittenLetter
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.messages import Address
from assistant.domain.organisers import Organiser, Role
from assistant.store import authenticity
from assistant.store.broadcasts import CopyEnd
from assistant.store.crypto import Sealer
from assistant.store.database import Tx, Value, insert_new, new_ids
from assistant.store.tables import (
    UNPRINTED,
    chats,
    has,
    lanes,
    letter_versions,
    letters,
    messages,
    organisers,
    past_letters,
    pauses,
    subscriptions,
)

RECENT = 128  # ids kept for each chat: Telegram gives at most 100 updates again when none was confirmed


@dataclass(slots=True, kw_only=True)
class Chat:
    """A chat as it is during one turn. `state` is what `State.dump` made, or None."""

    id: int
    address: Address
    sealer: Sealer
    language: str | None
    country: str | None
    careful: bool = False  # they live where it may be dangerous to write: less is kept, and shorter
    state: dict[str, Any] | None  # Any: JSON
    created_on: date
    active_on: date
    recent: list[str]  # digests of the last messages handled: see `references.digest_of_incoming`
    reply_epoch: int | None  # of the lane on which this process sends its replies
    subscriptions: set[str] = field(default_factory=set)
    letters: list[WrittenLetter] = field(default_factory=list)  # the oldest first
    waiting: int = 0  # replies of earlier turns that have not left yet, or that another process sends
    forgotten: bool = False  # it lives only until its last message has left
    new: bool = False  # made by it
    group_chat: bool = False  # a group, which has been told once what we are
    blocked_on: date | None = None  # since when they have blocked us, where that is what they did last
    organiser: Organiser | None = None  # they themselves, where they are one
    reply_lane: int | None = None  # a lane that messages to it can be queued on
    paused: frozenset[str] = frozenset()  # cases and actions for which nothing may leave now
    source: str | None = None  # by which of the operator's links the open conversation was begun
    ends: list[CopyEnd] = field(default_factory=list)  # of copies of broadcasts, in this very turn

    def handled(self, message: str) -> bool:
        """Whether the message with that digest was handled before."""
        return message in self.recent

    def remember(self, message: str) -> None:
        """The message with that digest counts as handled from now on."""
        self.recent = [*self.recent, message][-RECENT:]


# Statements of every turn are put together once: that takes SQLAlchemy as long as running them.
_SUBSCRIBED, _WRITTEN, _UNSENT, _ORGANISER, _PAUSED = 1, 2, 3, 4, 5
_CHATS: BindParameter[list[int]] = bindparam("chats", expanding=True)
_OURS: BindParameter[list[int]] = bindparam("ours", expanding=True)
_LOCKED = (
    select(chats, lanes.c.epoch.label("reply_epoch"), lanes.c.id.label("reply_lane"))
    .outerjoin(lanes, lanes.c.id.in_(_OURS) & (lanes.c.name == chats.c.account))
    .where(chats.c.lookup.in_(bindparam("wanted", expanding=True)))
    .order_by(chats.c.id)
    .with_for_update(of=chats, key_share=True)  # others may write messages to these chats meanwhile
)
CHANGEABLE = letters.c.restored_at.is_(None) & or_(
    has(letters.c.status, LetterStatus.QUEUED, LetterStatus.HELD) & letters.c.left_at.is_(None),
    has(letters.c.status, LetterStatus.HELD) & letters.c.asked_at.is_not(None),
    has(letters.c.status, LetterStatus.RETRY_WAIT),
    UNPRINTED,
)
"""A letter that its writer can change or withdraw: it has certainly not arrived anywhere."""
_ASKED, _UNDECIDED, _RESTORED, _IN_REVIEW = 1, 2, 3, 4
_OF_UNDECIDED_TEXT = exists().where(
    letter_versions.c.case_slug == letters.c.case_slug,
    letter_versions.c.action_slug == letters.c.action_slug,
    letter_versions.c.target_slug == letters.c.target_slug,
    letter_versions.c.version == letters.c.version,
    has(letter_versions.c.status, TextStatus.UNDECIDED),
)
_NO_BODY = cast(null(), LargeBinary)
_NO_WORD: ColumnElement[str] = literal_column("''")
_NOTHING: tuple[ColumnElement[Any], ...] = (
    _NO_BODY,
    literal_column("0"),
    _NO_WORD,
    _NO_WORD,
    literal_column("0"),
    _NO_WORD,
    _NO_WORD,
    literal_column("0"),
)  # Any: of each type
_SURROUNDINGS = union_all(
    select(
        letters.c.chat_id,
        literal_column(str(_WRITTEN)),
        letters.c.case_slug,
        letters.c.body,  # with its answers, as long as it is kept
        letters.c.id,
        letters.c.country,
        letters.c.status,
        case((CHANGEABLE, 1), else_=0),
        letters.c.action_slug,
        letters.c.target_slug,
        case(
            (has(letters.c.status, LetterStatus.HELD) & letters.c.restored_at.is_not(None), _RESTORED),
            (has(letters.c.status, LetterStatus.HELD) & letters.c.asked_at.is_not(None), _ASKED),
            (has(letters.c.status, LetterStatus.HELD) & (letters.c.review != _NO_WORD), _IN_REVIEW),
            (_OF_UNDECIDED_TEXT, _UNDECIDED),
            else_=0,
        ),
    ).where(letters.c.chat_id.in_(_CHATS), ~has(letters.c.status, LetterStatus.CANCELLED)),
    select(
        subscriptions.c.chat_id, literal_column(str(_SUBSCRIBED)), subscriptions.c.case_slug, *_NOTHING
    ).where(subscriptions.c.chat_id.in_(_CHATS)),
    select(messages.c.chat_id, literal_column(str(_UNSENT)), literal_column("''"), *_NOTHING).where(
        messages.c.chat_id.in_(_CHATS),
        has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING),  # as the index has it
        or_(has(messages.c.status, MessageStatus.QUEUED), ~messages.c.lane_id.in_(_OURS)),
        messages.c.body.is_not(None),
        ~messages.c.notice,
    ),
    select(
        organisers.c.chat_id,
        literal_column(str(_ORGANISER)),
        organisers.c.role,
        organisers.c.name,
        organisers.c.id,
        organisers.c.mac,
        _NO_WORD,
        literal_column("0"),
        _NO_WORD,
        _NO_WORD,
        literal_column("0"),
    ).where(organisers.c.chat_id.in_(_CHATS)),
    select(literal_column("0"), literal_column(str(_PAUSED)), pauses.c.subject, *_NOTHING),
)
_SAVE = (
    update(chats)
    .where(chats.c.id == bindparam("chat_id"))
    .values(
        state=bindparam("state"),
        language=bindparam("language"),
        country=bindparam("country"),
        careful=bindparam("careful"),
        recent=bindparam("recent"),
        active_on=bindparam("active_on"),
        forgotten=bindparam("forgotten"),
        group_chat=bindparam("group_chat"),
        blocked_on=bindparam("blocked_on"),
        asked_on=None,
    )
)


async def open_chats(
    tx: Tx, addresses: Collection[Address], today: date, ours: Collection[int] = ()
) -> list[Chat]:
    """The chats at those addresses, in their order, locked until the transaction ends.

    Chats that are new are made. `ours`: the lanes on which this process sends replies at once.
    """
    wanted = {tx.vault.lookup(address): address for address in addresses}
    rows = await _locked(tx, wanted, ours)
    missing = wanted.keys() - rows.keys()
    if missing:
        await _make(tx, {key: wanted[key] for key in sorted(missing)}, today)
        rows = await _locked(tx, wanted, ours)
    found = [_chat(tx, rows[key], address) for key, address in wanted.items()]
    for chat, key in zip(found, wanted, strict=True):
        chat.new = key in missing
    await _add_surroundings(tx, found, ours)
    return found


async def _locked(
    tx: Tx, wanted: Collection[bytes], ours: Collection[int]
) -> dict[bytes, Row[Any]]:  # Any: SQLAlchemy's row
    rows = await tx.connection.execute(_LOCKED, {"wanted": list(wanted), "ours": list(ours)})
    return {row.lookup: row for row in rows}


def _chat(tx: Tx, row: Row[Any], address: Address) -> Chat:  # Any: SQLAlchemy's row
    sealer = tx.vault.open_key(row.key, row.id)
    state = json.loads(sealer.open("chats.state", row.id, row.state)) if row.state else None
    return Chat(
        id=row.id,
        address=address,
        sealer=sealer,
        language=row.language,
        country=row.country,
        careful=row.careful,
        state=state,
        created_on=row.created_on,
        active_on=row.active_on,
        recent=row.recent.split(),
        reply_epoch=row.reply_epoch,
        group_chat=row.group_chat,
        reply_lane=row.reply_lane,
        forgotten=row.forgotten,
        letters=[WrittenLetter(ref=LetterRef(*each.split("."))) for each in row.written_before.split()],
    )


async def _make(tx: Tx, wanted: Mapping[bytes, Address], today: date) -> None:
    ids = await new_ids(tx, chats, len(wanted))
    before = await _past_letters(tx, wanted)
    rows = [
        _new_row(tx, row_id, key, address, today) | {"written_before": before.get(key, "")}
        for row_id, (key, address) in zip(ids, wanted.items(), strict=True)
    ]
    await insert_new(tx, chats, rows)


def _new_row(tx: Tx, row_id: int, lookup: bytes, address: Address, today: date) -> dict[str, Value]:
    wrapped, sealer = tx.vault.new_key(row_id)
    return {
        "id": row_id,
        "lookup": lookup,
        "key": wrapped,
        "account": str(address.account),
        "address": sealer.seal("chats.address", row_id, address.person),
        "recent": "",
        "created_on": today,
        "active_on": today,
        "forgotten": False,
    }


async def _add_surroundings(tx: Tx, found: Sequence[Chat], ours: Collection[int]) -> None:
    """Subscriptions, letters, unsent replies and the like of all the chats, in one query."""
    by_id = {chat.id: chat for chat in found}
    rows = await tx.connection.execute(_SURROUNDINGS, {"chats": list(by_id), "ours": list(ours)})
    paused = set()
    written: list[tuple[int, int, WrittenLetter]] = []
    for chat_id, what, slug, body, row_id, country, status, changeable, action, target, asked in rows:
        if what == _PAUSED:
            paused.add(slug)
        elif what == _SUBSCRIBED:
            by_id[chat_id].subscriptions.add(slug)
        elif what == _WRITTEN:
            letter = WrittenLetter(
                ref=LetterRef(slug, action, target),
                answers=_answers(by_id[chat_id], row_id, country, body),
                status=LetterStatus(status),
                has_left=not changeable,
                outdated=asked == _ASKED,
                undecided=asked == _UNDECIDED,
                restored=asked == _RESTORED,
                in_review=asked == _IN_REVIEW,
            )
            written.append((row_id, chat_id, letter))
        elif what == _ORGANISER:
            by_id[chat_id].organiser = _organiser(tx, by_id[chat_id], row_id, slug, body, country)
        else:
            by_id[chat_id].waiting += 1
    for _, chat_id, letter in sorted(written, key=lambda each: each[0]):
        by_id[chat_id].letters.append(letter)
    for chat in found:
        chat.paused = frozenset(paused)


def _organiser(tx: Tx, chat: Chat, number: int, role: str, name: bytes, mac: str | None) -> Organiser | None:
    """None where somebody else than we has written the role."""
    lookup = tx.vault.lookup(chat.address)
    facts = {"id": number, "chat_id": chat.id, "lookup": lookup, "role": role}
    if not authenticity.matches(tx.vault, organisers, facts, mac):
        return None
    return Organiser(number, Role(role), chat.sealer.open("organisers.name", number, name))


def _answers(
    chat: Chat, letter_id: int, country: str, body: bytes | None
) -> tuple[tuple[str, str | None], ...] | None:
    if body is None:
        return None
    written = json.loads(chat.sealer.open("letters.body", letter_id, body))
    return (
        ("name", written["name"]),
        ("country", written.get("country", country)),
        ("line", written["line"]),
    )


async def lock(tx: Tx, chat_ids: Collection[int]) -> None:
    """Wait for turns of these chats that are under way; those that begin later wait for this transaction."""
    if chat_ids:
        query = select(chats.c.id).where(chats.c.id.in_(chat_ids)).order_by(chats.c.id)
        await tx.connection.execute(query.with_for_update(key_share=True))


async def discard(tx: Tx, chat_ids: Collection[int]) -> None:
    """Delete chats that nothing came of."""
    if chat_ids:
        await tx.connection.execute(delete(chats).where(chats.c.id.in_(chat_ids)))


async def save(tx: Tx, changed: Sequence[Chat], today: date) -> None:
    """Store the chats' states, languages and countries."""
    rows = [
        {
            "chat_id": chat.id,
            "state": _sealed_state(chat),
            "language": chat.language,
            "country": chat.country,
            "careful": chat.careful,
            "recent": " ".join(chat.recent),
            "active_on": today,
            "forgotten": chat.forgotten,
            "group_chat": chat.group_chat,
            "blocked_on": chat.blocked_on,
        }
        for chat in changed
    ]
    if rows:
        await tx.connection.execute(_SAVE, rows)


def _sealed_state(chat: Chat) -> bytes | None:
    if chat.state is None:
        return None
    return chat.sealer.seal("chats.state", chat.id, json.dumps(chat.state, ensure_ascii=False))


async def move(tx: Tx, chat_id: int, address: Address) -> None:
    """The chat has another address from now on, unless there is a chat at it already."""
    query = select(chats.c.key, chats.c.lookup).where(chats.c.id == chat_id)
    row = (await tx.connection.execute(query)).one_or_none()
    lookup = tx.vault.lookup(address)
    taken = await tx.connection.scalar(select(chats.c.id).where(chats.c.lookup == lookup))
    if row is not None and taken is None:
        sealed = tx.vault.open_key(row.key, chat_id).seal("chats.address", chat_id, address.person)
        change = update(chats).where(chats.c.id == chat_id).values(lookup=lookup, address=sealed)
        await tx.connection.execute(change)
        await _move_organiser(tx, chat_id, row.lookup, lookup)


async def _move_organiser(tx: Tx, chat_id: int, old: bytes, new: bytes) -> None:
    """Who has a role has it at their new address, too."""
    row = (
        await tx.connection.execute(select(organisers).where(organisers.c.chat_id == chat_id))
    ).one_or_none()
    if row is not None and authenticity.matches(
        tx.vault, organisers, {**row._mapping, "lookup": old}, row.mac
    ):
        mac = authenticity.code(tx.vault, organisers, {**row._mapping, "lookup": new})
        await tx.connection.execute(update(organisers).where(organisers.c.id == row.id).values(mac=mac))


@dataclass(frozen=True, slots=True)
class FoundChat:
    """A chat that is there. `organiser`: the number of the organiser who talks there, if any."""

    id: int
    organiser: int | None


async def accounts(tx: Tx) -> list[str]:
    """The accounts of ours that there are chats with."""
    return list(await tx.connection.scalars(select(chats.c.account).distinct()))


async def find(tx: Tx, addresses: Collection[Address]) -> list[FoundChat]:
    """The chats that are at those addresses, locked until the transaction ends."""
    query = (
        select(chats.c.id, organisers.c.id.label("organiser"))
        .outerjoin(organisers, organisers.c.chat_id == chats.c.id)
        .where(chats.c.lookup.in_([tx.vault.lookup(each) for each in addresses]))
        .order_by(chats.c.id)
        .with_for_update(of=chats, key_share=True)
    )
    return [FoundChat(row.id, row.organiser) for row in await tx.connection.execute(query)]


async def begin_again(tx: Tx, gone: Chat, today: date) -> Chat:
    """An empty chat at the address of one that was deleted, which lives until its last message has left."""
    lookup = tx.vault.lookup(gone.address)
    await _make(tx, {lookup: gone.address}, today)
    ours = () if gone.reply_lane is None else (gone.reply_lane,)
    empty = _chat(tx, (await _locked(tx, [lookup], ours))[lookup], gone.address)
    empty.forgotten, empty.ends = True, gone.ends
    await save(tx, [empty], today)
    return empty


async def drop_forgotten(tx: Tx, chat_ids: Collection[int]) -> None:
    """Delete those of these chats that lived until their last message had left, where that has left."""
    unsent = exists().where(
        messages.c.chat_id == chats.c.id, has(messages.c.status, MessageStatus.QUEUED, MessageStatus.SENDING)
    )
    forgotten: ColumnElement[bool] = literal_column("chats.forgotten")
    await tx.connection.execute(delete(chats).where(chats.c.id.in_(chat_ids), forgotten, ~unsent))
    tx.erases.append("chats")


async def add_past_letters(tx: Tx, written: Collection[tuple[bytes, LetterRef]], until: date) -> None:
    """Note that who has that `lookup` has written those letters, until that day."""
    await insert_new(
        tx,
        past_letters,
        [
            {
                "writer": _writer(tx, lookup),
                "case_slug": ref.case,
                "action_slug": ref.action,
                "target_slug": ref.target,
                "until": until,
            }
            for lookup, ref in written
        ],
    )


async def drop_past_letters(tx: Tx, today: date) -> None:
    """Delete what was to be noted until an earlier day."""
    await tx.connection.execute(delete(past_letters).where(past_letters.c.until < today))


async def _past_letters(tx: Tx, lookups: Collection[bytes]) -> dict[bytes, str]:
    """The letters that each has written before they were forgotten, as chats keep them."""
    writers = {_writer(tx, lookup): lookup for lookup in lookups}
    columns = (past_letters.c.case_slug, past_letters.c.action_slug, past_letters.c.target_slug)
    query = select(past_letters.c.writer, *columns).where(past_letters.c.writer.in_(writers))
    found: dict[bytes, list[str]] = {}
    for writer, *ref in await tx.connection.execute(query.order_by(*columns)):
        found.setdefault(writers[writer], []).append(".".join(ref))
    return {lookup: " ".join(refs) for lookup, refs in found.items()}


def _writer(tx: Tx, lookup: bytes) -> bytes:
    return tx.vault.digest("past letters", lookup)
