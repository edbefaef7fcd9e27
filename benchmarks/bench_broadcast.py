"""A broadcast to a million readers, on both databases: counting, addressing and sending it, and whether what
is looked at meanwhile stays as quick as the tables grow.

Addressing stands beside a bare INSERT ... SELECT of the same rows, in turns, each on a fresh copy of the
database. Sending goes to a Bot API server that costs next to nothing, in a process of its own.
"""

import argparse
import asyncio
import statistics
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Audience
from assistant.runtime import calm_collector
from assistant.services.broadcasts.approval import SHELL
from assistant.settings import Settings
from assistant.store import audit, fanout
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.wiring.content import make_script
from benchmarks.bench_mailroom import forget_the_most, memory
from benchmarks.bench_telegram import telegram
from benchmarks.comparisons import Comparison, Stopwatch, median_ratio
from benchmarks.databases import folder, postgres
from benchmarks.flatness import stay_flat
from benchmarks.press import AFTERNOON, Desk, Noting, Press, Still, news
from benchmarks.readers import CASE, SOME, Original

BARE = "bare INSERT ... SELECT"
TALKING = 5  # people who begin to talk a second
PAID = 1000  # messages a second
HALTS, HALT_AFTER = 5, 2000  # how often, and after how many copies each time
_BARE = text(
    """
    INSERT INTO copies (chat_id, lane_id, broadcast_id, status, epoch, attempts, due_at)
    SELECT chat_id, (SELECT id FROM lanes WHERE kind = 'bulk'), :number, 'queued', 0, 0, :now
    FROM subscriptions WHERE case_slug = :slug ORDER BY chat_id
    """
)


@dataclass(frozen=True, slots=True)
class Readers:
    """Whom a broadcast is for. `urgent`: without the night rule."""

    who: str
    audience: Audience
    urgent: bool = False


EVERYONE = Readers("subscribers of a case, urgent", Audience(case=CASE), urgent=True)
ALL = (
    EVERYONE,
    Readers("the same, by day where they live", Audience(case=CASE)),
    Readers("those who have not written", Audience(case=CASE, wrote=False)),
    Readers("those who have", Audience(case=CASE, wrote=True)),
    Readers("subscribers of any case", Audience()),
)


# Addressing


@dataclass(frozen=True, slots=True)
class Addressed:
    """How a broadcast was addressed.

    `took`: in all. `longest`, `counting`: seconds of the longest transaction, and of counting before.
    `grown`: by how many MB this process's memory grew at most in all of that, without mapped pages of the
    database's file.
    """

    copies: int
    took: Stopwatch
    longest: float
    counting: float = 0.0
    grown: float = 0.0


async def bare(desk: Desk, took: Stopwatch) -> Addressed:
    """What EVERYONE gets, by one statement."""
    number = await desk.approved(news(EVERYONE.audience, urgent=True))
    values = {"number": number, "now": 0, "slug": EVERYONE.audience.case}
    with took:
        async with desk.store.write() as tx:
            copies = (await tx.connection.execute(_BARE, values)).rowcount
    return Addressed(copies, took, took.seconds)


async def address(desk: Desk, readers: Readers, took: Stopwatch) -> Addressed:
    """As the newsroom does it, from its first step to its last one."""
    forget_the_most()
    before, mapped = memory("VmRSS"), memory("RssFile")
    number = await desk.approved(news(readers.audience, urgent=readers.urgent))
    start = time.perf_counter()
    async with desk.store.read() as tx:
        await fanout.count(tx, readers.audience)
    counting = time.perf_counter() - start
    with took:
        chunks = [seconds async for seconds in desk.chunks()]
    grown = memory("VmHWM") - before - max(0.0, memory("RssFile") - mapped)
    copies = (await desk.broadcast(number)).recipients
    return Addressed(copies, took, max(chunks), counting, grown)


async def measure_addressing(
    original: Original, script: Script, rounds: int, kinds: Sequence[Readers] = ALL
) -> list[Comparison]:
    """Print each kind of audience beside the bare statement, by what a message takes."""
    found: defaultdict[str, list[Addressed]] = defaultdict(list)
    for _ in range(rounds):
        for readers in (*kinds, None):  # what comes first in this process shows how its memory grows
            with original.copy() as url:
                store = await Store.open(url, KeyringFile(original.keyring))
                desk = Desk.over(store, script, Still(AFTERNOON))
                watch = Stopwatch(original.of_server)
                took = await address(desk, readers, watch) if readers else await bare(desk, watch)
                found[readers.who if readers else BARE].append(took)
                await store.close()
    print(
        f"{'':34}{'messages':>10}{'seconds':>9}{'of bare':>9}{'longest':>10}{'memory':>9}{'counted in':>12}"
    )
    rates = {who: tuple(one.copies / one.took.seconds for one in each) for who, each in found.items()}
    economy = {who: [one.copies / one.took.cpu for one in each] for who, each in found.items()}
    for who, each in found.items():
        print(
            f"{who:34}{each[0].copies:>10,}{statistics.median(one.took.seconds for one in each):>9.1f}"
            f"{1 / median_ratio(rates[who], rates[BARE]):>9.2f}"
            f"{_median(each, 'longest') * 1000:>7.0f} ms{max(one.grown for one in each):>+6.0f} MB"
            f"{_median(each, 'counting'):>10.2f} s"
        )
    return [
        Comparison(
            what=f"addressing {who}, {original.name}",
            peer=BARE,
            ours=rates[who],
            theirs=rates[BARE],
            unit="copies/s",
            by_cpu=median_ratio(economy[who], economy[BARE]),
        )
        for who in rates
        if who != BARE
    ]


