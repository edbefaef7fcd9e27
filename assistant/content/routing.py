"""How letters can travel here, and by which routes those to a target do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol


class Way(Protocol):
    """A way for letters to travel: see `carriers.base.Carrier`."""

    @property
    def per_minute(self) -> int:
        """How many letters a minute an office can bear; 0: any number."""

    def refuses(self, to: str) -> str | None:
        """Why `to` is no address for it."""


@dataclass(frozen=True, slots=True)
class Routing:
    """How letters can travel here.

    `ways`: by name, the beginning of a route. `default`: the route of offices that have none. `of_cases`:
    routes that an operator has set, by case, or by case and target: `norma-cruz/attorney-general`; they go
    before those in case folders. `settings`: what to set for a way that is not there.
    """

    ways: Mapping[str, Way]
    default: str
    of_cases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
