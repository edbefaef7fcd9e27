"""Web pages beside a bare aiohttp and Jinja page of the same size, in one run; a turn by web beside the same
turn by Telegram; the memory of live pages that are idle; the bytes that a letter takes.

Each server is a process of its own, each client another one: on two cores they take turns.
"""

import argparse
import asyncio
import gzip
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

from aiohttp import ClientSession, CookieJar, TCPConnector, web
from jinja2 import Environment

from assistant.channels.web import Web
from assistant.domain.clock import system_clock
from assistant.domain.messages import Open, TextMessage
from assistant.runtime import calm_collector
from assistant.services.transcripts import Transcripts
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.web import guard
from assistant.web.server import serve
from assistant.wiring.content import make_script
from benchmarks.processes import Running
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness
from tests.support.visitor import Visitor, open_site

SECONDS = 3.0
AT_ONCE = 16
STREAMS = 400
PER_CHAT = 4  # as many as a chat may have
PAGES = {"case page": "/norma-cruz", "chat, first page": "/chat?case=norma-cruz", "chat": "/chat"}
TALK = ("Write the letter", "Finland", "Ana Example", "skip", "Send it", "Yes")


async def serve_pages() -> None:
    """The real pages, over an empty database, with no limit on who asks: all of it comes from one address."""
    guard.Guard.lets_ask = guard.Guard.lets_begin = lambda *_: True  # type: ignore[method-assign]
    script, clock = make_script(Settings(_env_file=None)), cast("FakeClock", system_clock)
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{folder}/web.sqlite", KeyringFile(Path(folder) / "keyring.json"))
        async with open_site(store, script, clock, most=3 * STREAMS) as site:
            calm_collector()
            print(site.address, flush=True)
            await asyncio.Event().wait()


async def serve_bare(file: str) -> None:
    """That page as a Jinja template, gzipped like ours."""
    text = await asyncio.to_thread(Path(file).read_text)
    template = Environment(autoescape=True).from_string(text.replace("{", "") + "{{ word }}")

    async def page(request: web.Request) -> web.Response:
        body = gzip.compress(template.render(word=request.query.get("lang", "")).encode(), 6)
        return web.Response(body=body, content_type="text/html", headers={"Content-Encoding": "gzip"})

    async with serve("127.0.0.1:0", [web.get("/page", page)]) as address:
        print(address, flush=True)
        await asyncio.Event().wait()


class Server:
    """A child that serves until the end."""

    def __init__(self, *arguments: str) -> None:
        self._arguments = arguments

    async def __aenter__(self) -> "Server":
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "benchmarks.bench_web", *self._arguments, stdout=asyncio.subprocess.PIPE
        )
        assert self.process.stdout
        lines = (await self.process.stdout.readline()).decode().split()
        while not lines or ":" not in lines[-1]:
            lines = (await self.process.stdout.readline()).decode().split()
        self.address = lines[-1].removeprefix("address=")
        return self

    async def __aexit__(self, *_: object) -> None:
        self.process.kill()
        await self.process.wait()


async def pages_a_second(client: ClientSession, path: str) -> float:
    """With AT_ONCE clients that ask at once."""
    until, count = time.perf_counter() + SECONDS, 0

    async def ask() -> None:
        nonlocal count
        while time.perf_counter() < until:
            async with client.get(path) as answer:
                assert answer.status == 200, answer.status
                await answer.read()
            count += 1

    began = time.perf_counter()
    await asyncio.gather(*(ask() for _ in range(AT_ONCE)))
    return count / (time.perf_counter() - began)


async def p99_at(client: ClientSession, path: str, rate: float) -> float:
    """Milliseconds, where so many are asked for a second, evenly."""
    times: list[float] = []

    async def ask(at: float) -> None:
        await asyncio.sleep(max(0.0, at - time.perf_counter()))
        async with client.get(path) as answer:
            await answer.read()
        times.append(time.perf_counter() - at)

    began = time.perf_counter()
    await asyncio.gather(*(ask(began + number / rate) for number in range(int(rate * SECONDS))))
    return statistics.quantiles(times, n=100)[98] * 1000


def browser(address: str, limit: int = 4 * AT_ONCE) -> ClientSession:
    """With cookies of its own, and so many connections at once; 0: any number."""
    return ClientSession(
        f"http://{address}", cookie_jar=CookieJar(unsafe=True), connector=TCPConnector(limit=limit)
    )


async def compare_pages() -> None:
    """Ours beside the bare ones."""
    async with Server("--serve", "pages") as ours, browser(ours.address) as client:
        visitor = Visitor(client)
        await visitor.open()
        await visitor.press("Write the letter")
        await visitor.write("Finland")
        for name, path in PAGES.items():
            asked = client if name == "chat" else browser(ours.address)
            async with asked.get(path) as answer:
                text = await answer.text()
            with tempfile.NamedTemporaryFile("w", suffix=".html") as file:
                file.write(text)
                file.flush()
                async with Server("--serve", file.name) as bare, browser(bare.address) as other:
                    await compare(name, len(text), asked, path, other)
            if asked is not client:
                await asked.close()


