"""Which mail servers we speak to, how they are spoken to, and who we are to them."""

import ipaddress
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from assistant.domain.errors import Misconfigured
from assistant.domain.validation import control_in

SETTING = "ASSISTANT_SMTP_URL"
INBOX = "ASSISTANT_MAIL_INBOX"
FOLDER = "INBOX"  # the one that every mailbox has, RFC 3501, section 5.1


class Tls(Enum):
    """When the connection is encrypted. Never "where that is offered": whoever listens could hide it."""

    NONE = "none"
    STARTTLS = "starttls"
    AT_ONCE = "at once"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One mail server, and who we are to it."""

    host: str
    port: int
    tls: Tls
    context: ssl.SSLContext | None = None
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `smtp://user:password@host:587` (STARTTLS) or `smtps://host:465` (encrypted from the start).

        User and password are percent-encoded. `?cafile=/path` names the certificate authority to trust
        instead of the system's; `?tls=none` sends in the clear, which is otherwise done for loopback only.
        Raises Misconfigured.
        """
        parts, port = _SMTP.split(url)
        if parts.path not in {"", "/"}:
            raise _SMTP.wrong(_ENCODE + ", and nothing after the port but options")
        return cls.of(_SMTP, parts, port)

    @classmethod
    def of(cls, kind: "_Kind", parts: SplitResult, port: int | None) -> Self:
        """From a split address of that kind. Raises Misconfigured."""
        options = kind.options(parts.query)
        host = parts.hostname or ""
        tls = kind.tls(parts.scheme, host, options)
        user, password = kind.login(parts)
        context = None if tls is Tls.NONE else kind.context(options.get("cafile"))
        return cls(
            host=host,
            port=port or kind.ports[parts.scheme],
            tls=tls,
            context=context,
            user=user,
            password=password,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """A mailbox that answers and bounces come to."""

    server: Server
    folder: str

    @classmethod
    def parse(cls, url: str) -> Self:
        """From `imaps://user:password@host:993/folder`, or `imap://...` (STARTTLS); by default INBOX.

        As in `Server.parse`; but somebody has to log in. Raises Misconfigured.
        """
        parts, port = _IMAP.split(url)
        server = Server.of(_IMAP, parts, port)
        folder = unquote(parts.path.removeprefix("/")) or FOLDER
        if control_in(folder):
            raise _IMAP.wrong("the folder holds characters that no name has")
        if not server.user or not server.password:
            raise _IMAP.wrong("user and password are missing")
        if not (server.user + server.password).isascii() or control_in(server.user + server.password):
            raise _IMAP.wrong("user and password can only hold letters, digits and signs of ASCII")
        return cls(server=server, folder=folder)


_ENCODE = "write / ? and # in the password as %2F %3F %23"


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a setting is written. `ports`: by scheme; first the one that is encrypted later."""

    setting: str
    example: str
    ports: Mapping[str, int]

    def wrong(self, why: str) -> Misconfigured:
        """Without the address itself: it holds the password."""
        return Misconfigured(f"{self.setting} is not {self.example}: {why}.")

    def split(self, url: str) -> tuple[SplitResult, int | None]:
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError:
            raise self.wrong(
                "host or port cannot be read; write special characters of the password as %40, %2F"
            ) from None
        if parts.scheme not in self.ports:
            raise self.wrong(f"it has to begin with {' or '.join(f'{each}://' for each in self.ports)}")
        if not _names_a_host(parts.hostname or ""):
            raise self.wrong("the host is missing or no host")
        if parts.fragment:
            raise self.wrong(_ENCODE)
        return parts, port

    def options(self, query: str) -> dict[str, str]:
        try:
            given = parse_qs(query, keep_blank_values=True, strict_parsing=bool(query))
        except ValueError:
            raise self.wrong("the options after the ? are not written as tls=none or cafile=/path") from None
        if set(given) - {"tls", "cafile"} or any(len(values) > 1 for values in given.values()):
            raise self.wrong("the only options are tls=none and cafile=/path, once each")
        return {name: values[0] for name, values in given.items()}

    def tls(self, scheme: str, host: str, options: dict[str, str]) -> Tls:
        said = options.get("tls")
        if said not in {None, Tls.NONE.value, Tls.STARTTLS.value}:
            raise self.wrong("tls is none or starttls")
        if scheme != next(iter(self.ports)):
            if said is not None:
                raise self.wrong(f"{scheme}:// is encrypted from the start, so that tls= cannot be said")
            return Tls.AT_ONCE
        if said == Tls.NONE.value and "cafile" in options:
            raise self.wrong("tls=none and cafile contradict each other")
        if said == Tls.NONE.value or (said is None and "cafile" not in options and _loopback(host)):
            return Tls.NONE
        return Tls.STARTTLS

    def login(self, parts: SplitResult) -> tuple[str | None, str | None]:
        if not parts.username and not parts.password:
            return None, None
        if not parts.username or not parts.password:
            raise self.wrong("user and password go together")
        return unquote(parts.username), unquote(parts.password)

    def context(self, cafile: str | None) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=cafile)
        except (OSError, ValueError) as error:  # of which ssl.SSLError is one
            none = isinstance(error, ssl.SSLError)
            why = "it holds no certificate" if none else getattr(error, "strerror", "")
            raise Misconfigured(
                f"The cafile of {self.setting} cannot be used: {why or 'its name is none'}."
            ) from None


_SMTP = _Kind(SETTING, "smtp://user:password@host:587 or smtps://...", {"smtp": 587, "smtps": 465})
_IMAP = _Kind(INBOX, "imaps://user:password@host/folder", {"imap": 143, "imaps": 993})


def _names_a_host(host: str) -> bool:
    try:
        return bool(host.encode("idna")) and host.isprintable() and not any(map(str.isspace, host))
    except UnicodeError:
        return False


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
