"""Charts as SVG: for pages as it is, and for chats as the pixels that typst makes of it.

It stands in a page that forbids inline styles, so that it has presentation attributes only. Its words are
text, and screen readers say all of it. Where the language is written from right to left, bars begin there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from hashlib import blake2b
from importlib.resources import files
from typing import Any, assert_never

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from assistant.content import languages, typefaces
from assistant.content.shortening import shortened
from assistant.domain.charts import Bar, Chart, Days, Funnel, Thermometer, WorldMap, bars

WIDTH = 400  # units, about as many as a phone has pixels
SIDE = 16  # left free on both sides
ROOM = WIDTH - 2 * SIDE
HIDDEN = 28  # units: the length of every bar whose count may not be said
SHORTEST = 2  # units, of a bar whose count is not 0
TEXT, TITLE, SMALL = 15, 18, 13  # sizes of letters, in units
BOLD = 1.15  # bold letters are wider by so much at most
SHADES = (
    "#a9cbe6",
    "#5b9dcf",
    "#1f6aa5",
    "#0a2f52",
)  # from the smallest class; told apart without colour, too
_TITLE_LINES = 2
_ROW = 50  # units from a bar of a funnel to the next one
_DAYS_HEIGHT = 150  # units of the largest day
_NOT_XML = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
)  # https://www.w3.org/TR/xml/#charsets
_LTR, _RTL, _AS_IT_BEGINS, _END = "\u2066", "\u2067", "\u2068", "\u2069"  # isolates: UAX #9, 2.4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """A bar. `hidden`: its length says nothing."""

    x: float
    y: float
    width: float
    height: float
    hidden: bool
    about: str


@dataclass(frozen=True, slots=True)
class _Page:
    """What a language does to a chart: from which side it is read, and how wide its words are."""

    language: str

    @property
    def rtl(self) -> bool:
        return languages.direction(self.language) == "rtl"

    def x(self, start: float, width: float = 0) -> float:
        """Where something begins that has `start` units before it and is so wide, from the left."""
        return WIDTH - start - width if self.rtl else start

    @property
    def start(self) -> str:
        """The `text-anchor` of what begins at its x: `direction` is ltr in every language."""
        return "end" if self.rtl else "start"

    @property
    def end(self) -> str:
        return "start" if self.rtl else "end"

    def text(self, said: str) -> str:
        """As one line that is read from the language's own side."""
        return f"{_RTL if self.rtl else _LTR}{said}{_END}" if said else ""

    def count(self, shown: str) -> str:
        """A count, on half a line at most: "<10" is read from left to right in Arabic, too."""
        return f"{_AS_IT_BEGINS}{shortened(shown, self.language, ROOM / 2 / TEXT / BOLD)}{_END}"

    def fits(self, said: str, room: float, size: float) -> bool:
        return self.width(said, size) <= room

    def width(self, said: str, size: float) -> float:
        return typefaces.width(said, self.language) * size * BOLD

    def fitted(self, said: str, room: float, size: float) -> str:
        """Shortened to so many units."""
        return self.text(shortened(said, self.language, max(2.0, room / size / BOLD)))

    def lines(self, said: str, size: float) -> list[str]:
        """In lines as wide as the chart, the last one shortened."""
        found: list[str] = []
        words = said.split()
        while words and len(found) < _TITLE_LINES - 1:
            line = [words.pop(0)]
            while words and self.fits(" ".join([*line, words[0]]), ROOM, size):
                line.append(words.pop(0))
            found.append(self.fitted(" ".join(line), ROOM, size))
        return [*found, self.fitted(" ".join(words), ROOM, size)] if words else found


