"""What people type by mistake, or to see what happens."""

import unicodedata
from pathlib import Path

import pytest

from tests.support.processes.installation import Installation

SCRIPTED = "<i>{{ case.target }}</i> {% raw %} & #show \\[ $x$ 'quoted' \"twice\""
BAD_NAMES = {
    "/dance": "We do not know that word",
    "": "nothing we could read",
    "   ": "nothing we could read",
    "\x00\x07\x1b": "nothing we could read",
    "\u202e\u2066\u200f": "nothing we could read",
    "n" * 10_000: "Please write at most 80",
    "n" * 5_000_000: "Please write at most 80",
    "<b>Rosa</b>": "cannot contain “< >”",
    "{{ 7 * 7 }}": "cannot contain “{ }”",
    "{% include 'x' %}": "cannot contain “{ }”",
    "https://example.org/": "Links cannot",
    "4711": "at least one letter",
}


def test_bad_input_is_explained_and_asked_again(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    with installation.chat("--as", "Rosa", "--language", "en") as chat:
        chat.write_letter(until="name")
        for typed, why in BAD_NAMES.items():
            chat.type(typed)
            answer = chat.next()
            assert answer["asks"] == "name" and why in answer["text"], (typed[:20], answer)
        assert chat.process.stdin
        chat.process.stdin.write(b"\xff\xfe\x80\n")
        chat.type("Ro\u202esa \u0000Exam\u200bple\r")
        assert "at least one letter" in chat.question("name")["text"]
        draft = chat.write_letter(until="verdict", line=SCRIPTED)
        assert SCRIPTED in draft["text"] and "&lt;i&gt;{{ case.target }}&lt;/i&gt;" in draft["html"]
        chat.type("Send")
        chat.write_letter()
        assert chat.end().code == 0
    letters = [(facts["name"], facts["line"]) for facts in installation.facts]
    assert letters == [("Rosa Example", SCRIPTED)]
    assert len(installation.tray) == 2
    shown = "".join(message["text"] for message in chat.heard).replace("\n", "")
    assert {unicodedata.category(character) for character in shown}.isdisjoint({"Cc", "Cf", "Cs"})


@pytest.mark.parametrize("name", ["", "../../名前", "<b>{{ x }}</b>" * 500])
def test_any_text_can_name_a_chat(tmp_path: Path, name: str) -> None:
    installation = Installation(tmp_path)
    done = installation.run("chat", "--json", "--language", "en", "--as", name, typed="go\n")
    assert (done.code, done.messages[-1]["asks"]) == (0, "country")
