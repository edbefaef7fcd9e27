"""Finding the country that a person means: the port; the knowledge is in content/countries.py."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """Countries that a text may mean, best first; `sure` where there is no doubt about the first."""

    codes: tuple[str, ...] = ()
    sure: bool = False


class Gazetteer(Protocol):
    """Knows the countries' names."""

    def find(self, text: str, language: str) -> Found:
        """What the text may mean to a person who reads `language`."""

    def knows(self, code: str) -> bool:
        """Whether that is the ISO 3166 code of a country."""
