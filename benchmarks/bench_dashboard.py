"""Pages of the dashboard over a full database, beside the one that signs in: it asks the database nothing.

    python -m benchmarks.bench_dashboard [CHATS] [LETTERS]

One organiser, one page after the other, with SQLite in a folder of its own.
"""

import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path

from aiohttp import web
from sqlalchemy import text

from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import Role
from assistant.domain.steps import Step
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.web.guard import Guard
from assistant.wiring.content import make_script
from tests.support.dashboard import Browser, Team, open_dashboard
from tests.support.fakes.channel import FakeClock
from tests.support.many_letters import insert_letters, insert_steps

ROUNDS = 200
BARE = f"/dashboard/sign-in/{'0' * 40}"
CASE = "/dashboard/cases/norma-cruz"
PAGES = (BARE, "/dashboard", "/dashboard/broadcasts", CASE, f"{CASE}/texts", f"{CASE}/plan")
WALK = f"{CASE}/walk"
SAID = 20  # messages of a walk-through before the one that is measured
Ask = Callable[[], Awaitable[object]]
COUNTRIES = ("FI", "DE", "GT", "MX", "ES", "FR", "JP", "NG")
CHATS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count)
INSERT INTO chats (lookup, key, address, line, language, country, created_on, active_on, recent, forgotten,
 crowd, written_before, careful)
SELECT CAST('bench' || i AS BLOB), 'k', 'a', 'memory:1', 'en', 'FI', '2012-01-01', '2012-01-01', '',
 0, 0, 0, 0
FROM n
"""


class EverybodyIsLetIn(Guard):
    """One organiser asks as fast as they are answered."""

    def lets_ask(self, request: web.Request) -> bool:  # noqa: ARG002
        return True


async def fill(team: Team, chats: int, letters: int) -> None:
    """So many people and letters, without the turns that would lead to them."""
    async with team.harness.store.write() as tx:
        await tx.connection.execute(text(CHATS), {"count": chats})
    statuses = (LetterStatus.DELIVERED, LetterStatus.SENT, LetterStatus.FAILED, LetterStatus.QUEUED)
    share = letters // (len(statuses) * len(COUNTRIES))
    await insert_letters(team.harness, {(each, code): share for each in statuses for code in COUNTRIES})
    await insert_steps(team.harness, dict.fromkeys(Step, 1000))


async def measure(ask: Ask, browser: Browser) -> list[float]:
    """Milliseconds of each time that the page was asked for."""
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        await ask()
        took.append(1000 * (time.perf_counter() - start))
        assert browser.status == 200, browser.said
    return took


def walk_on(browser: Browser) -> Ask:
    """Says one more word in a walk-through that is long already: it is played from its beginning on."""
    said = [["go"], ["Finland"], *[["help"]] * (SAID - 2)]
    return partial(browser.post, WALK, {"lang": "en", "said": json.dumps(said), "text": "help"})


def show(path: str, took: Sequence[float], bare: float) -> None:
    """One line of the result."""
    middle, p99 = statistics.median(took), statistics.quantiles(took, n=100)[98]
    print(
        f"{path[:36]:>36}: first {took[0]:6.1f} ms, then {middle:6.1f} ms, p99 {p99:6.1f} ms,"
        f" {middle / bare:5.1f} times the bare page"
    )


async def main(chats: int, letters: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = await Store.open(
            f"sqlite:///{folder}/assistant.sqlite", KeyringFile(Path(folder) / "keyring"), create=True
        )
        async with open_dashboard(
            store, make_script(Settings(_env_file=None)), FakeClock(), EverybodyIsLetIn()
        ) as team:
            await fill(team, chats, letters)
            async with team.signed_in("olga", Role.OWNER) as browser:
                asked: dict[str, Ask] = {path: partial(browser.open, path) for path in PAGES}
                asked[WALK] = walk_on(browser)
                took = {path: await measure(ask, browser) for path, ask in asked.items()}
                for path, each in took.items():
                    show(path, each, statistics.median(took[BARE]))
        await store.close()


if __name__ == "__main__":
    numbers = [int(each) for each in sys.argv[1:]]
    asyncio.run(main(*(numbers or [1_000_000, 300_000])))
