"""Organisers before the dashboard, in browsers without scripts."""

import html
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from html.parser import HTMLParser

from aiohttp import ClientSession, CookieJar

from assistant.content.cases import Checked
from assistant.dialogue.script import Script
from assistant.domain.organisers import Role
from assistant.services.broadcasts.approval import Actor
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.services.letters.overview import LetterOverview
from assistant.store.database import Store
from assistant.web.guard import Guard
from assistant.web.rendering import Site
from assistant.web.server import serve
from assistant.wiring.dashboard import dashboard_routes
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness
from tests.support.organisers import deliver_replies, join

URL = "http://127.0.0.1"


@dataclass
class Form:
    """A form on a page: where it goes, what it sends, what stands on its buttons, and what each adds."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)  # of buttons that send it elsewhere
    name: str | None = None  # by which buttons outside of it belong to it


class _Page(HTMLParser):
    """The forms and links of a page."""

    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._url = url
        self._tags: list[tuple[str, Mapping[str, str | None]]] = []
        self._open: Form | None = None
        self._outside: list[tuple[str, str, dict[str, str]]] = []  # buttons of forms that come later

    def finish(self) -> None:
        """All of it was read."""
        for name, said, given in self._outside:
            next(each for each in self.forms if each.name == name).labels[said] = given

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._open = Form(given.get("action") or self._url, name=given.get("id"))
            self.forms.append(self._open)
        named = given.get("name")
        if self._open is not None and named:
            if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
                self._open.fields[named] = given.get("value") or ""
            elif tag == "textarea":
                self._open.fields[named] = ""
        if tag == "option" and "selected" in given and self._open is not None:
            select = next(each for kind, each in reversed(self._tags) if kind == "select")
            self._open.fields[select.get("name") or ""] = given.get("value") or ""
        if tag not in ("input", "br", "meta", "link", "img", "hr"):
            self._tags.append((tag, given))

    def handle_endtag(self, tag: str) -> None:
        while self._tags and self._tags.pop()[0] != tag:
            pass
        if tag == "form":
            self._open = None

    def handle_data(self, data: str) -> None:
        tag, given = self._tags[-1] if self._tags else ("", {})
        said = data.strip()
        name = given.get("name")
        adds = {name: given.get("value") or ""} if name else {}
        if tag == "button" and said and (outside := given.get("form")):
            self._outside.append((outside, said, adds))
        elif tag == "button" and self._open is not None and said:
            self._open.labels[said] = adds
            if to := given.get("formaction"):
                self._open.actions[said] = to
        elif tag == "textarea" and self._open is not None:
            self._open.fields[given.get("name") or ""] += data
        if said and (link := next((each for kind, each in self._tags if kind == "a"), None)):
            self.links[said] = link.get("href") or ""


@dataclass
class Browser:
    """One organiser's. `said`: what its page says, without tags."""

    client: ClientSession
    said: str = ""
    source: str = ""
    status: int = 0
    path: str = ""
    forms: list[Form] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    async def open(self, path: str = "/dashboard", **headers: str) -> str:
        """Open an address; returns what the page says."""
        return await self._ask("GET", path, None, headers)

    async def follow(self, text: str) -> str:
        """Follow the link that begins so."""
        return await self.open(next(path for each, path in self.links.items() if each.startswith(text)))

    async def press(self, label: str, **fields: str) -> str:
        """Send the form whose button begins so, with these fields filled in."""
        form, said = next(
            (form, said) for form in self.forms for said in form.labels if said.startswith(label)
        )
        action = form.actions.get(said, form.action)
        return await self.post(action, {**form.fields, **form.labels[said], **fields})

    async def post(self, path: str, fields: Mapping[str, str] | None = None, **headers: str) -> str:
        """Send this there, whatever the page offers."""
        return await self._ask("POST", path, fields or {}, headers)

    async def send(self, path: str, **fields: str) -> str:
        """Send the form of the page that goes there, with these fields filled in."""
        form = next(each for each in self.forms if each.action == path)
        return await self.post(
            path, {**form.fields, **{name.replace("_", "-"): x for name, x in fields.items()}}
        )

    @property
    def buttons(self) -> list[str]:
        """What stands on the buttons of the page."""
        return [label for each in self.forms for label in each.labels]

    async def _ask(
        self, method: str, path: str, fields: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> str:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(method, path, data=fields, headers=named) as answer:
            self.source, self.status, self.path = await answer.text(), answer.status, answer.url.path
        page = _Page(self.path)
        page.feed(self.source)
        page.finish()
        self.forms, self.links = page.forms, page.links
        self.said = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", self.source)).split())
        return self.said


@dataclass(kw_only=True)
class Team:
    """An assistant with its dashboard, and organisers who come to it."""

    harness: Harness
    address: str

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[Browser]:
        """One in which nobody is signed in."""
        jar = CookieJar(unsafe=True)
        async with ClientSession(f"http://{self.address}", cookie_jar=jar) as client:
            yield Browser(client)

    async def join(self, person: str, role: Role = Role.OWNER) -> Actor:
        """Have that person in the team."""
        return await join(self.harness, person, role)

    async def link(self, person: str) -> str:
        """What the chat gives them to sign in by; its path."""
        await self.harness.receive(person, "/dashboard")
        await deliver_replies(self.harness)
        said = "\n".join(self.harness.texts_to(person))
        return str(re.findall(rf"{URL}(/dashboard/sign-in/\w+)", said)[-1])

    @asynccontextmanager
    async def signed_in(self, person: str, role: Role = Role.OWNER) -> AsyncIterator[Browser]:
        """That organiser on the first page. They join before, where they are not in the team."""
        if (await self.harness.chat(person)).organiser is None:
            await self.join(person, role)
        async with self.browser() as browser:
            await browser.open(await self.link(person))
            await browser.press("Sign in")
            assert browser.status == 200, browser.said
            yield browser


@asynccontextmanager
async def open_dashboard(
    store: Store,
    script: Script,
    clock: FakeClock,
    guard: Guard | None = None,
    carrier_health: CarrierHealth | None = None,
    check: Callable[[str], Checked | None] = lambda _slug: None,
    webhooks: Sequence[str] = (),
) -> AsyncIterator[Team]:
    """The dashboard, served.

    `check`: of case folders; by default there are none. `webhooks`: the names of their endpoints.
    """
    harness = await Harness.open(store, script, MemoryChannel(), clock, pages=URL, webhooks=webhooks)
    site = Site(script.locales, script.default_locale)
    overview = LetterOverview(store)
    routes = dashboard_routes(
        harness.news,
        script,
        site,
        guard or Guard(),
        clock,
        letter_overview=overview,
        carrier_health=carrier_health or CarrierHealth({}),
        channels=[harness.channel],
        newcomer=partial(harness.turns.newcomer, harness.channel.account),
        printer=harness.printer,
        check=check,
        url=URL,
    )
    async with serve("127.0.0.1:0", [*site.routes(), *routes]) as address:
        assert address
        yield Team(harness=harness, address=address)
        await harness.outbox.settle()
