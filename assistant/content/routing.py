"""How letters can travel here, and by which routes those to a target do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol


class Way(Protocol):
    """A way for letters to travel: see `carriers.base.Carrier`."""

    @property
    def per_minute(self) -> int:
        """How many letters a minute an office can bear; 0: any number."""

    def refuses(self, to: str) -> str | None:
        """Why `to` is no address for it."""


@dataclass(frozen=True, slots=True)
class NotSetUp:
    """A way that this machine has no settings for. `setting`: what to set for it."""

    setting: str
    check: Callable[[str], str | None]
    per_minute: int = 0

    def refuses(self, to: str) -> str | None:
        """Why `to` is no address for it."""
        return self.check(to)


@dataclass(frozen=True, slots=True)
class Routing:
    """How letters can travel here.

    `ways`: by name, the beginning of a route. `default`: the route of offices that have none. `of_cases`:
    routes that an operator has set, by case, or by case and target: `norma-cruz/attorney-general`; they go
    before those in case folders. `not_set_up`: other ways, by name.
    """

    ways: Mapping[str, Way]
    default: str
    of_cases: Mapping[str, Sequence[str]] = field(default_factory=dict)
    not_set_up: Mapping[str, NotSetUp] = field(default_factory=dict)

    def for_drafts(self) -> "Routing":
        """The same for folders that may be meant for another machine, where every way is set up."""
        return replace(self, ways={**self.not_set_up, **self.ways})
