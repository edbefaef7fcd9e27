"""How an organiser comes into the dashboard, and how long they stay there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

LINK_LASTS = timedelta(minutes=5)  # within which the link has to be used; it works once
SESSION_LASTS = timedelta(hours=12)  # a day of work: then they ask for another link
SESSION_IDLE = timedelta(minutes=30)  # without a request (NIST SP 800-63B, 4.2.3: at most that)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A browser in which an organiser is signed in. `organiser`: their number. Moments in UTC."""

    id: int
    organiser: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
