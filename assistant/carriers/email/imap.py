"""A mailbox that is watched over IMAP, and tells by itself what comes (RFC 3501, IDLE of RFC 2177).

It works in a thread: what blocks is called there. `close` is for any thread, and ends what waits.
"""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from imapclient import FLAGGED, SEEN, IMAPClient, SocketTimeout  # type: ignore[import-untyped]  # has no types
from imapclient.exceptions import (  # type: ignore[import-untyped]  # has no types
    IMAPClientAbortError,
    IMAPClientError,
    LoginError,
)

from assistant.carriers.email.incoming import LARGEST
from assistant.carriers.email.settings import INBOX, Inbox, Tls
from assistant.domain.errors import Down, Failure, Misconfigured

T = TypeVar("T")

CONNECT, ANSWER = 10.0, 60.0  # seconds that are waited for the server
IDLE_MAX = 300.0  # seconds of one IDLE: routers forget a connection on which nothing is said
LOOK_EVERY = 60.0  # seconds between two looks, where the server has no IDLE

_BODY = f"BODY.PEEK[]<0.{LARGEST}>"  # it stays unread


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message in the mailbox: `raw` is no more of it than counts. `number`: its UID."""

    number: int
    raw: bytes


class Mailbox:
    """One connection to it."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._client: IMAPClient | None = None
        self._closed = False

    def open(self) -> None:
        """Connect and log in. Raises Failure."""
        try:
            _told(self._connect)
        except Failure:
            self.close()
            raise
        if self._closed:
            self.close()

    def _connect(self) -> None:
        server = self._inbox.server
        at_once = server.tls is Tls.AT_ONCE
        self._client = client = IMAPClient(
            server.host,
            port=server.port,
            use_uid=True,
            ssl=at_once,
            ssl_context=server.context if at_once else None,
            timeout=SocketTimeout(CONNECT, ANSWER),
        )
        if server.tls is Tls.STARTTLS:
            client.starttls(server.context)
        client.login(server.user or "", server.password or "")
        client.select_folder(self._inbox.folder)
        self._announced()  # what is there already

    def unread(self) -> Iterator[Arrived]:
        """The messages that nobody has read, but for those that wait for a person: the oldest first.

        Raises Failure.
        """
        numbers: list[int] = _told(self._search)
        for number in numbers:
            raw = _told(partial(self._fetch, number))
            if raw is not None:
                yield Arrived(number, raw)

    def _search(self) -> list[int]:
        self._announced()
        self._opened.noop()  # some servers search what they have told of, and nothing newer
        return sorted(self._opened.search(["UNSEEN", "UNFLAGGED"]))

    def _announced(self) -> bool:
        """Whether the server has told, beside its answers, that something came: it tells that once."""
        return bool(self._opened._imap.response("EXISTS")[1] != [None])

    def _fetch(self, number: int) -> bytes | None:
        facts = self._opened.fetch([number], [_BODY]).get(number, {})
        whole = (value for key, value in facts.items() if key.startswith(b"BODY[]"))
        return next(whole, None)  # nothing: another program was quicker

    def settle(self, mail: Arrived) -> None:
        """Mark it as read, once what it says is stored. Raises Failure."""
        _told(lambda: self._opened.add_flags([mail.number], [SEEN], silent=True))

    def flag(self, mail: Arrived) -> None:
        """Leave it unread, with a star in mail programs, for a person to look at. Raises Failure."""
        _told(lambda: self._opened.add_flags([mail.number], [FLAGGED], silent=True))

    @property
    def tells(self) -> bool:
        """Whether the server tells by itself what comes."""
        return bool(_told(lambda: self._opened.has_capability("IDLE")))

    def wait(self, seconds: float = IDLE_MAX) -> None:
        """Return when something has come, or after so long. Raises Failure."""

        def idle() -> None:
            _, told = self._opened.noop()  # what came since we looked may not be told while we wait
            if self._announced() or any(b"EXISTS" in each for each in told):
                return
            try:
                self._opened.idle()
                self._opened.idle_check(timeout=seconds)
                self._opened.idle_done()
            except IMAPClientError:  # also where something came at that very moment
                raise Down("The mailbox has broken off.", retry_after=0) from None

        _told(idle)

    def close(self) -> None:
        """Hang up, also on what a thread is waiting for."""
        self._closed = True
        client, self._client = self._client, None
        if client is not None:
            with contextlib.suppress(OSError):
                client.socket().shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(Exception):
                client.shutdown()

    @property
    def _opened(self) -> IMAPClient:
        if self._client is None:
            raise Down("The mailbox is not open.")
        return self._client


def _told(ask: Callable[[], T]) -> T:
    """What can go wrong, in our terms: a server's own words may hold addresses."""
    try:
        return ask()
    except Failure:
        raise
    except IMAPClientError as error:
        if isinstance(error.__context__ if isinstance(error, LoginError) else error, IMAPClientAbortError):
            raise Down("The mailbox has hung up.") from None
        if isinstance(error, LoginError):
            raise Misconfigured(f"The mailbox refuses us: see user and password in {INBOX}.") from None
        raise Misconfigured(f"The mailbox refuses what we ask: see the folder in {INBOX}.") from None
    except OSError as error:
        raise Down(f"The mailbox cannot be reached: {_why(error)}. See {INBOX}.") from None
    except Exception as error:
        raise Failure(f"The mailbox answers what we do not understand ({type(error).__name__}).") from None


def _why(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    return error.strerror or type(error).__name__
