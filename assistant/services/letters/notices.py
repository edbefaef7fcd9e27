"""What supporters are told unasked: in their language, and not at night where they live."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from assistant.domain.notifications import Notification
from assistant.domain.quiet_hours import next_waking_hour
from assistant.domain.texts import Locale, Text
from assistant.store.messages import Notice, Reader

LATELY = timedelta(hours=1)  # who has written since then is awake

Zones = Callable[[str], Sequence[str]]
"""The time zones of a country, by its code."""


class WriterNotices:
    """Says things as their readers get them."""

    def __init__(self, locales: Mapping[str, Locale], zones: Zones) -> None:
        self._locales = locales
        self._zones = zones

    def notice(self, country: str | None, reader: Reader, said: Text | Notification, now: datetime) -> Notice:
        """What somebody of that country is told; in the morning, where it is night and they are asleep."""
        told = said if isinstance(said, Notification) else Notification(said)
        due_at = now if reader.awake or country is None else self.wakes(country, now)
        return Notice(reader, told.render(self.locale(reader)), due_at)

    def locale(self, reader: Reader) -> Locale:
        """In which language it is said."""
        return self._locales.get(reader.language or "") or next(iter(self._locales.values()))

    def wakes(self, country: str, now: datetime) -> datetime:
        """When it is day there; `now`, where it is. UTC."""
        return next_waking_hour(now, self._zones(country))
