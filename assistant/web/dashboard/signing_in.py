"""Signing in by a link, out again, and seeing where one is signed in.

Whoever opens the link is shown a button, and only that uses it up: previews of messengers press none.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from aiohttp import web

from assistant.domain.errors import Failure
from assistant.domain.sessions import Session
from assistant.domain.texts import Text
from assistant.services.organisers.sessions import SECRET, Sessions, SignedIn
from assistant.web.dashboard.frame import NUMBER, PATH, Form, Frame, number_in, see
from assistant.web.guard import Guard, is_from_elsewhere
from assistant.web.rendering import Site, html_response


class Wording(Protocol):
    """What is said about signing in."""

    SENTENCES: Mapping[str, Text]

    def session_line(self, session: Session) -> Text:
        """Since when somebody is signed in, and until when."""


class SigningIn:
    """`/dashboard/sign-in/…`, `/dashboard/sessions`."""

    def __init__(
        self, *, frame: Frame, sessions: Sessions, site: Site, guard: Guard, wording: Wording
    ) -> None:
        self._frame = frame
        self._sessions = sessions
        self._site = site
        self._guard = guard
        self._wording = wording

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        link = f"{PATH}/sign-in/{{secret:[0-9a-f]{{{2 * SECRET}}}}}"
        return [
            web.get(link, self._ask),
            web.post(link, self._enter),
            self._frame.page("/sessions", self._listed),
            self._frame.form(f"/sessions/{NUMBER}/end", self._end),
            self._frame.form("/sign-out", self._sign_out),
        ]

    async def _ask(self, request: web.Request) -> web.StreamResponse:
        page = self._site.page(
            "dashboard/sign_in.html",
            self._frame.locale(request),
            {**self._frame.sentences, **self._wording.SENTENCES},
            me=None,
            done=None,
        )
        return html_response(request, page)

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        if is_from_elsewhere(request):
            return self._frame.sorry(request, "elsewhere", 403)
        if not self._guard.lets_ask(request):
            return self._frame.sorry(request, "too_many", 429)
        try:
            before = await self._frame.who(request)
            secret = await self._sessions.enter(request.match_info["secret"])
            if before is not None and secret is not None:  # its browser has another one from now on
                await self._sessions.end(before.member.number, before.session.id)
        except Failure:
            return self._frame.sorry(request, "failed", 503)
        return self._frame.sorry(request, "used_up", 410) if secret is None else self._frame.sign_in(secret)

    async def _listed(self, request: web.Request, me: SignedIn) -> web.StreamResponse:
        found = await self._sessions.listed(me.member.number)
        rows = [(each.id, self._wording.session_line(each), each.id == me.session.id) for each in found]
        return self._frame.show(request, me, "sessions.html", self._wording.SENTENCES, rows=rows)

    async def _end(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        number = number_in(request)
        await self._sessions.end(me.member.number, number)
        return self._frame.sign_out(request) if number == me.session.id else see("/sessions", "ended")

    async def _sign_out(self, request: web.Request, me: SignedIn, form: Form) -> web.StreamResponse:  # noqa: ARG002
        await self._sessions.end(me.member.number, me.session.id)
        return self._frame.sign_out(request)
