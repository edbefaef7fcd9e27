"""Who a mail says it is from. People forget to quote commas, and programs write an account without a domain.

Python's `parseaddr` takes the first word of `Example, Ana <ana@example.org>` for the address.
"""

import re
from email.errors import MessageError
from email.header import decode_header, make_header

_ADDRESS = re.compile(r"<([^<>]*)>")
_COMMENT = re.compile(r"\(([^()]*)\)")
LONGEST = 2_000  # characters that are looked at

# Accounts of programs: how they begin. People may write from `postmaster`, too, and nobody from `<>`.
_PROGRAM = re.compile(r"(?:mail(?:er)?|m)[-_.]?daemon|microsoftexchange", re.IGNORECASE)
_POSTMASTER = "postmaster"


def sender(value: str) -> tuple[str, str]:
    """The name and the address in a header such as `From`, each as it stands; empty where there is none."""
    value = " ".join(value[:LONGEST].split())
    if found := list(_ADDRESS.finditer(value)):
        return value[: found[-1].start()].strip().strip('"'), found[-1][1].strip()
    name = _COMMENT.search(value)
    rest = _COMMENT.sub("", value).strip()
    words = [word for word in rest.split() if "@" in word]
    return (name[1] if name else ""), (words[-1] if words else rest)


def is_of_a_program(value: str) -> bool:
    """Whether the address in that header is one of those with which mail servers report."""
    return bool(_PROGRAM.match(account(value)))


def is_of_a_server(value: str) -> bool:
    """As `is_of_a_program`, or one that people may have as well; `<>` is nobody's."""
    return is_of_a_program(value) or account(value) == _POSTMASTER or value.strip().endswith("<>")


def account(value: str) -> str:
    """What stands before the `@` of the address in that header, in small letters."""
    address = sender(value)[1]
    return (address.rpartition("@")[0] or address).strip('"').lower()


def unencoded(value: str) -> str:
    """What encoded words say (RFC 2047); as it stands where it cannot be decoded."""
    try:
        return str(make_header(decode_header(value)))
    except (ValueError, LookupError, MessageError):  # an unknown character set, broken base64
        return value
