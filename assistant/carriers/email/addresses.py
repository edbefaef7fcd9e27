"""Email addresses: which ones we take, and ours, one for each letter."""

import re
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from functools import lru_cache
from typing import Self

from assistant.domain.errors import Misconfigured
from assistant.domain.validation import control_in

LONGEST = 254  # characters of an address, RFC 3696 erratum 1690
LONGEST_LOCAL = 64  # octets before the @, RFC 5321, section 4.5.3.1.1
LONGEST_NAME = 100
TOKEN = 32  # characters of the token of a letter
ENCODED_LINE = 76  # characters of a line with encoded words, so that each has 75 at most: RFC 2047, section 2
CRLF = "\r\n"

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?!\d+$){_LABEL}")
_NAMED = re.compile(r'(?:"?(?P<name>[^"<>]*?)"?\s*<(?P<inner>[^<>]*)>|(?P<bare>[^<>]*))')
_SEVERAL = re.compile(r"[\s<>()\[\],;:\"\\]")
_AMBIGUOUS = frozenset("ßς\u200c\u200d")  # IDNA 2003 and IDNA 2008 make different domains of these
_SETTING = "ASSISTANT_MAIL_FROM"


def fault(address: str) -> str | None:
    """Why this is no single plain address, for people who do not program; None where it is one."""
    if not address:
        return "write the office's address, such as 'email:office@example.org'"
    if _SEVERAL.search(address):
        return "write one address only, without a name, spaces, commas or brackets"
    local, at, domain = address.rpartition("@")
    if not at or "@" in local:
        return "an address has exactly one @, as in 'office@example.org'"
    if not local.isascii():
        return "the part before the @ may only have letters from a to z, digits and signs like . - _"
    if not _LOCAL.fullmatch(local) or "=?" in local or len(local) > LONGEST_LOCAL:
        return "the part before the @ is not written as in an address: look for typing mistakes"
    if not _AMBIGUOUS.isdisjoint(domain):
        return "write the part after the @ in its form that begins with xn--: it has more than one"
    try:
        known = _DOMAIN.fullmatch(_ascii(domain))
    except UnicodeError:
        known = None
    if not known:
        return "the part after the @ is no internet domain, as in 'office@example.org'"
    if len(ascii_form(address)) > LONGEST:
        return f"the address is longer than {LONGEST} characters"
    return None


def ascii_form(address: str) -> str:
    """An address without `fault`, as it travels: a domain in another script by IDNA (RFC 3490)."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_ascii(domain)}"


def same_mailbox(one: str, other: str) -> bool:
    """Whether both mean the same mailbox: servers add the name of a host, or leave the domain out."""
    (local, domain), (other_local, other_domain) = _comparable(one), _comparable(other)
    within = f".{domain}".endswith(f".{other_domain}") or f".{other_domain}".endswith(f".{domain}")
    return local == other_local and (within or not domain or not other_domain)


def _comparable(address: str) -> tuple[str, str]:
    local, _, domain = address.strip("<>").casefold().partition("@")
    try:
        return local.strip('"'), _ascii(domain).rstrip(".")
    except UnicodeError:
        return local, domain


@dataclass(frozen=True, slots=True)
class Sender:
    """Us, and an address of ours for each letter, by its token."""

    name: str
    local: str
    domain: str  # in ASCII

    @classmethod
    def parse(cls, text: str) -> Self:
        """From `Letters for Norma Cruz <letters@campaign.example>`; the name may be missing.

        Raises Misconfigured.
        """
        found = _NAMED.fullmatch(text.strip())
        address = (found["inner"] or found["bare"] or "").strip() if found else ""
        name = (found["name"] or "").strip() if found else ""
        if why := fault(address):
            raise Misconfigured(f"{_SETTING} is not 'Name <address>': {why}.")
        if "=?" in name or control_in(name) or len(name) > LONGEST_NAME:  # "=?": what programs decode
            raise Misconfigured(
                f"{_SETTING}: the name may hold no control characters and no '=?', "
                f"and {LONGEST_NAME} characters at most."
            )
        local, _, domain = ascii_form(address).rpartition("@")
        if len(local) + 1 + TOKEN > LONGEST_LOCAL or len(domain) > LONGEST - LONGEST_LOCAL - 1:
            raise Misconfigured(
                f"{_SETTING} is too long: a code of {TOKEN} characters has to fit in before the @, "
                f"and no more than {LONGEST_LOCAL - 1 - TOKEN} of its own may stand there."
            )
        return cls(name, local, domain)

    @property
    def header(self) -> str:
        """For From, in ASCII."""
        return _from(self.name, f"{self.local}@{self.domain}")

    def reply_to(self, token: str) -> str:
        """Where the office answers."""
        return f"{self.local}+{token}@{self.domain}"

    def bounces_to(self, token: str) -> str:
        """The envelope sender, where what cannot be delivered comes back."""
        return f"bounce-{token}@{self.domain}"

    def message_id(self, token: str) -> str:
        """The same for the same letter, however often it is sent."""
        return f"<{token}@{self.domain}>"


@lru_cache(maxsize=8)  # there is one sender, and many letters
def _from(name: str, address: str) -> str:
    if name.isascii():
        return formataddr((name, address))
    return f"{encoded('From', name)}{CRLF} <{address}>"


def encoded(header: str, text: str) -> str:
    """The value of that header in ASCII, in encoded words, on as many lines as they need."""
    return Header(text, "utf-8", ENCODED_LINE, header).encode(linesep=CRLF)


def _ascii(domain: str) -> str:
    return domain if domain.isascii() else domain.encode("idna").decode("ascii")
