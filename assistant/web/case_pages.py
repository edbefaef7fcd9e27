"""A public page for each case, its counter, and what can be passed on: pictures, a flyer, files to check.

Nothing here knows who asks, and nothing is stored.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

import structlog
from aiohttp import hdrs, web
from markupsafe import Markup

from assistant.channels.base import Channel
from assistant.channels.web import Web
from assistant.content import qr
from assistant.domain.cards import CardForm, case_links
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.counter import Batch, Counter, read_code
from assistant.domain.counter_files import counter_file, leaves_file
from assistant.domain.errors import Failure
from assistant.domain.messages import SOURCE, ChatLink
from assistant.domain.texts import Locale, Number, Text
from assistant.services.cards import Cards
from assistant.services.counter import PublishedCounters
from assistant.web.forms import read_form
from assistant.web.guard import Guard, is_from_elsewhere
from assistant.web.lately import Lately
from assistant.web.rendering import Site, html_response

SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"
HOUR = "public, max-age=3600"  # counters change once a day
FRESH = 60.0  # seconds for which a counter is not read again, nor a page made
PAGES = 200  # of so many cases, languages and sources
_KINDS = {CardForm.SVG: "image/svg+xml", CardForm.PNG: "image/png", CardForm.PDF: "application/pdf"}

log = structlog.get_logger()


class Wording(Protocol):
    """What the page says around the texts of a case."""

    CHAT: Mapping[str, Text]
    CASE: Mapping[str, Text]

    def counted(self, batch: Batch, total: int) -> Text:
        """How many letters have arrived up to the day of the newest batch."""

    def found(self, batch: Batch) -> Text:
        """The letter is counted, once, in that batch."""

    def batch_day(self, batch: Batch) -> Text:
        """The last day of a batch."""

    def write_over(self, channel: str) -> Text:
        """The words of a link that opens a chat there."""

    def code_opens(self, channel: str) -> Text:
        """What a screen reader says of a QR code that opens a chat there."""


@dataclass(frozen=True, slots=True)
class _Way:
    """A chat with us elsewhere. `code`: the link as a QR code, for who has the app on another device."""

    channel: str
    words: Text
    link: str
    code: Markup


class CasePages:
    """`/<case>`, and what belongs to it."""

    def __init__(
        self,
        *,
        cases: Mapping[str, Case],
        channel: Web,
        others: Sequence[Channel],
        counters: PublishedCounters,
        cards: Cards,
        site: Site,
        guard: Guard,
        wording: Wording,
        clock: Clock,
    ) -> None:
        """`others`: where people can write to us besides the web."""
        self._cases = cases
        self._channel = channel
        self._others = others
        self._counters = counters
        self._cards = cards
        self._site = site
        self._guard = guard
        self._wording = wording
        self._clock = clock
        self._published_lately = Lately[Counter](FRESH, PAGES)
        self._pages = Lately[tuple[Case, str]](FRESH, PAGES)

    def routes(self) -> Sequence[web.RouteDef]:
        """What the web server answers."""
        case = f"/{{case:{SLUG}}}"
        return [
            web.get("/", self._cases_page),
            web.get(case, self._page),
            web.post(case, self._look_for_letter),
            web.get(f"{case}/card.svg", self._svg),
            web.get(f"{case}/card.png", self._png),
            web.get(f"{case}/flyer.pdf", self._flyer),
            web.get(f"{case}/counter.json", self._counter),
            web.get(f"{case}/counter-{{number:[0-9]{{1,9}}}}.json", self._leaves),
        ]

    # Pages

    async def _cases_page(self, request: web.Request) -> web.StreamResponse:
        """All cases, those that are closed last."""
        if not self._guard.lets_ask(request):
            return self._nothing(request, 429)
        locale = self._site.locale(request, request.query.get("lang"))
        cases = sorted(self._cases.values(), key=lambda case: case.closed is not None)
        page = self._site.page("cases.html", locale, self._said, cases=cases)
        return html_response(request, page)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if not self._guard.lets_ask(request):
            return self._nothing(request, 429)
        return await self._shown(request, None)

    async def _look_for_letter(self, request: web.Request) -> web.StreamResponse:
        """Whether the letter with that code is counted: the code is sent, and never stands in an address."""
        if is_from_elsewhere(request):
            return self._nothing(request, 403)
        if not self._guard.lets_ask(request):
            return self._nothing(request, 429)
        case = self._case(request)
        typed = (await read_form(request)).get("code", "")
        if case is None:
            return self._nothing(request)
        if (code := read_code(typed)) is None:
            return await self._shown(request, self._wording.CASE["mistyped"], typed[:40])
        try:
            batch = await self._counters.find(case.slug, code)
        except Failure as failure:
            log.warning("a letter cannot be looked for", reason=failure.reason)
            return await self._shown(request, self._wording.CASE["failed"], typed[:40])
        found = self._wording.found(batch) if batch else self._wording.CASE["not_counted"]
        return await self._shown(request, found, typed[:40])

    async def _shown(self, request: web.Request, answer: Text | None, typed: str = "") -> web.StreamResponse:
        """`answer`: to a code that was looked for."""
        case = self._case(request)
        if case is None:
            return self._nothing(request)
        locale = self._site.locale(request, request.query.get("lang"))
        source = request.query.get("s", "")
        source = source if SOURCE.match(source) else ""
        key = (case.slug, locale.language, source)
        known = self._pages.get(key) if answer is None else None
        if known and known[0] is case:  # one that was changed meanwhile is another one
            return html_response(request, known[1], Cache_Control="no-cache")
        counter = await self._published(case)
        page = self._site.page(
            "case.html",
            locale,
            self._said,
            case=case,
            action=next(iter(case.open_actions(self._clock())), None),
            address=f"{self._channel.url}/{case.slug}",
            chat=f"/chat?{urlencode({'case': case.slug, **({'s': source} if source else {})})}",
            ways=self._ways(case, source or "page", locale),
            follow=next((case.follow[each] for each in locale.fallbacks if each in case.follow), ()),
            batches=counter.batches if counter else (),
            day_of=self._wording.batch_day,
            number=Number,
            counted=self._counted(counter),
            key=counter.key.hex() if counter else "",
            answer=answer,
            typed=typed,
        )
        if answer is None and counter is not None:
            self._pages.put(key, (case, page))
        cached = "no-cache" if answer is None else "no-store"  # a code is its writer's alone
        return html_response(request, page, Cache_Control=cached)

    def _counted(self, counter: Counter | None) -> Text | None:
        """Only whole batches are told, so it is never a small number."""
        if counter is None or not counter.batches:
            return None
        return self._wording.counted(counter.batches[-1], counter.total)

    def _ways(self, case: Case, source: str, locale: Locale) -> Sequence[_Way]:
        return [self._way(each.called, each.link, case, source, locale) for each in self._others if each.link]

    def _way(self, channel: str, link: ChatLink, case: Case, source: str, locale: Locale) -> _Way:
        address = link.to(case.slug, source)
        title = self._wording.code_opens(channel).render(locale).unescape()
        return _Way(channel, self._wording.write_over(channel), address, Markup(qr.code(address).svg(title)))  # noqa: S704  drawn by us

    # What can be passed on

    async def _svg(self, request: web.Request) -> web.StreamResponse:
        return await self._picture(request, CardForm.SVG)

    async def _png(self, request: web.Request) -> web.StreamResponse:
        return await self._picture(request, CardForm.PNG)

    async def _flyer(self, request: web.Request) -> web.StreamResponse:
        return await self._picture(request, CardForm.PDF)

    async def _picture(self, request: web.Request, form: CardForm) -> web.StreamResponse:
        """It can stand on any page: it is the same for everybody."""
        case = self._case(request)
        if case is None:
            return self._nothing(request)
        if not self._guard.lets_ask(request):
            return self._nothing(request, 429)
        locale = self._site.locale(request, request.query.get("lang"))
        counter = await self._published(case)
        total = counter.total if counter and counter.batches else None
        links = case_links(f"{self._channel.url}/{case.slug}")
        try:
            drawn = await self._cards.picture(form, case.slug, locale.language, total, links)
        except Failure as failure:
            log.warning("a picture of a case cannot be drawn", reason=failure.reason)
            return self._nothing(request, 503)
        tag = f'"{hashlib.sha256(drawn).hexdigest()[:20]}"'
        headers = {
            hdrs.CACHE_CONTROL: HOUR,
            hdrs.ETAG: tag,
            hdrs.VARY: hdrs.ACCEPT_LANGUAGE,
            "Cross-Origin-Resource-Policy": "cross-origin",
        }
        if request.headers.get(hdrs.IF_NONE_MATCH) == tag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=drawn, content_type=_KINDS[form], headers=headers)

    async def _counter(self, request: web.Request) -> web.StreamResponse:
        async def made(case: Case) -> str:
            return counter_file(await self._counters.published(case.slug))

        return await self._published_file(request, made)

    async def _leaves(self, request: web.Request) -> web.StreamResponse:
        async def made(case: Case) -> str | None:
            found = await self._counters.leaves(case.slug, int(request.match_info["number"]))
            return None if found is None else leaves_file(found)

        return await self._published_file(request, made)

    async def _published_file(
        self, request: web.Request, made: Callable[[Case], Awaitable[str | None]]
    ) -> web.StreamResponse:
        """A file of a counter; `made` gives None where there is no such one."""
        case = self._case(request)
        if case is None:
            return self._nothing(request)
        if not self._guard.lets_ask(request):
            return self._nothing(request, 429)
        try:
            text = await made(case)
        except Failure as failure:
            log.warning("a counter cannot be shown", reason=failure.reason)
            return self._nothing(request, 503)
        return self._nothing(request) if text is None else _json(text)

    async def _published(self, case: Case) -> Counter | None:
        """As it was a minute ago, perhaps: it changes once a day.

        None where the database is away: the page goes without.
        """
        try:
            known = self._published_lately.get(case.slug)
            return known or self._published_lately.put(case.slug, await self._counters.published(case.slug))
        except Failure as failure:
            log.warning("a page goes without its counter", reason=failure.reason)
            return None

    def _case(self, request: web.Request) -> Case | None:
        return self._cases.get(request.match_info["case"])

    @property
    def _said(self) -> Mapping[str, Text]:
        return {**self._wording.CHAT, **self._wording.CASE}

    def _nothing(self, request: web.Request, status: int = 404) -> web.StreamResponse:
        locale = self._site.locale(request, request.query.get("lang"))
        why = {403: "elsewhere", 429: "too_many", 503: "failed"}.get(status, "nothing_here")
        page = self._site.page("message.html", locale, self._said, why=why, path="/chat")
        return html_response(request, page, status)


def _json(text: str) -> web.Response:
    """A file for everybody, also for programs of other sites."""
    headers = {
        hdrs.CACHE_CONTROL: HOUR,
        hdrs.ACCESS_CONTROL_ALLOW_ORIGIN: "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return web.Response(text=text, content_type="application/json", headers=headers)