class _World:
    """The map: see docs/generators/world_map.py."""

    @cached_property
    def _stored(self) -> Mapping[str, Any]:  # Any: JSON
        stored: Mapping[str, Any] = json.loads(
            files("assistant.content.charts").joinpath("world.json").read_text("utf-8")
        )
        return stored

    @property
    def size(self) -> tuple[int, int]:
        return self._stored["width"], self._stored["height"]

    @property
    def countries(self) -> Mapping[str, str]:
        """The outline of each country, by its code."""
        countries: Mapping[str, str] = self._stored["countries"]
        return countries

    @property
    def neutral(self) -> str:
        """The outline of land that is in no country that can be chosen."""
        return str(self._stored["neutral"])


@cache
def world() -> _World:
    """The map, read once."""
    return _World()


def svg(chart: Chart) -> Markup:
    """The chart as an SVG of `WIDTH` units, for a page, or for `pixels.png`."""
    page = _Page(chart.language)
    match chart:
        case Funnel():
            name, values = "funnel", _funnel(chart, page)
        case Thermometer():
            name, values = "thermometer", _thermometer(chart, page)
        case Days():
            name, values = "days", _days(chart, page)
        case WorldMap():
            name, values = "map", _map(chart, page)
        case _:
            assert_never(chart)
    title = page.lines(chart.title, TITLE)
    said = [f"{bar.label}: {bar.shown}" for bar in bars(chart)] + [values.pop("note", "")]
    return Markup(  # noqa: S704  the template escapes every value
        _templates()
        .get_template(f"{name}.svg.jinja")
        .render(
            values,
            page=page,
            width=WIDTH,
            side=SIDE,
            sizes={"text": TEXT, "title": TITLE, "small": SMALL},
            key=f"{name}-{blake2b(repr(chart).encode(errors='replace'), digest_size=4).hexdigest()}",
            language=chart.language,
            heading=chart.title,
            title=title,
            top=SIDE + len(title) * 24 + 10,
            about=". ".join(filter(None, said)),
        )
    )


def compile_templates() -> None:
    """Make every template ready: the first chart of each kind is drawn without a wait."""
    templates = _templates()
    for name in templates.list_templates(filter_func=lambda each: each.endswith(".svg.jinja")):
        templates.get_template(name)


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("assistant.content", "charts"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_sayable,
    )


