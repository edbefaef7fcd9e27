"""What actions, targets and facts that change cost: side by side in one run.

    python -m benchmarks.bench_actions [--letters 100000]

A turn in a case of one action and one target, beside one of 100 actions and 200 targets. Then: news replace
the text of many letters that wait, while people go on talking.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import func, select, text

from assistant.content.printer import Printer
from assistant.dialogue.router import turn
from assistant.dialogue.script import Script
from assistant.dialogue.state import State
from assistant.dialogue.talk import Person
from assistant.domain.actions import Action, LetterText
from assistant.domain.cases import Case
from assistant.domain.letters import ActionRef, LetterRef
from assistant.domain.messages import Content, Open, TextMessage
from assistant.domain.targets import Target
from assistant.engine.embedded import EmbeddedEngine
from assistant.services.letters import versions
from assistant.services.letters.delivery import CarrierDelivery
from assistant.services.letters.worker import LetterWorker
from assistant.settings import Settings
from assistant.store import chats
from assistant.store import lanes as lane_store
from assistant.store import letters as letter_store
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import StoredLanes
from assistant.store.tables import letters
from assistant.wiring.content import make_script
from assistant.wiring.letters import make_letter_transitions
from benchmarks.databases import folder, postgres
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness
from tests.support.invented_cases import the_action, with_cases
from tests.support.publishing import CASE

ACTIONS, TARGETS = 100, 200
ROUNDS = 300
NOW = datetime(2026, 3, 4, 16, tzinfo=UTC)
TALK = ("go", "Finland", "Ana Example", "skip", "send", "no")


def with_many(case: Case, actions: int, targets: int) -> Case:
    """The case with so many actions that are open, the newest with so many targets by country."""
    action = the_action(case)
    offices = tuple(_office(action.main, number) for number in range(targets))
    text_of = next(iter(action.letters.values()))
    newest = replace(action, targets=offices, letters={each.slug: text_of for each in offices})
    others = [_another(action, number, text_of) for number in range(actions - 1)]
    return replace(case, actions={each.slug: each for each in (newest, *others)})


def _office(main: Target, number: int) -> Target:
    """The first is for all; the others are for supporters of a country that there is not."""
    if number == 0:
        return main
    country = f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"
    return replace(main, slug=f"office-{number}", serves=frozenset({f"X{country}"}))


def _another(action: Action, number: int, text_of: LetterText) -> Action:
    slug = f"action-{number}"
    return replace(
        action,
        ref=ActionRef(action.ref.case, slug),
        letters={action.main.slug: text_of},
        action_days=(),
    )


def turns_a_second(script: Script, link: str) -> float:
    """Talk a whole letter through, over and over."""
    begun, count = time.process_time(), 0
    for _ in range(ROUNDS):
        state = State()
        person = Person(language="en", now=NOW)
        said: Iterable[Content] = (Open(link), *(TextMessage(each) for each in TALK))
        for content in said:
            state = turn(script, person, state, content).state
            count += 1
    return count / (time.process_time() - begun)


def bench_turns(script: Script) -> None:
    case = script.cases[CASE]
    few = with_cases(script, [replace(case, actions={the_action(case).slug: the_action(case)})])
    many = with_cases(script, [with_many(case, ACTIONS, TARGETS)])
    link = str(the_action(case).ref)
    for each in (few, many):
        turns_a_second(each, link)
    ratios, rates = [], []
    for _ in range(5):
        one, hundred = turns_a_second(few, link), turns_a_second(many, link)
        ratios.append(hundred / one)
        rates.append(one)
    print(
        f"a turn with {ACTIONS} actions and {TARGETS} targets beside one of each: "
        f"{statistics.median(ratios):.2f} of {statistics.median(rates):,.0f} turns/s"
    )


_WAITING = text(
    """
    INSERT INTO letters (key, chat_id, lane_id, case_slug, action_slug, target_slug, version,
                         country, language, route, body, status, epoch, attempts, created_at, due_at)
    SELECT 'letter-' || id, id, :lane, :slug, :action, :target, :version, 'FI', 'es',
           'tray', :body, 'queued', 0, 0, :now, :due
    FROM chats
    """
)
AT_A_TIME = 5_000  # chats that are made in one transaction


async def bench_replacing(store: Store, script: Script, count: int, name: str) -> None:
    """So many letters wait; their text is replaced; they are held while people go on talking."""
    channel = MemoryChannel()
    clock = _Clock()
    harness = await Harness.open(store, script, channel, clock)  # type: ignore[arg-type]  # a clock that runs
    case = script.cases[CASE]
    action = the_action(case)
    ref = LetterRef(*action.ref, action.main.slug)
    now = round(clock().timestamp() * 1000)
    for first in range(0, count, AT_A_TIME):
        people = [channel.address(f"writer{each}") for each in range(first, min(first + AT_A_TIME, count))]
        async with store.write() as tx:
            await chats.open_chats(tx, people, clock().date())
    async with store.write() as tx:
        lane_name = letter_store.lane_name(ref.case, ref.target)
        lane = (await lane_store.lane_ids(tx, letter_store.LANE, [lane_name]))[lane_name]
        await tx.connection.execute(
            _WAITING,
            {
                "lane": lane,
                "slug": ref.case,
                "action": ref.action,
                "target": ref.target,
                "version": "an older one",
                "body": b"sealed",
                "now": now,
                "due": now + 7 * 24 * 3_600_000,
            },
        )
    quiet = await _turns(harness, 2.0)
    begun = time.perf_counter()
    async with store.write() as tx:
        await versions.lock(tx, case)
        held = await versions.replace(tx, case, None, clock())
    replaced = time.perf_counter() - begun
    worker = LetterWorker(
        store,
        script.cases,
        CarrierDelivery(script.cases, {}, Printer(script.cases), clock),
        make_letter_transitions(script),
        clock,
    )
    engine = EmbeddedEngine(StoredLanes(store), [worker], clock)
    talking = asyncio.create_task(_turns(harness, 60.0))
    await engine.run_until_idle()
    took = time.perf_counter() - begun
    talking.cancel()
    with suppress(asyncio.CancelledError):
        await talking
    async with store.read() as tx:
        done = await tx.connection.scalar(select(func.count()).where(letters.c.status == "held"))
    print(
        f"{name}: text of {held:,} letters replaced in {replaced * 1000:.0f} ms: none leaves from then on; "
        f"{done:,} moved to held, their writers asked, in {took:.1f} s; "
        f"turns meanwhile: 99 of 100 within {_percentile(_LATENCIES[-1]):.0f} ms, the slowest "
        f"{max(_LATENCIES[-1]) * 1000:.0f} ms; before them {_percentile(quiet):.0f} ms"
    )


_LATENCIES: list[list[float]] = []


def _percentile(seconds: list[float]) -> float:
    """The 99th, in milliseconds."""
    return statistics.quantiles(seconds, n=100)[98] * 1000


async def _turns(harness: Harness, seconds: float) -> list[float]:
    """Talk for so long; how long each turn took, in seconds."""
    took: list[float] = []
    _LATENCIES.append(took)
    ends = time.perf_counter() + seconds
    number = 0
    while time.perf_counter() < ends:
        begun = time.perf_counter()
        await harness.turns.handle(harness.incoming(f"person{number % 50}", "help", language="en"))
        took.append(time.perf_counter() - begun)
        number += 1
        await asyncio.sleep(0.01)
    return took


class _Clock:
    """The time, on a day on which the office is open."""

    speed = 1.0

    def __init__(self) -> None:
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        return datetime.fromtimestamp(NOW.timestamp() + time.monotonic() - self._begun, UTC)


async def main(count: int) -> None:
    script = make_script(Settings(_env_file=None))
    bench_turns(script)
    changed = copy(script)
    cases: Mapping[str, Case] = {**script.cases}
    changed.cases = cases
    with folder() as at:
        store = await Store.open(
            f"sqlite:///{at / 'letters.sqlite'}", KeyringFile(at / "one.json"), create=True
        )
        await bench_replacing(store, changed, count, "SQLite")
        await store.close()
        with postgres(at) as url:
            store = await Store.open(url, KeyringFile(at / "other.json"), create=True)
            await bench_replacing(store, changed, count, "PostgreSQL")
            await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--letters", type=int, default=100_000)
    asyncio.run(main(parser.parse_args().letters))
