"""Where the HylaFAX server is, who we are there and what its line dials: the setting ASSISTANT_FAX_URL."""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import parse_qsl, unquote, urlsplit

from assistant.carriers.phone_numbers import refusal_of_number
from assistant.domain.errors import Misconfigured

SETTING = "ASSISTANT_FAX_URL"
PORT = 4559
ABROAD = "00"
SENDER = "Campaign"

_USER = re.compile(r"[A-Za-z0-9._@-]{1,64}")
_PASSWORD = re.compile(r"[!#-~]{1,128}")  # printable, without spaces and the quote of the protocol
_SENDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .-]{0,39}")
_PREFIX = re.compile(r"[0-9]{0,8}")
_DIALLED = re.compile(r"[0-9]{7,23}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`prefix`: what the line dials before an international number. `sender`: what HylaFAX calls us."""

    host: str
    user: str
    port: int = PORT
    password: str = field(default="", repr=False)
    prefix: str = ABROAD
    sender: str = SENDER

    def __post_init__(self) -> None:
        """Raises Misconfigured: nothing here may end a line of the protocol or be a command of a modem."""
        if not self.host or not self.host.isascii() or not self.host.isprintable():
            raise _wrong("it names no host")
        if not _USER.fullmatch(self.user):
            raise _wrong("it names no user, in letters, digits, '.', '_', '-' or '@'")
        if self.password and not _PASSWORD.fullmatch(self.password):
            raise _wrong("its password may only have printable ASCII characters, without spaces and quotes")
        if not _PREFIX.fullmatch(self.prefix):
            raise _wrong("its prefix has to be at most 8 digits, such as 00")
        if not _SENDER.fullmatch(self.sender):
            raise _wrong("its 'from' has to be at most 40 letters, digits, spaces, '.' or '-'")

    @classmethod
    def from_url(cls, url: str) -> Self:
        """From `hylafax://user[:password]@host[:4559]?prefix=00&from=Campaign`. Raises Misconfigured."""
        try:
            parts = urlsplit(url)
            port = parts.port or PORT
            options = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        except ValueError:
            raise _wrong("its port or its options cannot be read") from None
        known = dict(options)
        if parts.scheme != "hylafax" or parts.path.strip("/") or parts.fragment:
            raise _wrong("it has to begin with hylafax:// and to have no path")
        if len(known) < len(options) or not known.keys() <= {"prefix", "from"}:
            raise _wrong("its only options are prefix and from, once each")
        return cls(
            host=parts.hostname or "",
            user=unquote(parts.username or ""),
            port=port,
            password=unquote(parts.password or ""),
            prefix=known.get("prefix", ABROAD),
            sender=known.get("from", SENDER),
        )

    def dialled(self, to: str) -> str:
        """What the line dials for an international number: digits and nothing else. Raises Misconfigured.

        HylaFAX itself takes any text for a number, and a modem takes letters for commands.
        """
        number = self.prefix + to.removeprefix("+")
        if refusal_of_number(to) or not _DIALLED.fullmatch(number):
            raise Misconfigured("A fax number is none: see the routes in the case.toml of the letter's case.")
        return number


def _wrong(why: str) -> Misconfigured:
    example = "hylafax://user:password@host:4559?prefix=00&from=Campaign"
    return Misconfigured(f"{SETTING} is not an address such as {example}: {why}.")
