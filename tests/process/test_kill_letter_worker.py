"""Whenever the mailroom is killed, each letter goes to its office once, or it is left for a person to decide.

`ASSISTANT_TEST_KILLS=100` kills it that often, over ten letters a kill.
"""

import asyncio
import email
import json
import os
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from assistant.carriers.email.message import token_of
from assistant.dialogue.script import Script
from assistant.domain.clock import system_clock
from assistant.domain.letters import Letter, Route
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.store import chats, letters
from assistant.store.database import Store
from assistant.store.tables import messages
from tests.support.chance import both_databases_if_long, budget
from tests.support.fakes.channel import MemoryChannel
from tests.support.fakes.mail_server import MailServer
from tests.support.invented_cases import draft_of
from tests.support.processes.crashing_letter_worker import LetterSetup
from tests.support.processes.forking import ForkedProcess, ForkServer, fork_server
from tests.support.processes.installation import TIMEOUT

KILLS = int(os.environ.get("ASSISTANT_TEST_KILLS") or budget(3, 8))
COUNT = 10 * KILLS  # letters
STARTUP_TIME = 0.6  # seconds: by then a fork has handed over its first letters, or is about to
LETTER_TIME = 0.02  # seconds


def serving(office: LetterSetup) -> AbstractAsyncContextManager[ForkServer]:
    """A worker over that office's letters. It has not begun."""
    return fork_server("tests.support.processes.crashing_letter_worker", *office.arguments)


Moment = Callable[[ForkedProcess], Awaitable[None]]
"""Returns when a fork is to be killed."""


@dataclass
class Killing:
    """`done`: how many letters have got there."""

    letter_worker: ForkServer
    rng: random.Random
    done: Callable[[], int]
    kills: int = 0
    in_the_middle: int = 0  # kills of a fork that was still at work

    async def again_and_again(self, *moments: Moment) -> None:
        """Kill it as often as was asked for, at moments of these kinds; then let it do the rest in peace."""
        while self.kills < KILLS:
            fork = await self.letter_worker.fork()
            await self.rng.choice(moments)(fork)
            self.kills += 1
            self.in_the_middle += await fork.killed()
        fork = await self.letter_worker.fork()
        async with asyncio.timeout(COUNT + TIMEOUT):
            assert await fork.end == 0
        assert self.in_the_middle >= KILLS / 2

    async def early(self, fork: ForkedProcess) -> None:
        """While it opens the database, looks after what the last one left, prints its first letter."""
        await asyncio.sleep(self.rng.uniform(0, STARTUP_TIME))

    async def at_work(self, fork: ForkedProcess) -> None:
        """Some letters later, so that all the letters last for all the forks."""
        left = COUNT - self.done() - self.kills  # a kill may have used up a letter that did not get there
        share = left / (KILLS - self.kills)
        enough = self.done() + self.rng.randint(1, max(1, round(1.6 * share) - 1))
        await fork.until(lambda: self.done() >= enough)
        await asyncio.sleep(self.rng.choice([0, self.rng.uniform(0, LETTER_TIME)]))


async def write_letters(store: Store, script: Script, office: LetterSetup, who: str = "person") -> None:
    """One letter each of as many people, who are called that."""
    people = [MemoryChannel().address(f"{who}{number}") for number in range(COUNT)]
    now = system_clock()
    async with store.write() as tx:
        for number, chat in enumerate(await chats.open_chats(tx, people, now.date())):
            draft = draft_of(
                office.case(script), name=f"Invented Person {number}", country="FI", personal_line=None
            )
            await letters.queue(tx, chat, draft, Route.parse(office.route), now, now)


async def read_letters(store: Store) -> list[Letter]:
    """Every letter; each has gone only steps that the table of lifecycles has."""
    async with store.read() as tx:
        found = await letters.listed(tx)
        for each in found:
            taken = [step.status for step in await letters.log(tx, each.id)]
            assert taken[0] == LetterStatus.QUEUED
            assert taken[-1] == each.status
            for old, new in pairwise(taken):
                LETTERS.check(old, new)
    return found


async def receipts(store: Store) -> list[int]:
    """How many receipts each person got who got any."""
    query = select(func.count()).where(messages.c.notice).group_by(messages.c.chat_id)
    async with store.read() as tx:
        return list(await tx.connection.scalars(query))


