"""Whoever attacks the chat's pages: other sites, finders of an old page, writers of markup and rubbish."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from html.parser import HTMLParser
from http.cookies import Morsel

import pytest
from aiohttp import ClientError, ClientResponse
from sqlalchemy import func, select
from structlog.testing import capture_logs

from assistant.dialogue.script import Script
from assistant.store.database import Store
from assistant.store.tables import chats as chats_table
from assistant.web import chat as chat_pages
from assistant.web import guard as guards
from assistant.web import streams
from assistant.web.guard import Guard
from tests.support.fakes.channel import FakeClock
from tests.support.harness import NAME, PERSONAL_LINE
from tests.support.odd_texts import ODD
from tests.support.visitor import Pages, Visitor, open_site

HTTPS = "https://letters.example"
TOKEN = "0123456789abcdef" * 2
ELSEWHERE = [
    {"Sec_Fetch_Site": "cross-site"},
    {"Sec_Fetch_Site": "same-site"},
    {"Sec_Fetch_Site": ""},
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
    {"Origin": "http://["},
]
TAGS: Mapping[str, set[str]] = {
    "html": {"lang", "dir"},
    "head": set(),
    "meta": {"charset", "name", "content"},
    "title": set(),
    "link": {"rel", "href"},
    "script": {"src", "defer"},
    "body": set(),
    "header": set(),
    "h1": set(),
    "main": {"hx-sse:connect", "hx-target", "hx-swap"},
    "footer": set(),
    "nav": set(),
    "div": {"role", "aria-label", "class"},
    "p": {"id", "role", "hx-swap-oob"},
    "ol": {"id", "hx-swap-oob"},
    "li": {"id", "class"},
    "span": {"class"},
    "b": set(),
    "i": set(),
    "u": set(),
    "code": set(),
    "blockquote": {"lang"},
    "a": {"href", "class", "lang", "hreflang"},
    "form": {"id", "method", "action", "hx-post", "hx-target", "hx-swap", "data-away"},
    "label": {"for"},
    "textarea": {"id", "name", "form", "rows", "maxlength", "autocomplete", "hx-swap-oob"},
    "input": {"type", "id", "name", "value", "form", "hx-swap-oob"},
    "button": {"class", "title", "form", "name", "value", "formnovalidate"},
}
ADDRESSES = {"href", "src", "action", "hx-post", "hx-sse:connect"}


class _Checked(HTMLParser):
    """A page, or a part of one, of which everything is ours."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert name in TAGS[tag], (tag, name)
            if name in ADDRESSES:
                assert (value or "").startswith(("/chat", "/static/", "data:,", "#", "https://www.")), value
        if tag == "script":
            assert (dict(attrs).get("src") or "").startswith("/static/"), "a script that is no file of ours"

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        assert decl == "doctype html"


def check(page: str) -> None:
    """Nothing stands on it but what our templates have."""
    reader = _Checked(convert_charrefs=True)
    reader.feed(page)
    reader.close()


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, for one who asks as often as they like."""
    seconds = iter(range(10**9))
    async with open_site(store, script, clock, guard=Guard(lambda: next(seconds) * 100.0)) as opened:
        yield opened


@pytest.fixture
async def secure(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages behind a proxy that brings TLS."""
    async with open_site(store, script, clock, HTTPS) as opened:
        yield opened


async def chats(site: Pages) -> int:
    """How many chats there are."""
    async with site.harness.store.read() as tx:
        return await tx.connection.scalar(select(func.count()).select_from(chats_table)) or 0


def cookie(visitor: Visitor, name: str = "chat") -> str | None:
    """What that browser has in it."""
    return next((each.value for each in visitor.client.cookie_jar if each.key == name), None)


async def begin(visitor: Visitor) -> None:
    """Begin a chat, and say something of oneself in it."""
    await visitor.open()
    await visitor.press("Write the letter")
    await visitor.write("Finland")
    await visitor.write(NAME)
    assert visitor.status == 200 and "You can add a sentence of your own" in visitor.last


# Another site's page


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
async def test_what_another_site_has_a_browser_send_changes_nothing(
    site: Pages, headers: dict[str, str]
) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter", **headers)
        assert visitor.status == 403 and cookie(visitor) is None and await chats(site) == 0
        await begin(visitor)
        token = cookie(visitor)
        before = await visitor.open("/chat")
        for path, fields in (("/chat", {"text": "forget"}), ("/chat/keep", {}), ("/chat/leave", {})):
            await visitor.post(path, fields, **headers)
            assert visitor.status == 403 and visitor.answer
            assert not visitor.answer.cookies and "Clear-Site-Data" not in visitor.answer.headers
        await visitor.post("/norma-cruz", {"code": "ABCD"}, **headers)
        assert visitor.status == 403
        assert cookie(visitor) == token and len(await visitor.open("/chat")) == len(before)


