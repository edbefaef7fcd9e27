"""The terminal: a line typed is a message, a message is printed. With `json`, one object a line.

Where somebody sits there, lines can be edited, and words are not broken at the edge.
"""

import asyncio
import hashlib
import json
import os
import re
import secrets
import sys
import termios
import textwrap
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, TextIO

from markupsafe import Markup, escape

from assistant.channels.base import RateLimit, Receive
from assistant.domain.charts import in_words
from assistant.domain.errors import Failure
from assistant.domain.messages import (
    Account,
    Address,
    Document,
    File,
    Incoming,
    Open,
    Picture,
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
PROMPT = "> "
LINE_MAX = 1 << 20  # bytes of one line; more is cut off


class Terminal:
    """One chat, with whoever sits at this terminal (`channels.base.Channel`)."""

    pace = RateLimit()
    trouble = None
    link = None
    called = "terminal"
    overheard = False
    shows_files = False
    files_on_demand = False
    keeps_messages = True
    deletion = None
    keeps_contacts = False

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
        self._typed: Callable[[], str] | None = None  # what stands behind the prompt, while there is one

    @property
    def account(self) -> Account:
        return self._address.account

    async def open(self) -> None:
        """Nothing to connect to."""

    async def probe(self) -> None:
        """Who can read this can write."""

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
        with self._prompting() as prompting:
            async for line in _edited_lines() if prompting else _lines(STDIN):
                await self._handle(
                    receive, Incoming(self._address, _new_id(), TextMessage(line), language=self._language)
                )

    @contextmanager
    def _prompting(self) -> Iterator[bool]:
        """Whether somebody sits here. Afterwards the terminal is as it was: a line may be half typed."""
        if self._json or not (os.isatty(STDIN) and self._out.isatty()):
            yield False
            return
        import readline  # takes hold of the terminal as soon as it is imported

        readline.parse_and_bind("set enable-bracketed-paste off")
        before = termios.tcgetattr(STDIN)
        self._typed = readline.get_line_buffer
        try:
            yield True
        finally:
            self._typed = None
            termios.tcsetattr(STDIN, termios.TCSADRAIN, before)

    async def _handle(self, receive: Receive, incoming: Incoming) -> None:
        if self._closed:
            raise BrokenPipeError
        try:
            await receive(incoming)
        except Failure as failure:
            self._print(self._failed)
            print(failure.reason, file=sys.stderr, flush=True)  # noqa: T201  whoever sits here is the operator

    def parts(self, reply: Reply) -> Sequence[Reply]:
        """Any length will do; of files, only those of text can be shown, and of charts what they say."""
        match reply.attachment:
            case None:
                return (reply,)
            case Document():
                shown = Markup("<code>{}</code>").format(reply.attachment.text)
                html = Markup("\n\n").join(filter(None, (reply.html, shown)))
                return (replace(reply, html=html, attachment=None),)
            case Picture():
                html = Markup("\n\n").join(
                    filter(None, (reply.html, escape(in_words(reply.attachment.chart))))
                )
                return (replace(reply, html=html, attachment=None),)
        return ()

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> None:  # noqa: ARG002
        try:
            self._print(reply)
        except (OSError, ValueError) as error:
            self._closed = True
            raise Failure("The terminal was closed; the message waits for the next chat.") from error

    async def edit(self, address: Address, reference: str, reply: Reply) -> None:  # noqa: ARG002
        raise Failure("The terminal cannot change what it has printed.", permanent=True)

    async def delete(self, address: Address, references: Sequence[str]) -> None:  # noqa: ARG002
        raise Failure("The terminal cannot delete what it has printed.", permanent=True)

    async def empty_contact(self, address: Address) -> None:
        """There are none."""

    def _print(self, reply: Reply) -> None:
        text = _as_json(reply) if self._json else wrapped(_as_text(reply), _columns(self._out))
        text = text.translate(ISOLATES)  # few terminals know them
        if self._typed is None:
            self._out.write(f"{text}\n")
        else:  # above the prompt, and what is being typed there
            line = PROMPT + self._typed()
            self._out.write(f"\r{' ' * len(line)}\r{text}\n{line}")
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


def _columns(out: TextIO) -> int:
    """How wide the terminal is; 0: nobody knows."""
    try:
        return os.get_terminal_size(out.fileno()).columns
    except (OSError, ValueError):
        return 0


_MARGIN = re.compile(rf"{re.escape(QUOTE)}|\s*(?:\d+\. )?")  # of a quotation, of an option


def wrapped(text: str, columns: int) -> str:
    """The text with its long lines broken between words, each at the margin that it begins at."""
    if not columns:
        return text
    lines: list[str] = []
    for line in text.split("\n"):
        found = _MARGIN.match(line)
        margin = found[0] if found else ""
        later = margin if margin == QUOTE else " " * len(margin)
        lines += textwrap.wrap(
            line, columns, subsequent_indent=later, break_long_words=False, break_on_hyphens=False
        ) or [line]
    return "\n".join(lines)


async def _edited_lines() -> AsyncIterator[str]:
    """What is typed, line by line, with what readline offers: arrows, deleting, earlier lines.

    The next line is asked for at once, so that the terminal always belongs to readline.
    """
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    sys.stdin.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal's is a TextIOWrapper

    def read() -> None:
        line: str | None = ""
        while line is not None:
            try:
                line = input(PROMPT)
            except (EOFError, OSError):  # Ctrl-D; the terminal has gone
                line = None
            loop.call_soon_threadsafe(lines.put_nowait, line)

    threading.Thread(target=read, name="terminal", daemon=True).start()
    while (line := await lines.get()) is not None:
        yield line[:LINE_MAX]


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
