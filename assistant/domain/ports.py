"""Ports to what the dialogue asks: countries (content/countries.py) and print (content/typefaces.py)."""

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


class Typeface(Protocol):
    """Knows which characters can be printed."""

    def missing(self, text: str) -> str:
        """The characters of the text that cannot be printed, each once; empty where all can."""