def _sayable(value: object) -> object:
    """Without characters that XML cannot hold."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _NOT_XML.sub("", value)
    return f"{value:g}" if isinstance(value, float) else value


def _length(count: int | None, most: int, room: float) -> float:
    """How long a bar is. What may not be said is always as long."""
    if count is None:
        return HIDDEN
    return max(SHORTEST, round(room * count / most, 1)) if count else 0


def _most(told: tuple[Bar, ...]) -> int:
    """The largest count that may be said, at least 1."""
    return max((bar.count for bar in told if bar.count), default=1)


def _funnel(chart: Funnel, page: _Page) -> dict[str, Any]:
    most = _most(chart.steps)
    rows = []
    for number, bar in enumerate(chart.steps):
        length = _length(bar.count, most, ROOM)
        box = _Box(
            x=page.x(SIDE, length),
            y=number * _ROW + 22,
            width=length,
            height=16,
            hidden=bar.count is None,
            about=f"{bar.label}: {bar.shown}",
        )
        rows.append({"label": _label(bar, page), "shown": page.count(bar.shown), "box": box})
    return {"rows": rows, "step": _ROW, "height": max(1, len(rows)) * _ROW}


def _label(bar: Bar, page: _Page) -> str:
    """What stands on a line with the count."""
    return page.fitted(bar.label, ROOM - min(ROOM / 2, page.width(bar.shown, TEXT)) - TEXT, TEXT)


def _thermometer(chart: Thermometer, page: _Page) -> dict[str, Any]:
    goal = chart.goal.count or 1
    most = max(goal, chart.reached.count or 0)
    length = _length(chart.reached.count, most, ROOM)
    mark = round(ROOM * goal / most, 1)
    box = _Box(
        x=page.x(SIDE, length),
        y=24,
        width=length,
        height=24,
        hidden=chart.reached.count is None,
        about=f"{chart.reached.label}: {chart.reached.shown}",
    )
    return {
        "label": _label(chart.reached, page),
        "shown": page.count(chart.reached.shown),
        "goal": _label(chart.goal, page),
        "goal_shown": page.count(chart.goal.shown),
        "box": box,
        "mark": page.x(SIDE + mark),
        "room": ROOM,
        "height": 88,
    }


def _days(chart: Days, page: _Page) -> dict[str, Any]:
    most = _most(chart.days)
    slot = ROOM / max(1, len(chart.days))
    wide = round(slot * (0.8 if slot > 3 else 1), 2)
    boxes = []
    for number, bar in enumerate(chart.days):
        height = _length(bar.count, most, _DAYS_HEIGHT)
        boxes.append(
            _Box(
                x=round(page.x(SIDE + number * slot + (slot - wide) / 2, wide), 2),
                y=_DAYS_HEIGHT - height,
                width=wide,
                height=height,
                hidden=bar.count is None,
                about=f"{bar.label}: {bar.shown}",
            )
        )
    highest = max((bar for bar in chart.days if bar.count), key=lambda bar: bar.count or 0, default=None)
    ends = [page.fitted(bar.label, ROOM / 2 - TEXT, SMALL) for bar in (chart.days[:1] + chart.days[1:][-1:])]
    return {
        "boxes": boxes,
        "highest": page.fitted(f"{highest.label}: {highest.shown}", ROOM, SMALL) if highest else "",
        "ends": ends,
        "base": _DAYS_HEIGHT,
        "room": ROOM,
        "height": _DAYS_HEIGHT + 50,
    }


def _map(chart: WorldMap, page: _Page) -> dict[str, Any]:
    drawn = world()
    wide, high = drawn.size
    scale = ROOM / wide
    told = {place.code: place.bar for place in chart.places}
    lands = [
        {
            "outline": outline,
            "fill": _shade(told[code], chart) if code in told else None,
            "hidden": code in told and told[code].count is None,
            "about": f"{told[code].label}: {told[code].shown}" if code in told else "",
        }
        for code, outline in drawn.countries.items()
    ]
    map_height = high * scale
    legend = list(_legend(chart, page))
    legend_height = max(each["y"] for each in legend) + 22
    note = page.lines(chart.note, SMALL) if chart.note else []
    return {
        "lands": lands,
        "neutral": drawn.neutral,
        "scale": scale,
        "legend": legend,
        "legend_top": round(map_height + 16),
        "notes": note,
        "notes_top": round(map_height + 16 + legend_height + 12),
        "note": chart.note,
        "height": round(map_height + 16 + legend_height + len(note) * 18 + 8),
    }


def _shade(bar: Bar, chart: WorldMap) -> str | None:
    """Of its class; None where that may not be said."""
    if bar.count is None:
        return None
    held = sum(bar.count >= each.least for each in chart.classes)
    return SHADES[max(0, held - 1)]


def _legend(chart: WorldMap, page: _Page) -> Iterator[dict[str, Any]]:
    """What each shade means, in two columns where there is room."""
    means: list[tuple[str | None, bool, str]] = [(None, False, chart.others)]
    if any(place.bar.count is None for place in chart.places):
        means.append((None, True, chart.hidden))
    means += [(shade, False, each.label) for shade, each in zip(SHADES, chart.classes, strict=False)]
    narrow = ROOM / 2 - 34
    columns = 2 if all(page.fits(label, narrow, SMALL) for _, _, label in means) else 1
    rows = -(-len(means) // columns)
    for number, (fill, hidden, label) in enumerate(means):
        column, row = divmod(number, rows)
        start = SIDE + column * ROOM / 2
        yield {
            "x": page.x(start, 18),
            "y": row * 22,
            "fill": fill,
            "hidden": hidden,
            "label": page.fitted(label, narrow if columns == 2 else ROOM - 26, SMALL),
            "label_x": page.x(start + 26),
        }
