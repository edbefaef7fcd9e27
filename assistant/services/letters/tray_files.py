"""Files in the tray go with the text of their letter: after its days, or when its writer is forgotten."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from assistant.carriers.tray import Tray
from assistant.domain.clock import system_clock
from assistant.domain.retention import Gone, Retention
from assistant.store import letters
from assistant.store.database import Tx

FILES = "letters in the tray"


class TrayFiles:
    """What is in the tray, held against the letters that are stored."""

    def __init__(self, tray: Tray, retention: Retention, now: Callable[[], datetime] = system_clock) -> None:
        """`now`: by the real clock, as the files have it."""
        self._tray = tray
        self._retention = retention
        self._now = now

    async def clear(self, tx: Tx) -> Gone:
        """Remove the files of all letters whose text is kept no longer.

        Of a letter that is not known, because an older database was put back, they stay as long as a text.
        Raises Misconfigured where they cannot be removed.
        """
        written = await asyncio.to_thread(self._tray.written)
        if not written:
            return Gone({}, done=True)
        has_text = await letters.has_text(tx, written)
        old = self._now() - self._retention.letters
        gone = [key for key, at in written.items() if not has_text.get(key, at > old)]
        await asyncio.to_thread(self._tray.remove, gone)
        return Gone({FILES: len(gone)}, done=True)
