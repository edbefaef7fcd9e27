"""Which mail server takes our letters, and how it is spoken to."""

import ipaddress
import ssl
from dataclasses import dataclass, field
from enum import Enum
from typing import Self
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from assistant.domain.errors import Misconfigured

SETTING = "ASSISTANT_SMTP_URL"
PORTS = {"smtp": 587, "smtps": 465}


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
        parts, port = _split(url)
        options = _options(parts.query)
        host = parts.hostname or ""
        tls = _tls(parts.scheme, host, options)
        user, password = _login(parts)
        context = None if tls is Tls.NONE else _context(options.get("cafile"))
        return cls(
            host=host,
            port=port or PORTS[parts.scheme],
            tls=tls,
            context=context,
            user=user,
            password=password,
        )


def _wrong(why: str) -> Misconfigured:
    """Without the address itself: it holds the password."""
    return Misconfigured(f"{SETTING} is not smtp://user:password@host:587 or smtps://...: {why}.")


def _split(url: str) -> tuple[SplitResult, int | None]:
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        raise _wrong(
            "host or port cannot be read; write special characters of the password as %40, %2F"
        ) from None
    if parts.scheme not in PORTS:
        raise _wrong("it has to begin with smtp:// or smtps://")
    if not _names_a_host(parts.hostname or ""):
        raise _wrong("the host is missing or no host")
    if parts.path not in {"", "/"} or parts.fragment:
        raise _wrong("write / ? and # in the password as %2F %3F %23, and nothing after the port but options")
    return parts, port


def _names_a_host(host: str) -> bool:
    try:
        return bool(host.encode("idna")) and host.isprintable() and not any(map(str.isspace, host))
    except UnicodeError:
        return False


def _options(query: str) -> dict[str, str]:
    try:
        given = parse_qs(query, keep_blank_values=True, strict_parsing=bool(query))
    except ValueError:
        raise _wrong("the options after the ? are not written as tls=none or cafile=/path") from None
    if set(given) - {"tls", "cafile"} or any(len(values) > 1 for values in given.values()):
        raise _wrong("the only options are tls=none and cafile=/path, once each")
    return {name: values[0] for name, values in given.items()}


def _tls(scheme: str, host: str, options: dict[str, str]) -> Tls:
    said = options.get("tls")
    if said not in {None, Tls.NONE.value, Tls.STARTTLS.value}:
        raise _wrong("tls is none or starttls")
    if scheme == "smtps":
        if said is not None:
            raise _wrong("smtps:// is encrypted from the start, so that tls= cannot be said")
        return Tls.AT_ONCE
    if said == Tls.NONE.value and "cafile" in options:
        raise _wrong("tls=none and cafile contradict each other")
    if said == Tls.NONE.value or (said is None and "cafile" not in options and _loopback(host)):
        return Tls.NONE
    return Tls.STARTTLS


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _login(parts: SplitResult) -> tuple[str | None, str | None]:
    if not parts.username and not parts.password:
        return None, None
    if not parts.username or not parts.password:
        raise _wrong("user and password go together")
    return unquote(parts.username), unquote(parts.password)


def _context(cafile: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=cafile)
    except (OSError, ValueError) as error:  # of which ssl.SSLError is one
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else getattr(error, "strerror", "")
        raise Misconfigured(f"The cafile of {SETTING} cannot be used: {why or 'its name is none'}.") from None
