"""What the suite needs of a channel and the people on its other side; a module beside this one for each."""

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, Self

import pytest

from assistant.channels.base import Channel, Receive
from assistant.domain.messages import Address, File

PRIVATE = "Quillabamba"  # in every name and every text: it must be in no log and no reason


class Feature(Enum):
    """What not every channel has."""

    WRITING = "people write when they like"
    LINE_BREAKS = "a message can have several lines"
    EDITS = "people change what they wrote"
    CHANGES = "we change what we wrote"
    DELETES = "we delete what we wrote"
    QUOTES = "people quote a message of ours"
    PHOTOS = "people send what is not text"
    REPEATS = "the platform may deliver a message twice"
    KEPT = "a message that was not stored comes again"
    BETWEEN = "the channel can be stopped and started, while people go on writing"
    PAPERS = "a letter can be shown as a file"
    LEAVING = "we learn that a person cannot be written to"
    LIMITS = "the platform may want no more from us for a while"
    ANSWERS = "sending means asking a server, whose answer may be lost"
    TROUBLE = "the platform may not let us listen"
    BUTTONS = "options are pressed, and not typed"


@dataclass(frozen=True, slots=True)
class Got:
    """A message of ours as a person has it. `options`: the labels of what they can choose."""

    text: str
    options: tuple[str, ...] = ()
    file: File | None = None
    reference: str | None = None


class Participant(ABC):
    """Somebody on the other side."""

    address: Address

    @abstractmethod
    def got(self) -> list[Got]:
        """All they were sent, the oldest first."""

    async def writes(self, text: str, quoting: str | None = None) -> str:
        """The channel's id of the message. `quoting`: the reference of a message of ours."""
        raise NotImplementedError

    async def chooses(self, label: str) -> None:
        """Take an option of the latest message of ours, in the way that the message shows."""
        raise NotImplementedError

    async def edits(self, ref: str, text: str) -> None:
        """Change a message of theirs."""
        raise NotImplementedError

    async def sends_a_photo(self) -> None:
        """Something that nobody can read."""
        raise NotImplementedError

    async def leaves(self) -> None:
        """They cannot be written to any more."""
        raise NotImplementedError


class Driver(ABC):
    """A channel, open, before a platform that does as it is told."""

    name: ClassVar[str]
    lacks: ClassVar[Mapping[Feature, str]] = {}  # with the reason
    secrets: tuple[str, ...] = ()  # tokens and numbers of ours
    channel: Channel

    def __init__(self) -> None:
        self.stack = AsyncExitStack()
        self.patch = pytest.MonkeyPatch()
        self.stack.callback(self.patch.undo)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stack.aclose)
            await self.start()
            undo.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stack.aclose()

    async def opened(self, channel: Channel) -> None:
        """Open that channel until the end."""
        await channel.open()
        self.stack.push_async_callback(channel.close)

    @abstractmethod
    async def start(self) -> None:
        """Set up the platform, and open `channel`."""

    @abstractmethod
    def fresh(self) -> Channel:
        """Another channel over the same account, not open yet."""

    @abstractmethod
    def participant(self, name: str) -> Participant:
        """Somebody new."""

    @asynccontextmanager
    async def running(self, receive: Receive) -> AsyncIterator[None]:
        """The channel's `run`, for a while."""
        task = asyncio.create_task(self.channel.run(receive))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @asynccontextmanager
    async def reading(self, receive: Receive) -> AsyncIterator[None]:
        """The same, and people are heard from the beginning."""
        async with self.running(receive):
            await self.until_heard()
            yield

    @abstractmethod
    async def until_heard(self) -> None:
        """Return when nothing is lost that people write from now on."""

    def repeat_next(self) -> None:
        """The next message that somebody writes is delivered twice."""
        raise NotImplementedError

    def limit_next(self, *, edit: bool = False) -> float:
        """The next message of ours, or edit of one, meets a limit; returns the seconds it is to last."""
        raise NotImplementedError

    def drop_next_response(self, *, edit: bool = False) -> None:
        """The next message of ours, or edit of one, is taken, and the connection breaks before the answer."""
        raise NotImplementedError

    def unreachable(self) -> Channel:
        """A channel, not open yet, where no server listens."""
        raise NotImplementedError

    def refuse_listening(self) -> None:
        """The platform refuses to let us listen, some times."""
        raise NotImplementedError

    async def until_trouble(self) -> None:
        """Return when the channel tells of trouble."""
        raise NotImplementedError

    def check_no_private_text(self, written: str) -> None:
        """Nothing personal and no secret is in it. Numbers count where they stand alone."""
        told = [each for each in (PRIVATE, *self.secrets) if re.search(rf"(?<!\w){re.escape(each)}", written)]
        assert not told, written
