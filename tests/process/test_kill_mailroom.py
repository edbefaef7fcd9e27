"""Whenever the mailroom is killed, each letter goes to its office once, or it is left for a person to decide.

`ASSISTANT_TEST_KILLS=100` kills it so often, over ten letters a kill; `ASSISTANT_TEST_SEED` draws the same lots.
"""

import asyncio
import json
import os
import random
import secrets
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import func, select

from assistant.carriers.email.message import token_of
from assistant.dialogue.script import Script
from assistant.domain.clock import system_clock
from assistant.domain.lifecycle import LETTERS, LetterStatus
from assistant.store import chats, letters
from assistant.store.database import Store
from assistant.store.letters import Letter
from assistant.store.tables import letter_log, messages
from tests.fakes.channel import MemoryChannel
from tests.fakes.mailserver import MailServer
from tests.process.mortal_mailroom import Office
from tests.process.programs import PATIENCE

KILLS = int(os.environ.get("ASSISTANT_TEST_KILLS", "8"))
COUNT = 10 * KILLS  # letters
BEFORE_THE_FIRST = 0.3  # seconds in which a life does not get to its first letter, most of the time
ABOUT_A_LETTER = 0.02  # seconds
GLANCE = 0.002  # seconds between two looks at how far it is
ENV = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
ENV["PYTHONWARNINGS"] = "error"


@pytest.fixture
def dice() -> random.Random:
    """What chance decides."""
    seed = int(os.environ.get("ASSISTANT_TEST_SEED", secrets.randbits(32)))
    print(f"ASSISTANT_TEST_SEED={seed}")
    return random.Random(seed)  # noqa: S311


@dataclass
class Life:
    """A process that hands over letters. `end`: how it ended, once it has."""

    number: int
    end: asyncio.Task[int]

    async def killed(self) -> bool:
        """Kill it. False where it had come to its end before."""
        os.kill(self.number, signal.SIGKILL)
        ended = await self.end
        assert ended in (0, -signal.SIGKILL), "it failed by itself"
        return ended != 0

    async def until(self, true: Callable[[], bool]) -> None:
        """Return when it has done that, or has ended."""
        async with asyncio.timeout(PATIENCE):
            while not (true() or self.end.done()):  # noqa: ASYNC110  # another process has no events
                await asyncio.sleep(GLANCE)


@dataclass
class Mortal:
    """The mailroom, killed again and again."""

    process: asyncio.subprocess.Process
    life: Life | None = None

    async def begin(self) -> Life:
        """The next life; the last one is over."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.life = Life(await self._number(), asyncio.create_task(self._number()))
        return self.life

    async def _number(self) -> int:
        assert self.process.stdout is not None
        return int(await self.process.stdout.readline())

    async def close(self) -> None:
        """Leave nothing running."""
        if self.life is not None:
            with suppress(AssertionError):
                await self.life.killed()
        self.process.stdin.close()  # type: ignore[union-attr]  # it is a pipe
        await self.process.wait()


@asynccontextmanager
async def mortal(office: Office) -> AsyncIterator[Mortal]:
    """A mailroom over that office's letters. It has not begun."""
    arguments = (office.database, str(office.keyring), office.route, office.place)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.process.mortal_mailroom", *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env=ENV,
    )
    mailroom = Mortal(process)
    try:
        yield mailroom
    finally:
        await mailroom.close()


@dataclass
class Killing:
    """`done`: how many letters have got there. `shoot`: waits for a moment to kill a life at."""

    mailroom: Mortal
    dice: random.Random
    done: Callable[[], int]
    kills: int = 0
    in_the_middle: int = 0  # kills of what was at work, and had letters left

    async def again_and_again(self, moments: list[Callable[[Life], Awaitable[None]]]) -> None:
        """Kill as often as was asked for, at moments of these kinds; then let the rest come to its end."""
        while self.kills < KILLS:
            life = await self.mailroom.begin()
            await self._spread(life)
            await self.dice.choice(moments)(life)
            self.kills += 1
            self.in_the_middle += await life.killed()
        life = await self.mailroom.begin()
        assert await asyncio.wait_for(life.end, COUNT + PATIENCE) == 0
