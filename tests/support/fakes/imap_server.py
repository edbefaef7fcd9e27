"""A mailbox for tests: pymap, a real IMAP server, on the test's own loop, whose connections can be cut."""

import asyncio
import contextlib
import ssl
from argparse import Namespace
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any, Self

from imapclient import IMAPClient  # type: ignore[import-untyped]  # has no types
from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import DictBackend
from pymap.imap import IMAPServer

USER, PASSWORD = "inbox-user", "p@ss/wörd?".replace("ö", "o")
IN_URL = "inbox-user:p%40ss%2Fword%3F"


class ImapServer:
    """`async with ImapServer() as server:` keeps mail at a free local port.

    `idle`: it tells by itself what comes. `tls`: from the start. `password`: the one that it wants.
    """

    def __init__(
        self, *, idle: bool = True, tls: ssl.SSLContext | None = None, password: str = PASSWORD
    ) -> None:
        self.sessions = 0
        self._idle, self._tls, self._password = idle, tls, password
        self._open: set[asyncio.StreamWriter] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        args = Namespace(
            demo_data=False,
            demo_user=USER,
            demo_password=self._password,
            tls=False,
            host=None,
            port=0,
            cert=None,
            key=None,
            debug=False,
            passlib_cfg=None,
            proxy_protocol=None,
        )
        backend, config = await DictBackend.init(args, secure_auth=False, disable_idle=not self._idle)
        config.apply_context()
        await backend.start(self._stack)
        self._serve = IMAPServer(backend.login, config)
        await self._listen(0)
        return self

    async def _listen(self, port: int) -> None:
        self._server = await asyncio.start_server(self._converse, "127.0.0.1", port, ssl=self._tls)
        self.port: int = self._server.sockets[0].getsockname()[1]

    async def __aexit__(self, *_: object) -> None:
        await self.go_away()
        await self._stack.aclose()

    @property
    def url(self) -> str:
        """As in ASSISTANT_MAIL_INBOX."""
        return f"{'imaps' if self._tls else 'imap'}://{IN_URL}@127.0.0.1:{self.port}"

    async def go_away(self) -> None:
        """Stop, and cut every connection."""
        self._server.close()
        self.cut()
        await self.until(lambda: not self._open)
        await self._server.wait_closed()

    async def come_back(self) -> None:
        """Listen at the same port again, with the same mail."""
        await self._listen(self.port)

    @property
    def connected(self) -> int:
        """How many are, just now."""
        return len(self._open)

    def cut(self) -> None:
        """Hang up on all that are connected."""
        for writer in self._open:
            writer.transport.abort()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for what the other side does."""
        async with asyncio.timeout(20):
            while not true():  # noqa: ASYNC110  # pymap has no events to wait for
                await asyncio.sleep(0.005)

    async def put(self, mail: bytes, folder: str = "INBOX") -> None:
        """A mail comes in."""
        await asyncio.to_thread(self._ask, lambda client: client.append(folder, mail))

    async def make_folder(self, folder: str) -> None:
        """Beside INBOX."""
        await asyncio.to_thread(self._ask, lambda client: client.create_folder(folder))

    async def flags(self, folder: str = "INBOX") -> list[set[str]]:
        """How each mail is marked, the oldest first: `Seen`, `Flagged`."""

        def look(client: IMAPClient) -> list[set[str]]:
            client.select_folder(folder, readonly=True)
            found = client.get_flags(client.search())
            marks = [{each.decode().lstrip("\\") for each in found[number]} for number in sorted(found)]
            return [each & {"Seen", "Flagged"} for each in marks]

        return await asyncio.to_thread(self._ask, look)

    async def until_flags(self, *expected: set[str], folder: str = "INBOX") -> None:
        """Wait until the mails are marked like this."""
        async with asyncio.timeout(20):
            while await self.flags(folder) != list(expected):  # noqa: ASYNC110  # as above
                await asyncio.sleep(0.02)

    def _ask(self, ask: Callable[[IMAPClient], Any]) -> Any:  # Any: of the untyped client
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with IMAPClient(
            "127.0.0.1",
            self.port,
            ssl=bool(self._tls),
            ssl_context=context if self._tls else None,
            timeout=10,
        ) as client:
            client.login(USER, self._password)
            return ask(client)

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.sessions += 1
        self._open.add(writer)
        try:
            with contextlib.suppress(ConnectionError):
                await self._serve(reader, writer, SocketInfoLocal(writer))
        finally:
            self._open.discard(writer)
            writer.transport.abort()
