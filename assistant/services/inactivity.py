"""Who has not written for a year is asked whether they still want the news; a month later their chat goes."""

from collections.abc import Callable, Mapping
from datetime import datetime

from assistant.domain.clock import Clock
from assistant.domain.notifications import Notification
from assistant.domain.retention import KEEP_ASKED
from assistant.domain.texts import CaseDate, Locale, Text
from assistant.store import broadcasts, forgetting, inactive_chats, messages
from assistant.store.database import Tx
from assistant.store.messages import Notice, Reader

PIECE = 100  # chats in one transaction: each takes several statements
LATELY = KEEP_ASKED  # nobody who is asked has written since


class InactiveChats:
    """Asks, and forgets."""

    def __init__(
        self, locales: Mapping[str, Locale], still_there: Callable[[CaseDate], Text], clock: Clock
    ) -> None:
        """`still_there`: the question, with the day on which the chat is deleted."""
        self._locales = locales
        self._still_there = still_there
        self._clock = clock

    async def tend(self, tx: Tx) -> bool:
        """Ask and forget some. Returns whether nobody is left."""
        now = self._clock()
        over = await inactive_chats.over(tx, now.date(), PIECE)
        if over:
            await broadcasts.count_copies(tx, await forgetting.erase(tx, over, now))
            return False
        asked = await inactive_chats.to_ask(tx, now.date(), PIECE)
        if asked:
            readers = await messages.readers(tx, asked, now - LATELY)
            await messages.add_notices(tx, [self._question(each, now) for each in readers.values()])
            await inactive_chats.mark_asked(tx, asked, now.date())
        return len(asked) < PIECE

    def _question(self, reader: Reader, now: datetime) -> Notice:
        gone = (now + KEEP_ASKED).date()
        said = Notification(self._still_there(CaseDate(gone.year, gone.month, gone.day)))
        locale = self._locales.get(reader.language or "") or next(iter(self._locales.values()))
        return Notice(reader, said.render(locale), now)
