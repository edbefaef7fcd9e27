"""A mail server that takes every letter and keeps none, in a process of its own.

It is aiosmtpd: `tests/support/fakes/mail_server.py` is the one that keeps them and has bad days.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session


class Sink:
    """aiosmtpd's handler."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: ARG002, N802  # as aiosmtpd calls it
        """Take it, and forget it."""
        return "250 2.0.0 taken"


@contextmanager
def mail_sink() -> Iterator[int]:
    """The server; gives its port."""
    command = [sys.executable, "-m", "benchmarks.mail_sink"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parent.parent, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        try:
            yield int(server.stdout.readline())
        finally:
            server.terminate()


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(Sink(), hostname="mail.test"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
