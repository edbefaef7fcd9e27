"""Other programs that are told what happens: how that goes, and a test. It is for owners."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.domain.effects import SendTestEvent
from assistant.domain.errors import Refused
from assistant.domain.organisers import Permission
from assistant.domain.texts import Text
from assistant.domain.webhooks import Attempt, EndpointState
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import SignedIn
from assistant.services.webhooks.overview import WebhookService
from assistant.web.dashboard.frame import Form, Frame, see


class Wording(Protocol):
    """What is said about webhooks."""

    SENTENCES: Mapping[str, Text]

    def waiting(self, state: EndpointState) -> Text:
        """How much is still to be told."""

    def delivered(self, attempt: Attempt) -> Text:
        """When an event was taken last."""

    def failed(self, attempt: Attempt) -> Text:
        """When one was not taken last, why, and what to do."""

    def gone(self, attempt: Attempt) -> Text:
        """Since when it gets no more events, and how it gets them again."""

    def tested(self, attempt: Attempt) -> Text:
        """What became of the last test."""


class Webhooks:
    """`/dashboard/webhooks`."""

    def __init__(
        self, *, frame: Frame, dashboard: Dashboard, service: WebhookService, wording: Wording
    ) -> None:
        self._frame = frame
        self._dashboard = dashboard
        self._service = service
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [self._frame.page("/webhooks", self._show), self._frame.form("/webhooks/test", self._test)]

    async def _show(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        if not me.member.role.may(Permission.MANAGE):
            raise Refused("This takes another role.")
        states = await self._service.states()
        return self._frame.show(
            request,
            me,
            "webhooks.html",
            self._wording.SENTENCES,
            endpoints=[(each, list(self._lines(each))) for each in states],
        )

    def _lines(self, state: EndpointState) -> Iterable[Text]:
        """What is said of it, the test first: who has just asked for it looks for that."""
        if state.testing:
            yield self._wording.SENTENCES["testing"]
        elif state.tested is not None:
            yield self._wording.tested(state.tested)
        if state.gone is not None:
            yield self._wording.gone(state.gone)
        if state.waiting:
            yield self._wording.waiting(state)
        if state.delivered is not None:
            yield self._wording.delivered(state.delivered)
        if state.failed is not None and state.failed != state.tested:
            yield self._wording.failed(state.failed)
        if not any((state.waiting, state.delivered, state.failed)):
            yield self._wording.SENTENCES["nothing_yet"]

    async def _test(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        await self._dashboard.carry_out(me, SendTestEvent(form.get("endpoint", "")))
        return see("/webhooks", "test")
