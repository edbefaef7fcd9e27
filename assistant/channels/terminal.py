"""The terminal: a line typed is a message, a message is printed. With `json`, one object a line."""

import asyncio
import hashlib
import json
import os
import secrets
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from markupsafe import Markup

from assistant.channels.base import RateLimit, Receive
from assistant.domain.errors import Failure
from assistant.domain.messages import (
    Account,
    Address,
    Document,
    File,
    Incoming,
    Open,
    Reply,
    TextMessage,
    listed,
)
from assistant.domain.richtext import plain
from assistant.domain.texts import ISOLATES

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time

STDIN = 0
QUOTE = "  | "  # before each line of a letter, so that it shows where it begins and ends
CHUNK = 1 << 16  # bytes
LINE_MAX = 1 << 20  # bytes of one line; more is cut off


class Terminal:
    """One chat, with whoever sits at this terminal (`channels.base.Channel`)."""

    pace = RateLimit()
    trouble = None
    link = None
    shows_files = False

    def __init__(
        self,
        who: str,
        *,
        failed: Reply,
        language: str | None = None,
        case: str | None = None,
        as_json: bool = False,
        out: TextIO | None = None,
    ) -> None:
        """`who` keeps chats apart; `failed` is said where a message could not be handled."""
        # The account, unlike the address, is stored readable: a digest keeps the name out of it.
        account = hashlib.blake2b(who.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
        self._address = Address(Account("terminal", account), who)
        self._failed = failed
        self._language = language
        self._case = case
        self._json = as_json
        self._out = out or sys.stdout
        self._closed = False

    @property
    def account(self) -> Account:
        return self._address.account

    async def open(self) -> None:
        """Nothing to connect to."""

    async def close(self) -> None:
        """Nothing to disconnect from."""

    def routes(self, receive: Receive) -> "Sequence[RouteDef]":  # noqa: ARG002
        return ()

    async def run(self, receive: Receive) -> None:
        """Until the end of input. What is typed is handled in order, one line after the other.

        Raises BrokenPipeError where nobody reads our output any more.
        """
        await self._handle(
            receive, Incoming(self._address, _new_id(), Open(self._case), language=self._language)
        )
        async for line in _lines(STDIN):
            await self._handle(
                receive, Incoming(self._address, _new_id(), TextMessage(line), language=self._language)
            )

    async def _handle(self, receive: Receive, incoming: Incoming) -> None:
        if self._closed:
            raise BrokenPipeError
        try:
            await receive(incoming)
        except Failure as failure:
            self._print(self._failed)
            print(failure.reason, file=sys.stderr, flush=True)  # noqa: T201  whoever sits here is the operator

    def parts(self, reply: Reply) -> Sequence[Reply]:
        """Any length will do; of files, only those of text can be shown."""
        match reply.paper:
            case None:
                return (reply,)
            case Document():
                html = Markup("{}\n\n<code>{}</code>").format(reply.html, reply.paper.text)
                return (replace(reply, html=html, paper=None),)
        return ()

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> None:  # noqa: ARG002
        try:
            self._print(reply)
        except (OSError, ValueError) as error:
            self._closed = True
            raise Failure("The terminal was closed; the message waits for the next chat.") from error

    async def edit(self, address: Address, reference: str, reply: Reply) -> None:  # noqa: ARG002
        raise Failure("The terminal cannot change what it has printed.", permanent=True)

    def _print(self, reply: Reply) -> None:
        text = _as_json(reply) if self._json else _as_text(reply)
        self._out.write(text.translate(ISOLATES) + "\n")  # few terminals know them
        self._out.flush()


def _new_id() -> str:
    return secrets.token_hex(8)


def _as_json(reply: Reply) -> str:
    return json.dumps(
        {
            "text": plain(reply.html),
            "html": str(reply.html),
            "choices": [
                {"value": button.value, "label": button.label, "word": button.word}
                for button in reply.buttons
            ],
            "asks": reply.asks,
            "conversation": reply.conversation,
        },
        ensure_ascii=False,
    )


def _as_text(reply: Reply) -> str:
    options = [f"  {line}" for line in listed(reply.buttons)]
    return "\n".join(["", plain(reply.html, quote=QUOTE), *options])


async def _lines(descriptor: int) -> AsyncIterator[str]:
    """Lines as they come; undecodable bytes are replaced, what is too long is cut off."""
    kept = b""
    async for chunk in _chunks(descriptor):
        *lines, rest = (kept + chunk).split(b"\n")
        for line in lines:
            yield _decoded(line)
        kept = rest[:LINE_MAX]
    if kept:
        yield _decoded(kept)


def _decoded(line: bytes) -> str:
    return line[:LINE_MAX].decode("utf-8", "replace").rstrip("\r")


async def _chunks(descriptor: int) -> AsyncIterator[bytes]:
    """What a thread reads there, which ends with the process.

    asyncio can read pipes by itself, but neither files nor /dev/null, and of a terminal it would make the
    output non-blocking too, so that long messages break off.
    """
    loop = asyncio.get_running_loop()
    chunks: asyncio.Queue[bytes] = asyncio.Queue(1)

    def read() -> None:
        chunk = b"first"
        while chunk:
            try:
                chunk = os.read(descriptor, CHUNK)
            except OSError:  # the terminal has gone
                chunk = b""
            asyncio.run_coroutine_threadsafe(chunks.put(chunk), loop).result()

    threading.Thread(target=read, name="terminal", daemon=True).start()
    while chunk := await chunks.get():
        yield chunk
