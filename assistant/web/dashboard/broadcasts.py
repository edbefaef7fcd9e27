"""Broadcasts: which there are, each as its readers get it, and what I can do with it now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, assert_never

from aiohttp import web
from markupsafe import Markup

from assistant.domain.broadcasts import Broadcast, Confirmation, Obstacle, Operation, Progress, Version
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.effects import Approve, Discard, Halt, OrganiserEffect, Propose, Resume
from assistant.domain.errors import Refused
from assistant.domain.messages import Account
from assistant.domain.organisers import Organiser
from assistant.domain.texts import Text
from assistant.services.broadcasts.overview import BroadcastDetails
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.web.dashboard.frame import NUMBER, PATH, Form, Frame, number_in, see

_OPERATIONS = "|".join(Operation)


class Wording(Protocol):
    """What is said about broadcasts."""

    SENTENCES: Mapping[str, Text]

    def broadcast_line(self, progress: Progress) -> Text:
        """What a broadcast is, and how far."""

    def broadcast_title(self, broadcast: Broadcast) -> Text:
        """What it is."""

    def facts(self, broadcast: Broadcast, cases: Mapping[str, Case]) -> Text:
        """To whom it goes, and when."""

    def reach(self, broadcast: Broadcast, rates: Mapping[Account, float]) -> Text:
        """How many people it reaches."""

    def hands(self, broadcast: Broadcast, members: Sequence[Organiser]) -> Text:
        """Who wrote, approved and halted it."""

    def figures(self, progress: Progress) -> Text:
        """How far it is."""

    def obstacle(self, obstacle: Obstacle) -> Text:
        """Why something cannot be done with it now."""

    def readers(self, language: str, *, wrote: bool) -> Text:
        """Who gets a version."""


@dataclass(frozen=True, slots=True)
class _View:
    """A version as its readers get it."""

    language: str
    readers: Text
    html: Markup
    button: str | None


class Broadcasts:
    """`/dashboard/broadcasts`."""

    def __init__(
        self,
        *,
        frame: Frame,
        dashboard: Dashboard,
        cases: Mapping[str, Case],
        rates: Mapping[Account, float],
        wording: Wording,
        clock: Clock,
    ) -> None:
        """`rates`: messages a second by account, to many."""
        self._frame = frame
        self._dashboard = dashboard
        self._cases = cases
        self._rates = rates
        self._wording = wording
        self._clock = clock

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [
            self._frame.page("/broadcasts", self._listed),
            self._frame.page(f"/broadcasts/{NUMBER}", self._shown),
            self._frame.page(f"/broadcasts/{NUMBER}/progress", self._progress, polled=True),
            self._frame.form(f"/broadcasts/{NUMBER}/{{operation:{_OPERATIONS}}}", self._act),
        ]

    async def _listed(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        found = await self._dashboard.broadcasts()
        lines = [
            (f"{PATH}/broadcasts/{each.broadcast.id}", self._wording.broadcast_line(each)) for each in found
        ]
        return self._frame.show(request, me, "broadcasts.html", self._wording.SENTENCES, lines=lines)

    async def _shown(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        return await self._page(request, me, await self._dashboard.broadcast(number_in(request)))

    async def _page(
        self,
        request: web.Request,
        me: SignedIn,
        found: BroadcastDetails,
        note: str | None = None,
        status: int = 200,
    ) -> web.StreamResponse:
        """`note`: what was missing in the form that was sent."""
        broadcast = found.broadcast
        against = {each: self._obstacle(me, each, broadcast) for each in Operation}
        can = [each.value for each, obstacle in against.items() if obstacle is None]
        return self._frame.show(
            request,
            me,
            "broadcast.html",
            self._wording.SENTENCES,
            status=status,
            note=note,
            found=broadcast,
            title=self._wording.broadcast_title(broadcast),
            facts=self._wording.facts(broadcast, self._cases),
            reach=self._wording.reach(broadcast, self._rates) if broadcast.counts is not None else None,
            hands=self._wording.hands(broadcast, found.members),
            state=self._wording.broadcast_line(found.progress),
            was=broadcast.status.value,
            figures=self._wording.figures(found.progress) if broadcast.started_at else None,
            percent=found.progress.percent,
            live=broadcast.started_at is not None and not broadcast.is_over,
            views=[view for each in found.versions.items() for view in self._views(*each)],
            can=can,
            why_not=[
                (each.value, self._wording.obstacle(obstacle))
                for each, obstacle in against.items()
                if obstacle is not None and broadcast.fits(each)
            ],
            edits=found.broadcast.started_at is None and "discard" in can,
            confirmations=broadcast.confirmations,
        )

    async def _progress(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        """The part of its page that changes while it is being sent.

        `was` in the address: how it stood when the page was opened. Once it stands otherwise, what can be
        done is on a new page.
        """
        found = await self._dashboard.broadcast(number_in(request))
        return self._frame.show(
            request,
            me,
            "progress.html",
            self._wording.SENTENCES,
            found=found.broadcast,
            state=self._wording.broadcast_line(found.progress),
            was=request.query.get("was", found.broadcast.status.value),
            figures=self._wording.figures(found.progress),
            percent=found.progress.percent,
            live=not found.broadcast.is_over,
        )

    async def _act(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:
        """What was pressed, of the text that was shown: another one by now is refused."""
        operation = Operation(request.match_info["operation"])
        found = await self._dashboard.broadcast(number_in(request))
        may = self._obstacle(me, operation, found.broadcast) is None
        if operation is Operation.APPROVE and may and (missing := _missing(found.broadcast, form)):
            return await self._page(request, me, found, missing, 422)
        if operation is not Operation.HALT and form.get("digest") != found.broadcast.digest:
            raise Refused("It has changed since it was shown.")
        await self._dashboard.carry_out(me, _effect(operation, found.broadcast.id, form))
        return see(f"/broadcasts/{found.broadcast.id}", operation)

    def _obstacle(self, me: SignedIn, operation: Operation, found: Broadcast) -> Obstacle | None:
        return found.obstacle(operation, me.member, self._clock(), approvals=self._dashboard.approvals)

    def _views(self, language: str, version: Version) -> Sequence[_View]:
        kinds = (False, True) if version.outcome is not None else (False,)
        return [
            _View(
                language,
                self._wording.readers(language, wrote=wrote),
                version.copy(wrote=wrote).html,
                version.button.label if version.button else None,
            )
            for wrote in kinds
        ]


def _missing(found: Broadcast, form: Form) -> str | None:
    """What who approves has not said yet."""
    said = {
        Confirmation.READ: form.get("read") == "yes",
        Confirmation.URGENT: form.get("urgent") == "yes",
        Confirmation.NUMBER: _digits(form.get("number", "")) == str(found.reach),
    }
    return next((f"{each}_first" for each in found.confirmations if not said[each]), None)


def _digits(text: str) -> str:
    """A number as people type it, in any digits, with or without separators."""
    return "".join(str(int(each)) for each in text if each.isdecimal())


def _effect(operation: Operation, number: int, form: Form) -> OrganiserEffect:
    """`digest` in the form: of what was read."""
    match operation:
        case Operation.PROPOSE:
            return Propose(number, form.get("digest", ""))
        case Operation.APPROVE:
            return Approve(number, form.get("digest", ""))
        case Operation.HALT:
            return Halt(number)
        case Operation.RESUME:
            return Resume(number)
        case Operation.DISCARD:
            return Discard(number)
    assert_never(operation)
