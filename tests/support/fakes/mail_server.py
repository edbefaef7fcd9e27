"""A mail server for tests: aiosmtpd, on the test's own loop, that keeps what it gets and has bad days."""

import asyncio
import contextlib
import socket
import ssl
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

STAGES = ("start", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "end", "RSET", "QUIT")
"""Where it can fail. `DATA`: asked whether it wants the letter; `end`: it has the whole of it."""


@dataclass(frozen=True)
class _Fault:
    answer: str
    hang: bool
    close: bool
    stall: bool


@dataclass(frozen=True)
class Taken:
    """A letter that it has, and what was said around it."""

    sender: str | None
    recipients: list[str]
    content: bytes
    options: str


class MailServer:
    """`async with MailServer() as server:` takes mail on a free local port.

    `login`: the user and password that it wants. `mechanisms`: how they may be said. `dsn`: offers RFC 3461.
    """

    def __init__(
        self,
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        login: tuple[str, str] | None = None,
        mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"),
        size: int = 10_000_000,
        dsn: bool = False,
    ) -> None:
        self.taken: list[Taken] = []
        self.said: Counter[str] = Counter()  # how often each command came, and somebody at all: "start"
        self.sessions = 0
        self.encrypted: set[str] = set()  # the commands that came over TLS
        self.logins: list[tuple[str, str, str]] = []  # mechanism, user, password
        self.greeted_by = ""
        self.dsn = dsn
        self.login = login
        self._starttls, self._tls, self._size = starttls, tls, size
        self._excluded = {"PLAIN", "LOGIN"} - set(mechanisms)
        self._faults: defaultdict[str, deque[_Fault]] = defaultdict(deque)
        self._open: list[_Conversation] = []

    async def __aenter__(self) -> Self:
        listening = socket.create_server(("127.0.0.1", 0))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)  # so that a large letter gets stuck
        self.port: int = listening.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._converse, sock=listening, ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.drop()
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"{'smtps' if self._tls else 'smtp'}://127.0.0.1:{self.port}"

    # Bad days

    def fail_next(
        self, stage: str, answer: str = "", *, hang: bool = False, close: bool = False, stall: bool = False
    ) -> None:
        """Queue one failure of a stage: say `answer` or nothing, and hang up (`close`) or wait for ever.

        `stall`, for DATA: ask for the letter and read none of it.
        """
        assert stage in STAGES
        self._faults[stage].append(_Fault(answer, hang, close, stall))

    async def drop(self) -> None:
        """Hang up on all that are connected, as an idle connection is closed."""
        for each in list(self._open):
            each.end()
        await self.until(lambda: all(each.over for each in self._open))

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for what the other side does."""
        async with asyncio.timeout(10):
            while not true():  # noqa: ASYNC110  # aiosmtpd has no events to wait for
                await asyncio.sleep(0.002)

    @property
    def connected(self) -> int:
        """How many are, just now."""
        return sum(not each.over for each in self._open)

    # What the conversations need

    def next_fault(self, stage: str) -> _Fault | None:
        return self._faults[stage].popleft() if self._faults[stage] else None

    def came(self, conversation: "_Conversation") -> None:
        self.sessions += 1
        self._open.append(conversation)

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, answers: list[str]
    ) -> list[str]:
        session.host_name = self.greeted_by = hostname
        return [answers[0], *(["250-DSN"] if self.dsn else []), *answers[1:]]

    async def handle_DATA(  # noqa: N802  # aiosmtpd's
        self, server: "_Conversation", session: Session, envelope: Envelope
    ) -> str:
        fault = self.next_fault("end")
        if fault is None or not fault.answer:
            assert isinstance(envelope.content, bytes)
            letter = Taken(envelope.mail_from, envelope.rcpt_tos, envelope.content, server.options)
            self.taken.append(letter)
        if fault is not None:
            await server.misbehave(fault)
        return "250 2.0.0 queued"

    def _converse(self) -> "_Conversation":
        conversation = _Conversation(
            self,
            tls_context=self._starttls,
            authenticator=self._authenticate,
            auth_exclude_mechanism=self._excluded,
            auth_require_tls=self._starttls is not None,  # it sees no TLS that is on from the start
            data_size_limit=self._size,
        )
        conversation._auth_required = self.login is not None
        return conversation

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        said = (data.login.decode(), data.password.decode())
        self.logins.append((mechanism, *said))
        return AuthResult(success=said == self.login, handled=False)


class _Answered(Exception):
    """A fault has been answered; nothing more is to be said."""


class _Conversation(SMTP):
    """aiosmtpd's, with a fault before each answer where one is due."""

    def __init__(self, owner: MailServer, **options: Any) -> None:  # Any: aiosmtpd's own
        super().__init__(owner, hostname="mail.test", ident="invented", **options)
        self._owner = owner
        self.options = ""
        self.line: asyncio.BaseTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.line is None:
            self.line = transport
            self._owner.came(self)
        super().connection_made(transport)

    @property
    def over(self) -> bool:
        assert self.line is not None
        assert self._handler_coroutine is not None
        return self.line.is_closing() and self._handler_coroutine.done()

    def hang_up(self) -> None:
        for each in (self.transport, self.line):
            if isinstance(each, asyncio.WriteTransport):
                each.abort()

    def end(self) -> None:
        """Also where nothing told it that encryption failed."""
        self.hang_up()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    async def misbehave(self, fault: _Fault) -> None:
        """Answer as the fault wants; without an answer never return."""
        if fault.stall:
            assert isinstance(self.transport, asyncio.ReadTransport)
            self.transport.pause_reading()
            await self.push("354 go on")
        if fault.answer:
            await self.push(fault.answer)
        if fault.close and fault.answer and self.transport is not None:
            self.transport.close()
        elif fault.close:
            self.hang_up()
        if fault.answer and not fault.hang:
            raise _Answered
        await asyncio.Event().wait()  # until the connection ends

    async def handle_exception(self, error: Exception) -> str:
        raise AssertionError(f"the fake mail server failed: {error!r}") from error

    async def _handle_client(self) -> None:
        self._owner.said["start"] += 1
        if fault := self._owner.next_fault("start"):
            try:
                await self.misbehave(fault)
            except _Answered:
                await asyncio.Event().wait()
        await super()._handle_client()

    async def _step(self, stage: str, go_on: Callable[[str], Awaitable[None]], arg: str) -> None:
        self._owner.said[stage] += 1
        assert self.transport is not None
        if self.transport.get_extra_info("sslcontext"):
            self._owner.encrypted.add(stage)
        with contextlib.suppress(_Answered):
            if fault := self._owner.next_fault(stage):
                await self.misbehave(fault)
            await go_on(arg)

    async def smtp_EHLO(self, arg: str) -> None:  # noqa: N802  # as in aiosmtpd, and so below
        await self._step("EHLO", super().smtp_EHLO, arg)

    async def smtp_STARTTLS(self, arg: str) -> None:  # noqa: N802
        await self._step("STARTTLS", super().smtp_STARTTLS, arg)

    async def smtp_AUTH(self, arg: str) -> None:  # noqa: N802
        await self._step("AUTH", super().smtp_AUTH, arg)

    async def smtp_MAIL(self, arg: str) -> None:  # noqa: N802
        self.options = arg.partition("> ")[2]
        words = [word for word in arg.split(" ") if not word.startswith(("RET=", "ENVID="))]
        await self._step("MAIL", super().smtp_MAIL, " ".join(words) if self._owner.dsn else arg)

    async def smtp_RCPT(self, arg: str) -> None:  # noqa: N802
        await self._step("RCPT", super().smtp_RCPT, arg)

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self._step("DATA", super().smtp_DATA, arg)

    async def smtp_RSET(self, arg: str) -> None:  # noqa: N802
        await self._step("RSET", super().smtp_RSET, arg)

    async def smtp_QUIT(self, arg: str) -> None:  # noqa: N802
        await self._step("QUIT", super().smtp_QUIT, arg)
