"""Writes the map of the world that charts draw, from npm's world-atlas (ISC; Natural Earth, public domain).

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz
    python -m docs.generators.world_map package/countries-110m.json

It is in the Equal Earth projection (https://doi.org/10.1080/13658816.2018.1504949): countries are as large
as they are. Where the source differs from what people may choose as their country, it is changed: see
`_divided` and `_neutral`. Antarctica is left out.
"""

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from babel.core import get_global

FILE = Path(__file__).parent.parent.parent / "assistant" / "content" / "charts" / "world.json"
SHA256 = "2516c915867c7baf18ddec727aec46c315541a07cfb3d79a6559b05d5e94eee8"  # of countries-110m.json, 2.0.2
WIDTH = 2000  # units of the map; coordinates are whole ones
CENTRE = 10  # degrees east: the edge of the map runs through the Bering Strait
EDGE = -171  # degrees east: a piece of land whose middle lies beyond is drawn on the other side
SMALLEST = 3  # square units: smaller islands are left out, unless the country has no larger one
_CRIMEA = (30, 40, 44, 46.5)  # west, east, south, north: a ring of its own in the source

Point = tuple[float, float]
Ring = tuple[int, ...]  # arcs, by their numbers; ~number: backwards


class Atlas:
    """A TopoJSON file: lands are rings of arcs, and a border is one arc of both its lands."""

    def __init__(self, topology: Mapping[str, Any]) -> None:  # Any: JSON of others
        (self._scale, self._move) = topology["transform"]["scale"], topology["transform"]["translate"]
        self._arcs = [list(self._decoded(arc)) for arc in topology["arcs"]]
        self.lands = topology["objects"]["countries"]["geometries"]

    def _decoded(self, arc: Sequence[Sequence[int]]) -> Iterator[Point]:
        x = y = 0
        for dx, dy in arc:
            x, y = x + dx, y + dy
            yield x * self._scale[0] + self._move[0], y * self._scale[1] + self._move[1]

    def arc(self, number: int) -> list[Point]:
        return self._arcs[number] if number >= 0 else self._arcs[~number][::-1]

    def points(self, ring: Ring) -> list[Point]:
        """Longitudes and latitudes, without a jump where the ring crosses the 180th meridian."""
        found: list[Point] = []
        for number in ring:
            for lon, lat in self.arc(number)[bool(found) :]:
                turns = round((lon - found[-1][0]) / 360) if found else 0
                found.append((lon - 360 * turns, lat))
        middle = (min(lon for lon, _ in found) + max(lon for lon, _ in found)) / 2
        shift = 360 if middle < EDGE else -360 if middle >= EDGE + 360 else 0
        return [(lon + shift, lat) for lon, lat in found]

    def box(self, ring: Ring) -> tuple[float, float, float, float]:
        """West, east, south, north."""
        lons, lats = zip(*self.points(ring), strict=True)
        return min(lons), max(lons), min(lats), max(lats)

    def united(self, rings: Sequence[Ring]) -> list[Ring]:
        """The same land without the borders within it."""
        arcs = {number for ring in rings for number in ring}
        outer = [number for ring in rings for number in ring if ~number not in arcs]
        starts = {self.arc(number)[0]: number for number in outer}
        joined: list[Ring] = []
        while starts:
            ring = [starts.pop(next(iter(starts)))]
            while (after := self.arc(ring[-1])[-1]) in starts:
                ring.append(starts.pop(after))
            joined.append(tuple(ring))
        return joined


def countries(atlas: Atlas) -> tuple[dict[str, list[Ring]], list[Ring]]:
    """The rings of each country, by its code of two letters, and those of the land that has none."""
    lands: defaultdict[str, list[Ring]] = defaultdict(list)
    nobodys: list[Ring] = []
    for land in atlas.lands:
        polygons = [land["arcs"]] if land["type"] == "Polygon" else land["arcs"]
        rings = [tuple(ring) for polygon in polygons for ring in polygon]
        code = _code(land)
        if code is None:
            nobodys += rings
        elif code != "AQ":
            for ring in rings:
                lands[_divided(code, atlas.box(ring))].append(ring)
    lands["UA"] = atlas.united(lands["UA"])
    return lands, nobodys


def _code(land: Mapping[str, Any]) -> str | None:
    """The code by which people may choose it as their country.

    Northern Cyprus and Somaliland have none anywhere. Kosovo has none in ISO 3166, but XK in CLDR.
    """
    if land["properties"]["name"] == "Kosovo":
        return "XK"
    codes: list[str] = get_global("territory_aliases").get(str(land.get("id")), [])
    return codes[0] if codes else None


