"""What a supporter takes on disk: people who each write a whole letter and get the news, on both databases.

Each turn is a real one. The database is measured when all have written, and again after its letters have left
and everything that is kept for a time has gone. Beside it: a letter's PDF, and how many messages it took.

    python -m benchmarks.bench_disk --people 1000
"""

import argparse
import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select, text, update

from assistant.content.documents import Documents
from assistant.content.pages import Page
from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.messages import Incoming, Open, TextMessage
from assistant.domain.retention import Retention
from assistant.services.retention import keep_house
from assistant.settings import Settings
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats, letters, messages, subscriptions
from assistant.wiring.content import make_script
from benchmarks.bench_turns import Bench
from benchmarks.databases import folder, postgres
from tests.support.invented_cases import draft_of

NAME, COUNTRY = "Ana María Example", "Germany"
WORDS = (
    *("bread", "river", "window", "teacher", "garden", "morning", "mountain", "winter", "music", "paper"),
    *("train", "bridge", "summer", "school", "market", "forest", "kitchen", "flower", "harbour", "village"),
    *("candle", "orchard", "island", "meadow", "lantern", "valley", "shadow", "story", "circle", "stone"),
)
AT_ONCE = 50
LATER = timedelta(days=30)  # everything that is kept for a time has gone, but for the chat itself


def line() -> str:
    """A sentence of their own: were they all the same, letters would be held until somebody has read them."""
    return " ".join(secrets.choice(WORDS) for _ in range(12))


async def write(bench: Bench, person: str) -> None:
    """One person writes a letter, and wants to hear what comes of it."""
    address = bench.channel.address(person)
    talk = ("go", COUNTRY, NAME, line(), "send", "yes")
    await bench.turns.handle(Incoming(address, secrets.token_hex(8), Open("norma-cruz"), language="en"))
    for said in talk:
        await bench.turns.handle(Incoming(address, secrets.token_hex(8), TextMessage(said), language="en"))


async def fill(store: Store, script: Script, people: int) -> None:
    """Have so many people write."""
    bench = Bench(store, script)
    await bench.outbox.open()
    for first in range(0, people, AT_ONCE):
        some = range(first, min(first + AT_ONCE, people))
        await asyncio.gather(*(write(bench, f"{10**9 + number}") for number in some))
        await bench.outbox.settle()


async def leave(store: Store) -> None:
    """All letters are sent now."""
    now = datetime.now(UTC)
    gone = {"status": LetterStatus.SENT, "due_at": None, "left_at": now, "ended_at": now}
    async with store.write() as tx:
        await tx.connection.execute(update(letters).values(gone))


async def size(store: Store) -> float:
    """KB of the database with its indexes, without pages that are empty."""
    async with store.read() as tx:
        if tx.dialect == "postgresql":
            names = "SELECT sum(pg_total_relation_size(relid)) FROM pg_stat_user_tables"
            return float(await tx.connection.scalar(text(names))) / 1000
        pages, free, page = [
            int(await tx.connection.scalar(text(f"PRAGMA {name}")) or 0)
            for name in ("page_count", "freelist_count", "page_size")
        ]
        return (pages - free) * page / 1000


async def measure(name: str, url: str, at: Path, people: int, script: Script) -> None:
    """Print what one database takes."""
    store = await Store.open(url, KeyringFile(at / f"{name}.json"))
    empty = await size(store)
    await fill(store, script, people)
    async with store.read() as tx:
        wrote, have, news = [
            await tx.connection.scalar(select(func.count()).select_from(table))
            for table in (letters, chats, subscriptions)
        ]
        queued = select(func.count()).select_from(letters).where(letters.c.status == LetterStatus.QUEUED)
        waiting = await tx.connection.scalar(queued)
        sent = messages.c.status == MessageStatus.SENT
        replies = await tx.connection.scalar(select(func.count()).select_from(messages).where(sent))
    assert wrote == waiting == have == news == people, "not everybody has written, and wants the news"
    full = await size(store)
    await leave(store)
    await keep_house(store, datetime.now(UTC) + LATER, Retention(), [])
    await store.vacuum(rewrite=True)
    kept = await size(store)
    await store.close()
    early, late = ((taken - empty) / people for taken in (full, kept))
    print(
        f"{name:>10}, {people:,} people: {replies or 0:,} messages to them; {early:.1f} KB each when all have"
        f" written, {late:.1f} KB {LATER.days} days later"
    )


async def main(people: int) -> None:
    script = make_script(Settings())
    (case,) = script.cases.values()
    draft = draft_of(case, name=NAME, country="DE", personal_line=line())
    page = Page(text=draft.text, target=case.main, language=draft.language, written=datetime.now(UTC))
    print(f"a letter as PDF: {len(Documents().letter(page)) / 1000:.0f} KB")
    with folder() as at:
        await measure("SQLite", f"sqlite:///{at / 'bench.sqlite'}", at, people, script)
        with postgres(at) as url:
            await measure("PostgreSQL", url, at, people, script)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000)
    asyncio.run(main(parser.parse_args().people))
