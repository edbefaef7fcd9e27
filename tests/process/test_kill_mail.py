"""Whenever `assistant mail` is killed in the middle of a Maildir, every answer in it is kept once.

`ASSISTANT_TEST_KILLS=100` kills it that often.
"""

import asyncio
import os
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from assistant.domain.answers import AnswerKind
from assistant.settings import Settings
from assistant.store import answers
from assistant.store.database import Store
from assistant.wiring.content import make_script
from tests.support.answers import FOREIGN, answer, mailed
from tests.support.chance import both_databases_if_long, budget
from tests.support.processes.installation import TIMEOUT, Installation, Program

pytestmark = pytest.mark.chance

KILLS = int(os.environ.get("ASSISTANT_TEST_KILLS") or budget(3, 12))
MAILS = 12 * KILLS
LETTERS = 4
MAIL_TIME = 0.02  # seconds that one takes, about


def said(number: int) -> str:
    """What that mail says."""
    return f"This is answer {number}."


def fill(folder: Path, rng: random.Random) -> dict[tuple[int, str], AnswerKind]:
    """Put mails there, some of programs, some to nobody; returns what is to be kept: letter and text."""
    for name in ("new", "cur", "tmp"):
        (folder / name).mkdir(parents=True)
    kept: dict[tuple[int, str], AnswerKind] = {}
    for number in range(MAILS):
        letter = rng.choice([FOREIGN, *range(1, LETTERS + 1)])
        automatic = rng.random() < 0.2
        headers = {"Auto-Submitted": "auto-replied"} if automatic else {}
        mail = answer(letter, said(number), number=number, headers=headers)
        (folder / "new" / f"{number:04}.host").write_bytes(mail)
        if isinstance(letter, int):
            kept[letter, said(number)] = AnswerKind.AUTOMATIC if automatic else AnswerKind.GENUINE
    return kept


def waiting(folder: Path) -> int:
    """How many have not been read."""
    return len(os.listdir(folder / "new"))  # noqa: PTH208  ten times as fast


def until(condition: Callable[[], bool], process: Program) -> None:
    """Wait for that, or for the end of the process."""
    end = time.monotonic() + TIMEOUT
    while not condition() and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.001)


def killed(installation: Installation, folder: Path, rng: random.Random, kills: int) -> bool:
    """Kill it some mails later, so that they last for all the kills. Whether it was still at work."""
    left = waiting(folder)
    enough = left - rng.randint(1, max(1, round(1.6 * left / (KILLS - kills)) - 1))
    with installation.start("mail", "--maildir", str(folder)) as process:
        until(lambda: waiting(folder) <= enough, process)
        time.sleep(rng.choice([0, rng.uniform(0, MAIL_TIME)]))
        at_work = process.poll() is None
        process.kill()
        process.communicate(timeout=TIMEOUT)
    return at_work


async def texts(store: Store) -> list[tuple[int, str, AnswerKind]]:
    """Every answer that is kept: its letter, what it says, and whose it is."""
    async with store.read() as tx:
        found = [await answers.find(tx, each.id) for each in await answers.listed(tx)]
        return [(each.letter, each.content.text, each.kind) for each in found if each and each.content]


@both_databases_if_long("sqlite")
async def test_killed_again_and_again_every_answer_is_kept_once(
    tmp_path: Path, database_url: str, rng: random.Random
) -> None:
    installation = Installation(tmp_path, database_url)
    async with installation.harness(make_script(Settings(_env_file=None))) as harness:
        await mailed(harness, *(f"person{number}" for number in range(LETTERS)))
    folder = tmp_path / "maildir"
    kept = fill(folder, rng)
    at_work = [await asyncio.to_thread(killed, installation, folder, rng, kills) for kills in range(KILLS)]
    before = waiting(folder)
    done = await asyncio.to_thread(installation.run, "mail", "--maildir", str(folder))
    assert done.code == 0, done.err
    assert waiting(folder) == 0
    assert sorted(os.listdir(folder / "cur")) == [f"{number:04}.host:2,S" for number in range(MAILS)]  # noqa: PTH208
    async with installation.harness(make_script(Settings(_env_file=None))) as harness:
        found = await texts(harness.store)
    assert Counter(found) == Counter((*key, kind) for key, kind in kept.items())
    assert sum(at_work) >= KILLS / 2
    print(
        f"{KILLS} kills, {sum(at_work)} of them at work, {MAILS} mails, {before} of them after the last one"
    )
