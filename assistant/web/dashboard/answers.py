"""What offices have answered: it is passed on to who wrote the letter, or set aside."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.domain.answers import AnswerGroup, AnswerStatus
from assistant.domain.cases import Case
from assistant.domain.effects import SettleAnswers
from assistant.domain.organisers import Permission
from assistant.domain.team import TeamPart
from assistant.domain.texts import Text
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import NUMBER, Form, Frame, counted_in, number_in, see

_DECISIONS = {"pass": AnswerStatus.PASSED, "aside": AnswerStatus.SET_ASIDE}
_DIGITS = 18  # of a number in a form, at most


class Wording(Protocol):
    """What is said about answers."""

    SENTENCES: Mapping[str, Text]

    def answer_facts(self, group: AnswerGroup, cases: Mapping[str, Case]) -> Text:
        """What it answers, when, from whom, and how many say the same."""

    def ask_settle(self, group: AnswerGroup) -> Text:
        """Shall it be passed on?"""

    def settling(self, status: AnswerStatus, count: int) -> Text | str:
        """On the button."""

    def answers_settled(self, status: AnswerStatus, count: int) -> Text:
        """What has become of so many."""


class Answers:
    """`/dashboard/answers`."""

    def __init__(
        self, *, frame: Frame, dashboard: Dashboard, cases: Mapping[str, Case], wording: Wording
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        decisions = "|".join(_DECISIONS)
        return [
            self._frame.page("/answers", self._show),
            self._frame.form(f"/answers/{NUMBER}/{{decision:{decisions}}}", self._settle),
        ]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        team, count = await self._dashboard.team(me, TeamPart.ANSWERS), counted_in(request)
        done = {
            f"done_{name}": self._wording.answers_settled(each, count) for name, each in _DECISIONS.items()
        }
        return self._frame.show(
            request,
            me,
            "answers.html",
            {**self._wording.SENTENCES, **done},
            may=team.may(Permission.APPROVE),
            groups=[
                (each, self._wording.answer_facts(each, self._cases), self._wording.ask_settle(each))
                for each in team.answers
            ],
            decisions=_DECISIONS,
            settling=self._wording.settling,
        )

    async def _settle(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        """That answer; with `last`, also those that say the same, up to the last one that was shown."""
        decision, last = request.match_info["decision"], form.get("last", "")
        same_up_to = int(last) if last.isascii() and last.isdecimal() and len(last) <= _DIGITS else None
        effect = SettleAnswers(number_in(request), _DECISIONS[decision], same_up_to)
        return see("/answers", decision, await self._dashboard.carry_out(me, effect))
