"""What does not work for a while, told to the log without flooding it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

WINDOW = 600.0  # seconds in which what repeats is counted instead of told
CALM = 60.0  # seconds that something has to work until its next failure is news

log = structlog.get_logger()


@dataclass(slots=True)
class _Told:
    """When something was told last, and how often it has happened since."""

    at: float
    since: int = 0


class Outage:
    """Tells at once what is new, sums up what repeats every ten minutes, and tells the end.

    What works and fails in turns, a minute or less apart, is one outage in the log.
    """

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        """`what`: as the end names it, "... works again". `clock`: seconds."""
        self._what = what
        self._clock = clock
        self._told: dict[tuple[str, object], _Told] = {}
        self._began: float | None = None
        self._ended: float | None = None
        self._is_known = False  # to who reads the log

    def failed(self, event: str, *, level: str = "warning", **facts: object) -> None:
        """It does not work. `event` and the fact `reason` say in which way; `level` is the log's."""
        now = self._clock()
        if self._began is None:
            self._began = now
            if self._ended is not None and now - self._ended >= CALM:
                self._told.clear()
        told = self._told.get(key := (event, facts.get("reason")))
        if told is not None:
            told.since += 1
            if now - told.at < WINDOW:
                return
            facts["repeated"] = f"{_times(told.since)} in {span(now - told.at)}"
        getattr(log, level)(event, **facts)
        self._told[key] = _Told(now)
        self._is_known = True

    def over(self) -> None:
        """It works. Of no effect where it did before."""
        if self._began is None:
            return
        now = self._clock()
        if self._is_known:
            log.info(f"{self._what} works again after {span(now - self._began)}")
        self._began, self._ended, self._is_known = None, now, False


def span(seconds: float) -> str:
    """How long that is, as people say it: "9 minutes"."""
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if seconds >= 2 * length or (seconds >= length and unit == "minute"):
            return _counted(round(seconds / length), unit)
    return _counted(round(seconds), "second")


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count:,} times"


def _counted(count: int, unit: str) -> str:
    return f"{count:,} {unit}" + ("" if count == 1 else "s")
