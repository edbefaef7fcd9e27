"""Messages and letters that wait, as rows."""

import secrets
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store.broadcasts import LANE
from assistant.store.database import Store, Value, insert_new
from assistant.store.lanes import lane_ids
from assistant.store.queue_sizes import LETTERS
from assistant.store.tables import broadcasts, chats, copies, letters, messages
from tests.support.offices import OFFICE

NOW = datetime(2012, 1, 20, 15, 0, tzinfo=UTC)
ACCOUNT = "memory:1"


def ago(minutes: float) -> datetime:
    """So many minutes before now."""
    return NOW - timedelta(minutes=minutes)


async def add_message(
    store: Store,
    kind: str,
    due_at: datetime,
    status: MessageStatus = MessageStatus.QUEUED,
    account: str = ACCOUNT,
) -> None:
    """A message to a chat that is no person's."""
    async with store.write() as tx:
        chat = insert(chats).values(
            lookup=secrets.token_bytes(16),
            key=b"",
            account=account,
            address=b"",
            recent="",
            created_on=date(2012, 1, 1),
            active_on=date(2012, 1, 1),
            forgotten=False,
        )
        await tx.connection.execute(
            insert(messages).values(
                chat_id=await tx.connection.scalar(chat.returning(chats.c.id)),
                lane_id=(await lane_ids(tx, kind, [account]))[account],
                body=b"sealed",
                status=status,
                epoch=0,
                attempts=0,
                due_at=due_at,
            )
        )


async def add_copy(
    store: Store, number: int, chat: int, due_at: datetime, status: MessageStatus = MessageStatus.QUEUED
) -> None:
    """A copy of a broadcast that is leaving, for a chat that is nobody's."""
    async with store.write() as tx:
        broadcast: dict[str, Value] = {
            "id": number,
            "case_slug": "norma-cruz",
            "created_at": NOW,
            "status": "sending",
        }
        await insert_new(tx, broadcasts, [broadcast])
        await tx.connection.execute(
            insert(copies).values(
                broadcast_id=number,
                chat_id=chat,
                lane_id=(await lane_ids(tx, LANE, [ACCOUNT]))[ACCOUNT],
                status=status,
                epoch=0,
                attempts=0,
                due_at=due_at,
            )
        )


async def add_letter(store: Store, status: LetterStatus, due_at: datetime, body: bytes | None = None) -> None:
    """A letter of a chat that is gone. `body`: what is kept of its text."""
    async with store.write() as tx:
        await tx.connection.execute(
            insert(letters).values(
                key=secrets.token_hex(8),
                lane_id=(await lane_ids(tx, LETTERS, [OFFICE]))[OFFICE],
                case_slug="norma-cruz",
                country="GT",
                language="es",
                route="tray",
                body=body,
                status=status,
                epoch=0,
                attempts=0,
                created_at=due_at,
                due_at=due_at,
            )
        )
