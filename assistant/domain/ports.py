"""Ports to what the dialogue asks: countries (content/countries.py) and print (content/typefaces.py)."""

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Found:
    """Countries that a text may mean, best first; `sure` where there is no doubt about the first.

    `called`: by which of its names the first one was called, such as `PS-alt-short`; else its code.
    """

    codes: tuple[str, ...] = ()
    sure: bool = False
    called: str = field(default="", compare=False)


class Gazetteer(Protocol):
    """Knows the countries' names."""

    def find(self, text: str, language: str) -> Found:
        """What the text may mean to a person who reads `language`."""

    def names(self, text: str, language: str) -> bool:
        """Whether the text is just a country's name, in that language or in English."""

    def knows(self, code: str) -> bool:
        """Whether that is the ISO 3166 code of a country."""


class Typeface(Protocol):
    """Knows which characters can be printed."""

    def missing(self, text: str) -> str:
        """The characters of the text that cannot be printed, each once; empty where all can."""
