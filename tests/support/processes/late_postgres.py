"""A PostgreSQL server that is not there yet, as a process that starts together with it meets it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.engine import make_url

_STARTING = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is starting up\0\0"
REFUSAL = b"E" + (len(_STARTING) + 4).to_bytes(4, "big") + _STARTING
"""An ErrorResponse, https://www.postgresql.org/docs/16/protocol-message-formats.html."""


def through(listen: str, database_url: str) -> str:
    """The address of that database by way of `listen`, `host:port`."""
    host, _, port = listen.partition(":")
    url = make_url(database_url)
    return url.set(host=host, port=int(port), query={}).render_as_string(hide_password=False)


@asynccontextmanager
async def forwarding(listen: str, database_url: str, *, refusals: int = 0) -> AsyncIterator[list[int]]:
    """Meanwhile the server can be reached there. It first says so many times that it is starting up.

    Gives a list with an entry for each time that somebody came.
    """
    came: list[int] = []
    url = make_url(database_url)
    folder = url.query["host"]
    assert isinstance(folder, str)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        came.append(len(came))
        if len(came) <= refusals:
            writer.write(REFUSAL)
            await _close(writer)
            return
        there, back = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{url.port or 5432}")
        await asyncio.gather(_copy(reader, back), _copy(there, writer))

    host, _, port = listen.partition(":")
    server = await asyncio.start_server(serve, host, int(port), reuse_address=True)
    try:
        yield came
    finally:
        server.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    await _close(writer)


async def _close(writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        await writer.drain()
        writer.close()
        await writer.wait_closed()
