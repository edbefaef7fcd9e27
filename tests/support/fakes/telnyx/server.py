"""A Telnyx for tests: Programmable Fax and Media Storage of API v2, and its signed webhooks.

It follows Telnyx's API description (openapi/spec3.json of github.com/team-telnyx/openapi) and
https://developers.telnyx.com/docs/programmable-fax. The real server passes over fields that it does not know;
here they are mistakes.
"""

import asyncio
import base64
import socket
import struct
import uuid
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import quote

from aiohttp import web

from tests.support.fakes.telnyx.faxes import Json, Media, Refused, SentFax, order_of, refused
from tests.support.fakes.telnyx.webhook import Webhooks

LARGEST = 20 * 1024 * 1024  # bytes of a media file
_CANCELLABLE = ("queued", "media.processed", "originated", "sending")


@dataclass(frozen=True)
class _Fault:
    refusal: Refused | None = None
    hang: float = 0
    reset: bool = False
    after: bool = False


class FakeTelnyx(Webhooks):
    """`async with FakeTelnyx() as server:` serves the API on a free local port; `setting` leads to it."""

    api_key = "KEY0123_INVENTED"
    connection = "1234567890"
    number = "+12025550100"

    def __init__(self) -> None:
        super().__init__()
        self.media: dict[str, Media] = {}
        self.deleted: list[str] = []  # names of media
        self.faxes: list[SentFax] = []
        self.calls: list[str] = []  # kinds of call
        self.queries: list[str] = []  # of all URLs
        self.page_max = 250  # however many are asked for
        self.tells_pages = True  # whether lists have meta.total_pages
        self.newest_first = True
        self.cancelled: tuple[str, str | None] | None = ("failed", "sender_canceled")  # what a fax becomes
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=LARGEST + 1000)
        for method, path, kind, act in (
            ("POST", "/v2/media", "upload", self._upload),
            ("DELETE", "/v2/media/{name}", "delete", self._delete),
            ("POST", "/v2/faxes", "send", self._send),
            ("GET", "/v2/faxes", "list", self._list),
            ("GET", "/v2/faxes/{id}", "fax", self._fax),
            ("POST", "/v2/faxes/{id}/actions/cancel", "cancel", self._cancel),
        ):
            app.router.add_route(method, path, self._handler(kind, act))
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @property
    def setting(self) -> str:
        """What an operator sets, without a key for webhooks."""
        number = quote(self.number, safe="")
        return f"telnyx://{self.api_key}@127.0.0.1:{self.port}/{self.connection}?from={number}"

    @property
    def setting_with_key(self) -> str:
        return f"{self.setting}&public_key={quote(self.public_key, safe='')}"

    # What becomes of faxes

    def sent(self, key: str) -> list[SentFax]:
        """The faxes with that key in their state, in the order of their arrival."""
        state = base64.b64encode(key.encode()).decode()
        return [fax for fax in self.faxes if fax.order.get("client_state") == state]

    def take(
        self, key: str, *, ago: timedelta = timedelta(), media_name: str = "letter-of-another"
    ) -> SentFax:
        """A fax as if it had been ordered some time ago."""
        state = base64.b64encode(key.encode()).decode()
        order = {
            "connection_id": self.connection,
            "from": self.number,
            "to": "+50255550100",
            "client_state": state,
            "media_name": media_name,
        }
        fax = SentFax(str(uuid.uuid4()), order, b"%PDF", datetime.now(UTC) - ago)
        self.faxes.append(fax)
        return fax

    # Bad days

    def fail_next(
        self,
        kind: str,
        refusal: Refused | None = None,
        *,
        hang: float = 0,
        reset: bool = False,
        after: bool = False,
    ) -> None:
        """Queue one failure of a kind of call: wait `hang` seconds, then break off or answer otherwise.

        A hang alone is a late, good answer. The call has no effect when it fails, unless `after`.
        """
        self._faults[kind].append(_Fault(refusal, hang, reset, after))

    def _handler(
        self, kind: str, act: Callable[[web.Request], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.Response:
            self.calls.append(kind)
            self.queries.append(request.query_string)
            try:
                return await self._answer(kind, act, request)
            except Refused as refusal:
                return refusal.response

        return handle

    async def _answer(
        self, kind: str, act: Callable[[web.Request], Awaitable[web.Response]], request: web.Request
    ) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            raise refused(401, "10009")
        fault = self._faults[kind].popleft() if self._faults[kind] else _Fault()
        done = await act(request) if fault.after else None
        await asyncio.sleep(fault.hang)
        if fault.reset:
            _reset(request)
            return web.Response()
        if fault.refusal:
            raise fault.refusal
        return done or await act(request)

    # Media Storage

    async def _upload(self, request: web.Request) -> web.Response:
        if request.content_type != "multipart/form-data":
            raise refused(415, "10014")
        form = await request.post()
        file, name = form.get("media"), str(form.get("media_name", uuid.uuid4()))
        if not isinstance(file, web.FileField) or set(form) - {"media", "media_name", "ttl_secs"}:
            raise refused(422, "10004")
        seconds = str(form.get("ttl_secs", 172_800))
        if not seconds.isdecimal() or not 0 < int(seconds) <= 630_720_000 or name in self.media:
            raise refused(422, "10015")
        self.media[name] = Media(name, file.file.read(), int(seconds))
        return web.json_response(
            {"data": {"media_name": name, "content_type": file.content_type}}, status=201
        )

    async def _delete(self, request: web.Request) -> web.Response:
        if self.media.pop(request.match_info["name"], None) is None:
            raise refused(404, "10005")
        self.deleted.append(request.match_info["name"])
        return web.Response(status=204)

    # Faxes

    async def _send(self, request: web.Request) -> web.Response:
        order = await order_of(request)
        if order["connection_id"] != self.connection or order["from"] != self.number:
            raise refused(422, "10017")
        media = self.media.get(order.get("media_name", ""))
        if media is None:
            raise refused(422, "10013")
        fax = SentFax(str(uuid.uuid4()), order, media.content, datetime.now(UTC))
        self.faxes.append(fax)
        return web.json_response({"data": fax.resource()}, status=202)

    async def _list(self, request: web.Request) -> web.Response:
        query = request.query
        known = {"filter[created_at][gte]", "filter[direction][eq]", "page[size]", "page[number]"}
        if set(query) - known:
            raise refused(400, "10015")
        since = datetime.fromisoformat(query.get("filter[created_at][gte]", "2000-01-01T00:00:00Z"))
        faxes = [] if query.get("filter[direction][eq]") == "inbound" else self.faxes
        found = sorted(
            (fax for fax in faxes if fax.created_at >= since),
            key=lambda fax: fax.created_at,
            reverse=self.newest_first,
        )
        size, number = min(int(query.get("page[size]", 20)), self.page_max), int(query.get("page[number]", 1))
        shown = found[size * (number - 1) : size * number]
        body: Json = {"data": [fax.resource() for fax in shown]}
        if self.tells_pages:
            pages = -(-len(found) // size)
            body["meta"] = {"total_pages": pages, "total_results": len(found), "page_number": number}
        return web.json_response(body)

    async def _fax(self, request: web.Request) -> web.Response:
        return web.json_response({"data": self._found(request).resource()})

    async def _cancel(self, request: web.Request) -> web.Response:
        fax = self._found(request)
        if fax.status not in _CANCELLABLE:
            raise refused(422, "10015")
        if self.cancelled:
            fax.status, fax.failure_reason = self.cancelled
        return web.json_response({"data": {"result": "ok"}}, status=202)

    def _found(self, request: web.Request) -> SentFax:
        for fax in self.faxes:
            if fax.id == request.match_info["id"]:
                return fax
        raise refused(404, "10005")


def _reset(request: web.Request) -> None:
    """Close without a goodbye: no lingering makes the kernel send RST."""
    if request.transport is not None:
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
