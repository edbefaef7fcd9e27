"""The team: who is in it, what waits for a second person, and what is paused."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.effects import AnswerRequest, Pause, RequestApproval
from assistant.domain.errors import Refused
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind
from assistant.domain.pauses import pausable
from assistant.domain.team import Team as TeamSeen
from assistant.domain.team import TeamPart
from assistant.domain.texts import Text
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import NUMBER, Form, Frame, number_in, see

_ANSWERS = {"agree": True, "refuse": False}


class Wording(Protocol):
    """What is said about the team."""

    SENTENCES: Mapping[str, Text]

    def member_line(self, member: Organiser) -> Text:
        """Who it is, and what they are trusted with."""

    def asked(self, request: ApprovalRequest, seen: TeamSeen) -> Text:
        """What somebody wants, and who."""

    def paused(self, subject: str, cases: Mapping[str, Case]) -> Text:
        """A case or an action is paused."""

    def pausing(self, subject: str, found: Case | Action) -> Text | str:
        """What can be paused."""


class Team:
    """`/dashboard/team`."""

    def __init__(
        self,
        *,
        frame: Frame,
        dashboard: Dashboard,
        cases: Mapping[str, Case],
        wording: Wording,
        clock: Clock,
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._wording = wording
        self._clock = clock

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [
            self._frame.page("/team", self._show),
            self._frame.form(f"/team/requests/{NUMBER}/{{answer:{'|'.join(_ANSWERS)}}}", self._answer),
            self._frame.form("/team/pause", self._pause),
            self._frame.form("/team/resume", self._resume),
        ]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        seen = await self._dashboard.team(me, TeamPart.MEMBERS, TeamPart.REQUESTS)
        paused = (await self._dashboard.waiting(me)).paused
        asked = {each.subject for each in seen.requests.values() if each.what is RequestKind.RESUME}
        resumes = seen.may(_resuming("", me).needs)
        return self._frame.show(
            request,
            me,
            "team.html",
            self._wording.SENTENCES,
            members=[self._wording.member_line(each) for each in seen.members],
            requests=[
                (each.id, self._wording.asked(each, seen), self._answers(each, seen))
                for each in seen.requests.values()
            ],
            paused=[
                (each, self._wording.paused(each, self._cases), resumes and each not in asked)
                for each in paused
            ],
            running=[
                (subject, self._wording.pausing(subject, found))
                for subject, found in pausable(self._cases, paused, self._clock()).items()
            ],
        )

    def _answers(self, wish: ApprovalRequest, seen: TeamSeen) -> Sequence[str]:
        """What I can say to it: who asked can drop it, and another person agrees."""
        if not seen.may(wish.needs):
            return ()
        return ("refuse",) if wish.author == seen.me.number else tuple(_ANSWERS)

    async def _answer(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        answer = request.match_info["answer"]
        await self._dashboard.carry_out(me, AnswerRequest(number_in(request), _ANSWERS[answer]))
        return see("/team", answer)

    async def _pause(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        subject, paused = form.get("subject", ""), (await self._dashboard.waiting(me)).paused
        if subject not in pausable(self._cases, paused, self._clock()):
            raise Refused("That is paused already, or there is no such case.")
        await self._dashboard.carry_out(me, Pause(subject))
        return see("/team", "pause")

    async def _resume(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        subject = form.get("subject", "")
        if subject not in (await self._dashboard.waiting(me)).paused:
            raise Refused("That is not paused.")
        wish = _resuming(subject, me)
        await self._dashboard.carry_out(me, RequestApproval(wish))
        if subject not in (await self._dashboard.waiting(me)).paused:
            return see("/team", "resume")
        seen = await self._dashboard.team(me, TeamPart.MEMBERS)
        others = any(each.role.may(wish.needs) and each != me.member for each in seen.members)
        return see("/team", "asked" if others else "nobody")


def _resuming(subject: str, me: SignedIn) -> ApprovalRequest:
    return ApprovalRequest(id=0, what=RequestKind.RESUME, subject=subject, author=me.member.number)
