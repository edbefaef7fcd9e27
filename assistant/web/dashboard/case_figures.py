"""A case in figures: how far people come, where its letters are, and where they come from.

What may not be said is not on the page in any form: `domain.figures` decides that for all of it together.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from aiohttp import web
from markupsafe import Markup

from assistant.content.charts import drawing
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.charts import Days, Funnel, Thermometer, WorldMap
from assistant.domain.counter import Batch
from assistant.domain.figures import NO_LETTERS, Figure, ShownDetails, Stage
from assistant.domain.texts import Locale, Text
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import CASE, PATH, Frame, case_in
from assistant.web.lately import Refreshed

FRESH = 60.0  # seconds: counting 300,000 letters takes 0.4 s on SQLite
LONGEST = 600.0  # seconds that figures are shown for while they are counted anew
CASES = 200  # remembered
DAYS = 31  # of the counter, that are drawn

K = TypeVar("K")
Row = tuple[Text | str, Text]


class Wording(Protocol):
    """What is said of figures."""

    SENTENCES: Mapping[str, Text]

    def funnel(self, shown: ShownDetails, locale: Locale) -> Funnel:
        """How far people come."""

    def reached(self, action: Action, arrived: Figure, locale: Locale) -> Thermometer:
        """How many letters of an action that has a goal have arrived."""

    def sent(self, action: Action, left: Figure, locale: Locale) -> Thermometer:
        """How many letters of an action that has a goal were sent."""

    def by_day(self, batches: Sequence[Batch], locale: Locale) -> Days:
        """How many letters have arrived, by day."""

    def places(self, shown: ShownDetails, locale: Locale) -> WorldMap:
        """Where letters come from."""

    def step(self, name: str) -> Text:
        """A step of the funnel."""

    def stage(self, stage: Stage) -> Text:
        """Where letters are."""

    def country(self, code: str) -> Text:
        """A country."""

    def count(self, figure: Figure) -> Text:
        """A count, as it may be shown."""


class CaseFigures:
    """`/dashboard/cases`."""

    def __init__(
        self, *, frame: Frame, dashboard: Dashboard, cases: Mapping[str, Case], wording: Wording
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._wording = wording
        self._figures = Refreshed(dashboard.figures, FRESH, LONGEST, CASES)

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [
            self._frame.page("/cases", self._listed),
            self._frame.page(CASE, self._shown),
        ]

    async def _listed(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        cases = [(f"{PATH}/cases/{slug}", case.title) for slug, case in self._cases.items()]
        return self._frame.show(request, me, "cases.html", self._wording.SENTENCES, cases=cases)

    async def _shown(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        case = case_in(request, self._cases)
        shown = await self._figures.get(case.slug)
        days = (await self._dashboard.arrived_by_day(case.slug))[-DAYS:]
        locale, say = self._frame.locale(request, me), self._wording
        return self._frame.show(
            request,
            me,
            "case.html",
            say.SENTENCES,
            path=f"{PATH}/cases/{case.slug}",
            title=case.title,
            funnel=drawing.svg(say.funnel(shown, locale)),
            goals=[
                drawing.svg(thermometer)
                for action in case.actions.values()
                if action.goal
                for known in (shown.actions.get(action.slug, NO_LETTERS),)
                for thermometer in (
                    say.sent(action, known.left, locale),
                    say.reached(action, known.arrived, locale),
                )
            ],
            by_day=drawing.svg(say.by_day(days, locale)) if days else Markup(),
            world=drawing.svg(say.places(shown, locale)) if shown.countries else Markup(),
            steps=_rows(shown.funnel, say.step, say),
            stages=_rows(shown.stages, say.stage, say),
            written=say.count(shown.written),
            arrived_only=shown.arrived_only,
            countries=_rows(shown.countries, say.country, say),
            elsewhere=say.count(shown.elsewhere),
            sources=[(name, say.count(count)) for name, count in shown.sources.items()],
        )


def _rows(counts: Mapping[K, Figure], name_of: Callable[[K], Text], say: Wording) -> Sequence[Row]:
    return [(name_of(key), say.count(count)) for key, count in counts.items()]
