"""What all pages of the dashboard have in common: who is signed in, what is refused, and how that is said.

A page only shows; what is done comes by a form, from our own page, of somebody who is signed in.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from aiohttp import hdrs, web

from assistant.domain.broadcasts import Obstacle
from assistant.domain.cases import Case
from assistant.domain.errors import Failure, Refused
from assistant.domain.organisers import Permission
from assistant.domain.sessions import SESSION_LASTS
from assistant.domain.texts import Locale, Text
from assistant.services.broadcasts.refusals import ActionRefused
from assistant.services.organisers.sessions import SECRET, Sessions, SignedIn
from assistant.web.forms import read_form
from assistant.web.guard import Guard, is_from_elsewhere
from assistant.web.rendering import Site, html_response

PATH = "/dashboard"
COOKIE = "dashboard"
SAID = "said"  # in an address: the name of the sentence about what was just done
COUNT = "count"  # in an address: with how many
WRITTEN = 40  # characters of a field from which on it is given back where it cannot be taken
NOT_TYPED = frozenset({"said", "shown", "digest"})  # fields that pages fill in

Form = Mapping[str, str]
Show = Callable[[web.Request, SignedIn], Awaitable[web.StreamResponse]]
Act = Callable[[web.Request, SignedIn, Form], Awaitable[web.StreamResponse]]

_SECRET = re.compile(rf"[0-9a-f]{{{2 * SECRET}}}")

log = structlog.get_logger()


class Wording(Protocol):
    """What every page says."""

    SENTENCES: Mapping[str, Text]

    def obstacle(self, obstacle: Obstacle) -> Text:
        """Why something cannot be done with a broadcast."""


class Frame:
    """Pages and forms for who is signed in."""

    def __init__(
        self, *, sessions: Sessions, site: Site, guard: Guard, wording: Wording, is_secure: bool
    ) -> None:
        """`is_secure`: whether the pages are served by HTTPS."""
        self._sessions = sessions
        self._site = site
        self._guard = guard
        self._wording = wording
        self._is_secure = is_secure
        self._cookie = f"__Host-{COOKIE}" if is_secure else COOKIE

    @property
    def sentences(self) -> Mapping[str, Text]:
        """What every page says."""
        return self._wording.SENTENCES

    def page(self, path: str, show: Show, *, polled: bool = False) -> web.RouteDef:
        """A page at that address below the dashboard's.

        `polled`: pages ask for it by themselves, which keeps nobody signed in.
        """

        async def answer(request: web.Request) -> web.StreamResponse:
            let_in = self._guard.lets_ask(request)
            try:
                me = await self.who(request, is_used=not polled)
                if me is None:
                    return self._stranger(request, let_in=let_in)
                return await show(request, me)
            except Refused:
                return self.sorry(request, "nothing_here", 404)
            except Failure as failure:
                log.warning("a page of the dashboard cannot be shown", reason=failure.reason)
                return self.sorry(request, "failed", 503)

        return web.get(f"{PATH}{path}", answer)

    def form(self, path: str, act: Act) -> web.RouteDef:
        """What a form of ours does that is sent to that address."""

        async def answer(request: web.Request) -> web.StreamResponse:
            if is_from_elsewhere(request):
                return self.sorry(request, "elsewhere", 403)
            let_in = self._guard.lets_ask(request)
            try:
                form = await read_form(request)
            except web.HTTPRequestEntityTooLarge:
                return self.sorry(request, "too_long", 413)
            try:
                me = await self.who(request)
                if me is None:
                    return self._stranger(request, form, let_in=let_in)
                return await act(request, me, form)
            except ActionRefused as refused:
                why = self._wording.obstacle(refused.obstacle)
                return self.sorry(request, "not_done", 409, why=why, form=form)
            except Refused:
                return self.sorry(request, "overtaken", 409, form=form)
            except Failure as failure:
                log.warning("a form of the dashboard could not be taken", reason=failure.reason)
                return self.sorry(request, "failed", 503, form=form)

        return web.post(f"{PATH}{path}", answer)

    async def who(self, request: web.Request, *, is_used: bool = True) -> SignedIn | None:
        """Who is signed in in this browser. Raises Failure."""
        secret = request.cookies.get(self._cookie, "")
        return await self._sessions.who(secret, is_used=is_used) if _SECRET.fullmatch(secret) else None

    def locale(self, request: web.Request, me: SignedIn | None = None) -> Locale:
        """The language of their chat; before they are signed in, that of the browser."""
        return self._site.locale(request, me.chat.language if me else None)

    def show(
        self,
        request: web.Request,
        me: SignedIn,
        template: str,
        said: Mapping[str, Text],
        status: int = 200,
        **values: Any,
    ) -> web.Response:
        """A page. `said`: what it says beside what every page says; `values`: Any, as Jinja has it."""
        # A link from elsewhere could say that something was done which was not.
        is_ours = request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin"
        done = request.query.get(SAID, "") if is_ours else ""
        page = self._site.page(
            f"dashboard/{template}",
            self.locale(request, me),
            {**self._wording.SENTENCES, **said},
            me=me.member,
            here=request.path,
            writes=me.member.role.may(Permission.DRAFT),
            done=f"done_{done}" if f"done_{done}" in {**self._wording.SENTENCES, **said} else None,
            **values,
        )
        return html_response(request, page, status)

    def sorry(
        self, request: web.Request, title: str, status: int, why: Text | None = None, form: Form | None = None
    ) -> web.Response:
        """Nothing was done. What was written in the form is given back."""
        page = self._site.page(
            "dashboard/sorry.html",
            self.locale(request),
            self._wording.SENTENCES,
            title=title,
            why=why,
            written=_typed(form or {}),
            me=None,
            done=None,
        )
        later = {"Retry_After": "60"} if status == 429 else {}
        return html_response(request, page, status, **later)

    def _stranger(self, request: web.Request, form: Form | None = None, *, let_in: bool) -> web.Response:
        """To who is not signed in. Only they are told to wait: nobody on the same network keeps organisers
        from halting something.
        """
        if not let_in:
            return self.sorry(request, "too_many", 429, form=form)
        return self.sorry(request, "signed_out", 401, form=form)

    def sign_in(self, secret: str) -> web.StreamResponse:
        """On to the first page, with the session's secret in a cookie."""
        response = see("")
        response.set_cookie(
            self._cookie,
            secret,
            max_age=int(SESSION_LASTS.total_seconds()),
            path="/",
            secure=self._is_secure,
            httponly=True,
            samesite="Lax",
        )
        return response

    def sign_out(self, request: web.Request) -> web.StreamResponse:
        """Nobody is signed in in this browser any more."""
        response = self.sorry(request, "signed_out", 200)
        response.headers["Clear-Site-Data"] = '"cache"'
        response.del_cookie(self._cookie, path="/", secure=self._is_secure)
        return response


def _typed(form: Form) -> Sequence[str]:
    """What somebody has written into it at some length."""
    return [value for name, value in form.items() if name not in NOT_TYPED and len(value) >= WRITTEN]


def see(path: str, said: str = "", count: int | None = None) -> web.Response:
    """Where to look now, below the dashboard's address, with a word about what was done: with how many."""
    query = f"?{SAID}={said}" if said else ""
    if count is not None:
        query += f"&{COUNT}={count}"
    return web.Response(status=303, headers={hdrs.LOCATION: f"{PATH}{path}{query}"})


def counted_in(request: web.Request) -> int:
    """With how many something was just done; 0: the address does not say."""
    given = request.query.get(COUNT, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def number_in(request: web.Request) -> int:
    """The number in the address."""
    return int(request.match_info["number"])


def case_in(request: web.Request, cases: Mapping[str, Case]) -> Case:
    """The case in the address. Raises Refused where there is none."""
    case = cases.get(request.match_info["case"])
    if case is None:
        raise Refused("There is no such case.")
    return case


NUMBER = "{number:[0-9]{1,9}}"
CASE = "/cases/{case:[a-z0-9-]{1,64}}"
