"""Chats that move to another address, with all that is theirs: news, letters, the open conversation.

The row of the chat that moves goes on at the other address, with its key. What the chat there had is sealed
anew and put to it, and that chat's row is deleted.
"""

from datetime import date, datetime

from sqlalchemy import Table, delete, insert, literal, select, update

from assistant.domain.letters import LetterRef
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Account, Address
from assistant.store import chats as chat_store
from assistant.store import copies, lanes, subscriptions
from assistant.store import letters as letter_store
from assistant.store.broadcasts import LANE as BULK
from assistant.store.chats import Chat
from assistant.store.database import Tx, Value, insert_new
from assistant.store.lanes import REPLIES
from assistant.store.tables import answers, chats, has, letters, messages, move_codes
from assistant.store.tables import subscriptions as subscribed


async def offer(tx: Tx, chat: Chat, code: str, expires_at: datetime) -> None:
    """Whoever writes the code elsewhere until then has the chat there. An earlier code is worthless now.

    Only a keyed digest of it is stored.
    """
    await tx.connection.execute(delete(move_codes).where(move_codes.c.chat_id == chat.id))
    row: dict[str, Value] = {"code": _digest(tx, code), "chat_id": chat.id, "expires_at": expires_at}
    await insert_new(tx, move_codes, [row])


async def find(tx: Tx, code: str, now: datetime) -> int | None:
    """The chat for which the code is; None where it is for none, or not any more."""
    query = select(move_codes.c.chat_id).where(
        move_codes.c.code == _digest(tx, code), move_codes.c.expires_at > now
    )
    return await tx.connection.scalar(query)


async def take_hold(tx: Tx, chat_id: int, today: date) -> Chat | None:
    """That chat, locked; None where it is gone, or in a turn at this moment: that would be waited for in a
    ring."""
    free = select(chats.c.id).where(chats.c.id == chat_id, ~chats.c.forgotten)
    row = (
        await tx.connection.execute(
            select(chats.c.key, chats.c.account, chats.c.address).where(
                chats.c.id.in_(free.with_for_update(key_share=True, skip_locked=True))
            )
        )
    ).one_or_none()
    if row is None:
        return None
    person = tx.vault.open_key(row.key, chat_id).open("chats.address", chat_id, row.address)
    (chat,) = await chat_store.open_chats(tx, [Address(Account.parse(row.account), person)], today)
    return chat


async def carry_over(tx: Tx, moving: Chat, into: Chat, now: datetime) -> Chat:
    """Put the chat to the other one's address, with what the other one has. Returns it as it is there.

    Where it was, an empty one lives until its last message has left: see `chats.begin_again`.
    """
    await tx.connection.execute(delete(move_codes).where(move_codes.c.chat_id.in_((moving.id, into.id))))
    await _give_news(tx, into, moving)
    await _give_letters(tx, into, moving, now)
    ends = await subscriptions.unsubscribe_for_good(tx, into.id)
    await tx.connection.execute(delete(chats).where(chats.c.id == into.id))
    tx.erases.append("chats")
    await chat_store.move(tx, moving.id, into.address)
    account = str(into.address.account)
    await tx.connection.execute(update(chats).where(chats.c.id == moving.id).values(account=account))
    await _bring_messages(tx, moving, account, now)
    (moved,) = await chat_store.open_chats(tx, [into.address], now.date())
    moved.reply_epoch, moved.reply_lane = into.reply_epoch, into.reply_lane
    moved.careful = moving.careful or into.careful
    moved.ends = ends
    return moved


async def _give_news(tx: Tx, giver: Chat, to: Chat) -> None:
    theirs = select(literal(to.id), subscribed.c.case_slug, subscribed.c.since).where(
        subscribed.c.chat_id == giver.id,
        subscribed.c.case_slug.not_in(to.subscriptions),
    )
    columns = ["chat_id", "case_slug", "since"]
    await tx.connection.execute(insert(subscribed).from_select(columns, theirs))


async def _give_letters(tx: Tx, giver: Chat, to: Chat, now: datetime) -> None:
    """All but those to offices to which the other chat has written, too: nobody writes twice."""
    twice = {each.ref for each in giver.letters} & {each.ref for each in to.letters}
    for ref in sorted(twice):
        await letter_store.withdraw(tx, giver, ref.of, "the writer has another one there", now, ref.target)
    query = select(letters).where(letters.c.chat_id == giver.id).order_by(letters.c.id)
    for row in (await tx.connection.execute(query)).all():
        ref = LetterRef(row.case_slug, row.action_slug, row.target_slug)
        given: dict[str, Value] = {"chat_id": to.id, "body": _anew(giver, to, letters, row.id, row.body)}
        kept = given if ref not in twice else {"chat_id": None, "body": None}
        await tx.connection.execute(update(letters).where(letters.c.id == row.id).values(**kept))
        await _give_answers(tx, giver, to, row.id)


async def _give_answers(tx: Tx, giver: Chat, to: Chat, letter: int) -> None:
    query = select(answers.c.id, answers.c.body).where(answers.c.letter_id == letter)
    for row in (await tx.connection.execute(query)).all():
        body = _anew(giver, to, answers, row.id, row.body)
        await tx.connection.execute(update(answers).where(answers.c.id == row.id).values(body=body))


def _anew(giver: Chat, to: Chat, table: Table, row_id: int, body: bytes | None) -> bytes | None:
    """A body sealed with the other chat's key."""
    if body is None:
        return None
    name = f"{table.name}.body"
    return to.sealer.seal(name, row_id, giver.sealer.open(name, row_id, body))


async def _bring_messages(tx: Tx, chat: Chat, account: str, now: datetime) -> None:
    """What waits for the chat is sent over the account where it is now."""
    replies = (await lanes.lane_ids(tx, REPLIES, [account]))[account]
    waiting = (messages.c.chat_id == chat.id, has(messages.c.status, MessageStatus.QUEUED))
    brought = await tx.connection.execute(update(messages).where(*waiting).values(lane_id=replies))
    news = (await lanes.lane_ids(tx, BULK, [account]))[account]
    lanes.wake(tx, [replies] * bool(brought.rowcount), now)
    lanes.wake(tx, [news] * await copies.bring(tx, chat.id, news), now)


async def sweep(tx: Tx, now: datetime) -> None:
    """Delete codes that nobody has used."""
    await tx.connection.execute(delete(move_codes).where(move_codes.c.expires_at <= now))


def _digest(tx: Tx, code: str) -> bytes:
    return tx.vault.digest("move code", code.encode())
