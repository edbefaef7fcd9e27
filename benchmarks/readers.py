"""A million invented readers in a database, each with a key of their own, and fresh copies of that database.

They live in 60 countries, a third in none that we know of; every second one has written a letter.
"""

import asyncio
import os
import random
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, insert, select, text

from assistant.domain.messages import Account, Address
from assistant.store import broadcasts, lanes, letters
from assistant.store.database import Store, Tx
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats, subscriptions
from benchmarks.databases import named, on_server, postmaster
from benchmarks.processes import cpu_of_family
from benchmarks.rows import chat_row
from tests.support.offices import OFFICE

CASE = "norma-cruz"
SOME = "a-tenth"  # the case of every tenth of them
ACCOUNT = Account("telegram", "1")
_COUNTRIES = (  # ISO 3166, the likeliest first
    "GT US MX ES FI DE GB FR CO AR CA CH SE NO DK NL BE IT AT IE PT PL CZ BR CL PE EC BO UY "
    "PY VE CR SV HN NI PA DO CU JP KR IN PK BD NP LK TH PH ID AU NZ ZA KE NG GH SN MA TN EG "
    "TR IL"
)
_CHUNK = 20_000
_FIRST = 1_000_000_000  # the number of the first one's account
_LETTERS = text(
    """
    INSERT INTO letters (key, chat_id, lane_id, case_slug, country, language, route, body, status, epoch,
                         attempts, created_at, ended_at, left_at)
    SELECT :slug || '-' || chat_id, chat_id, :lane, :slug, 'FI', 'es', 'tray',
           CASE WHEN chat_id % 10 = 0 THEN :body END, 'delivered', 0, 1, :now, :now, :now
    FROM subscriptions WHERE case_slug = :slug AND chat_id % 2 = 0 AND chat_id >= :first
    """
)


def person(number: int) -> Address:
    """The address of reader `number`, from 1 on."""
    return Address(ACCOUNT, str(_FIRST + number))


async def fill(url: str, keyring: Path, people: int) -> None:
    """Put that many readers into an empty database."""
    store = await Store.open(url, KeyringFile(keyring))
    rng = random.Random(2012)
    async with store.write() as tx:
        await lanes.lane_ids(tx, broadcasts.LANE, [str(ACCOUNT)])
    for first in range(1, people + 1, _CHUNK):
        async with store.write() as tx:
            await _add(tx, range(first, min(first + _CHUNK, people + 1)), rng)
    await store.close()


async def _add(tx: Tx, numbers: range, rng: random.Random) -> None:
    today = datetime.now(UTC).date()
    countries = _COUNTRIES.split()
    weights = [1 / (place + 2) for place in range(len(countries))]
    homes = rng.choices(countries, weights, k=len(numbers))
    rows = [
        chat_row(
            tx,
            number,
            person(number),
            today,
            language=rng.choice(("es", "es", "en", "en", None)),
            country=home if rng.random() < 2 / 3 else None,
            active_on=today - timedelta(days=int(rng.expovariate(1 / 40))),
        )[0]
        for number, home in zip(numbers, homes, strict=True)
    ]
    await tx.connection.execute(insert(chats), rows)
    members = [{"chat_id": number, "case_slug": CASE, "since": today} for number in numbers]
    members += [{"chat_id": number, "case_slug": SOME, "since": today} for number in numbers[::10]]
    await tx.connection.execute(insert(subscriptions), members)
    lane = (await lanes.lane_ids(tx, letters.LANE, [OFFICE]))[OFFICE]
    now = int(datetime.now(UTC).timestamp()) * 1000
    known = {"slug": CASE, "lane": lane, "body": os.urandom(800), "now": now, "first": numbers[0]}
    await tx.connection.execute(_LETTERS, known)
    if tx.dialect == "postgresql":
        await tx.connection.execute(select(func.setval("chats_id_seq", numbers[-1])))


@dataclass
class Original:
    """A filled database, from which fresh copies are made: each measurement begins with no messages."""

    name: str
    url: str
    keyring: Path

    @classmethod
    def filled(cls, name: str, url: str, at: Path, people: int) -> "Original":
        """Fill the database in a process of its own, so that this one's memory stays as it was.

        `url`: a file that is not there yet, or a PostgreSQL server.
        """
        if name == "PostgreSQL":
            on_server(url, "CREATE DATABASE original")
            url = named(url, "original")
        made = cls(name, url, at / f"{name}.json")
        command = [sys.executable, "-m", "benchmarks.readers", url, str(made.keyring), str(people)]
        subprocess.run(command, check=True, cwd=Path(__file__).parent.parent)
        if name == "PostgreSQL":  # which it does by itself after a while
            on_server(url, "VACUUM (ANALYZE, FREEZE)")
        return made

    def of_server(self) -> float:
        """Seconds of a core that the database's server has used so far."""
        return cpu_of_family(postmaster(self.keyring.parent)) if self.name == "PostgreSQL" else 0.0

    @contextmanager
    def copy(self) -> Iterator[str]:
        """The address of a copy, which is deleted at the end."""
        name = f"copy_{secrets.token_hex(4)}"
        if self.name == "PostgreSQL":
            server = named(self.url, "postgres")
            on_server(server, f"CREATE DATABASE {name} TEMPLATE original STRATEGY FILE_COPY")
            try:
                yield named(self.url, name)
            finally:
                on_server(server, f"DROP DATABASE {name} WITH (FORCE)")
        else:
            source = Path(self.url.removeprefix("sqlite:///"))
            target = source.with_name(name)
            shutil.copyfile(source, target)
            with target.open("rb") as file:
                os.fsync(file.fileno())
            try:
                yield f"sqlite:///{target}"
            finally:
                for each in target.parent.glob(f"{name}*"):
                    each.unlink()


if __name__ == "__main__":
    asyncio.run(fill(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
