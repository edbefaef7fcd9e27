"""The web server, over real sockets."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientConnectionError, ClientSession, web
from structlog.testing import capture_logs

from assistant.domain.errors import Failure, Misconfigured
from assistant.web import server
from assistant.web.server import BODY_MAX, serve

pytestmark = pytest.mark.chance

SECRET = "invented-secret-of-a-webhook"
ANY = "127.0.0.1:0"


async def greet(_request: web.Request) -> web.Response:
    return web.Response(text="Hello.")


async def length(request: web.Request) -> web.Response:
    return web.Response(text=str(len(await request.read())))


def breaking(error: Exception) -> Callable[[web.Request], Awaitable[web.Response]]:
    """A handler in which something goes wrong."""

    async def handler(_request: web.Request) -> web.Response:
        raise error

    return handler


ROUTES = [web.get("/", greet), web.post("/length", length)]


@asynccontextmanager
async def serving(*routes: web.RouteDef, listen: str = ANY) -> AsyncIterator[ClientSession]:
    """A client of a server with these routes."""
    async with (
        serve(listen, routes or ROUTES) as address,
        ClientSession(f"http://{address}", raise_for_status=False) as client,
    ):
        yield client


async def test_answers_get_and_head() -> None:
    async with serving() as client:
        async with client.get("/") as answer:
            assert (answer.status, await answer.text()) == (200, "Hello.")
        async with client.head("/") as answer:
            assert (answer.status, await answer.text()) == (200, "")


async def test_unknown_paths_are_not_found_in_plain_text() -> None:
    async with serving() as client, client.get(f"/{SECRET}") as answer:
        assert (answer.status, answer.content_type) == (404, "text/plain")
        assert SECRET not in await answer.text()


async def test_other_methods_are_refused() -> None:
    async with serving() as client, client.post("/") as answer:
        assert (answer.status, answer.content_type) == (405, "text/plain")


@pytest.mark.parametrize(("size", "status"), [(BODY_MAX, 200), (BODY_MAX + 1, 413)])
async def test_bodies_have_a_limit(size: int, status: int) -> None:
    async with serving() as client, client.post("/length", data=bytes(size)) as answer:
        assert answer.status == status


async def test_does_not_say_what_it_runs() -> None:
    async with serving() as client:
        for path in ("/", "/nowhere"):
            async with client.get(path) as answer:
                assert "Server" not in answer.headers


async def test_a_mistake_of_ours_shows_nothing_of_itself() -> None:
    route = web.get("/hook/{secret}", breaking(ValueError("Rosa Example wrote this")))
    with capture_logs() as logs:
        async with serving(route) as client, client.get(f"/hook/{SECRET}") as answer:
            said = await answer.text()
    assert (answer.status, said) == (500, "This is a mistake of ours.\n")
    assert [each["event"] for each in logs] == ["listening", "a request failed in a way it should not"]
    assert SECRET not in str(logs)


NO_REQUESTS = {
    "a header": f"GET /{SECRET} HTTP/1.1\r\nHost: localhost\r\nRosa Example {SECRET}\r\n\r\n",
    "a version": f"GET /{SECRET} HTTP/9.9\r\nHost: localhost\r\n\r\n",
    "a method": f"G\x00T /{SECRET} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a very long address": f"GET /{SECRET * 1_000} HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a very long cookie": f"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: {SECRET * 1_000}\r\n\r\n",
    "the size of a part": "POST /length HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    f"{SECRET}\r\n0\r\n\r\n",
    "TLS": f"\x16\x03\x01\x02{SECRET}\r\n\r\n",
}


@pytest.mark.parametrize("said", NO_REQUESTS.values(), ids=NO_REQUESTS)
async def test_what_is_no_request_is_refused_and_quoted_to_nobody(
    said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    with capture_logs() as logs:
        async with serve(ANY, ROUTES) as address:
            assert address is not None
            host, _, port = address.rpartition(":")
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(said.encode("latin-1"))
            async with asyncio.timeout(20):
                answer = await reader.read()
            writer.close()
    assert answer.split(b" ")[1] == b"400" and answer.endswith(b"\r\n\r\nBad Request\n")
    assert b"X-Content-Type-Options: nosniff\r\n" in answer and b"aiohttp" not in answer
    assert SECRET not in answer.decode("latin-1") + str(logs)
    assert [each for each in caplog.records if each.name.startswith("aiohttp")] == []


async def test_a_failure_asks_for_another_try_and_tells_only_the_log_why() -> None:
    route = web.get("/", breaking(Failure("The disk is full.")))
    with capture_logs() as logs:
        async with serving(route) as client, client.get("/") as answer:
            said = await answer.text()
    assert (answer.status, said) == (503, "Try again later.\n")
    assert logs[-1]["reason"] == "The disk is full."


async def test_no_path_reaches_any_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    with capture_logs() as logs:
        async with serving() as client:
            for method in ("GET", "POST", "OPTIONS"):
                async with client.request(method, f"/hook/{SECRET}?token={SECRET}"):
                    pass
    ours = [each for each in caplog.records if each.name.startswith("aiohttp")]
    assert SECRET not in str(logs) + str([each.getMessage() for each in ours])


async def test_the_log_says_where_it_listens() -> None:
    with capture_logs() as logs:
        async with serve(ANY, ROUTES) as address:
            pass
    assert address is not None
    assert not address.endswith(":0")
    assert logs == [{"event": "listening", "address": address, "log_level": "info"}]


async def test_listens_on_a_name() -> None:
    async with serving(listen="localhost:0") as client, client.get("/") as answer:
        assert answer.status == 200


@pytest.mark.skipif(not socket.has_ipv6, reason="this machine has no IPv6")
async def test_listens_on_ipv6() -> None:
    try:
        async with serving(listen="[::1]:0") as client, client.get("/") as answer:
            assert answer.status == 200
    except Misconfigured:
        pytest.skip("this machine has no IPv6 loopback")


async def test_none_is_no_server() -> None:
    async with serve("none", ROUTES) as address:
        assert address is None


NO_HOST = (
    "",
    "8080",
    ":8080",
    "[name]:8080",
    "::1:8080",
    "127.0.0.1:8080 ",
    "127.0.0.1: 8080",
    "127.0.0.1:8080\n",
)
NO_PORT = ("127.0.0.1", "127.0.0.1:", "127.0.0.1:web", "127.0.0.1:65536", "[::1]", "http://127.0.0.1:8080")


@pytest.mark.parametrize("listen", [*NO_HOST, *NO_PORT, "127.0.0.1:8080/"])
async def test_an_address_that_is_none_is_named(listen: str) -> None:
    with pytest.raises(Misconfigured, match=r"^ASSISTANT_LISTEN has to be host:port"):
        async with serve(listen, ROUTES):
            pass


async def test_a_port_that_is_taken_is_named() -> None:
    async with serve(ANY, ROUTES) as address:
        assert address is not None
        with pytest.raises(Misconfigured, match=rf"^ASSISTANT_LISTEN: {address} is taken"):
            async with serve(address, ROUTES):
                pass


async def test_an_address_that_is_not_ours_is_named() -> None:
    with pytest.raises(Misconfigured, match=r"^ASSISTANT_LISTEN: 192\.0\.2\.1:0 cannot be used: [^:]+\.$"):
        async with serve("192.0.2.1:0", ROUTES):
            pass


class Gate:
    """A request that is answered when the gate opens."""

    def __init__(self) -> None:
        self.entered, self.opened = asyncio.Event(), asyncio.Event()
        self.routes = [web.get("/", self._pass)]

    async def _pass(self, _request: web.Request) -> web.Response:
        self.entered.set()
        await self.opened.wait()
        return web.Response(text="Through.")


async def get(address: str) -> str:
    """What is answered there."""
    async with ClientSession() as client, client.get(f"http://{address}/") as answer:
        return await answer.text()


async def until_closed(address: str) -> None:
    """Return when nobody listens there any more."""
    host, _, port = address.rpartition(":")
    with contextlib.suppress(ConnectionRefusedError):
        while True:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()


async def test_what_is_in_flight_is_finished_at_the_end() -> None:
    gate = Gate()

    async def open_when_closed(address: str) -> None:
        await until_closed(address)
        gate.opened.set()

    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks, serve(ANY, gate.routes) as address:
        assert address is not None
        asked = tasks.create_task(get(address))
        await gate.entered.wait()
        tasks.create_task(open_when_closed(address))
    assert asked.result() == "Through."


async def test_it_takes_nothing_new_at_the_end() -> None:
    async with serve(ANY, ROUTES) as address:
        assert address is not None
    with pytest.raises(ClientConnectionError):
        await get(address)


async def test_what_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.05)
    gate = Gate()
    async with asyncio.timeout(10):
        async with serve(ANY, gate.routes) as address:
            assert address is not None
            asked = asyncio.create_task(get(address))
            await gate.entered.wait()
        with pytest.raises(ClientConnectionError):
            await asked
