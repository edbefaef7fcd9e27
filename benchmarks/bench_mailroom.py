"""Letters that leave, beside what cannot be done without; and when a million that wait will leave.

First the mailroom to the tray, beside the bare renderer; and to a mail server in a process of its own, beside
a bare aiosmtplib loop with the same messages, made before, and a loop that prints, makes and sends in turns.
All get the same letters, in rounds. Then plans of an office's whole queue.
"""

import argparse
import asyncio
import gc
import secrets
import statistics
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from datetime import time as at_clock
from functools import partial
from pathlib import Path

import psycopg
from aiosmtplib import SMTP
from sqlalchemy import text

from assistant.carriers.base import Carrier, Parcel
from assistant.carriers.email.addresses import Sender
from assistant.carriers.email.carrier import Email
from assistant.carriers.email.message import Mail, make, token_of
from assistant.carriers.tray import Tray
from assistant.content.documents import Documents
from assistant.content.pages import Page
from assistant.content.printer import Printer
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.clock import system_clock
from assistant.domain.letters import ActionRef, Draft, Route
from assistant.domain.messages import Account, Address
from assistant.domain.office_hours import Hours
from assistant.domain.office_pace import Pace
from assistant.engine.embedded import EmbeddedEngine
from assistant.runtime import calm_collector
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.schedule import DepartureSchedule, plan
from assistant.services.letters.worker import LetterWorker
from assistant.settings import Settings
from assistant.store import chats, lanes, letters
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import StoredLanes
from assistant.wiring.content import make_script
from assistant.wiring.letters import make_letter_transitions
from benchmarks.comparisons import Comparison, Stopwatch, median_ratio
from benchmarks.databases import folder, postgres, postmaster
from benchmarks.mail_sink import mail_sink
from benchmarks.processes import cpu_of_family
from tests.support.invented_cases import draft_of, ref_of, the_action, with_action, with_target

CASE = "norma-cruz"
ROUNDS = 5
WARM = 20  # letters before the first round
ALWAYS = Hours(timezone="UTC", opens=at_clock.min, closes=at_clock.max, workdays=frozenset(range(1, 8)))
OFFICE = "office@example.org"
SENDER = "Letters <letters@example.org>"
SECRET = bytes(32)
WEEK = 7 * 24 * 60 * 60_000  # milliseconds
FRIDAY = datetime(2012, 1, 20, 15, tzinfo=UTC)  # before the action day
BODY = secrets.token_bytes(200)

_WAITING = text(
    """
    INSERT INTO letters (key, lane_id, case_slug, country, language, route, body, status, epoch, attempts,
                         created_at, due_at)
    WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :count)
    SELECT :slug || '-' || n, :lane, :slug, 'FI', 'es', 'tray', :body, 'queued', 0, 0, :now,
           :first + n * :step
    FROM numbers
    """
)


def with_office(case: Case, route: str, slug: str, hours: Hours = ALWAYS, pace: Pace | None = None) -> Case:
    """The case with another office: by default one that takes any number of letters at any time."""
    changed = with_target(case, hours=hours, pace=pace or Pace(), routes=(Route.parse(route),))
    return named(changed, slug)


def named(case: Case, slug: str) -> Case:
    """The case by that name."""
    return with_action(replace(case, slug=slug), ref=ActionRef(slug, the_action(case).slug))


def drafts(case: Case, numbers: range) -> list[Draft]:
    """Letters of as many people."""
    return [
        draft_of(case, name=f"Ana Invented {each}", country="FI", personal_line=f"This is line {each}. " * 5)
        for each in numbers
    ]


class Bench:
    """A mailroom with one carrier."""

    def __init__(self, store: Store, script: Script, case: Case, carrier: Carrier) -> None:
        self._store, self._case = store, case
        cases = {case.slug: case}
        delivery = CarrierDelivery(cases, {carrier.name: carrier}, Printer(cases), system_clock)
        letter_worker = LetterWorker(store, cases, delivery, make_letter_transitions(script), system_clock)
        self._engine = EmbeddedEngine(StoredLanes(store), [letter_worker], system_clock)

    async def queue(self, numbers: range) -> None:
        """Have these letters wait, and due."""
        now = system_clock()
        people = [Address(Account("telegram", self._case.slug), str(each)) for each in numbers]
        async with self._store.write() as tx:
            found = await chats.open_chats(tx, people, now.date())
            for chat, draft in zip(found, drafts(self._case, numbers), strict=True):
                await letters.queue(tx, chat, draft, self._case.main.routes[0], now, now)

    async def hand_over(self) -> None:
        """Until all have left."""
        await self._engine.run_until_idle()


# What cannot be done without


