"""When letters of a case are sent: what an action day can take, and in which portions what waits is sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.figures import Figure
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.office_pace import Portion, room_on, shown_portions
from assistant.domain.targets import Target
from assistant.domain.texts import Text
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import CASE, PATH, Frame, case_in


class Wording(Protocol):
    """What is said of the plan."""

    SENTENCES: Mapping[str, Text]

    def begins(self, day: ExpectedActionDay, target: Target) -> Text:
        """When the action day begins at that office."""

    def room(self, letters: int | None) -> Text:
        """How many letters can be sent there on that day; None: any number."""

    def portion(self, portion: Portion, letters: Figure, target: Target) -> Text:
        """When these letters are sent, and how many they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Office:
    """What is planned for an office. `day`: the action day, where one lies ahead."""

    name: Text
    day: Sequence[Text]
    portions: Sequence[Text]


class Plan:
    """`/dashboard/cases/CASE/plan`."""

    def __init__(
        self, *, frame: Frame, dashboard: Dashboard, cases: Mapping[str, Case], wording: Wording, clock: Clock
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._wording = wording
        self._clock = clock

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [self._frame.page(f"{CASE}/plan", self._show)]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        case = case_in(request, self._cases)
        planned = shown_portions(await self._dashboard.plan(case))
        return self._frame.show(
            request,
            me,
            "plan.html",
            self._wording.SENTENCES,
            path=f"{PATH}/cases/{case.slug}",
            title=case.title,
            actions=[
                (
                    action.title,
                    [self._office(action, target, planned[target.slug]) for target in action.targets],
                )
                for action in case.open_actions(self._clock())
            ],
        )

    def _office(self, action: Action, target: Target, portions: Sequence[tuple[Portion, Figure]]) -> _Office:
        day = action.action_day_ahead(self._clock(), target)
        room = room_on(target.hours, target.pace, day.begins) if day else None
        return _Office(
            name=target.office,
            day=[self._wording.begins(day, target), self._wording.room(room)] if day else [],
            portions=[self._wording.portion(each, letters, target) for each, letters in portions],
        )
