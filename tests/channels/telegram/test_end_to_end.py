"""The whole way over Telegram: real processes, the fake Bot API, and people who write and press."""

import asyncio
import json
import sqlite3
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import CopyStatus
from tests.support.fakes.telegram.chats import SentFile
from tests.support.fakes.telegram.people import Person
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, LETTER, TIMEOUT
from tests.support.processes.serving import serving, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

pytestmark = pytest.mark.chance

QUESTIONS = ["ready", "country", "name", "line", "verdict", "subscribe"]
SPANISH = {
    "ready": "Escribir la carta",
    "name": "Lucía Ejemplo",
    "country": "Guatemala",
    "line": "Pido que se investigue.",
    "verdict": "enviar",
    "subscribe": "sí",
}


def news(person: Person, word: str) -> list[str]:
    """The person's messages with this word."""
    return [message.text for message in person.inbox if word in message.text]


async def test_two_supporters_write_letters_and_get_the_news(
    server: FakeTelegram, tmp_path: Path, database_url: str, script: Script
) -> None:
    installation = telegram_installation(tmp_path, server, database_url)
    named = LETTER | {"name": "Anna Example"}
    anna = Supporter(server, server.person("Anna"), named, at_first={"verdict": "page"})
    lucia = Supporter(server, server.person("Lucía", "es-MX"), SPANISH, typing=True)
    bea = Supporter(server, server.person("Bea", "en"), LETTER | {"name": "Bea Example"})
    async with serving(installation):
        await anna.person.write(f"/start {CASE}")
        await lucia.person.write("hola")
        await bea.person.write(f"/start {CASE}_flyer")
        last = "You will hear from us"
        await asyncio.gather(anna.until(last), bea.until(last), lucia.until("Te escribiremos"))
        assert lucia.asked == bea.asked == QUESTIONS
        assert anna.asked == ["language", *QUESTIONS[:-1], "verdict", "subscribe"]
        await server.until(lambda: {*anna.person.presses, *bea.person.presses} == set(server.answered))

        await installation.publish(script, "2011-09-conviction")
        in_english, in_spanish = "Norma Cruz was convicted", "a Norma Cruz fue condenada"
        await asyncio.gather(anna.until(in_english), bea.until(in_english), lucia.until(in_spanish))

        await bea.person.write("mydata")
        await bea.until("what we keep about you")
        await server.until(lambda: bool(files(bea.person)), TIMEOUT)
        await anna.person.write("stop")
        await anna.until("no more news")
        lucia.person.delete_account()  # which shows when something is sent
        await bea.person.block()  # which Telegram tells at once
        await server.until(lambda: not server.updates, TIMEOUT)
        sends = _sends(server, lucia.person)
        await installation.publish(script, "2011-thanks")
        await server.until(lambda: _sends(server, lucia.person) > sends, TIMEOUT)
    async with installation.harness(script) as harness:
        await harness.publish("2012-01-24-commission")
        recipients = [(await harness.broadcast(number)).recipients for number in (1, 2, 3)]
        assert recipients == [3, 1, 0], "all are gone"
        assert await harness.tally(1) == {CopyStatus.SENT: 3}
        assert await harness.tally(2) == {CopyStatus.BLOCKED: 1}
    assert [len(news(anna.person, in_english)), len(news(anna.person, in_spanish))] == [1, 0]
    assert [len(news(lucia.person, in_english)), len(news(lucia.person, in_spanish))] == [0, 1]

    letters = {facts["name"]: facts for facts in installation.facts}
    assert {name: facts["country"] for name, facts in letters.items()} == {
        "Anna Example": "ES",
        "Bea Example": "ES",
        "Lucía Ejemplo": "GT",
    }
    assert letters["Lucía Ejemplo"]["line"] == SPANISH["line"]
    assert [letter["status"] for letter in installation.letters()] == ["sent"] * 3
    check_previews(anna.person)
    [data] = files(bea.person)
    assert (data.name, data.kind) == ("my-data.json", "application/json")
    assert json.loads(data.content)["address"] == str(bea.person.id)


def files(person: Person) -> list[SentFile]:
    """All files that the person got."""
    return [message.file for message in person.inbox if message.file]