@dataclass
class Bare:
    """Printing and sending without a database."""

    case: Case
    documents: Documents
    smtp: SMTP

    def printing(self, written: Sequence[Draft]) -> Sequence[bytes]:
        return [self._pdf(draft) for draft in written]

    def mails(self, written: Sequence[Draft], pdfs: Sequence[bytes]) -> Sequence[Mail]:
        return [self._mail(draft, pdf) for draft, pdf in zip(written, pdfs, strict=True)]

    async def sending(self, mails: Sequence[Mail]) -> None:
        for mail in mails:
            await self._send(mail)

    async def one_after_the_other(self, written: Sequence[Draft]) -> None:
        for draft in written:
            await self._send(self._mail(draft, self._pdf(draft)))

    def _pdf(self, draft: Draft) -> bytes:
        page = Page(
            text=draft.text,
            target=self.case.main,
            language=draft.language,
            written=system_clock(),
            address=(),
            letterhead=self.case.letterhead,
        )
        return self.documents.letter(page)

    def _mail(self, draft: Draft, pdf: bytes) -> Mail:
        key = secrets.token_hex(8)
        parcel = Parcel(
            key=key,
            to=OFFICE,
            subject=the_action(self.case).subjects_for(draft.language)[0],
            text=draft.text,
            pdf=pdf,
            facts={},
        )
        return make(parcel, Sender.parse(SENDER), token_of(key, SECRET), system_clock())

    async def _send(self, mail: Mail) -> None:
        await self.smtp.sendmail(mail.sender, [mail.recipient], mail.content)


PRINTING, SENDING, BOTH = "printing", "sending", "both in turns"


class Rates:
    """Letters a second of all rounds, and for a second of a core, by who handed them over."""

    def __init__(self) -> None:
        self._rates: defaultdict[str, list[float]] = defaultdict(list)
        self._economy: defaultdict[str, list[float]] = defaultdict(list)

    def add(self, took: Mapping[str, Stopwatch], count: int) -> None:
        """A round of so many letters."""
        for who, watch in took.items():
            self._rates[who].append(count / watch.seconds)
            self._economy[who].append(count / watch.cpu)

    def comparisons(self) -> list[Comparison]:
        """With what the same letters need at least: the tray prints, a mail is printed and sent."""
        return [
            Comparison(
                what=who,
                peer=peer,
                ours=tuple(self._rates[who]),
                theirs=tuple(self._rates[peer]),
                unit="letters/s",
                by_cpu=median_ratio(self._economy[who], self._economy[peer]),
            )
            for who in self._rates
            for peer in ((PRINTING,) if Tray.name in who else (SENDING, BOTH) if Email.name in who else ())
        ]

    def table(self, beside: Sequence[str]) -> None:
        """Print the medians, and of the rounds' ratios to each of `beside`."""
        print(f"{'letters a second':32}{'':8}" + "".join(f"  of {each}" for each in beside))
        for who, rates in self._rates.items():
            ratios = ""
            for each in beside:
                ratios += f"{median_ratio(rates, self._rates[each]):>{len(each) + 5}.2f}"
            print(f"{who:32}{statistics.median(rates):8,.0f}{ratios}")


async def hand_over(count: int, stores: Mapping[str, Store], port: int, at: Path, script: Script) -> Rates:
    """How fast letters leave."""
    (case,) = script.cases.values()
    smtp = SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False)
    await smtp.connect()
    bare, of_server = Bare(case, Documents(), smtp), partial(cpu_of_family, postmaster(at))
    benches, watches = {}, {}
    for name, store in stores.items():
        tray, email = Tray(at / f"tray-{name}"), Email.from_url(f"smtp://127.0.0.1:{port}", SENDER, SECRET)
        for carrier, route in ((tray, "tray"), (email, f"email:{OFFICE}")):
            office = with_office(case, route, f"{CASE}-{carrier.name}")
            who = f"mailroom, {carrier.name}, {name}"
            benches[who] = Bench(store, script, office, carrier)
            watches[who] = partial(Stopwatch, of_server) if name == "PostgreSQL" else Stopwatch
    rates = Rates()
    each = max(1, count // ROUNDS)
    for numbers in [
        range(-WARM, 0),
        *(range(first, first + each) for first in range(0, each * ROUNDS, each)),
    ]:
        took = await _bare_round(bare, drafts(case, numbers))
        for who, bench in benches.items():
            await bench.queue(numbers)
            with watches[who]() as took[who]:
                await bench.hand_over()
        if numbers.start >= 0:
            rates.add(took, len(numbers))
    await smtp.quit()
    return rates


async def _bare_round(bare: Bare, written: Sequence[Draft]) -> dict[str, Stopwatch]:
    took: dict[str, Stopwatch] = {}
    with Stopwatch() as took[PRINTING]:
        pdfs = bare.printing(written)
    mails = bare.mails(written, pdfs)
    with Stopwatch() as took[SENDING]:
        await bare.sending(mails)
    with Stopwatch() as took[BOTH]:
        await bare.one_after_the_other(written)
    return took


# When letters will leave


async def fill(store: Store, slug: str, target: str, count: int, first: datetime, step: int) -> None:
    """That many letters that wait: the first until then, each of the others for so many milliseconds more."""
    async with store.write() as tx:
        name = letters.lane_name(slug, target)
        lane = (await lanes.lane_ids(tx, letters.LANE, [name]))[name]
        now, begin = (int(each.timestamp()) * 1000 for each in (FRIDAY, first))
        values = {"slug": slug, "lane": lane, "body": BODY, "now": now, "first": begin, "step": step}
        await tx.connection.execute(_WAITING, {"count": count, **values})


def memory(what: str) -> float:
    """Of this process, in MB: `VmRSS` now, `RssFile` of it mapped files, or `VmHWM` at most."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) / 1000 for line in lines if line.startswith(f"{what}:"))


def forget_the_most() -> None:
    """The highest memory counts from here."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5", "ascii")


