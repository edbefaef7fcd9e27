"""The first page: what needs me, what is under way, and the button that halts everything."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from aiohttp import web

from assistant.domain.broadcasts import Broadcast, Operation, Progress
from assistant.domain.cases import Case
from assistant.domain.effects import Halt
from assistant.domain.messages import ChannelRest
from assistant.domain.organisers import ApprovalRequest, Organiser, Permission
from assistant.domain.team import Team
from assistant.domain.texts import Text
from assistant.services.organisers.dashboard import HOME, Dashboard, Waiting
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import PATH, Form, Frame, see

Line = tuple[str, Text]
"""An address, and what leads there."""


class Wording(Protocol):
    """What the first page says."""

    SENTENCES: Mapping[str, Text]

    def broadcast_line(self, progress: Progress) -> Text:
        """What a broadcast is, and how far."""

    def to_approve(self, broadcast: Broadcast) -> Text:
        """It waits for me."""

    def to_propose(self, broadcast: Broadcast) -> Text:
        """I have not asked for its approval yet."""

    def held_letters(self, count: int) -> Text:
        """So many wait to be read."""

    def answers(self, count: int) -> Text:
        """So many of offices wait to be looked at."""

    def uncertain_letters(self, count: int) -> Text:
        """So many may have arrived."""

    def request_line(self, request: ApprovalRequest, members: Sequence[Organiser]) -> Text:
        """It waits for a second person."""

    def undecided(self, count: int) -> Text:
        """So many letters' texts have changed."""

    def channel_rests(self, rest: ChannelRest) -> Text:
        """That it is to wait."""

    def program_rests(self, program: str, until: datetime) -> Text:
        """That another program wants to be left alone until then."""

    def channel_in_trouble(self, channel: str) -> Text:
        """That nothing comes or goes by it."""

    def carrier_in_trouble(self, carrier: str) -> Text:
        """That it takes no letters."""

    def paused(self, subject: str, cases: Mapping[str, Case]) -> Text:
        """A case or an action is paused."""


class Home:
    """`/dashboard`."""

    def __init__(
        self, *, frame: Frame, dashboard: Dashboard, cases: Mapping[str, Case], wording: Wording
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [self._frame.page("", self._show), self._frame.form("/halt", self._halt)]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        team = await self._dashboard.team(me, *HOME)
        waiting = await self._dashboard.waiting(me)
        under_way = [
            (f"{PATH}/broadcasts/{each.id}", self._wording.broadcast_line(_progress(each, team)))
            for each in team.broadcasts.values()
        ]
        return self._frame.show(
            request,
            me,
            "home.html",
            self._wording.SENTENCES,
            needed=[*self._needed(team), *self._waiting(team, waiting)],
            troubles=list(self._troubles(waiting)),
            reasons=[*(why for _name, why in waiting.channels), *waiting.carriers.values()],
            under_way=under_way,
            halts=any(each.fits(Operation.HALT) for each in team.broadcasts.values()),
        )

    async def _halt(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        await self._dashboard.carry_out(me, Halt(None))
        return see("", "halted")

    def _needed(self, team: Team) -> Iterator[Line]:
        """Broadcasts and requests that I can take further."""
        for each in team.broadcasts.values():
            path = f"{PATH}/broadcasts/{each.id}"
            if not each.obstacle(Operation.APPROVE, team.me, team.now, approvals=team.approvals):
                yield path, self._wording.to_approve(each)
            elif not each.obstacle(Operation.PROPOSE, team.me, team.now, approvals=team.approvals):
                yield path, self._wording.to_propose(each)
        for request in team.requests.values():
            if request.author != team.me.number and team.may(request.needs):
                yield f"{PATH}/team", self._wording.request_line(request, team.members)

    def _waiting(self, team: Team, waiting: Waiting) -> Iterator[Line]:
        """Letters and answers that wait for a person."""
        if waiting.held_letters:
            yield f"{PATH}/review", self._wording.held_letters(waiting.held_letters)
        if count := sum(each.count for each in team.answers):
            yield f"{PATH}/answers", self._wording.answers(count)
        if waiting.uncertain_letters and team.may(Permission.APPROVE):
            yield f"{PATH}/letters", self._wording.uncertain_letters(waiting.uncertain_letters)
        if team.undecided and team.may(Permission.APPROVE):
            yield f"{PATH}/texts", self._wording.undecided(len(team.undecided))

    def _troubles(self, waiting: Waiting) -> Iterator[Text]:
        for rest in waiting.channels_at_rest:
            yield self._wording.channel_rests(rest)
        for program, until in waiting.programs_at_rest.items():
            yield self._wording.program_rests(program, until)
        for channel in dict.fromkeys(name for name, _why in waiting.channels):
            yield self._wording.channel_in_trouble(channel)
        for carrier in waiting.carriers:
            yield self._wording.carrier_in_trouble(carrier)
        for subject in waiting.paused:
            yield self._wording.paused(subject, self._cases)


def _progress(broadcast: Broadcast, team: Team) -> Progress:
    return Progress(broadcast, team.tallies.get(broadcast.id, ()))
