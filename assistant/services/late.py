"""Who subscribes late gets the latest news of the case at once."""

from datetime import datetime

from assistant.domain.broadcasts import Audience
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.domain.messages import Reply
from assistant.services.nights import Nights
from assistant.store import broadcasts, fanout, lanes
from assistant.store.chats import Chat
from assistant.store.claims import copy_of
from assistant.store.database import Tx


async def latest_news(tx: Tx, chat: Chat, case: str, now: datetime, nights: Nights) -> Reply | None:
    """The update of the case that was sent last, unless the chat has it, or will get it yet.

    None, too, where its hour has not come for this reader: then a copy waits for that. An update that was
    only for some of the case's subscribers is not handed on.
    """
    number = await broadcasts.latest_update(tx, case, now)
    found = await broadcasts.find(tx, number) if number is not None else None
    if found is None or found.announcement.audience not in (Audience(), Audience(case)):
        return None
    line = chat.address.line
    leaves = nights.hour(found.announcement.timing, chat.country, chat.language, now)
    if leaves > now and found.status is BroadcastStatus.SENDING:
        if await fanout.give(tx, chat.id, line, found.id, leaves, MessageStatus.QUEUED):
            await fanout.expect_one_more(tx, found.id)
            await lanes.wake(tx, (await lanes.lane_ids(tx, broadcasts.LANE, [line])).values(), leaves)
        return None
    if not await fanout.give(tx, chat.id, line, found.id, now, MessageStatus.SENT):
        return None
    versions = (await broadcasts.versions(tx, [found.id]))[found.id]
    copy = copy_of(broadcasts.version_for(versions, chat.language), wrote=case in chat.letters)
    return Reply(copy.html, copy.buttons, mark=copy.mark)