async def foresee(name: str, store: Store, case: Case) -> None:
    """Print how long a plan of the case's queue takes, and how much memory."""
    forget_the_most()
    before, mapped, start = memory("VmRSS"), memory("RssFile"), time.perf_counter()
    async with store.read() as tx:
        portions = await plan(tx, case.slug, case.main, FRIDAY)
        read = time.perf_counter() - start
        count, last = 0, None
        for last in portions:
            count += last.letters
    seconds, most, mapped = time.perf_counter() - start, memory("VmHWM"), memory("RssFile") - mapped
    schedule = DepartureSchedule(store, {case.slug: case}, timedelta(minutes=10), system_clock)
    start = time.perf_counter()
    await schedule.look(FRIDAY)
    looked = time.perf_counter() - start
    leaves = schedule.leaving(FRIDAY)[ref_of(case)].day
    foreseen = time.perf_counter() - start - looked
    assert last is not None
    print(
        f"{name}: {count:,} letters until {last.day}, planned in {seconds:.2f} s ({read:.2f} s of it the "
        f"query), from {before:.0f} MB to at most {most:.0f}, of which {mapped:.0f} are the mapped database; "
        f"a look {looked:.2f} s, then one more letter {foreseen * 1000:.1f} ms ({leaves})"
    )


async def plan_ahead(count: int, name: str, store: Store, script: Script, vacuum: str | None) -> None:
    """Two queues of one office: all from the action day's opening on, or each from a time of its own."""
    (case,) = script.cases.values()
    pace = Pace(per_minute=1)
    office = with_office(case, "tray", "at-once", case.main.hours, pace)
    opening = the_action(office).waits_for(office.main, FRIDAY)
    assert opening is not None
    for slug, step in (("at-once", 0), ("spread", max(1, WEEK // count))):
        await fill(store, slug, office.main.slug, count, opening, step)
    if vacuum is not None:  # which it does by itself after a while
        with psycopg.connect(vacuum, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE letters")
    for slug in ("at-once", "spread"):
        await foresee(f"{name}, {slug}", store, named(office, slug))


@asynccontextmanager
async def on_both(at: Path, server: str) -> AsyncIterator[Mapping[str, Store]]:
    """A store on each database, by its name. `server`: the address of a PostgreSQL."""
    urls = {"SQLite": f"sqlite:///{at / 'bench.sqlite'}", "PostgreSQL": server}
    stores = {name: await Store.open(url, KeyringFile(at / f"{name}.json")) for name, url in urls.items()}
    yield stores
    for store in stores.values():
        await store.close()


async def compare(count: int) -> list[Comparison]:
    """So many letters beside the bare renderer, a bare aiosmtplib loop, and both in turns."""
    script = make_script(Settings())
    with folder() as at, postgres(at) as server, mail_sink() as port:
        async with on_both(at, server) as stores:
            rates = await hand_over(count, stores, port, at, script)
            return rates.comparisons()


async def main(count: int, waiting: int) -> None:
    script = make_script(Settings())
    calm_collector()
    with folder() as at, postgres(at) as server, mail_sink() as port:
        async with on_both(at, server) as stores:
            if count:
                (await hand_over(count, stores, port, at, script)).table((PRINTING, SENDING, BOTH))
            for name, store in stores.items() if waiting else ():
                await plan_ahead(waiting, name, store, script, server if name == "PostgreSQL" else None)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=10_000)
    parser.add_argument("--waiting", type=int, default=1_000_000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.letters, arguments.waiting))
