"""One connection to the HylaFAX server for tests: what is said on it, and the transfers beside it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from tests.support.fakes.hylafax.jobs import FakeJob, Refused


@dataclass(slots=True)
class Connection:
    """What the server knows of one connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    user: str = ""
    trusted: bool = False
    type: str = "A"
    form: str = "PS"
    jobfmt: str = "%j %a %s"
    job: FakeJob | None = None
    files: dict[str, bytes] = field(default_factory=dict)
    blank: list[FakeJob] = field(default_factory=list)
    data: socket.socket | None = None


async def say(login: Connection, reply: str) -> None:
    login.writer.write(f"{reply}\r\n".encode("latin-1"))
    await login.writer.drain()


def listen(login: Connection) -> int:
    if login.data:
        login.data.close()
    login.data = socket.create_server(("127.0.0.1", 0))
    login.data.setblocking(False)
    port: int = login.data.getsockname()[1]
    return port


@contextlib.asynccontextmanager
async def transfer(login: Connection) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """The connection that the client makes to where PASV or EPSV told it."""
    if login.data is None:
        raise Refused("425 Cannot build data connection.")
    connection, _ = await asyncio.get_running_loop().sock_accept(login.data)
    reader, writer = await asyncio.open_connection(sock=connection)
    try:
        yield reader, writer
    finally:
        await close(writer)


async def close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