def check_previews(person: Person) -> None:
    """The printed page came as a file when it was asked for, and the question once more after it.

    Every choice is left where it was made.
    """
    kinds = [(message.file.kind if message.file else "", message.text[:20]) for message in person.inbox]
    page = next(number for number, (kind, _) in enumerate(kinds) if kind == "application/pdf")
    asked = [number for number, message in enumerate(person.inbox) if "Shall we send it?" in message.text]
    assert [kind for kind, _ in kinds].count("application/pdf") == 1
    assert asked == [page - 1, page + 1]
    file = person.inbox[page].file
    assert file and file.content.startswith(b"%PDF-") and "norma" not in file.name
    chosen = [[label for label, _ in person.inbox[number].buttons] for number in asked]
    assert chosen == [["✓ Show the printed page"], ["✓ Send"]]


def _sends(server: FakeTelegram, person: Person) -> int:
    return sum(name == "sendMessage" and call["chat_id"] == person.id for name, call in server.calls)


async def test_photos_old_buttons_and_troubles_on_the_way(server: FakeTelegram, tmp_path: Path) -> None:
    installation = telegram_installation(tmp_path, server)
    anna = Supporter(server, server.person("Anna", "en"), {"ready": "go"}, typing=True)
    async with serving(installation):
        await anna.person.write(f"/start {CASE}")
        await anna.until("Which country")
        await anna.person.send_photo("look")
        await anna.until("We can only read text")
        query = await _press(anna, "go")
        await anna.until("belongs to an earlier message")
        await server.until(lambda: query in server.answered)
        assert anna.asked == ["ready", "country"]

        server.fail_next("sendMessage", status=502)
        await anna.person.write("Spain")
        await anna.until("What shall stand")
        server.fail_next("sendMessage", retry_after=1)
        await anna.person.write("<b>Anna</b>")
        await anna.until("A name cannot contain")
        server.fail_next("sendMessage", reset=True, after=True)
        await anna.person.write("Anna Example")
        await anna.until("a sentence of your own")
        server.fail_next("getUpdates", status=502)
        await anna.person.write("Tell <us> & {{ them }}")
        draft = await anna.until("Shall we send it?")
    assert "Tell &lt;us&gt; &amp; {{ them }}" in draft.html
    texts = [message.text for message in anna.person.inbox]
    assert len(texts) - len(set(texts)) in (0, 1)  # only the one whose answer was lost came twice


async def _press(supporter: Supporter, value: str) -> str:
    """Press that button again, wherever it hangs."""
    for message in supporter.heard:
        for _, data in message.buttons:
            if data.endswith(f":{value}"):
                return await supporter.person.press(data, message)
    raise LookupError(value)


async def test_an_update_is_confirmed_only_after_its_commit(server: FakeTelegram, tmp_path: Path) -> None:
    installation = telegram_installation(tmp_path, server)
    anna = Supporter(server, server.person("Anna", "en"))
    async with serving(installation):
        await server.until(lambda: any(call[0] == "getUpdates" for call in server.calls), TIMEOUT)
        other = sqlite3.connect(installation.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        await anna.person.write(f"/start {CASE}")
        await asyncio.sleep(0.5)  # it has been told of it, and cannot store it
        assert len(server.updates) == 1
        other.execute("ROLLBACK")
        other.close()
        await anna.until("What shall stand")
        await server.until(lambda: not server.updates, TIMEOUT)


async def test_a_term_signal_lets_what_is_under_way_end(server: FakeTelegram, tmp_path: Path) -> None:
    installation = telegram_installation(tmp_path, server)
    anna = server.person("Anna", "en")
    async with serving(installation):
        await anna.write(f"/start {CASE}")
        await server.until(lambda: len(anna.inbox) == 1, TIMEOUT)
        server.fail_next("sendMessage", hang=0.2)
        await anna.write("help")  # which is answered in two messages
        await server.until(lambda: _sends(server, anna) == 2, TIMEOUT)
    assert len(anna.inbox) >= 2
    async with serving(installation):
        await server.until(lambda: len(anna.inbox) >= 3, TIMEOUT)
        await anna.write("go")
        await server.until(lambda: "Which country" in anna.inbox[-1].text, TIMEOUT)
    assert len(anna.inbox) == len({message.text for message in anna.inbox}) == 4
