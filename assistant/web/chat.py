"""The chat on the web page: forms and redirects, and where there is script, news as they come.

`GET` shows what was said, and changes nothing: a chat begins with the first form that is sent.
"""

import asyncio
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from weakref import WeakValueDictionary

import structlog
from aiohttp import hdrs, web
from aiohttp_sse import EventSourceResponse, sse_response
from markupsafe import Markup, escape

from assistant.channels.base import Receive
from assistant.channels.web import Listener, Web
from assistant.content.printer import Printer
from assistant.domain.clock import Clock
from assistant.domain.errors import Failure
from assistant.domain.messages import (
    Address,
    Entry,
    Handled,
    Incoming,
    Open,
    Press,
    Reply,
    TextMessage,
)
from assistant.domain.texts import Locale, Text
from assistant.services.transcripts import Transcripts
from assistant.services.turns import Turns
from assistant.store.transcripts import Transcript
from assistant.web.attachments import Attachments
from assistant.web.connections import stays_open
from assistant.web.entries import views
from assistant.web.forms import read_form
from assistant.web.guard import Guard, is_from_elsewhere
from assistant.web.lately import Lately
from assistant.web.rendering import Site, html_response
from assistant.web.streams import Streams

PATH = "/chat"
FILES = f"{PATH}/file"  # with the number of their message
COOKIE = "chat"
VISIT = "visit"  # the cookie of a browser that has no chat yet: see `_new_token`
BEGIN = "begin"  # the cookie that remembers by which link somebody came, until they write
TAKEN = "HX-Taken"  # names the field whose content may go from the page: see away.js
LITE = "lite"  # the cookie of who wants less data
TOKEN = 32  # hexadecimal digits of a browser's token, and of a page's number
PATIENCE = 6.0  # seconds for what is said to what was written
TWIN = 1.0  # seconds for what is said to the same form, sent a moment before
HEARTBEAT = 25.0  # seconds without news, after which a page that is open hears that we are there
KEPT = 400 * 86_400  # seconds that a browser keeps a cookie at most (RFC 6265bis, 5.5)
WAITING = 1200  # seconds that a browser remembers a link for
FRESH = 5.0  # seconds for which is shown again what was said to who opened the chat
FIRST_WORDS = 200  # of so many cases and languages
DIGITS = 9  # of the number of an entry
TEXT_MAX = 8_000  # characters of one message: twice what Telegram takes
ELSEWHERE = "https://www.wikipedia.org/"  # where who leaves quickly finds themselves

_SLUG = re.compile("[a-z0-9-]{1,64}")  # of a case, about

log = structlog.get_logger()


class Wording(Protocol):
    """What the page says around the conversation."""

    CHAT: Mapping[str, Text]

    def kept_for(self, *, careful: bool) -> Text:
        """How long a chat's page shows what was said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """What came from the page: `once` is the same for all that one page sends.

    `after`: the newest entry on it.
    """

    text: str
    press: str
    once: str
    case: str | None
    source: str | None
    after: int

    @classmethod
    def of(cls, request: web.Request, fields: Mapping[str, str]) -> "_Form":
        named = _opened(fields)
        opened = named if named.case else _opened_before(request)
        return cls(
            text=fields.get("text", "").replace("\r\n", "\n"),
            press=fields.get("press", ""),
            once=fields.get("once", "")[:TOKEN] or secrets.token_hex(TOKEN // 2),
            case=opened.case,
            source=opened.source,
            after=_number(fields.get("after")),
        )

    @property
    def content(self) -> TextMessage | Press | None:
        """What was said; None: the chat was opened, and nothing more."""
        mark, separator, value = self.press.partition(":")
        if separator:
            return Press(mark, value)
        return TextMessage(self.text) if self.text.strip() else None

    def id(self, what: str) -> str:
        """By which it does not count twice: what is sent again from the same page is the same message."""
        said = f"{self.once}\0{what}\0{self.press}\0{self.text}".encode()
        return hashlib.blake2b(said, digest_size=12).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What became of a form. `before`: the number of the chat that its page showed."""

    address: Address
    before: int | None
    read: bool
    heard: Sequence[Reply]
    slow: bool


