"""The people of the fake Signal, what they and the assistant have written, and the frames that tell of it."""

import asyncio
import base64
import itertools
import json
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from tests.support.fakes.signal.styles import Style

Json = dict[str, Any]  # Any: JSON

LONGEST = 2000  # bytes: what is longer comes as a text file


@dataclass(frozen=True)
class Received:
    """A message of the assistant as a person has it. `source` is the text as the assistant sent it.

    An attachment is its kind, its name and its content; `expiry` is the chat's timer at that moment. `edits`:
    how often it was changed; `timestamp` is of its newest version.
    """

    timestamp: int
    source: str
    text: str
    styles: list[Style]
    attachments: list[tuple[str, str, bytes]]
    expiry: int
    edits: int = 0

    @property
    def is_text_file(self) -> bool:
        return len(self.text.encode()) > LONGEST


class Network:
    """Everything of Signal but the HTTP API of the assistant's signal-cli."""

    number = "+15550100"
    uuid = str(uuid.UUID(int=1))

    def __init__(self) -> None:
        self.people: list[Person] = []
        self.groups: list[Group] = []
        self.listeners: list[asyncio.Queue[str]] = []
        self.unheard: list[Json] = []  # what was reported while nobody listened: it is gone
        self.twice = False
        self.changed = asyncio.Condition()
        self._held: list[str] | None = None
        self._timestamps = itertools.count(time.time_ns() // 1_000_000, 1000)

    def person(self, name: str, number: str | None = None) -> "Person":
        """Somebody with Signal; most hide their number."""
        person = Person(self, name, str(uuid.UUID(int=1000 + len(self.people))), number)
        self.people.append(person)
        return person

    def group(self) -> "Group":
        """A group that the assistant is in."""
        group = Group(base64.b64encode(f"invented group {len(self.groups)}".encode()).decode())
        self.groups.append(group)
        return group

    def find(self, recipient: str) -> "Person | Group | None":
        """Who a request means."""
        people = (person for person in self.people if recipient in (person.uuid, person.number))
        groups = (group for group in self.groups if recipient == group.address)
        return next(people, None) or next(groups, None)

    def timestamp(self) -> int:
        return next(self._timestamps)

    async def report(self, frame: object) -> None:
        """A frame, to whoever listens."""
        await self.report_raw(json.dumps(frame, ensure_ascii=False))
        if not self.listeners and isinstance(frame, dict):
            self.unheard.append(frame)

    async def report_raw(self, frame: str) -> None:
        """The same for anything, malformed too."""
        for text in [frame] * (2 if self.twice else 1):
            if self._held is not None:
                self._held.append(text)
                continue
            for listener in self.listeners:
                listener.put_nowait(text)
        await self.notify()

    @asynccontextmanager
    async def backwards(self) -> AsyncIterator[None]:
        """What is reported meanwhile comes afterwards, the latest first."""
        self._held = []
        try:
            yield
        finally:
            held, self._held = self._held, None
            for frame in reversed(held):
                await self.report_raw(frame)

    async def until(self, condition: Callable[[], bool], timeout: float = 5) -> None:  # noqa: ASYNC109
        """Wait until a request or a person has made the condition true."""
        async with self.changed, asyncio.timeout(timeout):
            await self.changed.wait_for(condition)

    async def listening(self) -> None:
        """Wait until somebody listens."""
        await self.until(lambda: bool(self.listeners))

    async def notify(self) -> None:
        async with self.changed:
            self.changed.notify_all()


@dataclass
class Group:
    """A group. `id` is what signal-cli calls it, `address` what the HTTP API calls it."""

    id: str
    inbox: list[Received] = field(default_factory=list)
    ignored: list[Received] = field(default_factory=list)

    @property
    def address(self) -> str:
        return "group." + base64.b64encode(self.id.encode()).decode()


class Person:
    """Somebody who writes to the assistant; get one from `Network.person`."""

    def __init__(self, network: Network, name: str, identity: str, number: str | None) -> None:
        self.name = name
        self.uuid = identity
        self.number = number
        self.inbox: list[Received] = []
        self.ignored: list[Received] = []  # edits of what is no newest version of a message here
        self.deleted: list[int] = []  # timestamps of messages whose place is empty now
        self.receipts: list[int] = []
        self.typing: list[bool] = []  # shown, or hidden again
        self.expiry = 0
        self.expiries: list[int] = []  # every time that the assistant set it
        self.registered = True
        self.trusted = True
        self.safety_number = f"{int(identity[-4:], 16):05}" * 12
        self._network = network
        self._seen = 0

    async def write(self, text: str, *, quoting: Received | None = None, group: Group | None = None) -> int:
        """The timestamp of the new message."""
        extra: Json = {} if quoting is None else {"quote": self._quote(quoting)}
        if group:
            extra["groupInfo"] = {"groupId": group.id, "groupName": "Friends", "type": "DELIVER"}
        return await self.send({"message": text} | extra)

    async def edit(self, timestamp: int, text: str) -> int:
        """The timestamp of the message's new version."""
        now = self._network.timestamp()
        edited = {"targetSentTimestamp": timestamp, "dataMessage": _data(now, {"message": text})}
        return await self.report({"editMessage": edited}, now)

    async def react(
        self, message: Received | int, emoji: str = "\N{THUMBS UP SIGN}", *, remove: bool = False
    ) -> int:
        """To a message of the assistant, or to one of their own by its timestamp."""
        own = isinstance(message, int)
        author = self.uuid if own else self._network.uuid
        number = self.number if own else self._network.number
        target = message if isinstance(message, int) else message.timestamp
        reaction = {
            "emoji": emoji,
            "targetAuthor": number or author,
            "targetAuthorNumber": number,
            "targetAuthorUuid": author,
            "targetSentTimestamp": target,
            "isRemove": remove,
        }
        return await self.send({"message": None, "reaction": reaction})

    async def send_photo(self, caption: str | None = None) -> int:
        photo = {"contentType": "image/jpeg", "filename": None, "id": "invented.jpg", "size": 4711}
        return await self.send({"message": caption, "attachments": [photo]})

    async def send(self, data: Json) -> int:
        """A message with these contents."""
        now = self._network.timestamp()
        return await self.report({"dataMessage": _data(now, data)}, now)

    async def report(self, content: Json, timestamp: int | None = None) -> int:
        """A frame about this person with anything in it."""
        now = timestamp or self._network.timestamp()
        envelope = {
            "source": self.number or self.uuid,
            "sourceNumber": self.number,
            "sourceUuid": self.uuid,
            "sourceName": self.name,
            "sourceDevice": 1,
            "timestamp": now,
            "serverReceivedTimestamp": now + 38,
            "serverDeliveredTimestamp": now + 39,
        }
        await self._network.report({"account": self._network.number, "envelope": envelope | content})
        return now

    async def receives(self, count: int = 1, timeout: float = 5) -> list[Received]:  # noqa: ASYNC109
        """Exactly `count` messages that no earlier call has returned, waiting for them if need be."""
        try:
            await self._network.until(lambda: len(self.inbox) >= self._seen + count, timeout)
        except TimeoutError:
            texts = [message.text for message in self.inbox[self._seen :]]
            raise TimeoutError(f"{self.name} received {texts}, not {count} messages") from None
        self._seen += count
        return self.inbox[self._seen - count : self._seen]

    def _quote(self, message: Received) -> Json:
        us = {"authorNumber": self._network.number, "authorUuid": self._network.uuid}
        return us | {"id": message.timestamp, "author": self._network.number, "text": message.text}


def deliver(chat: Person | Group, message: Received, edited: int | None) -> None:
    """A message of the assistant arrives, as another one or instead of that one.

    signal-cli sends an edit of anything. It is the apps that look for the newest version of a message by the
    same author in this chat: assistant/channels/signal/versions.py says where. As on iOS, nothing is seen of
    any other edit.
    """
    if edited is None:
        chat.inbox.append(message)
        return
    for place, old in enumerate(chat.inbox):
        if old.timestamp == edited:
            chat.inbox[place] = replace(message, expiry=old.expiry, edits=old.edits + 1)
            return
    chat.ignored.append(message)


def _data(timestamp: int, data: Json) -> Json:
    usual = {"timestamp": timestamp, "message": None, "expiresInSeconds": 0, "isExpirationUpdate": False}
    return usual | {"viewOnce": False} | data
