"""Whenever the mailroom is killed while the text of letters is replaced, none leaves that is not true."""

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import func, select

from assistant.dialogue.script import Script
from assistant.domain.clock import system_clock
from assistant.domain.lifecycle import LetterStatus
from assistant.services.letters import versions
from assistant.store.database import Store
from assistant.store.tables import letter_log, letters
from tests.process.test_kill_letter_worker import (
    COUNT,
    KILLS,
    LETTER_TIME,
    STARTUP_TIME,
    read_letters,
    receipts,
    serving,
    write_letters,
)
from tests.support.chance import both_databases_if_long
from tests.support.processes.crashing_letter_worker import HELD_AT_ONCE, LetterSetup
from tests.support.processes.forking import POLL_INTERVAL, ForkedProcess, ForkServer
from tests.support.processes.installation import TIMEOUT

BEFORE = max(1, KILLS // 3)  # kills, before the news that replace the text


@dataclass
class Killing:
    """A mailroom whose letters are not true any more from some moment on."""

    store: Store
    script: Script
    office: LetterSetup
    written: LetterSetup  # the same, with the text that is replaced
    program: ForkServer
    rng: random.Random
    kills: int = 0
    in_the_middle: int = 0
    last_step: int = 0  # of any letter, when the text was replaced

    async def again_and_again(self) -> None:
        while self.kills < KILLS:
            fork = await self.program.fork()
            if self.kills <= BEFORE:
                await self._some_are_sent(fork)
            else:
                await self._some_are_held(fork)
            if self.kills == BEFORE:
                await write_letters(self.store, self.script, self.written, "late")
                await self._replace()
            await asyncio.sleep(self.rng.uniform(0, LETTER_TIME))
            self.kills += 1
            self.in_the_middle += await fork.killed()
        fork = await self.program.fork()
        async with asyncio.timeout(COUNT + TIMEOUT):
            assert await fork.end == 0

    async def _some_are_sent(self, fork: ForkedProcess) -> None:
        enough = self._sent + self.rng.randint(1, max(1, COUNT // (2 * KILLS)))
        await fork.until(lambda: self._sent >= enough)

    @property
    def _sent(self) -> int:
        return sum(file.endswith(".json") and file[0] != "." for file in os.listdir(self.office.place))  # noqa: PTH208  ten times as fast

    async def _some_are_held(self, fork: ForkedProcess) -> None:
        """Each fork a few more; now and then it dies while it starts."""
        if self.rng.random() < 0.2:
            await asyncio.sleep(self.rng.uniform(0, STARTUP_TIME))
            return
        enough = await self._held() + self.rng.randint(1, HELD_AT_ONCE)
        async with asyncio.timeout(TIMEOUT):
            while not fork.end.done():
                if await self._held() >= enough:
                    break
                await asyncio.sleep(POLL_INTERVAL)

    async def _held(self) -> int:
        query = select(func.count()).select_from(letters).where(letters.c.status == LetterStatus.HELD)
        async with self.store.read() as tx:
            return await tx.connection.scalar(query) or 0

    async def _replace(self) -> None:
        """The news are out: the mailroom at work learns of it from the database alone."""
        case = self.office.case(self.script)
        async with self.store.write() as tx:
            await versions.lock(tx, case)
            await versions.replace(tx, case, None, system_clock())
            self.last_step = await tx.connection.scalar(select(func.max(letter_log.c.id))) or 0

    async def left_afterwards(self) -> int:
        """How many letters began to be handed over after that."""
        later = (letter_log.c.id > self.last_step, letter_log.c.status == LetterStatus.SUBMITTING)
        async with self.store.read() as tx:
            return await tx.connection.scalar(select(func.count()).where(*later)) or 0


@both_databases_if_long("postgresql")
async def test_killed_again_and_again_no_letter_leaves_after_its_text_was_replaced(
    database_url: str, store: Store, tmp_path: Path, script: Script, rng: random.Random
) -> None:
    tray = tmp_path / "tray"
    tray.mkdir()
    written = LetterSetup(database_url, tmp_path / "keyring.json", "tray", str(tray))
    today = replace(written, version="new")
    await write_letters(store, script, written)
    async with serving(today) as program:
        killing = Killing(store, script, today, written, program, rng)
        await killing.again_and_again()

    assert killing.last_step, "the text was replaced"
    assert await killing.left_afterwards() == 0
    found = await read_letters(store)
    now = Counter(each.status for each in found)
    assert now.keys() == {LetterStatus.SENT, LetterStatus.HELD}
    assert now.total() == 2 * COUNT
    sent = {each.key for each in found if each.status is LetterStatus.SENT}
    assert sorted(file.name for file in tray.iterdir()) == sorted(
        f"{key}.{ending}" for key in sent for ending in ("json", "pdf")
    ), "each once, and nothing of any other"
    assert sum(await receipts(store)) == 2 * COUNT, "a receipt, or one question whether the new text is sent"
    assert killing.in_the_middle >= KILLS / 3
    print(f"{KILLS} kills, {killing.in_the_middle} at work; {2 * COUNT} letters: {dict(now)}")
