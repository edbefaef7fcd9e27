"""What every answer has in its head, whatever it answers."""

from collections.abc import AsyncIterator, Mapping
from typing import NamedTuple

import pytest
from aiohttp import ClientResponse

from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.store.database import Store
from assistant.web.guard import Guard
from tests.support.fakes.channel import FakeClock
from tests.support.visitor import Pages, open_site

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Asked(NamedTuple):
    """A request, and how it is answered. `public`: what somebody on the way may keep."""

    status: int
    method: str
    path: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}
    public: bool = False


ANSWERS = [
    Asked(200, "GET", "/chat"),
    Asked(200, "GET", "/chat?lang=es&lite=1"),
    Asked(200, "POST", "/chat", b"", FORM | {"HX-Request": "true"}),
    Asked(303, "POST", "/chat", b"", FORM),
    Asked(303, "POST", "/chat/keep", b"", FORM),
    Asked(200, "POST", "/chat/leave", b"", FORM),
    Asked(403, "POST", "/chat", b"", FORM | {"Sec-Fetch-Site": "cross-site"}),
    Asked(413, "POST", "/chat", b"text=" + b"x" * 70_000, FORM),
    Asked(413, "POST", "/chat", b"text=" + b"x" * 8_001, FORM),
    Asked(415, "POST", "/chat", b"{}", {"Content-Type": "application/json"}),
    Asked(404, "GET", "/chat/file/1"),
    Asked(404, "GET", "/chat/nothing"),
    Asked(404, "GET", "/no-such-case"),
    Asked(405, "DELETE", "/chat"),
    Asked(417, "POST", "/chat", b"", FORM | {"Expect": "nonsense"}),
    Asked(204, "GET", "/chat/news"),
    Asked(200, "GET", "/", public=True),
    Asked(200, "GET", "/norma-cruz", public=True),
    Asked(200, "POST", "/norma-cruz", b"code=x", FORM),
    Asked(200, "GET", "/norma-cruz/card.svg", public=True),
    Asked(200, "GET", "/norma-cruz/counter.json", public=True),
]


@pytest.fixture
async def site(store: Store, script: Script, clock: FakeClock) -> AsyncIterator[Pages]:
    """The pages, over an empty database."""
    async with open_site(store, script, clock) as opened:
        yield opened


def check(answer: ClientResponse, *, public: bool = False) -> None:
    """Browsers run nothing but our script in it, and nobody keeps what is somebody's."""
    policy = {each.strip() for each in answer.headers["Content-Security-Policy"].split(";")}
    assert {"default-src 'none'", "script-src 'self'", "base-uri 'none'", "frame-ancestors 'none'"} <= policy
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in answer.headers
    if not public:
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("asked", ANSWERS, ids=lambda asked: f"{asked.status} {asked.method} {asked.path}")
async def test_of_every_answer(site: Pages, asked: Asked) -> None:
    async with (
        site.visitor() as visitor,
        visitor.client.request(
            asked.method, asked.path, data=asked.body, headers=asked.headers, allow_redirects=False
        ) as answer,
    ):
        assert answer.status == asked.status
        check(answer, public=asked.public)


async def test_of_files_and_news(site: Pages) -> None:
    async with site.visitor() as visitor:
        await visitor.open()
        for said in ("Write the letter", "Finland", "Quillabamba Testperson", "Skip"):
            pressed = [each for each in visitor.page.buttons if each.startswith(said)]
            await (visitor.press(said) if pressed else visitor.write(said))
        await visitor.press("Show the printed page")
        for path in (visitor.page.links["Open the letter as a PDF"], "/chat/news?after=0"):
            async with visitor.client.get(path) as answer:
                assert answer.status == 200
                check(answer)


@pytest.mark.parametrize("trouble", [Failure("away"), ZeroDivisionError("Rosa Example")], ids=repr)
async def test_where_something_is_broken(
    site: Pages, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    async def broken(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(site.chat._turns, "foretell", broken)
    async with site.visitor() as visitor:
        said = await visitor.open()
        assert visitor.status in (500, 503) and visitor.answer and "Rosa Example" not in said
        check(visitor.answer)


async def test_where_too_many_ask(store: Store, script: Script, clock: FakeClock) -> None:
    async with open_site(store, script, clock, guard=Guard(lambda: 0.0)) as site, site.visitor() as visitor:
        for _ in range(121):
            async with visitor.client.get("/norma-cruz/counter-9.json") as answer:
                last = answer
        assert last.status == 429
        check(last)
        for path in ("/", "/chat", "/norma-cruz", "/norma-cruz/card.png", "/norma-cruz/counter.json"):
            await visitor.open(path)
            assert visitor.status == 429 and visitor.answer
            check(visitor.answer)
        await visitor.post("/norma-cruz", {"code": "ABCD"})
        assert visitor.status == 429
