"""What an endpoint's answer means, and what it means that there is none."""

import re
from collections.abc import Mapping
from datetime import timedelta

import aiohttp

from assistant.domain.webhooks import LONGEST_WAIT, Answer, Outcome

_SECONDS = re.compile(r"[0-9]{1,9}", re.ASCII)
_BUSY = frozenset({429, 502, 503, 504})  # the spec: slow down


def answered(status: int, headers: Mapping[str, str]) -> Answer:
    """What that status of HTTP means. Of the headers only Retry-After counts, in seconds."""
    return Answer(_outcome(status), status, _wait(headers) if status in _BUSY else timedelta())


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome.DELIVERED
    if status == 410:
        return Outcome.GONE
    if status in _BUSY:
        return Outcome.BUSY
    if 300 <= status < 400:
        return Outcome.REDIRECTED
    return Outcome.BROKEN if status >= 500 else Outcome.REFUSED


def _wait(headers: Mapping[str, str]) -> timedelta:
    """A date instead of seconds is not read: our own schedule is slow enough."""
    told = headers.get("Retry-After", "").strip()
    if not _SECONDS.fullmatch(told):
        return timedelta()
    return min(timedelta(seconds=int(told)), LONGEST_WAIT)


def unanswered(error: Exception) -> Answer:
    """What that error of a request means, of which nothing is repeated: it may quote the address."""
    match error:
        case TimeoutError():
            return Answer(Outcome.SILENT)
        case aiohttp.ClientSSLError():  # it is a connector's error, too
            return Answer(Outcome.UNTRUSTED)
        case aiohttp.ClientConnectorError():
            return Answer(Outcome.UNREACHABLE)
    return Answer(Outcome.CUT_OFF)
