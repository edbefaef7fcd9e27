"""A browser without scripts: it keeps cookies, follows redirects, and sends the forms that it is shown."""

import html
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import cast

from aiohttp import ClientResponse, ClientSession, CookieJar, web

from assistant.channels.base import Channel
from assistant.channels.web import Web
from assistant.dialogue.script import Script
from assistant.services.cards import Cards
from assistant.services.counter import CounterDays, PublishedCounters
from assistant.services.transcripts import Transcripts
from assistant.settings import Settings
from assistant.store import counter
from assistant.store.database import Store
from assistant.web.case_pages import CasePages
from assistant.web.chat import ChatPages
from assistant.web.connections import MOST
from assistant.web.guard import Guard
from assistant.web.rendering import Site
from assistant.web.server import serve
from assistant.wiring.content import make_cards
from conversations import pages
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness

URL = "http://127.0.0.1"


class _Page(HTMLParser):
    """What a page says, and what can be done on it."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.entries: list[str] = []
        self.buttons: dict[str, str] = {}
        self.hidden: dict[str, str] = {}
        self.note = ""
        self.typed = ""
        self.links: dict[str, str] = {}
        self.scripts: list[str] = []
        self.styles: list[str] = []
        self._in: list[tuple[str, Mapping[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input":
            self.hidden[given.get("name") or ""] = given.get("value") or ""
            return
        if tag == "link" and given.get("rel") == "stylesheet":
            self.styles.append(given.get("href") or "")
        if tag in ("meta", "link", "br", "img"):
            return
        if tag == "script":
            self.scripts.append(given.get("src") or "inline")
        if tag == "li":
            self.entries.append("")
        self._in.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._in and self._in.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, given = self._in[-1] if self._in else ("", {})
        if tag == "button" and given.get("name") == "press":
            self.buttons[data.strip()] = given.get("value") or ""
        elif tag == "textarea":
            self.typed += data
        elif tag == "a" and data.strip():
            self.links[data.strip()] = given.get("href") or ""
        inside = {each for each, _ in self._in}
        if any(attributes.get("role") == "alert" for _, attributes in self._in):
            self.note = f"{self.note} {data.strip()}".strip()
        elif "li" in inside and "button" not in inside and given.get("class") != "who":
            self.entries[-1] += data


@dataclass
class Visitor:
    """Somebody with a browser."""

    client: ClientSession
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 0
    url: str = ""
    source: str = ""
    answer: ClientResponse | None = None
    page: _Page = field(default_factory=_Page)
    bytes: int = 0  # of all bodies so far, as they were sent

    async def open(self, path: str = "/chat?case=norma-cruz") -> str:
        """Open an address; returns what the page says."""
        return await self._ask("GET", path)

    async def write(self, text: str, **headers: str) -> str:
        """Type that, and send it."""
        return await self._ask("POST", "/chat", self.page.hidden | {"text": text}, **headers)

    async def load(self, path: str) -> None:
        """Load a file that a page names."""
        async with self.client.get(path) as answer:
            assert answer.status == 200
            await answer.read()
            self.bytes += int(answer.headers["Content-Length"])

    async def press(self, label: str, **headers: str) -> str:
        """Press the button that is called so, or begins so."""
        value = next(value for each, value in self.page.buttons.items() if each.startswith(label))
        return await self._ask("POST", "/chat", self.page.hidden | {"text": "", "press": value}, **headers)

    async def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> str:
        """Send a form that is no part of the conversation."""
        return await self._ask("POST", path, fields or {}, **headers)

    @property
    def last(self) -> str:
        """The newest entry."""
        return self.page.entries[-1].strip()

    async def _ask(
        self, method: str, path: str, fields: Mapping[str, str] | None = None, **headers: str
    ) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(
            method, path, data=fields, headers={"Accept-Language": "en", **self.headers, **named}
        ) as answer:
            self.source = await answer.text()
            self.status, self.url, self.answer = answer.status, str(answer.url), answer
            self.bytes += int(answer.headers.get("Content-Length", 0))
        self.page = _Page()
        self.page.feed(self.source)
        return html.unescape(re.sub(r"<[^>]+>", "", self.source))


@dataclass(kw_only=True)
class Pages:
    """The pages over one store, and all that is behind them."""

    harness: Harness
    channel: Web
    guard: Guard
    address: str
    chat: ChatPages

    async def count_letters(self, count: int, case: str = "norma-cruz") -> list[str]:
        """So many letters have been delivered today; the codes of their writers."""
        keys = [f"key-{number}" for number in range(count)]
        async with self.harness.store.write() as tx:
            await counter.add(tx, [(case, key) for key in keys], self.harness.clock().date())
        return [counter.code_of_letter(self.harness.store.vault, key) for key in keys]

    async def close_days(self) -> None:
        """Days that are over are counted."""
        async with self.harness.store.write() as tx:
            await CounterDays(self.harness.clock).close(tx)

    @asynccontextmanager
    async def visitor(self, **headers: str) -> AsyncIterator[Visitor]:
        """Somebody who has not been there."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        jar = CookieJar(unsafe=True)
        async with ClientSession(f"http://{self.address}", cookie_jar=jar) as client:
            yield Visitor(client, named)


@asynccontextmanager
async def open_site(
    store: Store,
    script: Script,
    clock: FakeClock,
    url: str = URL,
    guard: Guard | None = None,
    others: Sequence[Channel] = (),
    most: int = MOST,
) -> AsyncIterator[Pages]:
    """The chat's pages, served."""
    channel = Web(url)
    channel.keep_in(Transcripts(store, clock))
    # The harness asks nothing of it that only the channel in memory has, unless a test does.
    harness = await Harness.open(store, script, cast("MemoryChannel", channel), clock)
    guard = guard or Guard()
    with closing(make_cards(Settings(_env_file=None), script)) as cards:
        chat, routes = routes_of(harness, channel, guard, cards, others)
        await channel.open()
        async with serve("127.0.0.1:0", routes, most) as address:
            assert address
            yield Pages(harness=harness, channel=channel, guard=guard, address=address, chat=chat)
            await harness.outbox.settle()
        await channel.close()


def routes_of(
    harness: Harness, channel: Web, guard: Guard, cards: Cards, others: Sequence[Channel]
) -> tuple[ChatPages, list[web.RouteDef]]:
    """What the server answers."""
    clock = harness.clock
    site = Site(harness.script.locales, harness.script.default_locale)
    chat = ChatPages(
        channel=channel,
        transcripts=Transcripts(harness.store, clock),
        turns=harness.turns,
        receive=harness.turns.handle,
        printer=harness.printer,
        site=site,
        guard=guard,
        wording=pages,
        secret=harness.store.secret("web"),
        clock=clock,
    )
    case_pages = CasePages(
        cases=harness.script.cases,
        channel=channel,
        others=others,
        counters=PublishedCounters(harness.store),
        cards=cards,
        site=site,
        guard=guard,
        wording=pages,
        clock=clock,
    )
    return chat, [*site.routes(), *chat.routes(), *case_pages.routes()]
