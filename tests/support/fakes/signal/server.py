"""A signal-cli-rest-api server for tests, 0.100 or 0.101, and the people who write to its number.

It follows the API description (docs/swagger.json of bbernhard/signal-cli-rest-api), what it leaves out
(src/api/api.go), and the frames of signal-cli. A program in any process can use it: it needs only `url` and
`number`.
"""

import asyncio
import contextlib
import socket
import struct
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Self

from aiohttp import WSMsgType, web

from tests.support.fakes.signal.accounts import Accounts
from tests.support.fakes.signal.people import Group, Json, Person, Received, deliver
from tests.support.fakes.signal.requests import Refused, attachment, body_of, refused
from tests.support.fakes.signal.styles import parse

MISSING = object()


@dataclass(frozen=True)
class _Fault:
    refusal: Refused | None = None
    hang: float = 0
    reset: bool = False
    after: bool = False


class FakeSignal(Accounts):
    """`async with FakeSignal() as server:` serves the API on a free local port."""

    def __init__(self, version: str = "0.101", host: str = "127.0.0.1") -> None:
        """`host`: the address of this machine that it answers on."""
        super().__init__()
        self._host = host
        self.version = version
        self.mode = "json-rpc"
        self.url = ""
        self.calls: list[tuple[str, Json]] = []
        self.half_open = False  # connections look alive, and are dead
        self._sockets: list[web.WebSocketResponse] = []
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)

    async def __aenter__(self) -> Self:
        app = web.Application()
        number = "{number}"
        for method, path, kind, act in (
            ("GET", "/v1/about", "about", self._about),
            ("GET", "/v1/accounts", "accounts", self._accounts),
            ("POST", "/v2/send", "send", self._send),
            ("DELETE", f"/v1/remote-delete/{number}", "delete", self._remote_delete),
            ("PUT", f"/v1/contacts/{number}", "contacts", self._contacts),
            ("PUT", f"/v1/typing-indicator/{number}", "typing", self._typing),
            ("DELETE", f"/v1/typing-indicator/{number}", "typing", self._typing),
            ("POST", f"/v1/receipts/{number}", "receipts", self._receipts),
            ("GET", f"/v1/identities/{number}", "identities", self._identities),
            ("PUT", f"/v1/identities/{number}/trust/{{who}}", "trust", self._trust),
            ("POST", f"/v1/register/{number}", "register", self._register),
            ("POST", f"/v1/register/{number}/verify/{{code}}", "verify", self._verify),
            ("POST", f"/v1/accounts/{number}/rate-limit-challenge", "challenge", self._challenge),
            ("GET", "/v1/qrcodelink", "link", self._link_image),
            ("GET", "/v1/qrcodelink/raw", "link", self._link),
        ):
            app.router.add_route(method, path, self._handler(kind, act))
        app.router.add_get("/v1/receive/{number}", self._receive)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.01)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, 0).start()
        self.url = f"http://{self._host}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drop()
        await self._runner.cleanup()

    # Bad days

    def fail_next(
        self,
        kind: str,
        *,
        status: int | None = None,
        body: object = MISSING,
        hang: float = 0,
        reset: bool = False,
        after: bool = False,
    ) -> None:
        """Queue one failure of a kind of call: wait `hang` seconds, then break off or answer `status`.

        A hang alone is a late, good answer. The call has no effect when it fails, nor when the client is gone
        before it is answered, unless `after`: then it takes effect before the failure.
        """
        refusal = Refused(status, {"error": "invented"} if body is MISSING else body) if status else None
        self._faults[kind].append(_Fault(refusal, hang, reset, after))

    async def drop(self, *, politely: bool = False) -> None:
        """End all connections that listen; `politely` with a goodbye."""
        for each in self._sockets[:]:
            if politely:
                await each.close()
            else:
                _reset(each._req)
        await self.until(lambda: not self.listeners)

    def _handler(
        self, kind: str, act: Callable[[web.Request, Json], Awaitable[web.Response]]
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def handle(request: web.Request) -> web.Response:
            try:
                return await self._answer(kind, act, request)
            except Refused as refusal:
                return refusal.response

        return handle

    async def _answer(
        self, kind: str, act: Callable[[web.Request, Json], Awaitable[web.Response]], request: web.Request
    ) -> web.Response:
        body = await body_of(kind, request)
        self.calls.append((kind, body))
        await self.notify()
        fault = self._faults[kind].popleft() if self._faults[kind] else _Fault()
        done = await act(request, body) if fault.after else None
        await self.notify()
        await asyncio.sleep(fault.hang)
        if fault.reset:
            _reset(request)
        if fault.refusal:
            raise fault.refusal
        answer = done or (web.Response() if fault.reset else await act(request, body))
        await self.notify()
        return answer

    # Receiving

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        """Of a number that it does not know nothing ever comes."""
        fault = self._faults["receive"].popleft() if self._faults["receive"] else _Fault()
        if fault.refusal:
            return fault.refusal.response
        connection = web.WebSocketResponse(autoping=False)
        await connection.prepare(request)
        frames: asyncio.Queue[str] = asyncio.Queue()
        self._sockets.append(connection)
        if request.match_info["number"] in self.accounts:
            self.listeners.append(frames)
        await self.notify()
        sending = asyncio.create_task(self._report_to(connection, frames))
        try:
            async for message in connection:
                if message.type is WSMsgType.PING and not self.half_open:
                    await connection.pong(message.data)
        finally:
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                await sending
            self._sockets.remove(connection)
            if frames in self.listeners:
                self.listeners.remove(frames)
            await self.notify()
        return connection

    async def _report_to(self, connection: web.WebSocketResponse, frames: asyncio.Queue[str]) -> None:
        while True:
            frame = await frames.get()
            if not self.half_open:
                await connection.send_str(frame)

    # Calls

    async def _about(self, _request: web.Request, _body: Json) -> web.Response:
        about = {"versions": ["v1", "v2"], "build": 2, "mode": self.mode, "version": self.version}
        return web.json_response(about | {"capabilities": {"v2/send": ["quotes", "mentions"]}})

    async def _accounts(self, _request: web.Request, _body: Json) -> web.Response:
        return web.json_response(self.accounts)

    async def _send(self, _request: web.Request, body: Json) -> web.Response:
        self._own(body["number"])
        if len(body["recipients"]) != 1:
            raise refused("This fake sends to one recipient at a time")
        if self.tokens:
            error = "Failed to send message due to rate limiting"
            raise Refused(429, {"error": error, "challenge_tokens": self.tokens, "account": self.number})
        who = self.find(body["recipients"][0])
        if failure := self._why_not(who):
            return self._unsent(body["recipients"][0], failure)
        assert who is not None
        message = self._message(who, body)
        deliver(who, message, body.get("edit_timestamp"))
        return self._sent({"timestamp": str(message.timestamp)})

    def _message(self, who: Person | Group, body: Json) -> Received:
        source = body["message"]
        text, styles = parse(source) if body.get("text_mode") == "styled" else (source, [])
        attachments = [attachment(each) for each in body.get("base64_attachments", [])]
        if not text and not attachments:
            raise refused("Failed to send message")
        expiry = who.expiry if isinstance(who, Person) else 0
        return Received(self.timestamp(), source, text, styles, attachments, expiry)

    def _why_not(self, who: Person | Group | None) -> str | None:
        if who is None or (isinstance(who, Person) and not who.registered):
            return "UNREGISTERED_FAILURE"
        return "IDENTITY_FAILURE" if isinstance(who, Person) and not who.trusted else None

    def _unsent(self, recipient: str, reason: str) -> web.Response:
        """0.101 says who did not get it and why, and 0.100 says less."""
        if self.version == "0.100":
            untrusted = " due to untrusted identities" if reason == "IDENTITY_FAILURE" else ""
            raise refused(f"Failed to send message{untrusted}")
        error = {"number": None, "uuid": recipient, "reason": reason}
        return self._sent({"timestamp": str(self.timestamp()), "errors": {"recipients": [error]}})

    def _sent(self, answer: Json) -> web.Response:
        return web.json_response(answer if self.version == "0.100" else [answer], status=201)

    async def _remote_delete(self, request: web.Request, body: Json) -> web.Response:
        """signal-cli tells the person's app, which looks for the message by itself and says nothing."""
        person = self._person(request, body)
        if failure := self._why_not(person):
            untrusted = " due to untrusted identities" if failure == "IDENTITY_FAILURE" else ""
            raise refused(f"Failed to send message{untrusted}")
        if any(each.timestamp == body["timestamp"] for each in person.inbox):
            person.deleted.append(body["timestamp"])
        return web.json_response({"timestamp": str(self.timestamp())}, status=201)

    async def _contacts(self, request: web.Request, body: Json) -> web.Response:
        person = self._person(request, body)
        if "expiration_in_seconds" in body:
            person.expiry = body["expiration_in_seconds"]
            person.expiries.append(person.expiry)
        return web.Response(status=204)

    async def _typing(self, request: web.Request, body: Json) -> web.Response:
        self._person(request, body).typing.append(request.method == "PUT")
        return web.Response(status=204)

    async def _receipts(self, request: web.Request, body: Json) -> web.Response:
        self._person(request, body).receipts.append(body["timestamp"])
        return web.Response(status=204)

    def _person(self, request: web.Request, body: Json) -> Person:
        self._own(request.match_info["number"])
        person = self.find(body["recipient"])
        if not isinstance(person, Person):
            raise refused("Invalid recipient")
        return person


def _reset(request: web.BaseRequest | None) -> None:
    """Close without a goodbye: no lingering makes the kernel send RST."""
    if request is not None and request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        request.transport.abort()
