"""Who has not written for long is asked whether they still want the news; a month later their chat goes."""

from collections.abc import Callable
from datetime import datetime

from assistant.domain.clock import Clock
from assistant.domain.retention import KEEP_ASKED, Gone, Retention
from assistant.domain.texts import CaseDate, Text
from assistant.services.letters.notices import WriterNotices
from assistant.store import broadcasts, forgetting, inactive_chats, messages
from assistant.store.database import Tx

PIECE = 100  # chats in one transaction: each takes several statements
OVER = "chats that nobody writes in"
ASKED = "inactive subscribers who were asked"


class InactiveChats:
    """Asks, and forgets."""

    def __init__(
        self,
        notices: WriterNotices,
        still_there: Callable[[CaseDate], Text],
        clock: Clock,
        retention: Retention,
    ) -> None:
        """`still_there`: the question, with the day on which the chat is deleted."""
        self._notices = notices
        self._still_there = still_there
        self._clock = clock
        self._retention = retention

    async def ask_and_forget(self, tx: Tx) -> Gone:
        """Ask and forget some."""
        now = self._clock()
        over = await inactive_chats.over(tx, now.date(), self._retention, PIECE)
        if over:
            await broadcasts.count_copies(tx, await forgetting.erase(tx, over, now))
            return Gone({OVER: len(over)}, done=False)
        asked = await inactive_chats.to_ask(tx, now.date(), self._retention, PIECE)
        if asked:
            readers = await messages.readers(tx, asked, now)
            question = self._question(now)
            told = [
                self._notices.notice(asked[each.chat_id], each, question, now) for each in readers.values()
            ]
            await messages.add_notices(tx, told)
            await inactive_chats.mark_asked(tx, asked, now.date())
        return Gone({ASKED: len(asked)}, done=len(asked) < PIECE)

    def _question(self, now: datetime) -> Text:
        gone = (now + KEEP_ASKED).date()
        return self._still_there(CaseDate(gone.year, gone.month, gone.day))
