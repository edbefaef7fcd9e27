"""Charts: how long the SVG takes, and how many times as long the PNG of it, side by side in one run."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

from assistant.content.charts import drawing
from assistant.content.charts.pixels import Pixels
from assistant.domain.charts import Bar, Chart, Days, Funnel, MapClass, Place, Thermometer, WorldMap

ROUNDS = 20
LATIN, ARABIC = "Letters for Norma Cruz", "رسائل من أجل Norma Cruz"
CLASSES = (MapClass(10, "10 to 99"), MapClass(100, "100 to 999"), MapClass(1000, "1,000 or more"))


def charts(number: int) -> dict[str, Chart]:
    """Of each kind, with other counts for each number."""
    bars = tuple(Bar(f"{LATIN} {each}", str(each + number), each + number) for each in range(90, 0, -1))
    codes = sorted(drawing.world().countries)
    places = tuple(Place(code, bar) for code, bar in zip(codes, bars, strict=False))
    every: dict[str, Chart] = {
        "funnel": Funnel("en", LATIN, (*bars[:5], Bar("Delivered", "<10", None))),
        "thermometer": Thermometer("en", LATIN, bars[0], Bar("Goal", "500", 500)),
        "days": Days("en", LATIN, bars),
        "map": WorldMap(
            language="en",
            title=LATIN,
            places=places,
            classes=CLASSES,
            others="Fewer than 10",
            hidden="Not said",
            note="",
        ),
    }
    return every | {
        f"{name}, Arabic": replace(each, language="ar", title=ARABIC) for name, each in every.items()
    }


def milliseconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return 1000 * (time.process_time() - start)


def main() -> None:
    pixels = Pixels()
    for chart in charts(0).values():  # typefaces and templates are read
        pixels.png(drawing.svg(chart))
    for name in charts(0):
        drawn, made, size = [], [], 0
        for number in range(ROUNDS):
            chart = charts(number)[name]
            drawn.append(milliseconds(lambda chart=chart: drawing.svg(chart)))  # type: ignore[misc]
            svg = drawing.svg(chart)
            made.append(milliseconds(lambda svg=svg: pixels.png(svg)))  # type: ignore[misc]
            size = len(pixels.png(svg))
        ratio = statistics.median(one / other for one, other in zip(made, drawn, strict=True))
        print(
            f"{name:>20}: SVG {statistics.median(drawn):6.1f} ms, PNG {statistics.median(made):6.1f} ms"
            f" of a core (most {max(made):.0f}), {ratio:5.1f} times as long, {size / 1000:.0f} kB"
        )


if __name__ == "__main__":
    main()