async def compare(name: str, size: int, ours: ClientSession, path: str, bare: ClientSession) -> None:
    """One page, turn by turn."""
    rates, bare_rates = [], []
    for _ in range(3):
        rates.append(await pages_a_second(ours, path))
        bare_rates.append(await pages_a_second(bare, "/page"))
    rate, bare_rate = statistics.median(rates), statistics.median(bare_rates)
    p99, bare_p99 = await p99_at(ours, path, rate / 2), await p99_at(bare, "/page", bare_rate / 2)
    print(
        f"{name} ({size / 1000:.1f} kB): {rate:.0f} pages/s, bare {bare_rate:.0f}: "
        f"{rate / bare_rate:.2f} of it; at half load p99 {p99:.1f} ms, bare {bare_p99:.1f} ms",
        flush=True,
    )


async def letters_a_minute() -> None:
    """Whole letters by forms, one person after the other, and the bytes of one."""
    async with Server("--serve", "pages") as ours:
        times: list[float] = []
        sizes: list[int] = []
        for _ in range(30):
            async with browser(ours.address) as client:
                visitor = Visitor(client)
                await visitor.open("/chat?case=norma-cruz&lite=1")
                began = time.perf_counter()
                for said in TALK:
                    known = [each for each in visitor.page.buttons if each.startswith(said[:4])]
                    await (visitor.press(said[:4]) if known else visitor.write(said))
                times.append((time.perf_counter() - began) / len(TALK))
                sizes.append(visitor.bytes)
        print(
            f"a turn by forms, with the page that answers it: {statistics.median(times) * 1000:.1f} ms; "
            f"a whole letter without scripts: {statistics.median(sizes) / 1000:.1f} kB",
            flush=True,
        )


async def idle_streams() -> None:
    """Memory of live pages on which nothing happens: four of each chat, which is as many as it may have."""
    async with Server("--serve", "pages") as ours:
        clients = [browser(ours.address) for _ in range(STREAMS // PER_CHAT)]
        for client in clients:
            visitor = Visitor(client)
            await visitor.open()
            await visitor.press("Write the letter")
        running = Running(ours.process.pid, 0)
        before = running.memory()
        opened = [await client.get("/chat/news?after=99") for client in clients for _ in range(PER_CHAT)]
        await asyncio.sleep(1)
        after = running.memory()
        assert all(each.status == 200 for each in opened)
        print(
            f"{len(opened)} live pages: {after - before:.0f} MiB more, "
            f"{(after - before) * 1024 / len(opened):.1f} KiB each",
            flush=True,
        )
        for each in opened:
            each.close()
        for client in clients:
            await client.close()


async def turns_beside() -> None:
    """A turn of the web, with its transcript, beside the same turn over a channel in memory, on SQLite."""
    script, clock = make_script(Settings(_env_file=None)), cast("FakeClock", system_clock)
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(f"sqlite:///{folder}/web.sqlite", KeyringFile(Path(folder) / "keyring.json"))
        page = Web("http://127.0.0.1")
        page.keep_in(Transcripts(store, clock))
        taken: dict[str, list[float]] = {}
        for channel in (cast("MemoryChannel", page), MemoryChannel()):
            harness = await Harness.open(store, script, channel, clock)
            for number in range(60):
                person = f"{number:032x}"
                address = channel.address(person)
                await harness.receive(person, Open("norma-cruz"), language="en")
                for text in ("go", "Finland", "Ana Example", "skip"):
                    began = time.perf_counter()
                    await harness.receive(person, TextMessage(text), language="en")
                    taken.setdefault(address.account.channel, []).append(time.perf_counter() - began)
        await store.close()
    by_web, by_memory = (statistics.median(taken[each]) * 1000 for each in ("web", "memory"))
    print(f"a turn: {by_web:.1f} ms on the web, {by_memory:.1f} ms in memory: {by_web / by_memory:.2f} times")


async def first_page_on_2g() -> None:
    """Until the first page can be used, and until all of it is there: 250 kbit/s, 300 ms, nothing cached."""
    chromium = shutil.which("chromium")
    if chromium is None:
        print("no Chromium: the first page on a slow line is not measured")
        return
    from playwright.async_api import async_playwright

    async with Server("--serve", "pages") as ours, async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, query in (("with script", ""), ("less data", "&lite=1")):
            usable, whole = [], []
            for _ in range(5):
                context = await launched.new_context(viewport={"width": 320, "height": 640})
                page = await context.new_page()
                line = await context.new_cdp_session(page)
                slow = {"offline": False, "latency": 300, "downloadThroughput": 250_000 / 8}
                await line.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": 50_000 / 8})
                began = time.perf_counter()
                await page.goto(f"http://{ours.address}/chat?case=norma-cruz{query}", wait_until="commit")
                await page.locator("#log button").first.wait_for(state="visible")
                usable.append(time.perf_counter() - began)
                await page.wait_for_load_state("load")
                whole.append(time.perf_counter() - began)
                await context.close()
            print(
                f"first page on a 2G line, {name}: usable after {statistics.median(usable):.1f} s, "
                f"whole after {statistics.median(whole):.1f} s",
                flush=True,
            )
        await launched.close()


async def main() -> None:
    """All of it."""
    await first_page_on_2g()
    await compare_pages()
    await turns_beside()
    await letters_a_minute()
    await idle_streams()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", help="for its children")
    given = parser.parse_args()
    if given.serve == "pages":
        asyncio.run(serve_pages())
    elif given.serve:
        asyncio.run(serve_bare(given.serve))
    else:
        asyncio.run(main())