def _divided(code: str, box: tuple[float, float, float, float]) -> str:
    """Whose a piece of land is, where people may choose another country than the source has.

    French Guiana is a part of France there, Svalbard one of Norway; both have codes of their own. Crimea is
    drawn as Russia's there, and here as the General Assembly of the United Nations has it (68/262).
    """
    west, east, south, north = box
    if code == "FR" and east < -50:
        return "GF"
    if code == "NO" and south > 74:
        return "SJ"
    if code == "RU" and _CRIMEA[0] < west and east < _CRIMEA[1] and _CRIMEA[2] < south and north < _CRIMEA[3]:
        return "UA"
    return code


def projected(lon: float, lat: float) -> Point:
    """Equal Earth, for a sphere with radius 1; y grows to the north."""
    a, b, c, d = 1.340264, -0.081106, 0.000893, 0.003796
    m = sqrt(3) / 2
    t = asin(m * sin(radians(lat)))
    x = radians(lon - CENTRE) * cos(t) / (m * (a + 3 * b * t**2 + t**6 * (7 * c + 9 * d * t**2)))
    return x, t * (a + b * t**2 + t**6 * (c + d * t**2))


def outlines(atlas: Atlas, rings: Sequence[Ring], scale: float) -> list[list[tuple[int, int]]]:
    """The rings in units of the map, the largest first, without those that are too small to be seen."""
    drawn = []
    for ring in rings:
        spots = [projected(*point) for point in atlas.points(ring)]
        drawn.append(_straightened([(round(x * scale), round(-y * scale)) for x, y in spots]))
    drawn.sort(key=_area, reverse=True)
    return [spots for number, spots in enumerate(drawn) if number == 0 or _area(spots) >= SMALLEST]


def _straightened(spots: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Without spots that lie on the line between their neighbours. The last one is not the first again."""
    kept: list[tuple[int, int]] = []
    for spot in spots[:-1]:
        if kept and spot == kept[-1]:
            continue
        if len(kept) > 1 and _on_the_way(kept[-2], kept[-1], spot):
            kept.pop()
        kept.append(spot)
    return kept


def _on_the_way(a: tuple[int, int], b: tuple[int, int], c: tuple[int, int]) -> bool:
    (dx, dy), (ex, ey) = (b[0] - a[0], b[1] - a[1]), (c[0] - b[0], c[1] - b[1])
    return dx * ey == dy * ex and dx * ex + dy * ey > 0


def _area(spots: Sequence[tuple[int, int]]) -> float:
    around = pairwise([*spots, *spots[:1]])
    return abs(sum(x * after_y - after_x * y for (x, y), (after_x, after_y) in around)) / 2


def path(outline: Sequence[Sequence[tuple[int, int]]], left: int, top: int) -> str:
    """As the `d` of an SVG path, in steps from spot to spot."""
    parts = []
    for spots in outline:
        steps = [(x - before[0], y - before[1]) for before, (x, y) in pairwise(spots)]
        start = f"M{spots[0][0] - left} {spots[0][1] - top}"
        parts.append(f"{start}l{' '.join(f'{dx} {dy}' for dx, dy in steps)}z".replace(" -", "-"))
    return "".join(parts)


def main() -> None:
    source = Path(sys.argv[1]).read_bytes()
    if hashlib.sha256(source).hexdigest() != SHA256:
        sys.exit("That is not countries-110m.json of world-atlas 2.0.2.")
    atlas = Atlas(json.loads(source))
    lands, nobodys = countries(atlas)
    scale = WIDTH / (projected(CENTRE + 180, 0)[0] * 2)
    drawn = {code: outlines(atlas, rings, scale) for code, rings in sorted(lands.items())}
    neutral = outlines(atlas, nobodys, scale)
    spots = [spot for outline in (*drawn.values(), neutral) for ring in outline for spot in ring]
    left, top = (min(spot[axis] for spot in spots) for axis in (0, 1))
    world = {
        "width": max(x for x, _ in spots) - left,
        "height": max(y for _, y in spots) - top,
        "neutral": path(neutral, left, top),
        "countries": {code: path(outline, left, top) for code, outline in drawn.items()},
    }
    FILE.write_text(json.dumps(world, indent=0, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main()
