"""Letters that somebody reads before they are sent."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal_column, select, update

from assistant.domain.letters import Draft, Letter, LetterRef
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.review import Found, HeldLetter
from assistant.store.database import Tx
from assistant.store.letters import body_of, read_letter, read_signed, with_keys
from assistant.store.tables import chats, has, letters

_WAITS = ((letters.c.review != literal_column("''")), has(letters.c.status, LetterStatus.HELD))


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter that waits, with what it was made of. `country`: as its writer gave it."""

    letter: Letter
    name: str
    country: str
    personal_line: str | None


async def waiting(tx: Tx, limit: int) -> list[HeldLetter]:
    """Those that wait, the oldest first; what came in a burst after all others."""
    burst = letters.c.review.contains("repeated")
    query = with_keys().where(*_WAITS).order_by(burst, letters.c.id).limit(limit)
    found = []
    for row in (await tx.connection.execute(query)).all():
        signed = read_signed(tx, row)
        found.append(
            HeldLetter(
                number=row.id,
                ref=LetterRef(row.case_slug, row.action_slug, row.target_slug),
                found=Found.parse(row.review),
                line=signed.personal_line,
                restored=row.restored_at is not None,
            )
        )
    return found


async def count(tx: Tx) -> int:
    """How many wait."""
    return int(await tx.connection.scalar(select(func.count()).select_from(letters).where(*_WAITS)) or 0)


@dataclass(frozen=True, slots=True)
class Standing:
    """So many letters wait, the oldest since then (UTC)."""

    letters: int
    since: datetime


async def standing(tx: Tx) -> Standing | None:
    """How many wait, and since when; None where none does."""
    query = select(func.count().label("letters"), func.min(letters.c.created_at).label("since"))
    row = (await tx.connection.execute(query.where(*_WAITS))).one()
    return Standing(row.letters, row.since) if row.letters else None


async def any_waits(tx: Tx) -> bool:
    """Whether any does."""
    return await tx.connection.scalar(select(letters.c.id).where(*_WAITS).limit(1)) is not None


async def find(tx: Tx, numbers: Collection[int]) -> list[Written]:
    """Those of these letters that wait, in their order."""
    query = with_keys().where(letters.c.id.in_(numbers), *_WAITS).order_by(letters.c.id)
    found = []
    for row in (await tx.connection.execute(query)).all():
        sealer = tx.vault.open_key(row.chat_key, row.chat_id)
        body = json.loads(sealer.open("letters.body", row.id, row.body))
        country = body.get("country", row.country)
        found.append(
            Written(
                letter=read_letter(tx, row), name=body["name"], country=country, personal_line=body["line"]
            )
        )
    return found


async def rewrite(tx: Tx, letter: Letter, draft: Draft) -> None:
    """The letter, which waits, reads like the draft from now on."""
    key = await tx.connection.scalar(select(chats.c.key).where(chats.c.id == letter.chat_id))
    if key is None or letter.chat_id is None:
        return
    body = tx.vault.open_key(key, letter.chat_id).seal("letters.body", letter.id, body_of(draft))
    await tx.connection.execute(update(letters).where(letters.c.id == letter.id, *_WAITS).values(body=body))