async def test_our_own_page_and_a_program_are_no_other_site(site: Pages) -> None:
    own: list[dict[str, str]] = [{"Sec_Fetch_Site": "same-origin"}, {"Origin": f"http://{site.address}"}, {}]
    for headers in own:
        async with site.visitor() as visitor:
            await visitor.open()
            await visitor.press("Write the letter", **headers)
            assert visitor.status == 200 and "Which country do you live in?" in visitor.last


# Whose chat it is


@pytest.mark.parametrize("planted", [TOKEN, TOKEN[:-1], TOKEN * 2, TOKEN.upper(), "x", "", "\u00e9" * 32])
async def test_a_planted_cookie_never_becomes_a_chats_address(site: Pages, planted: str) -> None:
    async with site.visitor() as visitor:
        await visitor.open("/chat?case=norma-cruz")
        visitor.client.cookie_jar.update_cookies({"chat": planted})
        await visitor.press("Write the letter")
        assert visitor.status == 200 and await chats(site) == 1
        assert cookie(visitor) != planted
    async with site.visitor() as thief:
        thief.client.cookie_jar.update_cookies({"chat": planted})
        assert "Write the letter" in await thief.open("/chat") and "Finland" not in thief.source


async def test_who_knows_the_number_of_a_page_is_not_in_the_chat_that_it_began(site: Pages) -> None:
    async with site.visitor() as visitor, site.visitor() as thief, site.visitor() as other:
        await visitor.open()
        first = visitor.page
        await visitor.press("Write the letter")
        await visitor.write("Finland")
        await visitor.write(NAME)
        for each in (thief, other):
            if each is other:
                await each.open()  # a browser that we know
            each.page = first
            await each.press("Write the letter")
            assert NAME not in each.source and cookie(each) != cookie(visitor)
        assert await chats(site) == 3


async def test_who_planted_a_visit_does_not_know_the_chat_that_begins_with_it(site: Pages) -> None:
    async with site.visitor() as visitor, site.visitor() as thief:
        for each in (visitor, thief):
            each.client.cookie_jar.update_cookies({"visit": TOKEN})
            await each.open()
            await each.press("Write the letter")
        assert cookie(visitor) != cookie(thief) and await chats(site) == 2