def _median(found: Sequence[Addressed], what: str) -> float:
    return statistics.median(float(getattr(each, what)) for each in found)


# Sending


async def measure_sending(original: Original, script: Script, rate: int) -> None:
    """A tenth of the readers get a broadcast, from the end of its undo window to its summary."""
    written = news(Audience(case=SOME), urgent=True)
    with original.copy() as url, telegram() as server:
        store = await Store.open(url, KeyringFile(original.keyring))
        channel = Noting(server, rate)
        async with Press.sending(store, script, channel, written) as press:
            talking = asyncio.create_task(press.talk(TALKING))
            before, start, cpu = memory("RssAnon"), time.perf_counter(), time.process_time()
            await press.until(press.is_done)
            used = (time.process_time() - cpu) / (time.perf_counter() - start)
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
            after, tally = memory("RssAnon"), await press.desk.tally()
        seconds, waits = channel.last_copy - start, sorted(press.waits)
        half, most = _share(waits, 0.5), _share(waits, 0.99)
        print(
            f"{channel.copies:,} copies in {seconds:.1f} s: {channel.copies / seconds:,.0f}/s at {used:.0%} "
            f"of a core; memory {before:.0f} -> {after:.0f} MB; {len(waits)} replies meanwhile: "
            f"p50 {half:.0f} ms, p99 {most:.0f}, longest {waits[-1] * 1000:.0f}; "
            f"{', '.join(f'{each} {count:,}' for each, count in tally.items())}"
        )
        await store.close()


def _share(ordered: Sequence[float], share: float) -> float:
    """In milliseconds: so many of them are at most as long."""
    return ordered[int(len(ordered) * share)] * 1000


def _half(seconds: Sequence[float]) -> float:
    """The median, in milliseconds."""
    return statistics.median(seconds) * 1000


async def measure_halt(original: Original, script: Script) -> None:
    """How long after a halt the last copy leaves, at full speed."""
    took, after, halted_at = [], [], 0
    with original.copy() as url, telegram() as server:
        store = await Store.open(url, KeyringFile(original.keyring))
        channel = Noting(server, 0)
        async with Press.sending(store, script, channel, news(Audience(case=SOME), urgent=True)) as press:
            desk = press.desk.news.broadcast_service

            async def well_under_way() -> bool:
                return channel.copies >= halted_at + HALT_AFTER

            for _ in range(HALTS):
                await press.until(well_under_way)
                start = time.perf_counter()
                async with store.write() as tx:
                    await desk.halt(tx, SHELL, 1)
                took.append(time.perf_counter() - start)
                await asyncio.sleep(1)
                after.append(max(0.0, channel.last_copy - start))
                halted_at = channel.copies
                async with store.write() as tx:
                    await desk.resume(tx, SHELL, 1)
        print(
            f"halted {HALTS} times at full speed: stored after {_half(took):.0f} ms, at most "
            f"{max(took) * 1000:.0f}; the last copy had left after {_half(after):.0f} ms, at most "
            f"{max(after) * 1000:.0f}"
        )
        await store.close()


# The audit


async def measure_audit(original: Original, entries: int) -> None:
    with original.copy() as url:
        store = await Store.open(url, KeyringFile(original.keyring))
        start = time.perf_counter()
        async with store.write() as tx:
            for number in range(entries):
                await audit.add(tx, AFTERNOON, "organiser 1", "drafted", f"broadcast {number}", "0" * 16)
        added = time.perf_counter() - start
        forget_the_most()
        before, start = memory("VmRSS"), time.perf_counter()
        async with store.read() as tx:
            verified = await audit.verify(tx)
        seconds, grown = time.perf_counter() - start, memory("VmHWM") - before
        print(
            f"an entry of the audit is added in {added / entries * 1e6:.0f} us; {verified.entries:,} are "
            f"verified in {seconds:.1f} s, {grown:+.0f} MB"
        )
        await store.close()


async def measure(original: Original, script: Script, wanted: argparse.Namespace) -> None:
    parts: Mapping[str, Callable[[], Awaitable[object]]] = {
        "addressing": lambda: measure_addressing(original, script, wanted.rounds),
        "flat": lambda: stay_flat(original, script, wanted.people),
        "sending": lambda: measure_sending(original, script, 0),
        "paid": lambda: measure_sending(original, script, PAID),
        "halt": lambda: measure_halt(original, script),
        "audit": lambda: measure_audit(original, wanted.entries),
    }
    for name, part in parts.items():
        if name in wanted.parts or not wanted.parts:
            print(f"-- {original.name}, {name}", flush=True)
            await part()


async def compare(people: int, rounds: int) -> list[Comparison]:
    """An urgent broadcast to so many, addressed on both databases, beside the bare statement."""
    script, found = make_script(Settings()), []
    with folder() as at, postgres(at) as server:
        for name, url in _urls(at, server).items():
            original = Original.filled(name, url, at, people)
            found += await measure_addressing(original, script, rounds, (EVERYONE,))
    return found


def _urls(at: Path, server: str) -> Mapping[str, str]:
    return {"SQLite": f"sqlite:///{at / 'original'}", "PostgreSQL": server}


async def main(wanted: argparse.Namespace) -> None:
    script = make_script(Settings())
    calm_collector()
    with folder() as at, postgres(at) as server:
        urls = _urls(at, server)
        for name in wanted.databases:
            await measure(Original.filled(name, urls[name], at, wanted.people), script, wanted)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--databases", nargs="+", default=["SQLite", "PostgreSQL"])
    parser.add_argument("--parts", nargs="+", default=[])
    asyncio.run(main(parser.parse_args()))
