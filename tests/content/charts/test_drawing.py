"""Charts as SVG: what is drawn is said, what may not be said is not drawn, and pages can hold it."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from assistant.content.charts import drawing
from assistant.content.charts.drawing import SHADES, WIDTH
from assistant.content.territories import country_codes
from assistant.domain.charts import (
    CLASSES_MAX,
    NOT_ON_MAP,
    Bar,
    Chart,
    Days,
    Funnel,
    MapClass,
    Place,
    Thermometer,
    WorldMap,
    missing,
)

SVG = "{http://www.w3.org/2000/svg}"
FUNNEL = Funnel(
    "en", "Letters", (Bar("Begun", "400", 400), Bar("Sent", "100", 100), Bar("Arrived", "<10", None))
)
THERMOMETER = Thermometer("en", "Letters", Bar("Arrived", "300", 300), Bar("Goal", "600", 600))
DAYS = Days(
    "en", "Letters by day", (Bar("1 May", "40", 40), Bar("2 May", "<10", None), Bar("3 May", "80", 80))
)
MAP = WorldMap(
    language="en",
    title="Letters by country",
    places=(
        Place("GT", Bar("Guatemala", "1,300", 1300)),
        Place("DE", Bar("Germany", "40", 40)),
        Place("BR", Bar("Brazil", "10+", None)),
        Place("MT", Bar("Malta", "12", 12)),
    ),
    classes=(MapClass(10, "10 to 99"), MapClass(100, "100 to 999"), MapClass(1000, "1,000 or more")),
    others="Fewer than 10",
    hidden="More, and not said",
    note="One country is not on the map.",
)
CHARTS: list[Chart] = [FUNNEL, THERMOMETER, DAYS, MAP]
EACH = pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: type(chart).__name__)
HOSTILE = [
    "</svg><script>alert(1)</script>",
    '" onload="alert(1)',
    "]]> <!-- & &lt;",
    "a\x00b\x1b\ud800\ufffe",
]


def parsed(chart: Chart) -> ElementTree.Element:
    return ElementTree.fromstring(drawing.svg(chart))  # noqa: S314  our own


def words(chart: Chart) -> list[str]:
    """Every text that is seen, without marks of direction."""
    return [re.sub("[\u2066-\u2069]", "", each.text or "") for each in parsed(chart).iter(f"{SVG}text")]


def bars(chart: Chart) -> dict[str, ElementTree.Element]:
    """What has a length, by what is said of it."""
    found = ((rect.find(f"{SVG}title"), rect) for rect in parsed(chart).iter(f"{SVG}rect"))
    return {title.text or "": rect for title, rect in found if title is not None}


def lands(chart: WorldMap) -> dict[str, ElementTree.Element]:
    """Countries of which something is said, by that."""
    found = ((path.find(f"{SVG}title"), path) for path in parsed(chart).iter(f"{SVG}path"))
    return {title.text or "": path for title, path in found if title is not None}


def spans(chart: Chart, axis: str = "width") -> list[float]:
    return [float(rect.get(axis, "0")) for rect in bars(chart).values()]


def saying(chart: Chart, said: str) -> Chart:
    """The chart with that in the place of each text."""
    bar = Bar(said, said, 20)
    match chart:
        case Funnel():
            return replace(chart, title=said, steps=(bar, replace(bar, count=None)))
        case Thermometer():
            return replace(chart, title=said, reached=bar, goal=bar)
        case Days():
            return replace(chart, title=said, days=(bar, replace(bar, count=None)))
        case WorldMap():
            return replace(
                chart,
                title=said,
                places=(Place("GT", bar), Place("DE", replace(bar, count=None))),
                classes=(MapClass(1, said),),
                others=said,
                hidden=said,
                note=said,
            )


def reading(chart: Chart, language: str) -> Chart:
    return replace(chart, language=language)


@EACH
def test_a_chart_says_to_screen_readers_what_it_shows(chart: Chart) -> None:
    drawn = parsed(chart)
    assert drawn.get("role") == "img"
    named = [drawn.find(f".//*[@id='{each}']") for each in (drawn.get("aria-labelledby") or "").split()]
    title, about = [each.text or "" for each in named if each is not None]
    assert title == chart.title
    places = chart.places if isinstance(chart, WorldMap) else ()
    for bar in (*getattr(chart, "steps", ()), *getattr(chart, "days", ()), *(each.bar for each in places)):
        assert f"{bar.label}: {bar.shown}" in about


@EACH
def test_a_chart_may_stand_in_a_page_that_forbids_inline_styles_and_other_servers(chart: Chart) -> None:
    drawn = parsed(chart)
    assert isinstance(drawing.svg(chart), Markup)
    for element in drawn.iter():
        assert element.tag.removeprefix(SVG) not in ("style", "script", "image", "a", "foreignObject", "use")
        for name, value in element.attrib.items():
            assert name != "style"
            assert not name.startswith("on")
            assert not name.endswith("href") or value.startswith("#")


@EACH
def test_two_charts_of_a_page_have_no_name_in_common(chart: Chart) -> None:
    def names(each: Chart) -> set[str]:
        return {name for element in parsed(each).iter() if (name := element.get("id"))}

    assert names(chart)
    assert not names(chart) & names(replace(chart, title="Another"))


@EACH
@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_a_text_says_is_only_text(chart: Chart, said: str) -> None:
    expected = [each.tag for each in parsed(saying(chart, "said")).iter() if "text" not in each.tag]
    drawn = parsed(saying(chart, said))
    assert [each.tag for each in drawn.iter() if "text" not in each.tag] == expected
    assert not any(name.startswith("on") for each in drawn.iter() for name in each.attrib)


@EACH
def test_a_text_that_is_too_long_is_shortened_and_said_whole(chart: Chart) -> None:
    long = "Menschenrechtsverteidigerinnen " * 30
    shown = words(saying(chart, long))
    assert [each for each in shown if len(each) > 60] == []
    assert any(each.endswith("…") for each in shown)
    assert long.strip() in "".join(parsed(saying(chart, long)).itertext())


def test_a_bar_is_as_long_as_its_count() -> None:
    lengths = {said: float(rect.get("width", "0")) for said, rect in bars(FUNNEL).items()}
    assert lengths["Begun: 400"] == 4 * lengths["Sent: 100"] == WIDTH - 2 * drawing.SIDE
    heights = {said: float(rect.get("height", "0")) for said, rect in bars(DAYS).items()}
    assert heights["3 May: 80"] == 2 * heights["1 May: 40"]


@pytest.mark.parametrize("others", [10, 25, 100, 4000])
def test_a_hidden_count_is_drawn_alike_whatever_the_others_are(others: int) -> None:
    funnel = Funnel("en", "Letters", (Bar("Begun", "?", others), Bar("Arrived", "<10", None)))
    days = Days("en", "Letters", (Bar("1 May", "?", others), Bar("2 May", "<10", None)))
    goal = replace(THERMOMETER, reached=Bar("Arrived", "<10", None), goal=Bar("Goal", "?", others))
    hidden = bars(funnel)["Arrived: <10"], bars(goal)["Arrived: <10"]
    assert [each.get("width") for each in hidden] == [str(drawing.HIDDEN)] * 2
    assert bars(days)["2 May: <10"].get("height") == str(drawing.HIDDEN)
    assert all("hatch" in (each.get("fill") or "") for each in (*hidden, bars(days)["2 May: <10"]))


def test_a_count_that_may_be_said_is_not_hatched() -> None:
    known = [*bars(THERMOMETER).values(), bars(FUNNEL)["Sent: 100"], bars(DAYS)["1 May: 40"]]
    assert not any("hatch" in (each.get("fill") or "") for each in known)


def test_where_every_count_is_hidden_all_bars_are_alike() -> None:
    hidden = Funnel("en", "Letters", tuple(Bar(label, "<10", None) for label in "abc"))
    assert set(spans(hidden)) == {float(drawing.HIDDEN)}


@pytest.mark.parametrize("chart", [Funnel("en", "None", ()), Days("en", "None", ())])
def test_a_chart_of_nothing_is_a_title(chart: Chart) -> None:
    assert words(chart) == ["None"]
    assert bars(chart) == {}


def test_nothing_has_no_bar() -> None:
    assert list(bars(Days("en", "Letters", (Bar("1 May", "0", 0), Bar("2 May", "12", 12))))) == ["2 May: 12"]


def test_a_goal_that_is_passed_stands_within_the_bar() -> None:
    passed = replace(THERMOMETER, reached=Bar("Arrived", "900", 900))
    (mark,) = (path.get("d") or "" for path in parsed(passed).iter(f"{SVG}path"))
    assert mark.startswith(f"M{drawing.SIDE + round(drawing.ROOM * 600 / 900, 1)} ")
    assert spans(passed) == [drawing.ROOM]


@pytest.mark.parametrize("count", [None, 0])
def test_a_thermometer_without_a_goal_is_refused(count: int | None) -> None:
    with pytest.raises(ValueError, match="needs a goal"):
        Thermometer("en", "Letters", Bar("Arrived", "300", 300), Bar("Goal", "", count))


@pytest.mark.parametrize("chart", [FUNNEL, THERMOMETER], ids=["Funnel", "Thermometer"])
def test_from_right_to_left_bars_begin_at_the_right(chart: Chart) -> None:
    edges = {
        float(rect.get("x", "0")) + float(rect.get("width", "0"))
        for rect in bars(reading(chart, "ar")).values()
    }
    assert edges == {WIDTH - drawing.SIDE}
    assert {float(rect.get("x", "0")) for rect in bars(chart).values()} == {drawing.SIDE}


def test_from_right_to_left_the_first_day_is_at_the_right() -> None:
    def first_is_left(chart: Chart) -> bool:
        first, *_, last = (float(rect.get("x", "0")) for rect in bars(chart).values())
        return first < last

    assert first_is_left(DAYS)
    assert not first_is_left(reading(DAYS, "ar"))


def test_from_right_to_left_words_end_where_others_begin_even_in_a_page_of_that_direction() -> None:
    drawn = parsed(reading(FUNNEL, "ar"))
    label = next(each for each in drawn.iter(f"{SVG}text") if "Begun" in (each.text or ""))
    assert drawn.get("direction") == "ltr"
    assert (label.get("text-anchor"), label.get("x")) == ("end", str(WIDTH - drawing.SIDE))
    assert (label.text or "").startswith("\u2067")


@EACH
@pytest.mark.parametrize("language", ["en", "ar", "zh-Hans"])
def test_nothing_is_drawn_outside_of_the_picture(chart: Chart, language: str) -> None:
    drawn = parsed(reading(chart, language))
    for element in drawn.iter():
        for axis, size in (("x", "width"), ("y", "height")):
            assert float(element.get(axis, "0")) >= -1
            assert float(element.get(axis, "0")) <= float(drawn.get(size, "0"))


def test_a_country_has_the_shade_of_its_class_and_the_key_says_which() -> None:
    drawn = lands(MAP)
    assert drawn["Guatemala: 1,300"].get("fill") == SHADES[2]
    assert drawn["Germany: 40"].get("fill") == SHADES[0]
    assert {"10 to 99", "100 to 999", "1,000 or more", "Fewer than 10", "More, and not said"} <= set(
        words(MAP)
    )
    assert MAP.note in words(MAP)


def test_a_hidden_country_is_hatched_and_only_then_the_key_says_what_that_means() -> None:
    assert "url(#" in (lands(MAP)["Brazil: 10+"].get("fill") or "")
    told = replace(MAP, places=MAP.places[:2])
    assert MAP.hidden not in words(told)


def test_countries_of_which_nothing_is_said_look_alike() -> None:
    alike = [path.get("fill") for path in parsed(MAP).iter(f"{SVG}path") if path.find(f"{SVG}title") is None]
    assert len(alike) > 170
    assert len(set(alike)) == 1


def test_the_shades_of_a_map_grow_darker() -> None:
    def light(colour: str) -> int:
        return sum(int(colour[at : at + 2], 16) for at in (1, 3, 5))

    assert len(SHADES) == CLASSES_MAX
    assert sorted(SHADES, key=light, reverse=True) == list(SHADES)


@pytest.mark.parametrize("classes", [(), tuple(MapClass(each, "") for each in range(5))])
def test_a_map_with_more_classes_than_can_be_told_apart_is_refused(classes: tuple[MapClass, ...]) -> None:
    with pytest.raises(ValueError, match="1 to 4 classes"):
        replace(MAP, classes=classes)


def test_every_country_that_can_be_chosen_is_on_the_map_or_known_not_to_be() -> None:
    on_it = set(drawing.world().countries)
    assert on_it | NOT_ON_MAP == country_codes()
    assert not on_it & NOT_ON_MAP
    assert missing(MAP.places) == 1


def test_countries_are_where_they_are() -> None:
    """Their first spot: west of, and north of each other."""

    def spot(code: str) -> tuple[int, int]:
        x, y = re.match(r"M(\d+) (\d+)", drawing.world().countries[code]).groups()  # type: ignore[union-attr]
        return int(x), int(y)

    wide, high = drawing.world().size
    assert all(0 <= x <= wide and 0 <= y <= high for x, y in map(spot, drawing.world().countries))
    assert spot("US")[0] < spot("GF")[0] < spot("FR")[0] < spot("UA")[0] < spot("RU")[0] < spot("JP")[0]
    assert spot("SJ")[1] < spot("NO")[1] < spot("GT")[1] < spot("GF")[1] < spot("CL")[1]
