"""What organisers see of a case as pictures."""

from collections.abc import Mapping, Sequence
from functools import partial

from assistant.domain.actions import Action
from assistant.domain.charts import Bar, Days, Funnel, MapClass, Place, Thermometer, WorldMap, missing
from assistant.domain.counter import Batch
from assistant.domain.figures import FEW, CaseFigures, Figure, ShownAction, ShownDetails
from assistant.domain.texts import (
    CountryName,
    Lines,
    Locale,
    Number,
    Pictured,
    Sentence,
    Text,
    in_plain_text,
)
from conversations.organisers.formatting import Shown, day

_ = Sentence

CLASSES = (FEW, 100, 1000)  # letters: from here on a country has another shade
LISTED = 8  # countries, beside the map


def goal(action: Action, shown: ShownAction) -> Text:
    """How many letters of an action that has a goal were sent."""
    return Pictured(_("<b>{title}</b>", {"title": action.title}), partial(sent, action, shown.left))


def _thermometer(action: Action, sent: Figure, locale: Locale, what: Text) -> Thermometer:
    wanted = action.goal or 1
    return Thermometer(
        locale.language,
        in_plain_text(action.title, locale),
        reached=_bar(what, sent, sent.least if sent.least >= FEW else None, locale),
        goal=Bar(in_plain_text(_("Goal"), locale), locale.number(wanted), wanted),
    )


def how_far(counted: CaseFigures) -> Text:
    """How far people come, from the link to the answer."""
    shown = counted.shown
    lines = [
        _("• {step}: {count}", {"step": step(name), "count": Shown(count)})
        for name, count in shown.funnel.items()
    ]
    return Pictured(Lines((_("How far people come:"), *lines)), partial(funnel, shown))


def countries(counted: CaseFigures) -> Text | None:
    """Where letters come from; None where no country has so many that it points at nobody."""
    shown = counted.shown
    told, elsewhere = list(shown.countries.items()), shown.elsewhere
    if not told:
        return None
    lines = [
        _("• {country}: {count}", {"country": CountryName(code), "count": Shown(count)})
        for code, count in told[:LISTED]
    ]
    if (rest := len(told) - LISTED) > 0:
        lines.append(
            Sentence("{count} more country", {"count": Number(rest)}, "{count} more countries", rest)
        )
    if elsewhere.exact != 0:
        lines.append(_("• elsewhere: {count}", {"count": Shown(elsewhere)}))
    heading = _("Letters by country:")
    if shown.arrived_only:
        heading = _("Letters that have arrived, by country:")
    return Pictured(Lines((heading, *lines)), partial(places, shown))


def places(shown: ShownDetails, locale: Locale) -> WorldMap:
    """Where letters come from."""
    title = _("Letters that have arrived, by country") if shown.arrived_only else _("Letters by country")
    drawn = tuple(
        Place(code, _bar(CountryName(code), count, count.exact, locale))
        for code, count in shown.countries.items()
    )
    few = {"count": Number(FEW)}
    return WorldMap(
        language=locale.language,
        title=in_plain_text(title, locale),
        places=drawn,
        classes=tuple(
            MapClass(least, in_plain_text(_class(least, after), locale))
            for least, after in zip(CLASSES, (*CLASSES[1:], None), strict=True)
        ),
        others=in_plain_text(_("Fewer than {count}, or none", few), locale),
        hidden=in_plain_text(_("At least {count}; how many is not said", few), locale),
        note=in_plain_text(_too_small(absent), locale) if (absent := missing(drawn)) else "",
    )


def _class(least: int, after: int | None) -> Text:
    if after is None:
        return _("{least} or more", {"least": Number(least)})
    return _("{least} to {most}", {"least": Number(least), "most": Number(after - 1)})


def _too_small(count: int) -> Text:
    return Sentence(
        "{count} country with letters is too small for this map.",
        {"count": Number(count)},
        "{count} countries with letters are too small for this map.",
        count,
    )


def _bar(label: Text, figure: Figure, count: int | None, locale: Locale) -> Bar:
    return Bar(in_plain_text(label, locale), in_plain_text(Shown(figure), locale), count)


def funnel(shown: ShownDetails, locale: Locale) -> Funnel:
    """How far people come, from the link to the answer."""
    steps = [_bar(step(name), figure, figure.exact, locale) for name, figure in shown.funnel.items()]
    return Funnel(locale.language, in_plain_text(_("How far people come"), locale), tuple(steps))


def step(name: str) -> Text:
    """A step of the funnel."""
    return _STEPS[name]


def reached(action: Action, arrived: Figure, locale: Locale) -> Thermometer:
    """How many letters of an action that has a goal have arrived."""
    return _thermometer(action, arrived, locale, _("Letters arrived"))


def sent(action: Action, left: Figure, locale: Locale) -> Thermometer:
    """How many letters of an action that has a goal were sent."""
    return _thermometer(action, left, locale, _("Letters sent"))


def by_day(batches: Sequence[Batch], locale: Locale) -> Days:
    """How many letters have arrived, as the public counter has it: whole batches, so never a small number."""
    days = (
        Bar(in_plain_text(day(each.day), locale), locale.number(each.count), each.count) for each in batches
    )
    return Days(locale.language, in_plain_text(_("Letters arrived, by day"), locale), tuple(days))


_STEPS: Mapping[str, Text] = {
    "opened": _("Came to write"),
    "began": _("Began"),
    "country": _("Named a country"),
    "name": _("Gave a name, or none"),
    "previewed": _("Saw their letter"),
    "confirmed": _("Had it sent"),
    "left": _("Letters sent"),
    "arrived": _("Letters arrived"),
    "answered": _("Letters answered"),
}
