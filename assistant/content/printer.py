"""Letters on paper, for carriers and for those who want to see what will be printed. Pictures of charts."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from assistant.content.pages import Page
from assistant.domain.cases import Case
from assistant.domain.charts import Chart
from assistant.domain.errors import Failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Print:
    """A letter to be printed. `address`: lines for an envelope's window, where it is posted."""

    case: str
    target: str
    language: str
    text: str
    written: datetime
    address: tuple[str, ...] = ()


class Printer:
    """Renders in a thread of its own, one letter or batch at a time, on the letterhead of its case."""

    def __init__(self, cases: Mapping[str, Case]) -> None:
        from assistant.content.documents import Documents  # typst, where something is printed at all

        self._cases = cases
        self._documents = Documents()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="letters")

    async def pdf(self, case: str, target: str, language: str, text: str, written: datetime) -> bytes:
        """The letter as a PDF of one page. Raises Failure where it cannot be made into one."""
        page = self._page(Print(case=case, target=target, language=language, text=text, written=written))
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._documents.letter, page)

    async def batch(self, letters: Sequence[Print]) -> bytes:
        """The letters as one PDF for printing, a page each, in order. At least one, and up to 1,000.

        Other letters wait for it: a thousand take some seconds. Raises Unprintable for the first
        that cannot be printed: the others can be printed without it.
        """
        pages = [self._page(letter) for letter in letters]
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._documents.batch, pages)

    async def picture(self, chart: Chart) -> bytes:
        """The chart as a PNG. Raises Failure, always permanent, where it cannot be drawn."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, _pictured, chart)

    def close(self) -> None:
        """End the thread, and what prints on letterheads."""
        self._thread.submit(self._documents.close)
        self._thread.shutdown(wait=False)

    def _page(self, letter: Print) -> Page:
        case = self._cases.get(letter.case)
        if case is None:
            raise Failure("The case of the letter has just gone.")
        return Page(
            text=letter.text,
            target=case.targets.get(letter.target, case.main),
            language=letter.language,
            written=letter.written,
            address=letter.address,
            letterhead=case.letterhead,
        )


def _pictured(chart: Chart) -> bytes:
    from assistant.content.charts import drawing, pixels  # typst, where something is drawn at all

    return pixels.png(drawing.svg(chart))