class _Stream(EventSourceResponse):
    """News of one chat: nobody on the way keeps them, nor does the browser."""

    def __init__(self, **given: Any) -> None:  # Any: as its parent has it
        super().__init__(**given)
        self.headers[hdrs.CACHE_CONTROL] = "no-store"


class ChatPages:
    """`/chat`, and what belongs to it."""

    def __init__(
        self,
        *,
        channel: Web,
        transcripts: Transcripts,
        turns: Turns,
        receive: Receive,
        printer: Printer,
        site: Site,
        guard: Guard,
        wording: Wording,
        secret: bytes,
        clock: Clock,
    ) -> None:
        """`secret`: of which browsers' tokens are made."""
        self._channel = channel
        self._transcripts = transcripts
        self._turns = turns
        self._receive = receive
        self._attachments = Attachments(printer, clock)
        self._site = site
        self._guard = guard
        self._wording = wording
        self._secret = secret
        self._first_words = Lately[Sequence[Reply]](FRESH, FIRST_WORDS)
        self._streams = Streams()
        self._taking = WeakValueDictionary[tuple[Address, str], asyncio.Lock]()
        self._is_secure = channel.url.startswith("https://")
        prefix = "__Host-" if self._is_secure else ""  # nobody but this host sets them: RFC 6265bis, 4.1.3.2
        self._cookie = f"{prefix}{COOKIE}"
        self._visit = f"{prefix}{VISIT}"

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        return [
            web.get(PATH, self._page),
            web.post(PATH, self._say),
            web.get(f"{PATH}/news", self._news),
            web.get(f"{FILES}/{{number:[0-9]{{1,{DIGITS}}}}}", self._file),
            web.post(f"{PATH}/keep", self._keep),
            web.post(f"{PATH}/leave", self._leave),
        ]

    # Reading

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if not self._guard.lets_ask(request):
            return self._sorry(request, "too_many", 429)
        try:
            first = _number(request.query.get("from"))
            shown = await self._transcript(request, max(0, first - 1))
            if shown is not None:
                return self._shown(request, shown)
            return await self._first_page(request)
        except Failure as failure:
            log.warning("a chat's page cannot be shown", reason=failure.reason)
            return self._sorry(request, "failed", 503)

    async def _first_page(self, request: web.Request) -> web.StreamResponse:
        """What we would say to who opens the chat; nothing is stored yet."""
        opened = _opened(request.query)
        if opened.case is None:
            opened = _opened_before(request)
        locale = self._locale(request)
        incoming = self._incoming(request, self._channel.address(""), "", opened)
        said = await self._foretold(incoming)
        entries = [Entry(-place, each) for place, each in enumerate(said)]
        page = self._render(request, locale, entries, opened=opened)
        response = html_response(request, page)
        if opened.case:
            link = "_".join(filter(None, (opened.case, opened.source)))
            self._set_cookie(response, BEGIN, link, max_age=WAITING)
        self._begin_visit(request, response)
        self._remember_lite(request, response)
        return response

    async def _foretold(self, incoming: Incoming) -> Sequence[Reply]:
        """It is the same for everybody who opens the same, for a moment."""
        assert isinstance(incoming.content, Open)  # noqa: S101  for the type checker
        key = (incoming.content.case, incoming.language)
        known = self._first_words.get(key)
        return known or self._first_words.put(key, await self._turns.foretell(incoming))

    def _shown(
        self,
        request: web.Request,
        shown: Transcript,
        note: str | None = None,
        text: str = "",
        status: int = 200,
    ) -> web.StreamResponse:
        locale = self._site.locale(request, shown.language)
        page = self._render(
            request, locale, shown.entries, careful=shown.careful, chat=True, note=note, text=text
        )
        response = html_response(request, page, status)
        self._remember_lite(request, response)
        return response

    async def _transcript(self, request: web.Request, after: int = 0) -> Transcript | None:
        """Of the chat of this browser; None where it has none."""
        token = self._token(request)
        return None if token is None else await self._transcripts.read(self._channel.address(token), after)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        """The file of a message, made now."""
        token = self._token(request)
        if token is None or not self._guard.lets_ask(request):
            return self._sorry(request, "nothing_here", 404)
        try:
            entry = await self._transcripts.entry(
                self._channel.address(token), int(request.match_info["number"])
            )
            file = entry.said.attachment if entry else None
            if file is None:
                return self._sorry(request, "nothing_here", 404)
            return await self._attachments.made(file)
        except Failure as failure:
            log.warning("a file cannot be shown", reason=failure.reason)
            return self._sorry(request, "failed", 503)

    # Saying

    async def _say(self, request: web.Request) -> web.StreamResponse:
        if is_from_elsewhere(request):
            return self._sorry(request, "elsewhere", 403)
        try:
            form = _Form.of(request, await read_form(request))
        except web.HTTPRequestEntityTooLarge:
            return self._sorry(request, "too_long", 413)
        if not self._guard.lets_ask(request):
            return self._refused(request, form, "too_many", 429)
        shown: Transcript | None = None
        try:
            shown = await self._transcript(request)
            if len(form.text) > TEXT_MAX:
                return self._refused(request, form, "too_long", 413, shown)
            if shown is None and not self._guard.lets_begin(request):
                return self._refused(request, form, "too_many", 429)
            said = await self._said(request, form, shown)
            return await self._answered(request, form, said)
        except Failure as failure:
            log.warning("what was written on the page could not be stored", reason=failure.reason)
            return self._refused(request, form, "failed", 503, shown)

    async def _said(self, request: web.Request, form: _Form, shown: Transcript | None) -> _Said:
        """Take the turn, and wait for what is said to it."""
        token = self._token(request) if shown else self._new_token(request, form)
        assert token is not None  # noqa: S101  who is shown a chat has a token
        address = self._channel.address(token)
        with self._channel.listening(address) as listener:
            count = 0
            before = [each.said for each in shown.entries] if shown else []
            if shown is None:
                opened = self._incoming(request, address, form.id("open"), Open(form.case, form.source))
                before += await self._turns.foretell(opened)
                count = (await self._receive(opened)).replies
                await listener.wait_for(count, PATIENCE)
            handled = Handled(accepted=True, replies=0)
            if form.content is not None:
                said = self._incoming(request, address, form.id("say"), form.content)
                handled = await self._turn(said, self._words(form, before))
                await listener.wait_for(count + handled.replies, PATIENCE)
                if handled.read and not handled.replies and not handled.accepted:
                    await listener.wait_for(count + 1, TWIN)  # sent twice: the other one is being answered
            slow = len(listener.heard) < count + handled.replies
            return _Said(
                address=address,
                before=shown.chat if shown else None,
                read=handled.read,
                heard=tuple(listener.heard),
                slow=slow,
            )

    async def _turn(self, incoming: Incoming, words: Markup) -> Handled:
        """What they have said stands above our answer; what was not read, or came twice, stands nowhere.

        The same form, sent twice at once, waits for itself: its second line is gone before a page shows it.
        """
        taking = self._taking.setdefault((incoming.address, incoming.id), asyncio.Lock())
        async with taking:
            return await self._turn_alone(incoming, words)

    async def _turn_alone(self, incoming: Incoming, words: Markup) -> Handled:
        number = await self._transcripts.add(incoming.address, Reply(words), theirs=True, seen=True)
        handled = Handled(accepted=False, replies=0, read=False)
        try:
            handled = await self._receive(incoming)
        finally:
            if number is not None and not (handled.read and (handled.replies or handled.accepted)):
                await self._transcripts.remove(incoming.address, number)
        return handled

    @staticmethod
    def _words(form: _Form, said: Sequence[Reply]) -> Markup:
        """What they have said, as it is shown to them: of a button, what stands on it."""
        content = form.content
        if not isinstance(content, Press):
            return escape(form.text)
        labels = (
            button.label
            for reply in reversed(said)
            if reply.mark == content.mark
            for button in reply.buttons
            if button.value == content.value
        )
        return escape(next(labels, content.value))

    async def _answered(self, request: web.Request, form: _Form, said: _Said) -> web.StreamResponse:
        shown = await self._transcripts.read(said.address)
        note = "passed_over" if not said.read else "slow" if said.slow else None
        if shown is None:
            return self._farewell(request, said)
        moved = said.before not in (None, shown.chat)  # another chat is here now: nothing of this page stays
        after = 0 if moved else form.after
        response: web.StreamResponse | None = None
        if _is_live(request):
            response = self._part(request, shown, after, note, afresh=moved)
            if said.read and not form.press:  # what is half typed stays where a button is pressed
                response.headers[TAKEN] = "text"
        if response is None and note:
            response = self._shown(
                request, shown, note, form.text if not said.read else "", 200 if said.read else 429
            )
        if response is None:
            response = _see(shown.entries, after)
        self._keep_token(request, response, said.address.person, careful=shown.careful)
        return response

    def _part(
        self,
        request: web.Request,
        shown: Transcript,
        after: int,
        note: str | None,
        *,
        afresh: bool,
    ) -> web.StreamResponse:
        """What is new on a page that is open. `afresh`: in place of all that it shows."""
        locale = self._site.locale(request, shown.language)
        new = [each for each in shown.entries if each.number > after]
        page = self._render(
            request,
            locale,
            new,
            template="turn.html",
            afresh=afresh,
            careful=shown.careful,
            note=note,
        )
        return html_response(request, page)

    def _farewell(self, request: web.Request, said: _Said) -> web.StreamResponse:
        """What was said to who is forgotten: it is kept nowhere."""
        locale = self._locale(request)
        entries = [Entry(-place, each) for place, each in enumerate(said.heard)]
        template = "turn.html" if _is_live(request) else "chat.html"
        page = self._render(request, locale, entries, template=template, note="forgotten", afresh=True)
        response = html_response(request, page)
        response.headers[TAKEN] = "text"
        response.del_cookie(self._cookie, path="/", secure=self._is_secure)
        self._begin_visit(request, response)
        return response

    def _refused(
        self, request: web.Request, form: _Form, why: str, status: int, shown: Transcript | None = None
    ) -> web.StreamResponse:
        """The page as it was, with what was written in it, and why it was not taken.

        `shown`: None where nothing is asked of the database for that.
        """
        if _is_live(request):
            locale = self._locale(request)
            page = self._render(request, locale, (), template="turn.html", note=why)
            return html_response(request, page, status, **_later(status))
        entries = shown.entries if shown else ()
        locale = self._site.locale(request, shown.language if shown else request.query.get("lang"))
        page = self._render(
            request,
            locale,
            entries,
            careful=shown.careful if shown else False,
            chat=shown is not None,
            note=why,
            text=form.text[:TEXT_MAX],
            opened=Open(form.case, form.source),
        )
        return html_response(request, page, status, **_later(status))

    # Live

    async def _news(self, request: web.Request) -> web.StreamResponse:
        """What is said while the page is open, as server-sent events: see `Connections` for how many."""
        token = self._token(request)
        if not self._guard.lets_ask(request):
            return web.Response(status=429)  # the page asks again, later and later
        if token is None:
            return web.Response(status=204)  # https://html.spec.whatwg.org/multipage/server-sent-events.html
        address = self._channel.address(token)
        seen = _number(request.headers.get("Last-Event-ID") or request.query.get("after"))
        with self._channel.listening(address) as listener:
            if await self._transcripts.read(address, seen) is None:
                return web.Response(status=204)
            stream = sse_response(request, ping_interval=HEARTBEAT, response_cls=_Stream)
            with self._streams.place(address, listener, request):
                async with stream as response:
                    stays_open(request)
                    await self._stream(request, response, address, listener, seen)
            return response

    async def _stream(
        self,
        request: web.Request,
        response: _Stream,
        address: Address,
        listener: Listener,
        seen: int,
    ) -> None:
        chat: int | None = None
        while response.is_connected() and listener.listens:
            listener.heard.clear()
            shown = await self._transcripts.read(address, seen)
            if shown is None:
                return
            moved = chat not in (None, shown.chat)
            if moved and (shown := await self._transcripts.read(address)) is None:
                return
            chat = shown.chat
            if shown.entries:
                locale = self._site.locale(request, shown.language)
                seen = listener.seen = shown.entries[-1].number
                page = self._render(
                    request,
                    locale,
                    shown.entries,
                    template="news.html",
                    afresh=moved,
                    careful=shown.careful,
                )
                await response.send(page, id=str(seen))
            await listener.wait(HEARTBEAT)

    # What belongs to the browser

    async def _keep(self, request: web.Request) -> web.StreamResponse:
        """Have the browser keep the chat when it is closed, but not where it may be dangerous to write."""
        token = self._token(request)
        if is_from_elsewhere(request):
            return self._sorry(request, "elsewhere", 403)
        if not self._guard.lets_ask(request):
            return self._sorry(request, "too_many", 429)
        try:
            shown = await self._transcript(request)
        except Failure as failure:
            log.warning("a chat cannot be kept", reason=failure.reason)
            return self._sorry(request, "failed", 503)
        if token is None or shown is None or shown.careful:
            return web.Response(status=303, headers={hdrs.LOCATION: PATH})
        response = self._shown(request, shown, "kept")
        self._set_cookie(response, self._cookie, token, max_age=KEPT)
        return response

    async def _leave(self, request: web.Request) -> web.StreamResponse:
        """Go elsewhere at once; this browser forgets the chat."""
        if is_from_elsewhere(request):
            return self._sorry(request, "elsewhere", 403)
        page = self._site.page("leave.html", self._locale(request), self._wording.CHAT, elsewhere=ELSEWHERE)
        response = html_response(request, page)
        response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
        for name in (self._cookie, self._visit, BEGIN, LITE):
            response.del_cookie(name, path="/", secure=self._is_secure)
        return response

    def _token(self, request: web.Request) -> str | None:
        return _secret_in(request, self._cookie)

    def _new_token(self, request: web.Request, form: _Form) -> str:
        """One of our own. For all that one page sends from one browser it is the same: a double click begins
        one chat.

        Of the page alone it cannot be made: whoever finds an old page, or has written the number of one into
        a form, is in nobody's chat.
        """
        visit = _secret_in(request, self._visit)
        if visit is None:
            return secrets.token_hex(TOKEN // 2)
        return hmac.digest(self._secret, f"{visit}{form.once}".encode(), "sha256").hex()[:TOKEN]

    def _begin_visit(self, request: web.Request, response: web.StreamResponse) -> None:
        if _secret_in(request, self._visit) is None:
            self._set_cookie(response, self._visit, secrets.token_hex(TOKEN // 2))

    def _keep_token(
        self, request: web.Request, response: web.StreamResponse, token: str, *, careful: bool
    ) -> None:
        """Where it may be dangerous to write, the browser keeps it for its session, whatever was before."""
        if careful or self._token(request) != token:
            self._set_cookie(response, self._cookie, token)
        for name in (self._visit, BEGIN):
            response.del_cookie(name, path="/", secure=self._is_secure)

    def _set_cookie(
        self, response: web.StreamResponse, name: str, value: str, max_age: int | None = None
    ) -> None:
        """For the browser's session, unless it is to last so many seconds."""
        response.set_cookie(
            name, value, max_age=max_age, path="/", secure=self._is_secure, httponly=True, samesite="Lax"
        )

    def _remember_lite(self, request: web.Request, response: web.StreamResponse) -> None:
        wanted = request.query.get(LITE)
        if wanted == "1":
            self._set_cookie(response, LITE, "1")
        elif wanted == "0":
            response.del_cookie(LITE, path="/")

    def _incoming(
        self, request: web.Request, address: Address, number: str, content: TextMessage | Press | Open
    ) -> Incoming:
        chosen = request.query.get("lang")
        known = chosen or self._site.understands(request)
        language = self._site.locale(request, chosen).language if known else None
        return Incoming(address, number, content, language=language)

    def _locale(self, request: web.Request) -> Locale:
        return self._site.locale(request, request.query.get("lang"))

    # Rendering

    def _render(
        self,
        request: web.Request,
        locale: Locale,
        entries: Sequence[Entry],
        *,
        template: str = "chat.html",
        careful: bool = False,
        chat: bool = False,
        note: str | None = None,
        text: str = "",
        opened: Open | None = None,
        afresh: bool = False,
    ) -> str:
        """`chat`: there is one. `note`: what is said above the form, by its name.

        `afresh`: nothing else of what was said is shown any more.
        """
        return self._site.page(
            template,
            locale,
            self._wording.CHAT,
            files=FILES,
            entries=list(views(entries, self._channel.url)),
            newest=max((each.number for each in entries), default=0),
            once=secrets.token_hex(TOKEN // 2),
            note=note,
            text=text,
            afresh=afresh,
            opened=opened or Open(),
            chosen=request.query.get("lang"),
            kept_for=self._wording.kept_for(careful=careful),
            careful=careful,
            chat=chat,
            lite=_is_lite(request),
        )

    def _sorry(self, request: web.Request, why: str, status: int) -> web.Response:
        page = self._site.page("message.html", self._locale(request), self._wording.CHAT, why=why, path=PATH)
        return html_response(request, page, status, **_later(status))


def _see(entries: Sequence[Entry], after: int) -> web.Response:
    """Where to look now: at what is new, from their own words on."""
    theirs = (each.number for each in entries if each.theirs and each.number > after)
    first = min(theirs, default=max((each.number for each in entries), default=1))
    return web.Response(status=303, headers={hdrs.LOCATION: f"{PATH}?from={first}#m{first}"})


def _number(text: str | None) -> int:
    """A number as our pages write them; 0 for whatever else somebody writes there."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) <= DIGITS else 0


def _opened(fields: Mapping[str, str]) -> Open:
    """By which link somebody came; nothing where no case can be called so."""
    link = Open.by_link("_".join(filter(None, (fields.get("case"), fields.get("s")))))
    return link if _SLUG.fullmatch(link.case or "") else Open()


def _opened_before(request: web.Request) -> Open:
    """By which link somebody came to the page before."""
    return _opened({"case": request.cookies.get(BEGIN, "")})


def _secret_in(request: web.Request, cookie: str) -> str | None:
    """What we have put into that cookie; None where it is not there, or cannot be ours."""
    value = request.cookies.get(cookie, "")
    return value if len(value) == TOKEN and set(value) <= set("0123456789abcdef") else None


def _later(status: int) -> Mapping[str, str]:
    return {"Retry_After": "60"} if status == 429 else {}


def _is_live(request: web.Request) -> bool:
    """Whether a script asks, for a part of a page."""
    return request.headers.get("HX-Request") == "true"


def _is_lite(request: web.Request) -> bool:
    """Whether the browser, or who sits there, wants as little data as can be."""
    asked = request.query.get(LITE) or request.cookies.get(LITE) or ""
    return asked == "1" or (asked != "0" and request.headers.get("Save-Data", "").casefold() == "on")
