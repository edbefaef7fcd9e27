"""Letters on paper: PDFs for carriers, and for supporters who want to see what will be printed."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from assistant.content.documents import Documents
from assistant.domain.model import Case


class Printer:
    """Renders in a thread of its own, one letter at a time."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        self._cases = cases
        self._documents = Documents()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="letters")

    async def pdf(self, case: str, language: str, text: str, written: datetime) -> bytes:
        """The letter as a PDF. Raises Failure where it cannot be made into one."""
        target = self._cases[case].target
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._thread, self._documents.letter, text, target, language, written
        )

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(wait=False)
