"""Organisers and readers for tests of the command line, and what was drafted in a chat."""

import asyncio
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Announcement, Audience, CallToAction, Kind, Timing
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.store import broadcasts
from tests.support.harness import Harness
from tests.support.processes.installation import CASE, Installation

NEWS = "2011-09-conviction"
UPDATE = f"{CASE}/{NEWS}"
SENDING_TIME = datetime(2026, 11, 24, 18, tzinfo=UTC)  # three hours after commands begin; noon in Guatemala
TEAM = {"Olga": Role.OWNER, "Abel": Role.APPROVER, "Dora": Role.DRAFTER}  # invented; numbers 1, 2, 3
DORA = Actor(3, Role.DRAFTER)
READERS = {"ana": "en", "ben": "en", "ines": "es"}
TEXT = "Please write <today> & pass it on."
ALERT = Announcement(
    kind=Kind.ALERT,
    texts={"en": "Please write &lt;today&gt; &amp; pass it on."},
    dated=CaseDate(2026, 11, 24),
    case=CASE,
    update=None,
    fallbacks={"es": "en"},
    audience=Audience(case=CASE),
    timing=Timing(lasts=24),
    call_to_action=CallToAction.LETTER,
)


async def join(harness: Harness, name: str, role: Role) -> None:
    """Have that person join the team, in their chat."""
    async with harness.store.write() as tx:
        code = await harness.news.organiser_service.invite(tx, SHELL, role)
    await harness.receive_all(name, [f"/organiser {code}", name])


async def prepare(installation: Installation, script: Script) -> None:
    """A team and readers, on the channel in memory."""
    async with installation.harness(script) as harness:
        for name in TEAM:
            await harness.receive(name, "hello", language="en")
            await join(harness, name, TEAM[name])
        for name, language in READERS.items():
            await harness.subscribe(name, language=language)
        await harness.engine().run_until_idle()  # the team has heard of each other


async def propose(harness: Harness, written: Announcement = ALERT) -> int:
    """Dora, a drafter, has written this and asks for approval. Its number."""
    async with harness.store.write() as tx:
        number = await harness.news.broadcast_service.save(tx, DORA, written)
    await harness.address()
    found = await harness.broadcast(number)
    async with harness.store.write() as tx:
        await harness.news.broadcast_service.propose(tx, DORA, number, found.digest)
    return number


def proposed(installation: Installation, script: Script, written: Announcement = ALERT, **timing: Any) -> str:
    """The same from outside of a harness. Any: the fields of `Timing`."""

    async def act() -> int:
        async with installation.harness(script) as harness:
            return await propose(harness, replace(written, timing=replace(written.timing, **timing)))

    return str(asyncio.run(act()))


def run_at(
    installation: Installation, script: Script, moment: datetime = SENDING_TIME
) -> dict[str, list[str]]:
    """Do everything that is due at that moment; what each person has read then."""

    async def act() -> dict[str, list[str]]:
        async with installation.harness(script) as harness:
            harness.clock.now = moment
            await harness.news.broadcast_worker.open()
            await harness.engine().run_until_idle()
            harness.clock.advance(seconds=2)
            await harness.engine().run_until_idle()
            return {person: harness.texts_to(person) for person in harness.channel.sent}

    return asyncio.run(act())


def start_broadcast(installation: Installation, script: Script, number: str) -> None:
    """Have that broadcast begin to leave, and be addressed; nothing of it is sent yet."""

    async def act() -> None:
        async with installation.harness(script) as harness:
            async with harness.store.write() as tx:
                await broadcasts.set_facts(tx, int(number), starts_at=harness.clock())
            await harness.address()

    asyncio.run(act())


def shown(installation: Installation, number: str) -> dict[str, Any]:  # Any: JSON
    """All about that broadcast."""
    done = installation.call("broadcasts", "show", number, "--json")
    assert (done.code, done.err) == (0, ""), done.err
    facts: dict[str, Any] = json.loads(done.out)
    return facts


def status(installation: Installation, number: str) -> str:
    """Where that broadcast is."""
    return str(shown(installation, number)["status"])


def set_audience_size(installation: Installation, number: str, people: int) -> None:
    """As if so many people had asked for news."""
    counts = json.dumps([{"line": "memory:1", "language": "en", "people": people}])
    execute_sql(installation.database, f"UPDATE broadcasts SET counts = '{counts}' WHERE id = {int(number)}")  # noqa: S608


def execute_sql(database: Path, statement: str) -> None:
    """Change the database behind the assistant's back."""
    with closing(sqlite3.connect(database)) as connection, connection:
        assert connection.execute(statement).rowcount > 0
