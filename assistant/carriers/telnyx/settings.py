"""What ASSISTANT_FAX_URL says of a Telnyx account. Its key must not reach an error, a log or a repr."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from assistant.carriers.phone_numbers import refusal_of_impossible_number
from assistant.domain.errors import Misconfigured

SCHEME = "telnyx"
SETTING = "ASSISTANT_FAX_URL"

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_PARAMETERS = {"from", "public_key"}
_KEY = re.compile(r"[!-~]{1,200}")  # what fits into a header
_CONNECTION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LABEL = "[a-z0-9-]{1,63}"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*|[0-9a-f.]*:[0-9a-f:.]*", re.ASCII)  # the second: IPv6


@dataclass(frozen=True, slots=True, kw_only=True)
class TelnyxAccount:
    """Where to reach Telnyx, and as whom.

    `base`: how all addresses begin. `connection`: the id of the Fax Application. `number`: ours, E.164.
    `public_key`: what Telnyx signs its webhooks with (portal: Account, Keys & Credentials, Public Key).
    """

    base: str
    api_key: str = field(repr=False)
    connection: str
    number: str
    public_key: Ed25519PublicKey | None


def account_of(url: str) -> TelnyxAccount:
    """Read `telnyx://API_KEY@api.telnyx.com/CONNECTION_ID?from=%2B12025550100&public_key=BASE64`.

    Loopback addresses are spoken to without TLS, for tests. Raises Misconfigured, without any part of it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _wrong("is no address") from None
    if parts.scheme != SCHEME:
        raise _wrong(f"has to begin with {SCHEME}://")
    parameters = _parameters(parts)
    return TelnyxAccount(
        base=_base(parts, port),
        api_key=_api_key(parts),
        connection=_connection(parts),
        number=_number(parameters),
        public_key=_public_key(parameters.get("public_key")),
    )


def _wrong(what: str) -> Misconfigured:
    return Misconfigured(f"{SETTING} {what}: see how it is written for Telnyx.")


def _base(parts: SplitResult, port: int | None) -> str:
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        raise _wrong("names no host, such as api.telnyx.com")
    scheme = "http" if host in _LOOPBACK else "https"
    return f"{scheme}://{f'[{host}]' if ':' in host else host}{f':{port}' if port else ''}/v2"


def _api_key(parts: SplitResult) -> str:
    key = unquote(parts.username or "")
    if parts.password is not None or not _KEY.fullmatch(key):
        raise _wrong("needs the API key alone before the @, percent-encoded")
    return key


def _connection(parts: SplitResult) -> str:
    found = unquote(parts.path).removeprefix("/").removesuffix("/")
    if not _CONNECTION.fullmatch(found):
        raise _wrong("needs the id of the Fax Application after the host, such as /1234567890")
    return found


def _number(parameters: Mapping[str, str]) -> str:
    if "from" not in parameters:
        raise _wrong("needs the number that faxes come from, such as ?from=%2B12025550100")
    if (refusal := refusal_of_impossible_number(parameters["from"])) is not None:
        raise _wrong(f"has a wrong from ({refusal})")
    return parameters["from"]


def _public_key(encoded: str | None) -> Ed25519PublicKey | None:
    if encoded is None:
        return None
    try:
        return Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded, validate=True))
    except ValueError:
        raise _wrong("has a public_key that is not 32 bytes in base64, as Telnyx's portal shows it") from None


def _parameters(parts: SplitResult) -> dict[str, str]:
    """A + is a + here, as RFC 3986 has it, so that numbers and base64 can be written without encoding."""
    found: dict[str, str] = {}
    for part in filter(None, parts.query.split("&")):
        name, _, value = part.partition("=")
        if name not in _PARAMETERS or name in found:
            raise _wrong("has a parameter that is unknown or there twice; there are from and public_key")
        found[name] = unquote(value)
    if parts.fragment:
        raise _wrong("has a # that is not written as %23")
    return found