async def test_the_first_page_leads_nobody_back_into_a_chat_that_was_left(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        first = visitor.page
        await visitor.press("Write the letter")
        await visitor.write("Finland")
        await visitor.write(NAME)

        await visitor.post("/chat/leave")
        assert visitor.answer and visitor.answer.headers["Clear-Site-Data"] == '"cache", "cookies", "storage"'
        assert cookie(visitor) is None and cookie(visitor, "visit") is None
        visitor.page = first
        await visitor.press("Write the letter")
        assert NAME not in visitor.source and await chats(site) == 2


@pytest.mark.parametrize("once", ["", "x", "x" * 50_000, "\u202e\u00e9\x00", "%s"])
async def test_a_page_whose_number_somebody_chose_begins_a_chat_like_any_other(
    site: Pages, once: str
) -> None:
    tokens: set[str | None] = set()
    for _ in range(2):
        async with site.visitor() as visitor:
            await visitor.open()
            visitor.page.hidden["once"] = once
            await visitor.press("Write the letter")
            assert visitor.status == 200 and "Which country do you live in?" in visitor.last
            tokens.add(cookie(visitor))
    assert len(tokens) == 2 and await chats(site) == 2


# Cookies


async def answer_to(
    site: Pages, method: str, path: str, fields: Mapping[str, str] | None = None, **cookies: str
) -> ClientResponse:
    """What is answered to who sends these cookies, and no others. `_Host_chat` stands for `__Host-chat`."""
    said = "; ".join(f"{name.replace('_Host_', '__Host-')}={value}" for name, value in cookies.items())
    async with (
        site.visitor() as visitor,
        visitor.client.request(
            method, path, data=fields, headers={"Cookie": said}, allow_redirects=False
        ) as answer,
    ):
        await answer.read()
        return answer


async def begun(site: Pages, *answers: str) -> str:
    """The token of a chat that has begun, and in which that was said."""
    answer = await answer_to(site, "POST", "/chat?lang=en", {"text": "go", "case": "norma-cruz"})
    token = answer.cookies["__Host-chat"].value
    for each in answers:
        await answer_to(site, "POST", "/chat", {"text": each}, _Host_chat=token)
    return token


def check_cookie(kept: "Morsel[str]") -> None:
    """Scripts and other sites do not get it, nor who listens."""
    assert kept["secure"] and kept["httponly"] and kept["samesite"] == "Lax" and kept["path"] == "/"
    assert not kept["domain"]


async def test_cookies_are_for_this_host_alone_and_end_with_the_session(secure: Pages) -> None:
    first = await answer_to(secure, "GET", "/chat?case=norma-cruz&lite=1")
    assert set(first.cookies) == {"__Host-visit", "begin", "lite"}
    said = await answer_to(secure, "POST", "/chat", {"text": "hello"})
    for name, kept in {**first.cookies, "__Host-chat": said.cookies["__Host-chat"]}.items():
        check_cookie(kept)
        assert (kept["max-age"] != "") == (name == "begin") and not kept["expires"]


async def test_a_cookie_that_another_host_could_have_set_opens_nothing(secure: Pages) -> None:
    token = await begun(secure)
    own = await answer_to(secure, "GET", "/chat", _Host_chat=token)
    assert "Show what was said before" in await own.text() or "m1" in await own.text()
    other = await answer_to(secure, "GET", "/chat", chat=token)
    assert 'id="m1"' not in await other.text()


async def test_a_browser_keeps_a_chat_only_where_that_was_wished(secure: Pages) -> None:
    token = await begun(secure)
    kept = (await answer_to(secure, "POST", "/chat/keep", {}, _Host_chat=token)).cookies["__Host-chat"]
    check_cookie(kept)
    assert kept.value == token and int(kept["max-age"]) == chat_pages.KEPT
    assert (
        "__Host-chat"
        not in (await answer_to(secure, "POST", "/chat", {"text": "hello"}, _Host_chat=token)).cookies
    ), "nothing ends it before its time"
    assert not (await answer_to(secure, "POST", "/chat/keep", {}, _Host_chat=TOKEN)).cookies


async def test_where_it_may_be_dangerous_to_write_no_browser_keeps_a_chat(secure: Pages) -> None:
    token = await begun(secure)
    await answer_to(secure, "POST", "/chat/keep", {}, _Host_chat=token)
    said = await answer_to(secure, "POST", "/chat", {"text": "Guatemala"}, _Host_chat=token)
    assert said.cookies["__Host-chat"].value == token and not said.cookies["__Host-chat"]["max-age"]
    again = await answer_to(secure, "POST", "/chat/keep", {}, _Host_chat=token)
    assert (again.status, "__Host-chat" in again.cookies) == (303, False)


# Markup


async def hears(visitor: Visitor, after: int = 0) -> str:
    """What an open page is told at once."""
    async with visitor.client.get(f"/chat/news?after={after}") as answer:
        return (await answer.content.readuntil(b"\r\n\r\n")).decode()


def told(event: str) -> str:
    """The page's part in an event of a stream, which is all that is in it."""
    number, *lines = event.removesuffix("\r\n\r\n").split("\r\n")
    assert number.startswith("id: ") and number[4:].isdecimal()
    assert all(each.startswith("data: ") for each in lines), event
    return "\n".join(each.removeprefix("data: ") for each in lines)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_what_people_write_is_text_on_every_page(site: Pages, clock: FakeClock, odd: str) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        await visitor.press("Write the letter")
        for said in (odd, "Finland", odd, NAME, odd, PERSONAL_LINE, odd):
            clock.advance(seconds=60)
            await visitor.write(said)
            check(visitor.source)
        check(await visitor.open("/chat") and visitor.source)
        check(told(await hears(visitor)))
        await visitor.write(odd, HX_Request="true")
        check(visitor.source)


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("live", ["false", "true"])
async def test_what_a_browser_sends_besides_is_text_or_nothing(site: Pages, odd: str, live: str) -> None:
    async with site.visitor(HX_Request=live) as visitor:
        await begin(visitor)
        for fields in (
            {"press": odd},
            {"press": f"{odd}:{odd}"},
            {"press": f"ready.0123456789ab:{odd}", "once": odd},
            {"text": odd + "x" * 8_001},
            {"text": odd, "once": odd, "after": odd, "case": odd, "s": odd},
        ):
            await visitor.post("/chat", fields)
            assert visitor.status in (200, 413)
            check(visitor.source)
        for name in ("case", "s", "lang", "lite", "from", "after"):
            async with visitor.client.get("/chat", params={name: odd}) as answer:
                assert answer.status == 200
                check(await answer.text())


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
async def test_no_address_and_no_header_writes_on_a_page(site: Pages, odd: str) -> None:
    header = odd.replace("\r\n", " ").replace("\x00", "")
    async with site.visitor(Accept_Language=f"{header};q=0.9", Last_Event_ID=header) as visitor:
        for name in ("case", "s", "lang", "lite", "from"):
            async with visitor.client.get("/chat", params={name: odd, "case": "norma-cruz"}) as answer:
                assert answer.status == 200
                check(await answer.text())
            async with visitor.client.get("/norma-cruz", params={name: odd}) as answer:
                assert answer.status == 200 and ("<" not in odd or odd not in await answer.text())
        await visitor.post("/norma-cruz", {"code": odd})
        assert visitor.status == 200
        if "<" in odd:
            assert odd[:40] not in visitor.source


async def test_a_link_sets_no_cookie_of_its_own_words(site: Pages) -> None:
    for case in ("x" * 5_000, "a b", "a;b", "\r\nSet-Cookie: chat=x", "Caf\u00e9"):
        async with site.visitor() as visitor, visitor.client.get("/chat", params={"case": case}) as answer:
            assert answer.status == 200 and set(answer.cookies) == {"visit"}


# Rubbish


def form(body: bytes, kind: str = "application/x-www-form-urlencoded", more: str = "") -> bytes:
    """A request to `/chat`."""
    head = f"POST /chat HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{more}Content-Type: {kind}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


PART = b'--b\r\nContent-Disposition: form-data; name="text"%s\r\n\r\nRosa Example\r\n--b--\r\n'
GET = "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n"
RUBBISH: Mapping[str, tuple[bytes, int]] = {
    "bytes that are no UTF-8": (form(b"text=\xff\xfe"), 303),
    "half a character": (
        form(b"text=%ED%A0%80&once=%ED%A0%80&press=%ED%A0%80:%ED%A0%80&case=%ED%A0%80"),
        303,
    ),
    "an unknown charset": (form(b"text=x", "application/x-www-form-urlencoded; charset=nonsense"), 303),
    "a charset for tricks": (form(b"text=+2AA-", "application/x-www-form-urlencoded; charset=utf-7"), 303),
    "NUL": (form(b"text=%00&press=%00:%00"), 303),
    "a mark without a value": (form(b"press=letter"), 303),
    "a number of 50,000 digits": (form(b"press=a:" + b"9" * 50_000), 303),
    "a place of 50,000 digits": (form(b"text=x&after=" + b"9" * 50_000), 303),
    "nothing": (form(b""), 303),
    "many fields": (form(b"a=1&" * 15_000), 400),
    "too much": (form(b"text=" + b"a" * 70_000), 413),
    "a file": (form(PART % b"; filename=a.txt", "multipart/form-data; boundary=b"), 415),
    "parts": (form(PART % b"", "multipart/form-data; boundary=b"), 415),
    "parts without an end": (form(b"--b", "multipart/form-data"), 415),
    "JSON": (form(b'{"text": "Rosa Example"}', "application/json"), 415),
    "plain text": (form(b"text=Rosa Example", "text/plain"), 415),
    "what is not packed": (form(b"Rosa Example", more="Content-Encoding: gzip\r\n"), 400),
    "a strange cookie": (
        (
            GET
            % ("/chat", "Cookie: \udcff=\udcff; chat=\udcff; begin=\udced\udca0\udc80<b>; lite=\udcff\r\n")
        ).encode("utf-8", "surrogateescape"),
        200,
    ),
    "many cookies": ((GET % ("/chat", "Cookie: " + "a=b; " * 1_500 + "\r\n")).encode(), 200),
    "a strange language": (
        (GET % ("/chat", "Accept-Language: \udcff;q=nan, x;q=1e999, y;q=-1\r\n")).encode(
            "utf-8", "surrogateescape"
        ),
        200,
    ),
    "half a character in an address": (
        (GET % ("/chat?lang=%ED%A0%80&case=%ED%A0%80&s=%FF", "")).encode(),
        200,
    ),
    "NUL in an address": ((GET % ("/chat?lang=%00&case=a%00b%0d%0aSet-Cookie:x", "")).encode(), 200),
    "another host's address": ((GET % ("http://evil.example/chat", "")).encode(), 200),
    "a place that is none": ((GET % ("/chat?from=" + "9" * 7_000, "")).encode(), 200),
    "a file of 10^9": ((GET % ("/chat/file/9999999999", "")).encode(), 404),
}


async def says(site: Pages, said: bytes) -> bytes:
    """What comes back on a connection on which that is said."""
    host, _, port = site.address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(said)
    try:
        async with asyncio.timeout(20):
            return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(("said", "status"), RUBBISH.values(), ids=RUBBISH)
async def test_rubbish_is_answered_as_what_it_is(site: Pages, said: bytes, status: int) -> None:
    with capture_logs() as logs:
        answer = await says(site, said)
    assert answer.split(b" ", 2)[1] == str(status).encode()
    assert logs == [] and b"Rosa Example" not in answer.partition(b"\r\n\r\n")[0]
    assert b"evil.example" not in answer


async def test_who_hangs_up_in_the_middle_of_a_form_fills_no_log(site: Pages) -> None:
    host, _, port = site.address.rpartition(":")
    with capture_logs() as logs:
        for _ in range(3):
            _reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(form(b"text=Rosa Example")[:-3])
            await writer.drain()
            await asyncio.sleep(0.05)
            writer.transport.abort()
        async with site.visitor() as visitor:
            await visitor.open()
    assert logs == []


# Floods


async def test_who_asks_too_often_reads_so_and_keeps_what_they_wrote(
    store: Store, script: Script, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "REQUESTS", (4, 1.0))
    now = [0.0]
    async with (
        open_site(store, script, clock, guard=Guard(lambda: now[0])) as site,
        site.visitor() as visitor,
    ):
        await visitor.open()
        await visitor.press("Write the letter")
        for live in ("false", "true"):
            page = visitor.page
            await visitor.write("Finland", HX_Request="false")
            await visitor.write("I am from Finland", HX_Request=live)
            assert visitor.status == 429 and visitor.answer
            assert "Too many people are writing at this moment" in visitor.page.note
            assert visitor.answer.headers["Retry-After"] == "60"
            if live == "false":
                assert visitor.page.typed == "I am from Finland"
            else:
                assert "<textarea" not in visitor.source, "what stands in the field stays there"
            visitor.page = page
        await visitor.post("/chat/keep")
        assert visitor.status == 429
        await visitor.post("/chat/leave")
        assert visitor.status == 200, "who has to go may go"


async def test_too_many_new_chats_lose_nothing_that_was_written(
    store: Store, script: Script, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guards, "BEGUN", (1, 1.0))
    async with open_site(store, script, clock, guard=Guard(lambda: 0.0)) as site:
        async with site.visitor() as first:
            await first.open()
            await first.press("Write the letter")
        async with site.visitor() as visitor:
            await visitor.open()
            await visitor.write("I have a question.")
            assert visitor.status == 429 and visitor.page.typed == "I have a question."
            assert await chats(site) == 1


# Streams


async def open_page(visitor: Visitor) -> ClientResponse:
    """A page that hears news; it has heard what there is."""
    answer = await visitor.client.get("/chat/news?after=0")
    assert answer.status == 200 and await answer.content.readuntil(b"\r\n\r\n")
    return answer


async def is_cut(answer: ClientResponse) -> bool:
    """Whether the server ends it, before a test takes too long."""
    with suppress(ClientError):
        async with asyncio.timeout(20):
            await answer.content.read()
    return True


async def test_the_oldest_open_page_of_a_chat_gives_way_to_a_new_one(site: Pages) -> None:
    async with site.visitor() as visitor, site.visitor() as other:
        await begin(visitor)
        await begin(other)
        others = await open_page(other)
        opened = [await open_page(visitor) for _ in range(streams.MOST + 8)]
        assert all([await is_cut(each) for each in opened[:8]])
        assert sorted(map(len, site.channel._listeners.values())) == [1, streams.MOST]
        await visitor.write(PERSONAL_LINE)
        for each in opened[8:]:
            assert PERSONAL_LINE.encode() in await each.content.readuntil(b"\r\n\r\n")
        for each in (others, *opened):
            each.close()


async def test_nothing_is_left_of_pages_that_are_closed(site: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_pages, "HEARTBEAT", 0.05)
    async with site.visitor() as visitor:
        await begin(visitor)
        for each in [await open_page(visitor) for _ in range(3 * streams.MOST)]:
            each.close()
        async with asyncio.timeout(20):
            while site.channel._listeners:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert len(site.chat._streams) == 0


async def test_news_are_for_who_has_a_chat(site: Pages) -> None:
    async with site.visitor() as visitor:
        for value in (TOKEN, "x"):
            visitor.client.cookie_jar.update_cookies({"chat": value})
            async with visitor.client.get("/chat/news") as answer:
                assert answer.status == 204
        assert not site.channel._listeners
