"""Targets: the officials that an action writes to."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from assistant.domain.letters import Route
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.domain.texts import Written, without_entities

ONLY_TARGET = "office"
"""The slug of the target of a case folder that has just one, in its case.toml."""


def takes_two(known: Iterable[Route], new: Iterable[Route]) -> bool:
    """Whether it takes two people to send letters there.

    It does where an address is new, unless there was none before: what is in a tray has gone nowhere.
    """
    addresses = {route for route in known if route.address}
    return bool(addresses) and any(route.address and route not in addresses for route in new)


def digest_of(routes: Iterable[Route]) -> str:
    """By which people confirm just these, in this order."""
    return hashlib.sha256("\n".join(map(str, routes)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The official a letter is for.

    `serves`: it gets letters of supporters from these countries only (ISO 3166); empty: of all. `others`: it
    gets the letters of those for whose country no other target of the action is.
    """

    slug: str
    office: Written
    place: Written
    country: str  # where the office is: ISO 3166, two letters
    hours: Hours
    pace: Pace
    language: str  # what letters to this office are written in
    routes: tuple[Route, ...]  # in order of preference, at least one
    salutation: Written | None = None
    serves: frozenset[str] = frozenset()
    others: bool = False
    government: str = ""  # whose office it is, where that is not the country it is in: an embassy's

    @property
    def governed_by(self) -> str:
        """The country whose government the office belongs to: ISO 3166, two letters."""
        return self.government or self.country

    @property
    def timezone(self) -> str:
        """Of the office: an IANA name."""
        return self.hours.timezone

    def said(self, what: Literal["salutation", "office"], language: str) -> str:
        """How a letter in that language greets its reader, or calls the office; empty where nobody says."""
        text = self.salutation if what == "salutation" else self.office
        return without_entities(text.texts[language]) if text and language in text.texts else ""

    @property
    def is_for_all(self) -> bool:
        """Whether everybody's letter goes there, wherever they live."""
        return not self.serves and not self.others
