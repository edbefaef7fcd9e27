"""Broadcasts: what was written, where each stands, what became of its copies, and who watches it."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any

from markupsafe import Markup
from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Row, delete, exists, func, select, update

from assistant.domain.audit import StandingBroadcast
from assistant.domain.broadcasts import (
    Announcement,
    Broadcast,
    CopyStatus,
    Count,
    Kind,
    Tally,
    Version,
)
from assistant.domain.letters import SEPARATOR
from assistant.domain.lifecycle import BROADCASTS, BroadcastStatus
from assistant.domain.messages import Account, Address, Button
from assistant.domain.texts import CaseDate
from assistant.store import authenticity
from assistant.store.database import Tx, Value, add_counts, insert_new, insert_or_skip, new_ids
from assistant.store.references import MESSAGE, digest_of_message, seal, unseal
from assistant.store.tables import (
    broadcast_texts,
    broadcasts,
    chats,
    has,
    messages,
    pauses,
    tallies,
    watchers,
)

LANE = "bulk"  # the kind of lanes that broadcasts are sent on, one an account of ours
OPEN_STATUSES = (
    BroadcastStatus.DRAFT,
    BroadcastStatus.PROPOSED,
    BroadcastStatus.APPROVED,
    BroadcastStatus.SENDING,
    BroadcastStatus.HALTED,
)
_STORED: TypeAdapter[Announcement] = TypeAdapter(Announcement)
IS_OPEN = has(broadcasts.c.status, *OPEN_STATUSES)
_PAUSED = (
    select(func.min(pauses.c.subject))
    .where(
        pauses.c.subject.in_(
            [broadcasts.c.case_slug, broadcasts.c.case_slug + SEPARATOR + broadcasts.c.action_slug]
        )
    )
    .scalar_subquery()
    .label("paused")
)
_COLUMNS = (*broadcasts.c, _PAUSED)


class UpdateTaken(Exception):
    """That update of the case has a broadcast already."""


def digest_of(announcement: Announcement, versions: Mapping[str, Version]) -> str:
    """Of everything that is approved: what was written, and how each language reads it."""
    shown = [
        [
            language,
            each.html,
            each.button and [each.button.value, each.button.label],
            each.outcome is not None,
        ]
        for language, each in sorted(versions.items())
    ]
    written = _STORED.dump_python(announcement, mode="json")
    if announcement.audience.channel is None:
        del written["audience"][
            "channel"
        ]  # as it was before there was one: what is being sent stays authentic
    everything = json.dumps([written, shown], sort_keys=True)
    return hashlib.sha256(everything.encode()).hexdigest()[:16]  # 64 bits: nobody finds a second text for one


async def add(
    tx: Tx, announcement: Announcement, versions: Mapping[str, Version], author: int | None, now: datetime
) -> int:
    """A new draft. Returns its number. Raises Taken."""
    values = _written(announcement, versions, author)
    (number,) = await new_ids(tx, broadcasts, 1)
    values |= {"id": number, "status": BroadcastStatus.DRAFT, "mac": None}
    values["mac"] = authenticity.code(tx.vault, broadcasts, _AT_FIRST | values)
    query = insert_or_skip(tx, broadcasts).values(values | {"created_at": now})
    if await tx.connection.scalar(query.returning(broadcasts.c.id)) is None:
        raise UpdateTaken
    await _set_versions(tx, number, values, versions)
    return number


async def same_draft(
    tx: Tx, announcement: Announcement, versions: Mapping[str, Version], author: int | None
) -> int | None:
    """The number of a draft of theirs that says the same to the same people; None where there is none."""
    theirs = broadcasts.c.author.is_(None) if author is None else broadcasts.c.author == author
    same = broadcasts.c.digest == digest_of(announcement, versions)
    drafts = (has(broadcasts.c.status, BroadcastStatus.DRAFT), theirs, same)
    found: int | None = await tx.connection.scalar(select(func.min(broadcasts.c.id)).where(*drafts))
    return found


async def rewrite(
    tx: Tx, number: int, announcement: Announcement, versions: Mapping[str, Version], author: int | None
) -> bool:
    """Replace what was written, whoever wrote it: an approval is void.

    False where it is being sent, or is over. Raises Taken.
    """
    same = (
        broadcasts.c.case_slug == (announcement.case or ""),
        broadcasts.c.update_slug == announcement.update,
    )
    other = select(broadcasts.c.id).where(*same, broadcasts.c.id != number)
    if announcement.update and await tx.connection.scalar(other) is not None:
        raise UpdateTaken
    values = _written(announcement, versions, author) | _AT_FIRST | {"status": BroadcastStatus.DRAFT}
    before = (*BROADCASTS.before(BroadcastStatus.DRAFT), BroadcastStatus.DRAFT)
    which = (broadcasts.c.id == number, has(broadcasts.c.status, *before), broadcasts.c.started_at.is_(None))
    if await _change(tx, which, values | {"note": None}, anew=True) is None:
        return False
    await tx.connection.execute(delete(broadcast_texts).where(broadcast_texts.c.broadcast_id == number))
    await _set_versions(tx, number, values, versions)
    return True


_AT_FIRST: dict[str, Value] = {
    "approver": None,
    "halted_by": None,
    "starts_at": None,
    "expires_at": None,
}


async def _change(
    tx: Tx,
    which: Sequence[ColumnElement[bool]],
    values: Mapping[str, Value],
    *,
    anew: bool = False,
) -> Row[Any] | None:  # Any: SQLAlchemy's row
    """Change that broadcast, if there is one. Returns it as it is then.

    It has a code afterwards if it had one. `anew`: or if not, because all that counts is written anew.
    """
    found = select(broadcasts).where(*which).with_for_update(key_share=True)
    row = (await tx.connection.execute(found)).one_or_none()
    if row is None:
        return None
    mac = None
    if anew or authenticity.is_authentic(tx.vault, broadcasts, row):
        mac = authenticity.code(tx.vault, broadcasts, {**row._mapping, **values})
    changed = update(broadcasts).where(broadcasts.c.id == row.id).values({**values, "mac": mac})
    return (await tx.connection.execute(changed.returning(*_COLUMNS))).one_or_none()


def _written(
    announcement: Announcement, versions: Mapping[str, Version], author: int | None
) -> dict[str, Value]:
    digest = digest_of(announcement, versions)
    return {
        "kind": announcement.kind,
        "case_slug": announcement.case or "",
        "action_slug": announcement.action,
        "update_slug": announcement.update,
        "urgent": announcement.timing.urgent,
        "announcement": _STORED.dump_json(announcement).decode(),
        "digest": digest,
        "author": author,
    }


async def _set_versions(
    tx: Tx, number: int, written: Mapping[str, Value], versions: Mapping[str, Version]
) -> None:
    rows: list[dict[str, Value]] = [
        {
            "broadcast_id": number,
            "language": language,
            "body": str(each.body),
            "footer": str(each.footer),
            "outcome": None if each.outcome is None else str(each.outcome),
            "button": _dumped(each.button),
        }
        for language, each in versions.items()
    ]
    for row in rows:
        row["mac"] = authenticity.code(tx.vault, broadcast_texts, {**written, **row})
    await insert_new(tx, broadcast_texts, rows)


def _dumped(button: Button | None) -> str | None:
    return None if button is None else json.dumps([button.value, button.label, button.word])


async def set_outcome(tx: Tx, number: int, outcomes: Mapping[str, Markup]) -> None:
    """Bring up to date what is said of all letters, by language."""
    for row in await _texts(tx, [number]):
        if row.language in outcomes and authenticity.is_authentic(tx.vault, broadcast_texts, row):
            outcome = str(outcomes[row.language])
            mac = authenticity.code(tx.vault, broadcast_texts, {**row._mapping, "outcome": outcome})
            of_it = (broadcast_texts.c.broadcast_id == number, broadcast_texts.c.language == row.language)
            changed = update(broadcast_texts).where(*of_it).values(outcome=outcome, mac=mac)
            await tx.connection.execute(changed)


async def versions(tx: Tx, numbers: Collection[int]) -> dict[int, dict[str, Version]]:
    """What readers of each language get, by broadcast.

    Without broadcasts of which somebody else has written a text, or that have none.
    """
    found: dict[int, dict[str, Version]] = {}
    forged: set[int] = set()
    for row in await _texts(tx, numbers):
        if authenticity.is_authentic(tx.vault, broadcast_texts, row):
            found.setdefault(row.broadcast_id, {})[row.language] = _version(row)
        else:
            forged.add(row.broadcast_id)
    return {number: each for number, each in found.items() if number not in forged}


async def _texts(tx: Tx, numbers: Collection[int]) -> Sequence[Row[Any]]:  # Any: SQLAlchemy's row
    if not numbers:
        return ()
    query = authenticity.TEXTS.where(broadcast_texts.c.broadcast_id.in_(numbers))
    rows = await tx.connection.execute(query.order_by(broadcast_texts.c.language))
    return list(rows)


def _version(row: Row[Any]) -> Version:  # Any: SQLAlchemy's row
    button = Button(*json.loads(row.button)) if row.button else None
    outcome = None if row.outcome is None else Markup(row.outcome)  # noqa: S704  rendered by us
    return Version(Markup(row.body), Markup(row.footer), button, outcome)  # noqa: S704  rendered by us


# Where it stands


async def move(
    tx: Tx,
    number: int,
    old: BroadcastStatus,
    new: BroadcastStatus,
    digest: str | None = None,
    **values: Value,
) -> Broadcast | None:
    """Bring the broadcast from one state into another, with other facts about it. Returns it as it is then.

    None where it is in another state by now, or reads otherwise than `digest` says. Raises
    IllegalTransition where the table of states has no such step.
    """
    BROADCASTS.check(old, new)
    where = [broadcasts.c.id == number, has(broadcasts.c.status, old)]
    if digest is not None:
        where.append(broadcasts.c.digest == digest)
    row = await _change(tx, where, {"status": new, **values})
    return _broadcast(tx, row) if row else None


async def set_facts(tx: Tx, number: int, **values: Value) -> None:
    """Change facts about the broadcast that are no part of its state."""
    await _change(tx, [broadcasts.c.id == number], values)


async def set_counts(tx: Tx, number: int, digest: str, counts: Sequence[Count]) -> bool:
    """Whom it would reach; False where it reads otherwise by now."""
    values = {"counted": digest, "counts": _dump_counts(counts)}
    changed = await tx.connection.execute(
        update(broadcasts)
        .where(broadcasts.c.id == number, broadcasts.c.digest == digest)
        .values(values)
        .returning(broadcasts.c.id)
    )
    return changed.first() is not None


async def find(tx: Tx, number: int) -> Broadcast | None:
    """That broadcast."""
    row = (await tx.connection.execute(select(*_COLUMNS).where(broadcasts.c.id == number))).one_or_none()
    return _broadcast(tx, row) if row else None


async def open_ones(tx: Tx) -> list[Broadcast]:
    """Those that are not over, the oldest first."""
    query = select(*_COLUMNS).where(IS_OPEN).order_by(broadcasts.c.id)
    return [_broadcast(tx, row) for row in await tx.connection.execute(query)]


async def listed(tx: Tx, limit: int) -> list[Broadcast]:
    """The newest ones, the newest first."""
    query = select(*_COLUMNS).order_by(broadcasts.c.id.desc()).limit(limit)
    return [_broadcast(tx, row) for row in await tx.connection.execute(query)]


async def standing(tx: Tx) -> dict[int, StandingBroadcast]:
    """What the table says of those that are not over, whoever has written it: by number."""
    query = select(broadcasts.c.id, broadcasts.c.status, broadcasts.c.digest, broadcasts.c.created_at)
    rows = await tx.connection.execute(query.where(IS_OPEN).order_by(broadcasts.c.id))
    return {
        row.id: StandingBroadcast(BroadcastStatus(row.status), row.digest, row.created_at) for row in rows
    }


async def published(tx: Tx) -> dict[str, frozenset[str]]:
    """The updates of case folders that have a broadcast, by case."""
    query = select(broadcasts.c.case_slug, broadcasts.c.update_slug).where(
        broadcasts.c.kind == Kind.UPDATE, broadcasts.c.update_slug.is_not(None)
    )
    found: dict[str, set[str]] = {}
    for case, slug in await tx.connection.execute(query):
        found.setdefault(case, set()).add(slug)
    return {case: frozenset(slugs) for case, slugs in found.items()}


async def release(tx: Tx, number: int) -> None:
    """Let the update that it was made of have another broadcast: nobody has got this one."""
    await set_facts(tx, number, update_slug=None)


async def latest_update(tx: Tx, case: str, now: datetime) -> int | None:
    """The update of that case that was sent last; None where there is none worth reading."""
    worth_reading = broadcasts.c.expires_at.is_(None) | (broadcasts.c.expires_at > now)
    query = (
        select(broadcasts.c.id)
        .where(broadcasts.c.case_slug == case, broadcasts.c.started_at.is_not(None), worth_reading)
        .where(broadcasts.c.kind == Kind.UPDATE)
        .where(has(broadcasts.c.status, BroadcastStatus.SENDING, BroadcastStatus.DONE))
        .order_by(broadcasts.c.started_at.desc())
        .limit(1)
    )
    number: int | None = await tx.connection.scalar(query)
    return number


def _broadcast(tx: Tx, row: Row[Any]) -> Broadcast:  # Any: SQLAlchemy's row
    return Broadcast(
        id=row.id,
        status=BroadcastStatus(row.status),
        digest=row.digest,
        announcement=_STORED.validate_json(row.announcement)
        if row.announcement
        else _of_an_earlier_version(row),
        author=row.author,
        approver=row.approver,
        starts_at=row.starts_at,
        started_at=row.started_at,
        expires_at=row.expires_at,
        counts=_load_counts(row.counts) if row.counts and row.counted == row.digest else None,
        recipients=row.recipients,
        note=row.note,
        halted_by=row.halted_by,
        paused=row.paused,
        authentic=authenticity.is_authentic(tx.vault, broadcasts, row),
    )


def _dump_counts(counts: Sequence[Count]) -> str:
    """Accounts have been called lines in the database from the beginning."""
    return json.dumps(
        [{"line": str(each.account), "language": each.language, "people": each.people} for each in counts]
    )


def _load_counts(stored: str) -> tuple[Count, ...]:
    return tuple(
        Count(Account.parse(each["line"]), each["language"], each["people"]) for each in json.loads(stored)
    )


def _of_an_earlier_version(row: Row[Any]) -> Announcement:  # Any: SQLAlchemy's row
    dated = CaseDate(row.created_at.year, row.created_at.month, row.created_at.day)
    return Announcement(kind=Kind.UPDATE, texts={}, dated=dated, case=row.case_slug, update=row.update_slug)


REASON_MAX = 300  # characters


@dataclass(frozen=True, slots=True)
class CopyEnd:
    """That came of one copy."""

    broadcast: int
    lane: int
    outcome: CopyStatus
    reason: str = ""


async def count_copies(tx: Tx, ends: Iterable[CopyEnd]) -> None:
    """Count what has come to an end, once in the transaction that stores it: so the order is fixed."""
    counted = Counter(ends)
    rows: list[dict[str, Value]] = [
        {
            "broadcast_id": end.broadcast,
            "lane_id": end.lane,
            "outcome": end.outcome,
            "reason": end.reason[:REASON_MAX],
            "count": number,
        }
        for end, number in sorted(counted.items(), key=lambda item: astuple(item[0]))
    ]
    await add_counts(tx, tallies.c.count, rows)


async def tallies_of(tx: Tx, broadcasts: Collection[int]) -> Mapping[int, tuple[Tally, ...]]:
    """What became of the copies so far, by broadcast, the most frequent first."""
    found: dict[int, list[Tally]] = {number: [] for number in broadcasts}
    total = func.sum(tallies.c.count)
    query = (
        select(tallies.c.broadcast_id, tallies.c.outcome, tallies.c.reason, total)
        .where(tallies.c.broadcast_id.in_(broadcasts))
        .group_by(tallies.c.broadcast_id, tallies.c.outcome, tallies.c.reason)
        .order_by(total.desc())
    )
    if found:
        for number, outcome, reason, copies in await tx.connection.execute(query):
            found[number].append(Tally(CopyStatus(outcome), reason, int(copies)))
    return {number: tuple(each) for number, each in found.items()}


WATCH_PATIENCE = timedelta(days=1)  # in which a message is to show the end


@dataclass(frozen=True, slots=True)
class Watcher:
    """Who reads it, and the channel's reference of the message."""

    message: int
    address: Address
    language: str | None
    reference: str


