"""What a channel is: a way of talking with people. One file or folder each, all alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from assistant.domain.messages import Account, Address, ChatLink, File, Handled, Incoming, Reply

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time

Receive = Callable[[Incoming], Awaitable[Handled]]
"""Handles one incoming message; returns when its turn is committed, and raises Failure where it is not."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """How fast an account may send, in messages a second; 0 is as fast as it goes.

    `bulk`: what goes to many, all of it together. `chat`: to one chat, after `chat_burst` at once.
    `edits`: how often one message may be changed; None: as often as one likes.
    """

    bulk: float = 0.0
    chat: float = 0.0
    chat_burst: int = 1
    edits: int | None = 0


@dataclass(frozen=True, slots=True)
class Deletion:
    """What an account can delete of what it has sent: messages not older than `within`, so many `at_once`."""

    within: timedelta
    at_once: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What a platform shows of us before anything is said, in one language.

    `commands`: what people can write, each with its meaning. `about`: one line; `description`: a paragraph.
    """

    commands: Mapping[str, str]
    about: str
    description: str


class Channel(Protocol):
    """A way of talking with people, over one account of ours."""

    @property
    def account(self) -> Account:
        """Which of our accounts it talks over: known before the channel is open."""

    @property
    def pace(self) -> RateLimit:
        """How fast the account may send."""

    @property
    def trouble(self) -> str | None:
        """Why people cannot write to us over it now, for operators; None while they can."""

    @property
    def link(self) -> ChatLink | None:
        """How others can open a chat with this account; None where no link does, or none is known yet."""

    @property
    def called(self) -> str:
        """What people call the channel."""

    @property
    def overheard(self) -> bool:
        """Whether who runs it can read what is written there."""

    @property
    def shows_files(self) -> bool:
        """Whether people can see a file there; what cannot be shown is left out by `parts`."""

    @property
    def keeps_messages(self) -> bool:
        """Whether what is said stays on people's phones or with the platform; if not, we keep it for them."""

    @property
    def files_on_demand(self) -> bool:
        """Whether people ask for a file when they want to see it: `send` gets none then."""

    @property
    def deletion(self) -> Deletion | None:
        """What messages of ours can be deleted from people's chats; None where none can."""

    @property
    def keeps_contacts(self) -> bool:
        """Whether people stand in a list of contacts of the account's."""

    async def open(self) -> None:
        """Connect. Raises Misconfigured where a setting is wrong."""

    async def probe(self) -> None:
        """Ask the platform whether it would let us work now. Nothing is sent, read or changed by that.

        For a channel that is open. Raises Failure with what is wrong.
        """

    def routes(self, receive: Receive) -> "Sequence[RouteDef]":
        """What the platform calls on our web server; none for most. Called once, before `run`."""

    async def run(self, receive: Receive) -> None:
        """Bring what people write to `receive`, until cancelled. Raises Misconfigured if it cannot go on.

        Messages of one chat are received in order.
        """

    def parts(self, reply: Reply) -> Sequence[Reply]:
        """The reply as messages that the channel can carry, each short enough; none where it cannot show it.

        Pure. What comes out comes out unchanged when it is put in again.
        """

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        """Send one message, which `parts` made. Returns the channel's reference of it: see `Incoming.quotes`.

        Its `menu` is shown where the platform has menus; one that is empty is taken away before it is said.
        Raises Failure; Unreachable where the person cannot be written to any more.
        """

    async def edit(self, address: Address, reference: str, reply: Reply) -> str | None:
        """Change a message of ours: `reference` is what `send` returned of it, `reply` is what `parts` made.

        Text only: a message with a file stays as it is. Returns the reference that it has from now on, by
        which it is quoted and should be named next time; None: the one it had. Raises Failure; a permanent
        one where it cannot be changed, or not any more.
        """

    async def delete(self, address: Address, references: Sequence[str]) -> None:
        """Delete messages of ours: `references` are what `send` returned of them, `deletion.at_once` at most.

        Those that are gone, or too old by now, are passed over; to do it twice is harmless. Raises Failure; a
        permanent one where none can be deleted.
        """

    async def empty_contact(self, address: Address) -> None:
        """Empty what stands about a person in the list of contacts, as far as the platform lets us.

        To do it twice is harmless. Raises Failure.
        """

    async def close(self) -> None:
        """Finish courtesies under way, and disconnect."""
