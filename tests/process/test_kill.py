"""Whenever the process is killed, everybody gets every question in order, and one letter each."""

import asyncio
import random
import re
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.chance import both_databases_if_long, budget
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, LETTER, TIMEOUT, Installation
from tests.support.processes.ports import reserved
from tests.support.processes.serving import by_webhook, end, serving, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

pytestmark = pytest.mark.chance

PEOPLE = 10
KILLS = budget(2, 10)
SENT_PER_RUN = 12  # at most, and a few more
QUIET = 5  # seconds in which it sends nothing more, as there is nobody left to answer
SECOND = 0.1  # seconds that last one of the pauses after which Telegram calls again
LAST = "pass this on"
RECEIPT = "to the campaign, which passes it on"
LINK = re.compile(r"\nhttps://t\.me/\S+")
QUESTIONS = ["ready", "country", "name", "line", "verdict", "subscribe"]


@both_databases_if_long("postgresql")
async def test_killed_again_and_again_while_ten_people_write(
    tmp_path: Path, database_url: str, rng: random.Random
) -> None:
    async with FakeTelegram() as server:
        await ten_people_write(telegram_installation(tmp_path, server, database_url), server, rng)


async def test_killed_again_and_again_while_telegram_calls_its_webhook(
    tmp_path: Path, rng: random.Random
) -> None:
    async with FakeTelegram(SECOND) as server:
        with reserved() as listen:
            installation = telegram_installation(tmp_path, server, **by_webhook(listen))
            await ten_people_write(installation, server, rng)
        assert not any(name == "getUpdates" for name, _ in server.calls)


async def ten_people_write(installation: Installation, server: FakeTelegram, rng: random.Random) -> None:
    """They write, each a whole letter, while the process is killed; and nothing is amiss."""
    people = [
        Supporter(
            server,
            server.person(f"Person {n}", "en"),
            LETTER | {"name": f"Person {chr(65 + n)}"},
            patience=TIMEOUT * KILLS,  # somebody may be the last one to be answered, each time
        )
        for n in range(PEOPLE)
    ]
    for each in people:
        await each.person.write(f"/start {CASE}")
    writing = [asyncio.create_task(each.until(LAST)) for each in people]
    kills = 0
    while kills < KILLS and not all(task.done() for task in writing):
        kills += await killed_at_some_moment(installation, server, rng)
    before = len(server.calls)
    async with serving(installation):
        await server.until(lambda: len(server.calls) > before, TIMEOUT)  # it can be told to end only then
        await asyncio.gather(*writing)
        await server.until(lambda: not server.updates, TIMEOUT)
    idle = await asyncio.to_thread(installation.run, "run", "--until-idle")
    assert idle.code == 0, idle.err
    assert kills >= KILLS / 2
    for each in people:
        assert each.asked == QUESTIONS
        answers = answers_to(each)
        assert answers == the_same_for(each, people[0])
        assert len(each.heard) - len(answers) <= 1, "at most one receipt, whenever it comes"
    await asyncio.to_thread(check_letters, installation)


async def killed_at_some_moment(installation: Installation, server: FakeTelegram, rng: random.Random) -> int:
    """Let it send a few messages, however long it takes to start, then kill it, wherever it is."""
    enough = _sent(server) + rng.randrange(SENT_PER_RUN)
    before = len(server.calls)
    process = installation.start("run")
    try:
        await server.until(lambda: len(server.calls) > before, TIMEOUT)
        with suppress(TimeoutError):
            await server.until(lambda: _sent(server) > enough, QUIET)
        await asyncio.sleep(
            rng.choice([0, rng.uniform(0, 0.06)])
        )  # half of the time before the results are in
    finally:
        process.kill()
    await end(process, by=None)
    return 1


def _sent(server: FakeTelegram) -> int:
    return sum(name == "sendMessage" for name, _ in server.calls)


def answers_to(supporter: Supporter) -> list[str]:
    """What they heard, but for receipts, and for links to us: a process that has just begun knows none."""
    texts = [message.text for message in supporter.heard if RECEIPT not in message.text]
    return [LINK.sub("", text) for text in texts]


def the_same_for(supporter: Supporter, other: Supporter) -> list[str]:
    """What the other one heard, had the other one this one's name."""
    name = supporter.answers["name"]
    return [text.replace(other.answers["name"], name) for text in answers_to(other)]


def check_letters(installation: Installation) -> None:
    letters = installation.letters()
    assert Counter(letter["status"] for letter in letters) == {"sent": PEOPLE}
    names = sorted(facts["name"] for facts in installation.facts)
    assert names == [f"Person {chr(65 + n)}" for n in range(PEOPLE)]
    assert len(installation.tray) == 2 * PEOPLE


def test_killed_in_the_terminal_while_the_letter_is_handed_over(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    for number in range(3):
        with installation.chat("--as", f"Person {number}", "--language", "en") as chat:
            chat.write_letter(until="subscribe")  # within the next second the letter is carried
            if number > 0:
                wait_until_the_tray_changes(installation, installation.tray)
            chat.kill()
    assert installation.run("run", "--until-idle").code == 0
    assert [letter["status"] for letter in installation.letters()] == ["sent"] * 3
    assert len(installation.facts) == 3
    assert len(installation.tray) == 6, "one PDF and one JSON each, and nothing half-written"
    with installation.chat("--as", "Person 0") as chat:
        assert chat.end().code == 0
    assert chat.heard[-1]["asks"] == "subscribe"


def wait_until_the_tray_changes(installation: Installation, before: list[str]) -> None:
    """Return as soon as the first file of the next letter is being written."""
    for _ in range(int(TIMEOUT / 0.002)):
        if installation.tray != before:
            return
        time.sleep(0.002)
    raise TimeoutError("no letter was handed over")