async def add_watcher(tx: Tx, broadcast: int, chat: int, message: int) -> None:
    """That message shows that chat's organiser how far the broadcast is."""
    await insert_new(tx, watchers, [{"broadcast_id": broadcast, "chat_id": chat, "message_id": message}])


async def watchers_of(tx: Tx, broadcast: int) -> list[Watcher]:
    """Those whose message has been sent."""
    query = (
        select(
            watchers.c.message_id,
            watchers.c.chat_id,
            chats.c.key,
            chats.c.account,
            chats.c.address,
            chats.c.language,
        )
        .add_columns(messages.c.sealed_reference)
        .join(chats, chats.c.id == watchers.c.chat_id)
        .join(messages, messages.c.id == watchers.c.message_id)
        .where(watchers.c.broadcast_id == broadcast, messages.c.sealed_reference.is_not(None))
    )
    found = []
    for row in await tx.connection.execute(query):
        person = tx.vault.open_key(row.key, row.chat_id).open("chats.address", row.chat_id, row.address)
        address = Address(Account.parse(row.account), person)
        reference = unseal(tx.vault, MESSAGE, row.message_id, row.sealed_reference)
        found.append(Watcher(row.message_id, address, row.language, reference))
    return found


async def set_watched_reference(tx: Tx, message: int, reference: str) -> None:
    """The channel knows the message by another reference now that it was changed."""
    chat = await tx.connection.scalar(select(messages.c.chat_id).where(messages.c.id == message))
    if chat is not None:
        named = {
            "reference": digest_of_message(tx.vault, chat, reference),
            "sealed_reference": seal(tx.vault, MESSAGE, message, reference),
        }
        await tx.connection.execute(update(messages).where(messages.c.id == message).values(named))


async def remove_watcher(tx: Tx, message: int) -> None:
    """That message is changed no more."""
    await tx.connection.execute(delete(watchers).where(watchers.c.message_id == message))


async def unfinished_watched(tx: Tx, now: datetime) -> list[int]:
    """Broadcasts that are over, while a message does not show that yet; not those of long ago."""
    lately = broadcasts.c.ended_at > now - WATCH_PATIENCE
    query = select(broadcasts.c.id).where(lately, exists().where(watchers.c.broadcast_id == broadcasts.c.id))
    return list(await tx.connection.scalars(query))
