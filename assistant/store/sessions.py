"""Links by which organisers sign in, once, and the sessions that these begin.

Of what a browser holds only keyed digests are stored.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from assistant.domain.sessions import LINK_LASTS, SESSION_IDLE, SESSION_LASTS, Session
from assistant.store import authenticity
from assistant.store.database import Tx, Value, insert_new
from assistant.store.tables import sessions, sign_in_links

SEEN_AGAIN = timedelta(minutes=1)  # written down no more often, so that looking costs no write


async def offer(tx: Tx, organiser: int, secret: str, now: datetime) -> None:
    """Whoever has the secret can sign in as that organiser, within `LINK_LASTS`. An earlier one is void."""
    await tx.connection.execute(delete(sign_in_links).where(sign_in_links.c.organiser == organiser))
    row: dict[str, Value] = {
        "digest": _digest(tx, secret),
        "organiser": organiser,
        "expires_at": now + LINK_LASTS,
    }
    row["mac"] = authenticity.code(tx.vault, sign_in_links, row)
    await insert_new(tx, sign_in_links, [row])


async def use(tx: Tx, secret: str, now: datetime) -> int | None:
    """The organiser whom the secret lets in, once; None where it lets nobody in, or not any more."""
    gone = (
        delete(sign_in_links)
        .where(sign_in_links.c.digest == _digest(tx, secret), sign_in_links.c.expires_at > now)
        .returning(sign_in_links)
    )
    row = (await tx.connection.execute(gone)).one_or_none()
    known = row is not None and authenticity.is_authentic(tx.vault, sign_in_links, row)
    return row.organiser if row is not None and known else None


async def begin(tx: Tx, organiser: int, secret: str, now: datetime) -> None:
    """Sign the browser in that has the secret."""
    row: dict[str, Value] = {
        "digest": _digest(tx, secret),
        "organiser": organiser,
        "created_at": now,
        "seen_at": now,
        "expires_at": now + SESSION_LASTS,
    }
    row["mac"] = authenticity.code(tx.vault, sessions, row)
    await insert_new(tx, sessions, [row])


async def find(tx: Tx, secret: str, now: datetime) -> Session | None:
    """The session of the browser that has the secret; None where it is over."""
    query = select(sessions).where(sessions.c.digest == _digest(tx, secret), *_open(now))
    row = (await tx.connection.execute(query)).one_or_none()
    return None if row is None else _session(tx, row)


async def see(tx: Tx, session: Session, now: datetime) -> None:
    """It was used now."""
    await tx.connection.execute(update(sessions).where(sessions.c.id == session.id).values(seen_at=now))


async def listed(tx: Tx, organiser: int, now: datetime) -> Sequence[Session]:
    """Where that organiser is signed in, the newest first."""
    query = select(sessions).where(sessions.c.organiser == organiser, *_open(now))
    rows = await tx.connection.execute(query.order_by(sessions.c.id.desc()))
    return [found for row in rows if (found := _session(tx, row))]


async def end(tx: Tx, organiser: int, *, only: int | None = None) -> int:
    """End that organiser's sessions, and void their link; `only`: the session of that number.

    Returns how many sessions ended.
    """
    theirs = [sessions.c.organiser == organiser]
    if only is None:
        await tx.connection.execute(delete(sign_in_links).where(sign_in_links.c.organiser == organiser))
    else:
        theirs.append(sessions.c.id == only)
    return (await tx.connection.execute(delete(sessions).where(*theirs))).rowcount


async def sweep(tx: Tx, now: datetime) -> None:
    """Delete what is over."""
    idle = sessions.c.seen_at <= now - SESSION_IDLE
    await tx.connection.execute(delete(sessions).where(or_(sessions.c.expires_at <= now, idle)))
    await tx.connection.execute(delete(sign_in_links).where(sign_in_links.c.expires_at <= now))


def _open(now: datetime) -> Sequence[Any]:  # Any: SQLAlchemy's conditions
    return sessions.c.expires_at > now, sessions.c.seen_at > now - SESSION_IDLE


def _session(tx: Tx, row: Row[Any]) -> Session | None:  # Any: SQLAlchemy's row
    if not authenticity.is_authentic(tx.vault, sessions, row):
        return None
    return Session(
        id=row.id,
        organiser=row.organiser,
        created_at=row.created_at,
        seen_at=row.seen_at,
        expires_at=row.expires_at,
    )


def _digest(tx: Tx, secret: str) -> bytes:
    return tx.vault.digest("session", secret.encode())
