"""What programs build on: `assistant chat --json` and the letter that comes of it."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.files import write_whole
from assistant.store.keyring import Keyring
from tests.support.chance import both_databases_if_long
from tests.support.offices import REF
from tests.support.processes.installation import CASE, LETTER, Installation, Message

RECEIPT = "to the campaign, which passes it on"
KEYS = ["text", "html", "choices", "asks", "conversation"]
SPANISH = {
    "ready": "Escribir la carta",
    "name": "Inés Ejemplo",
    "country": "España",
    "line": "Omitir",
    "verdict": "Enviar",
    "subscribe": "Sí",
}


@both_databases_if_long("postgresql")
def test_a_script_that_answers_by_the_questions_names_gets_a_letter_into_the_tray(
    tmp_path: Path, database_url: str
) -> None:
    installation = Installation(tmp_path, database_url)
    with installation.chat("--as", "Rosa", "--language", "en") as chat:
        assert chat.write_letter()["text"].startswith("You will hear from us when there is news")
        done = chat.end()
    assert done.code == 0
    assert "keyring" in done.err and len(done.err.splitlines()) == 1
    assert all(list(message) == KEYS for message in chat.heard)
    asked = [message for message in chat.heard if message["asks"]]
    assert {message["asks"]: [choice["value"] for choice in message["choices"]] for message in asked} == {
        "ready": ["go", "later"],
        "country": [],
        "name": ["nameless"],
        "line": ["skip"],
        "verdict": ["send", "edit", "original", "stop"],
        "subscribe": ["yes", "no"],
    }
    [pdf] = installation.data.glob("tray/*.pdf")
    assert pdf.read_bytes().startswith(b"%PDF-") and installation.tray == [
        pdf.with_suffix(".json").name,
        pdf.name,
    ]
    [facts] = installation.facts
    assert (facts["name"], facts["country"], facts["case"]) == ("Rosa Example", "ES", CASE)
    assert not installation.database.exists()  # because ASSISTANT_DATABASE_URL names another one
    [letter] = installation.letters()
    assert list(letter) == [
        *("id", "case", "action", "target"),
        *("status", "country", "route", "created_on", "due_on", "attempts"),
    ]
    assert (letter["action"], letter["target"]) == (REF.action, REF.target)
    assert (letter["id"], letter["status"], letter["country"], letter["route"]) == (1, "sent", None, "tray")


def test_a_spanish_supporter_gets_a_letter_into_the_tray(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Inés", "--language", "es") as chat:
        last = chat.write_letter(**SPANISH)
        assert chat.end().code == 0
    assert last["text"].startswith("Te escribiremos")
    asked = {message["asks"]: message for message in chat.heard}
    assert asked["verdict"]["choices"][0] == {"value": "send", "label": "Enviar", "word": None}
    assert "Inés Ejemplo\nEspaña" in asked["verdict"]["text"]
    assert [(facts["name"], facts["language"]) for facts in installation.facts] == [("Inés Ejemplo", "es")]


def answers(heard: list[Message]) -> list[Message]:
    """All but the receipt, of which there is at most one: it comes whenever it comes, or at the next chat."""
    found = [message for message in heard if RECEIPT not in message["text"]]
    assert len(heard) - len(found) <= 1
    return found


@pytest.mark.chance
def test_lines_typed_all_at_once_give_the_same_as_one_at_a_time(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    options = ("chat", "--json", "--language", "en", "--case", CASE, "--as")
    lines = "".join(
        f"{LETTER[name]}\n" for name in ("ready", "country", "name", "line", "verdict", "subscribe")
    )
    at_once = installation.run(*options, "Ana", typed=lines)
    without_last_newline = installation.run(*options, "Bea", typed=lines.removesuffix("\n"))
    with installation.chat("--language", "en", "--as", "Eva") as chat:
        chat.write_letter()
        assert chat.end().code == 0
    assert (at_once.code, without_last_newline.code) == (0, 0)
    assert answers(at_once.messages) == answers(without_last_newline.messages) == answers(chat.heard)
    assert len(installation.facts) == 3


@both_databases_if_long("sqlite")
def test_two_people_chat_at_the_same_time(tmp_path: Path, database_url: str) -> None:
    installation = Installation(tmp_path, database_url)
    with installation.chat("--as", "Ana") as ana, installation.chat("--as", "Bea", "--language", "es") as bea:
        for person, country in ((ana, "Spain"), (bea, "Guatemala")):
            person.write_letter(until="name", country=country)
        ana.type("Ana Example")
        bea.type("Bea Ejemplo")
        for person in (bea, ana):
            person.write_letter()
        assert (ana.end().code, bea.end().code) == (0, 0)
    assert sorted((facts["name"], facts["country"]) for facts in installation.facts) == [
        ("Ana Example", "ES"),
        ("Bea Ejemplo", "GT"),
    ]
    assert installation.run("run", "--until-idle").code == 0
    assert len(installation.tray) == 4


def test_a_chat_goes_on_where_it_was(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    options = ("chat", "--json", "--as", "Rosa", "--language", "en", "--case", CASE)
    first = installation.run(*options, typed="go\nSpain\n")
    again = installation.run(*options, typed="Rosa Example\n")
    assert [first.messages[-1]["asks"], again.messages[0]["asks"]] == ["name", "name"]
    assert again.messages[-1]["asks"] == "line"


def test_who_has_nothing_but_the_chat_has_keys_changed_and_is_promised_no_day(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    installation.data.mkdir()
    write_whole(installation.data / "keyring.json", Keyring.new(datetime.now(UTC) - timedelta(days=8)).dump())
    with installation.chat("--language", "en") as chat:
        chat.question("ready")
        chat.type("forget")
        chat.question()
        chat.type("yes")
        told = chat.until(lambda message: "It is deleted" in message["text"])
        assert chat.end().code == 0
    assert "Safety copies of our data may still hold it for some time." in told["text"]
    keys = installation.json("keys", "status")
    assert (keys["active"], [key["key"] for key in keys["keys"]]) == (2, [1, 2])
    assert installation.call("retention", "--dry-run").code == 0
