"""Whenever keys change or people are forgotten, and it is killed: all chats open, and nobody is back."""

import asyncio
import random
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.dialogue.script import Script
from assistant.store import keys
from assistant.store.tables import chats
from tests.support.chance import budget
from tests.support.processes.installation import Installation

pytestmark = [pytest.mark.chance, pytest.mark.both_databases]

PEOPLE = budget(12, 40)
KILLS = budget(5, 40)
LONGEST = 1.2  # of the time that the command takes when nobody kills it
ROTATE = ("keys", "rotate")
DESTROY = ("keys", "destroy", "--at-once", "--yes")


def _forget(person: str) -> tuple[str, ...]:
    return ("forget", "memory", person, "--yes")


@pytest.fixture
async def installation(tmp_path: Path, database_url: str, script: Script) -> Installation:
    """People have written letters."""
    made = Installation(tmp_path, None if database_url.startswith("sqlite") else database_url)
    async with made.harness(script) as harness:
        await harness.queue_letters(*_people())
    return made


def _people() -> list[str]:
    return [f"person{number}" for number in range(PEOPLE)]


async def _known(installation: Installation) -> set[str]:
    """Whose chats there are. Each of them opens, and no key that it needs is gone."""
    async with installation.store() as store, store.read() as tx:
        needed = await keys.chats_by_key(tx)
        assert needed.keys() <= {each.id for each in store.vault.keyring.wrapping}
        query = select(chats.c.id, chats.c.key, chats.c.address).where(~chats.c.forgotten)
        rows = (await tx.connection.execute(query)).all()
        return {tx.vault.open_key(row.key, row.id).open("chats.address", row.id, row.address) for row in rows}


async def _seconds(installation: Installation, *command: str) -> float:
    """How long it takes when nobody kills it."""
    began = time.monotonic()
    done = await asyncio.to_thread(installation.run, *command)
    assert done.code == 0, done.err
    return time.monotonic() - began


async def _killed(installation: Installation, commands: Sequence[Sequence[str]], after: float) -> None:
    """These are started together, and killed after so many seconds."""
    started = [installation.start(*command) for command in commands]
    await asyncio.sleep(after)
    for process in started:
        with process:
            process.kill()


async def test_killed_again_and_again_while_keys_change(
    installation: Installation, rng: random.Random
) -> None:
    longest = LONGEST * await _seconds(installation, *ROTATE)
    for _ in range(KILLS):
        await _killed(installation, [rng.choice((ROTATE, DESTROY))], rng.uniform(0, longest))
        assert await _known(installation) == set(_people())
    for command in (ROTATE, DESTROY):
        await _seconds(installation, *command)
    assert await _known(installation) == set(_people())
    async with installation.store() as store, store.read() as tx:
        (only,) = store.vault.keyring.wrapping
        assert await keys.chats_by_key(tx) == {only.id: PEOPLE}


async def test_killed_again_and_again_while_people_are_forgotten_and_keys_change(
    installation: Installation, rng: random.Random
) -> None:
    left = await _known(installation)
    longest = LONGEST * await _seconds(installation, *_forget(_people()[0]))
    left.discard(_people()[0])
    for _ in range(KILLS):
        person = rng.choice(_people())
        commands = [_forget(person), *rng.choice(([], [ROTATE], [DESTROY]))]
        await _killed(installation, commands, rng.uniform(0, longest))
        known = await _known(installation)
        assert left - {person} <= known <= left, "nobody else goes, and nobody is back"
        left = known
    for person in sorted(left):
        await asyncio.to_thread(installation.call, *_forget(person))
    for command in (ROTATE, DESTROY):
        await _seconds(installation, *command)
    assert await _known(installation) == set()


async def test_killed_while_somebody_forgets_in_a_chat(
    installation: Installation, rng: random.Random
) -> None:
    for _ in range(budget(3, 20)):
        # What an earlier kill left unanswered comes first: "yes" from then must not delete who writes now.
        with installation.chat("--language", "en") as chat:
            assert chat.end().code == 0
        before = await _known(installation)
        with installation.chat("--language", "en") as chat:
            chat.question()
            for typed in ("forget", "yes"):
                chat.type(typed)
            await asyncio.sleep(rng.uniform(0, 0.3))
            chat.kill()
            heard = [message["text"] for message in chat.left()]
        known = await _known(installation)
        assert before & set(_people()) == known & set(_people())
        if any("It is deleted" in said for said in heard):
            assert known == set(_people()), "who was told that it is deleted is gone"
    with installation.chat("--language", "en") as chat:
        chat.question()
        chat.type("forget")
        chat.type("yes")
        chat.until(lambda message: "It is deleted" in message["text"])
        assert chat.end().code == 0
    assert await _known(installation) == set(_people())
