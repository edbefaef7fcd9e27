"""What stands before several web servers: each connection goes to the next one that answers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress


class LoadBalancer:
    """Connections in turns to ports of this machine; to none that refuses."""

    def __init__(self, ports: Sequence[int], lasting: float) -> None:
        """`lasting`: seconds after which a connection is cut, so that the next one goes elsewhere."""
        self._ports = ports
        self._lasting = lasting
        self._next = 0
        self._open: set[asyncio.Task[None]] = set()
        self.port = 0
        self.used: set[int] = set()  # ports that got connections

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._ports:
            port = self._ports[self._next % len(self._ports)]
            self._next += 1
            with suppress(OSError):
                found = await asyncio.open_connection("127.0.0.1", port)
                self.used.add(port)
                return found
        return None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on both ways until one side ends."""
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if (there := await self._connect()) is not None:
                both = (_pass(reader, there[1]), _pass(there[0], writer))
                ways = [asyncio.ensure_future(each) for each in both]
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED, timeout=self._lasting)
                for way in ways:
                    way.cancel()
                await asyncio.gather(*ways, return_exceptions=True)
                there[1].close()
        finally:
            writer.close()
            self._open.discard(task)

    async def close(self) -> None:
        """End every connection."""
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


@asynccontextmanager
async def balancing(ports: Sequence[int], lasting: float) -> AsyncIterator[LoadBalancer]:
    """A load balancer before these ports. `lasting`: see there."""
    balancer = LoadBalancer(ports, lasting)
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", 0)
    balancer.port = server.sockets[0].getsockname()[1]
    try:
        yield balancer
    finally:
        server.close()
        await balancer.close()
        await server.wait_closed()