@both_databases_if_long("sqlite")
async def test_killed_again_and_again_the_tray_gets_every_letter_once(
    database_url: str, store: Store, tmp_path: Path, script: Script, rng: random.Random
) -> None:
    tray = tmp_path / "tray"
    tray.mkdir()
    office = LetterSetup(database_url, tmp_path / "keyring.json", "tray", str(tray))
    await write_letters(store, script, office)
    seen: dict[str, int] = {}  # when each letter got there

    def done() -> int:
        for file in set(os.listdir(tray)) - seen.keys():  # noqa: PTH208  ten times as fast
            if file.endswith(".json") and not file.startswith("."):
                seen[file] = (tray / file).stat().st_mtime_ns
        return len(seen)

    async with serving(office) as letter_worker:
        killing = Killing(letter_worker, rng, done)
        await killing.again_and_again(killing.early, killing.at_work, killing.at_work)

    found = await read_letters(store)
    assert Counter(each.status for each in found) == {LetterStatus.SENT: COUNT}
    names = [f"{each.key}.{ending}" for each in found for ending in ("json", "pdf")]
    assert sorted(file.name for file in tray.iterdir()) == sorted(names), (
        "each once, and nothing half-written"
    )
    for each in found:
        assert json.loads((tray / f"{each.key}.json").read_text("utf-8"))["key"] == each.key
        pdf = (tray / f"{each.key}.pdf").read_bytes()
        assert (pdf[:5], pdf.rstrip()[-5:]) == (b"%PDF-", b"%%EOF")
    again = [name for name, at in seen.items() if (tray / name).stat().st_mtime_ns != at]
    assert not again, "what the tray had was put there once more"
    assert await receipts(store) == [1] * COUNT
    print(f"{killing.kills} kills, {killing.in_the_middle} of them at work, {COUNT} letters, all in the tray")


@both_databases_if_long("postgresql")
async def test_killed_again_and_again_a_mail_server_gets_every_letter_once_or_a_person_decides(
    database_url: str, store: Store, tmp_path: Path, script: Script, rng: random.Random
) -> None:
    async with MailServer() as server:
        office = LetterSetup(database_url, tmp_path / "keyring.json", "email:office@example.org", server.url)
        await write_letters(store, script, office)
        async with serving(office) as letter_worker:
            killing = Killing(letter_worker, rng, lambda: len(server.taken))
            unheard = 0

            async def before_it_hears_of_it(fork: ForkedProcess) -> None:
                nonlocal unheard
                await killing.at_work(fork)
                if len(server.taken) + killing.kills < COUNT and not fork.end.done():
                    server.fail_next("end", hang=True)
                    enough = len(server.taken) + 1
                    await fork.until(lambda: len(server.taken) >= enough)
                    unheard += 1

            await killing.again_and_again(killing.early, killing.at_work, before_it_hears_of_it)

        taken = Counter(message_id(each.content) for each in server.taken)
        found = await read_letters(store)
        now = Counter(each.status for each in found)
        uncertain = now[LetterStatus.UNCERTAIN]
        assert now[LetterStatus.SUBMITTED] + uncertain == COUNT
        for each in found:
            copies = taken.pop(f"<{token_of(each.key, store.secret('mail'))}@example.org>", 0)
            assert copies == 1 or (each.status, copies) == (LetterStatus.UNCERTAIN, 0)
        assert not taken, "the server has letters that are none of ours"
        assert unheard <= uncertain <= killing.in_the_middle, "a person decides only where nobody can tell"
        assert await receipts(store) == []
        print(
            f"{killing.kills} kills, {killing.in_the_middle} of them at work, {unheard} before it heard of a "
            f"taken letter; {COUNT} letters, {uncertain} uncertain, {COUNT - len(server.taken)} not there"
        )


@both_databases_if_long("sqlite")
async def test_only_a_letter_whose_end_had_left_is_left_for_a_person_to_decide(
    database_url: str, store: Store, tmp_path: Path, script: Script, rng: random.Random
) -> None:
    """Killed while a mail server is slow: before it has the end of a letter, and after that."""
    async with MailServer() as server:
        office = LetterSetup(database_url, tmp_path / "keyring.json", "email:office@example.org", server.url)
        await write_letters(store, script, office)
        stages = [rng.choice(["MAIL", "RCPT", "DATA", "end"]) for _ in range(KILLS)]
        async with serving(office) as letter_worker:
            killing = Killing(letter_worker, rng, lambda: len(server.taken))

            def came(stage: str) -> int:
                return len(server.taken) if stage == "end" else server.said[stage]

            async def while_it_waits(fork: ForkedProcess) -> None:
                stage = stages[killing.kills]
                before = came(stage)
                server.fail_next(stage, hang=True)
                await fork.until(lambda: came(stage) > before)

            await killing.again_and_again(while_it_waits)
        found = await read_letters(store)
        now = Counter(each.status for each in found)
        assert killing.in_the_middle == KILLS
        assert now == Counter(
            {
                status: count
                for status, count in (
                    (LetterStatus.UNCERTAIN, stages.count("end")),
                    (LetterStatus.SUBMITTED, COUNT - stages.count("end")),
                )
                if count
            }
        )
        taken = Counter(message_id(each.content) for each in server.taken)
        assert taken == dict.fromkeys(taken, 1)
        assert len(taken) == COUNT
        print(f"{KILLS} kills, {stages.count('end')} of them after the end of a letter, as many uncertain")


def message_id(content: bytes) -> str:
    """By which a mail server knows a message again."""
    return str(email.message_from_bytes(content)["Message-ID"])
