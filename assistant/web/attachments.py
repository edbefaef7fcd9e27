"""Files that go with what was said in a chat, made when somebody opens them."""

import asyncio
from urllib.parse import quote

from aiohttp import hdrs, web

from assistant.content.charts import drawing
from assistant.content.printer import Printer
from assistant.domain.clock import Clock
from assistant.domain.messages import Attachment, Document, Picture


class Attachments:
    """Makes them for browsers."""

    def __init__(self, printer: Printer, clock: Clock) -> None:
        self._printer = printer
        self._clock = clock
        self._printing = asyncio.Lock()  # however many are asked for: a letter that is sent waits for one

    async def made(self, file: Attachment) -> web.Response:
        """The file. No browser keeps it. Raises Failure where it cannot be made."""
        headers = {hdrs.CACHE_CONTROL: "no-store"}
        if isinstance(file, Document):
            headers[hdrs.CONTENT_DISPOSITION] = f"attachment; filename*=UTF-8''{quote(file.name)}"
            return web.Response(body=file.text.encode(), content_type=file.kind, headers=headers)
        if isinstance(file, Picture):
            body = (await asyncio.to_thread(drawing.svg, file.chart)).encode()
            return web.Response(body=body, content_type="image/svg+xml", headers=headers)
        async with self._printing:
            pdf = await self._printer.pdf(file.case, file.target, file.language, file.text, self._clock())
        headers[hdrs.CONTENT_DISPOSITION] = 'inline; filename="letter.pdf"'  # says nothing of the case
        return web.Response(body=pdf, content_type="application/pdf", headers=headers)
