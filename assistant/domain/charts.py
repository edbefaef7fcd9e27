"""What charts show: values, and every word of them in the reader's language. `content.charts` draws them.

A count that may not be said is None. It is drawn hatched and always alike, whatever it is: neither a length
nor a colour gives it away. `domain.figures` says which counts these are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

# fmt: off
NOT_ON_MAP = frozenset((
    "AD", "AG", "AI", "AQ", "AS", "AW", "AX", "BB", "BH", "BL", "BM", "BQ", "BV", "CC", "CK", "CV", "CW",
    "CX", "DM", "FM", "FO", "GD", "GG", "GI", "GP", "GS", "GU", "HK", "HM", "IM", "IO", "JE", "KI", "KM",
    "KN", "KY", "LC", "LI", "MC", "MF", "MH", "MO", "MP", "MQ", "MS", "MT", "MU", "MV", "NF", "NR", "NU",
    "PF", "PM", "PN", "PW", "RE", "SC", "SG", "SH", "SM", "ST", "SX", "TC", "TK", "TO", "TV", "UM", "VA",
    "VC", "VG", "VI", "WF", "WS", "YT",
))
# fmt: on
"""Countries that the map of the world is too small for, and Antarctica: a table beside it has them."""

CLASSES_MAX = 4
"""So many shades of the map can be told apart."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A count and what it counts. `shown`: the count as it is read, such as "4,312" or "<10"."""

    label: str
    shown: str
    count: int | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """How many came to each step, the first one first."""

    language: str
    title: str
    steps: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Thermometer:
    """How much of a goal is reached. The goal is always said, and above 0: else ValueError."""

    language: str
    title: str
    reached: Bar
    goal: Bar

    def __post_init__(self) -> None:
        if not self.goal.count or self.goal.count < 0:
            raise ValueError("A thermometer needs a goal.")


@dataclass(frozen=True, slots=True)
class Days:
    """A count for each day, the earliest first; a day that has nothing is there, too."""

    language: str
    title: str
    days: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A country, by its code of two letters, and its count."""

    code: str
    bar: Bar


@dataclass(frozen=True, slots=True)
class MapClass:
    """Countries with at least so many have one shade, up to the next class."""

    least: int
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldMap:
    """Counts by country. It needs a table beside it: small countries are not on it.

    `places`: the countries of which something is said; all others look alike, as `others` says. `hidden`:
    what it means to be hatched. `classes`: at most `CLASSES_MAX`, from the smallest; the first one holds
    whatever is less, too. `note`: how many of the places are not on it (`missing`); empty where all are.
    """

    language: str
    title: str
    places: tuple[Place, ...]
    classes: tuple[MapClass, ...]
    others: str
    hidden: str
    note: str

    def __post_init__(self) -> None:
        if not 0 < len(self.classes) <= CLASSES_MAX:
            raise ValueError(f"A map has 1 to {CLASSES_MAX} classes.")


def missing(places: Sequence[Place]) -> int:
    """How many of them are not on the map."""
    return sum(place.code in NOT_ON_MAP for place in places)


Chart = Funnel | Thermometer | Days | WorldMap


def bars(chart: Chart) -> tuple[Bar, ...]:
    """All that it shows, in order."""
    match chart:
        case Funnel():
            return chart.steps
        case Thermometer():
            return chart.reached, chart.goal
        case Days():
            return chart.days
        case WorldMap():
            return tuple(place.bar for place in chart.places)
    assert_never(chart)


def in_words(chart: Chart) -> str:
    """What is said where it cannot be seen: its title, and a line for each bar."""
    return "\n".join([chart.title, *(f"{bar.label}: {bar.shown}" for bar in bars(chart))])
