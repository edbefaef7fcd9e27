"""Who runs the assistant."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organisation:
    """The organisation that answers for it. `page`: on the web; `contact`: how to reach a person there."""

    name: str
    page: str | None = None
    contact: str | None = None
