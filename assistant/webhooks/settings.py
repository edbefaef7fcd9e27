"""What ASSISTANT_WEBHOOKS says. Neither a path nor a secret must reach an error, a log or a repr."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from assistant.domain.errors import Misconfigured
from assistant.domain.webhooks import SECRET_BYTES, SECRET_PREFIX, Endpoint

SETTING = "ASSISTANT_WEBHOOKS"
ENDPOINTS_MAX = 20

_EXAMPLE = f'{{"https://hooks.example.org/letters": "{SECRET_PREFIX}..."}}'
_LABEL = "[a-z0-9_-]{1,63}"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.?|[0-9a-f.]*:[0-9a-f:.]*", re.ASCII)  # the second: IPv6
_VISIBLE = re.compile(r"[!-~]{1,2000}")
_GIVEN = re.compile(r"([^:/?#=]*)=(.*)", re.DOTALL)  # an address has a : before any other sign of these
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_NAMED = 60  # characters of the host at most, and eight of the digest: the name is a lane's, too


def endpoints_of(written: str | None) -> Sequence[Endpoint]:
    """Read `{"https://host/path": "whsec_BASE64"}`, or `{"NAME=https://...": ...}`. None: there is none.

    A name is for hosts that hold a secret themselves. `http://` is for this machine alone. Raises
    Misconfigured with what to do.
    """
    if written is None:
        return ()
    found = [_endpoint(url, secret) for url, secret in _pairs(written)]
    if len(found) > ENDPOINTS_MAX:
        raise _wrong(f"names {len(found)} addresses, and {ENDPOINTS_MAX} are the most")
    if len({each.url for each in found}) < len(found):
        raise _wrong("names an address twice")
    if len({each.name for each in found}) < len(found):
        raise _wrong("has a name twice")
    return tuple(found)


def _pairs(written: str) -> Sequence[tuple[object, object]]:
    """As they stand there: also what an object of Python would have dropped because it stands there twice."""
    try:
        found = json.loads(written, object_pairs_hook=lambda pairs: tuple(pairs))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, tuple):
        raise _wrong("is not a JSON object")
    return found


def _endpoint(written: object, secret: object) -> Endpoint:
    if not isinstance(written, str) or not _VISIBLE.fullmatch(written):
        raise _wrong("has something that is no address; letters of other scripts are written with %")
    given = _GIVEN.fullmatch(written)
    name, url = given.groups() if given else (None, written)
    if name is not None and not _NAME.fullmatch(name):
        raise _wrong("has a name that is not 1 to 40 small letters, digits and hyphens")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _wrong("has something that is no address") from None
    if not _HOST.fullmatch(host) or port == 0:
        raise _wrong("has an address without a host")
    whose = name or host
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise _wrong(f"has an address of {whose} with a user, a password or a #: leave them out")
    if not _is_safe(parts, host):
        raise _wrong(f"has an address of {whose} that does not begin with https://")
    digest = sha256(url.encode()).hexdigest()[:8]
    return Endpoint(name=name or f"{host[:_NAMED]}-{digest}", url=url, secret=_secret(secret, whose))


def _is_safe(parts: SplitResult, host: str) -> bool:
    """Whether nobody reads it on the way."""
    return parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _secret(secret: object, whose: str) -> bytes:
    sizes = f"{SECRET_BYTES[0]} to {SECRET_BYTES[-1]}"
    wrong = _wrong(
        f"has a secret for {whose} that is not {SECRET_PREFIX} and {sizes} bytes in base64",
        f'Make one: echo "{SECRET_PREFIX}$(head -c 32 /dev/urandom | base64)"',
    )
    if not isinstance(secret, str) or not secret.startswith(SECRET_PREFIX):
        raise wrong
    try:
        found = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        raise wrong from None
    if len(found) not in SECRET_BYTES:
        raise wrong
    return found


def _wrong(why: str, do: str = f"Write it as {_EXAMPLE}.") -> Misconfigured:
    return Misconfigured(f"{SETTING} {why}. {do}")
