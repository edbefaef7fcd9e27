"""Who may ask for what, and how often: other sites' forms, bots and floods end here.

In memory, and in each process. Networks are kept as keyed digests of this process only, and never logged.
"""

import hashlib
import ipaddress
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

from aiohttp import hdrs, web

from assistant.domain.token_bucket import TokenBucket

REQUESTS = (120, 4.0)  # of one network: at once, then a second; a hall full of people shares one address
BEGUN = (60, 0.5)  # new chats of one network
BEGUN_BY_ALL = (300, 10.0)  # new chats of all
NETWORKS_MAX = 20_000  # remembered, those that asked last: about 8 MB
_KEY = secrets.token_bytes(16)
_OURS = ("same-origin", "none")  # https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header


class Guard:
    """What is let through."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that only go forward."""
        self._clock = clock
        self._asked = _Buckets(*REQUESTS)
        self._begun = _Buckets(*BEGUN)
        burst, rate = BEGUN_BY_ALL
        self._all = TokenBucket(rate, burst)

    def lets_ask(self, request: web.Request) -> bool:
        """Whether that network may ask for something now; it counts."""
        return self._asked.take(_network(request), self._clock())

    def lets_begin(self, request: web.Request) -> bool:
        """Whether a chat may begin from that network now; it counts."""
        now = self._clock()
        if self._all.wait(now) or not self._begun.take(_network(request), now):
            return False
        self._all.take(now)
        return True


class _Buckets:
    def __init__(self, burst: int, rate: float) -> None:
        self._burst = burst
        self._rate = rate
        self._known: OrderedDict[bytes, TokenBucket] = OrderedDict()

    def take(self, key: bytes, now: float) -> bool:
        bucket = self._known.get(key)
        if bucket is None:
            bucket = self._known[key] = TokenBucket(self._rate, self._burst)
            if len(self._known) > NETWORKS_MAX:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        if bucket.wait(now):
            return False
        bucket.take(now)
        return True


def is_from_elsewhere(request: web.Request) -> bool:
    """Whether another site's page has made the browser send this: it is to be refused.

    Browsers say so in `Sec-Fetch-Site`; older ones name the page's site in `Origin`. What is no browser
    says neither, and nobody's cookie is in it but its own.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in _OURS
    origin = request.headers.get(hdrs.ORIGIN)
    return origin is not None and origin.partition("://")[2] != request.host


def _network(request: web.Request) -> bytes:
    """The caller's network: of IPv4 the address, of IPv6 what one customer gets (RFC 6177).

    Behind a reverse proxy on this machine or network, it is the last address that the proxy has named: some
    put it behind what the caller has written there, some into a header of its own (HAProxy).
    """
    address = _parsed(request.remote or "")
    if address is None or address.is_loopback or address.is_private:
        named = request.headers.getall("X-Forwarded-For", [""])[-1].rpartition(",")[2].strip()
        address = _parsed(named) or address
    if address is None:
        return b""
    if address.version == 6:
        address = ipaddress.ip_network((address, 56), strict=False).network_address
    return hashlib.blake2b(address.packed, key=_KEY, digest_size=8).digest()


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
