"""Letters by email, handed to one mail server, which signs and delivers them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Self

from assistant.carriers.base import Outcome, Parcel, Ref, Settle, Telling, telling_nobody
from assistant.carriers.email.addresses import Sender, fault
from assistant.carriers.email.client import Connection, Patience
from assistant.carriers.email.message import make, token_of
from assistant.carriers.email.settings import Server
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus

if TYPE_CHECKING:
    from aiohttp.web import RouteDef  # only the web server needs it: it takes its time

KEY = 32  # bytes
LOOK_IN = timedelta(days=2)  # by then most of what cannot be delivered has come back


class Email:
    """A carrier over SMTP. A letter's reference is its token, which what comes back is known by."""

    name = "email"
    real = True
    per_minute = 10
    in_flight = 1  # a mail server cannot be asked what it got

    def __init__(
        self, server: Server, sender: Sender, secret: bytes, patience: Patience | None = None
    ) -> None:
        """`secret`: 32 bytes, the key of the tokens: the same for as long as letters may come back."""
        if len(secret) != KEY:
            raise ValueError(f"the key has to be {KEY} bytes long")
        self._sender = sender
        self._secret = secret
        self._connection = Connection(server, sender.domain, patience or Patience())

    @classmethod
    def from_url(cls, url: str, sender: str, secret: bytes) -> Self:
        """`url` as in `Server.parse`, `sender` as in `Sender.parse`. Raises Misconfigured."""
        return cls(Server.parse(url), Sender.parse(sender), secret)

    def refuses(self, to: str) -> str | None:
        return fault(to)

    def reference_of(self, key: str) -> str | None:
        return token_of(key, self._secret)

    async def submit(self, parcel: Parcel, telling: Telling = telling_nobody) -> Ref:
        if why := fault(parcel.to):
            raise Failure(f"The office's address cannot be used: {why}.", permanent=True)
        token = token_of(parcel.key, self._secret)
        await self._connection.send(make(parcel, self._sender, token, datetime.now(UTC)), telling)
        return Ref(LetterStatus.SUBMITTED, token, LOOK_IN, "taken by the mail server")

    async def lookup(self, key: str, *, told: bool = True) -> Ref | None:  # noqa: ARG002
        if not told:
            return None  # a mail server takes nothing of which it has not got the end
        raise Failure("A mail server cannot be asked whether it got a letter before a crash.", uncertain=True)

    def evidence(self, key: str, reference: str | None) -> str:
        sender = self._sender.bounces_to(reference or token_of(key, self._secret))
        return f"Look for {sender} in the log of the mail server: it has got the letter where it says so."

    async def poll(self, submitted: Mapping[str, str]) -> Mapping[str, Outcome]:
        """Who is asked about has had `LOOK_IN` without coming back; what comes back later still counts."""
        reason = f"has not come back within {LOOK_IN.days} days"
        return {key: Ref(LetterStatus.SENT, token, reason=reason) for key, token in submitted.items()}

    async def cancel(self, key: str, reference: str) -> bool:  # noqa: ARG002
        return False  # what a mail server has taken is on its way

    async def probe(self) -> None:
        """Connect, encrypt and log in; no letter is begun."""
        await self._connection.probe()

    def routes(self, settle: Settle) -> "Sequence[RouteDef]":  # noqa: ARG002
        return ()

    async def close(self) -> None:
        await self._connection.close()
