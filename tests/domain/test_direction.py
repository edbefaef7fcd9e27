"""A value that is written the other way does not turn the sentence around it."""

import io
import unicodedata
from gettext import NullTranslations

import pytest
from markupsafe import Markup

from assistant.channels.terminal import Terminal
from assistant.content.i18n import CatalogueLocale, load_locales
from assistant.dialogue.options import Option, pick
from assistant.domain.messages import Account, Address, Button, Reply
from assistant.domain.texts import FIRST_FROM_RIGHT_TO_LEFT, Listed, Locale, Sentence, Written

ENGLISH: Locale = load_locales()["en"]
ARABIC: Locale = CatalogueLocale("ar", NullTranslations(), {})
SAID = "{name} has written {count} letters."
WRAPPED = "\u2068{}\u2069 has written 2 letters."


@pytest.mark.parametrize("name", ["Rosa", "Đặng Thị", "Ольга", "山田", "5", "", "Rosa & Ana <3", "a\nb"])
def test_what_is_written_the_same_way_stays_as_it_is(name: str) -> None:
    assert Sentence(SAID, {"name": name, "count": 2}).render(ENGLISH).unescape() == (
        f"{name} has written 2 letters."
    )


@pytest.mark.parametrize("name", ["ليلى", "אסתר", "5 ليلى", "Ana ليلى", "«ليلى» & co"])
def test_what_is_written_the_other_way_is_kept_apart(name: str) -> None:
    said = Sentence(SAID, {"name": name, "count": 2}).render(ENGLISH)
    assert said.unescape() == WRAPPED.format(name)


def test_no_character_before_hebrew_is_written_from_right_to_left() -> None:
    before = map(chr, range(ord(FIRST_FROM_RIGHT_TO_LEFT)))
    assert not {"R", "AL"} & {unicodedata.bidirectional(each) for each in before}


def test_a_title_and_a_row_of_names_are_kept_apart_too() -> None:
    for value in (Written({"en": Markup("<b>ليلى</b>")}), Listed(("ליאה", "Ana"))):
        said = Sentence(SAID, {"name": value, "count": 2}).render(ENGLISH)
        assert said.startswith("\u2068") and said.count("\u2069") == 1


def test_in_arabic_it_is_latin_that_is_kept_apart() -> None:
    assert Sentence(SAID, {"name": "Rosa & Ana", "count": 2}).render(ARABIC).startswith("\u2068Rosa")
    assert Sentence(SAID, {"name": "ليلى & ليلى", "count": 2}).render(ARABIC).startswith("ليلى")


def test_an_option_is_found_by_its_words_whatever_keeps_them_apart() -> None:
    option = Option("go", Sentence("{name} leaves the team", {"name": "ليلى"}))
    for typed in ("ليلى leaves the team", "\u2068ليلى\u2069 leaves the team"):
        assert pick(typed, (option,), ENGLISH, loosely=False) == "go"


@pytest.mark.parametrize("as_json", [True, False])
async def test_a_terminal_shows_none_of_it(as_json: bool) -> None:
    out = io.StringIO()
    terminal = Terminal("anna", failed=Reply(Markup("")), as_json=as_json, out=out)
    said = Sentence(SAID, {"name": "ليلى", "count": 2}).render(ENGLISH)
    await terminal.send(
        Address(Account("terminal", "1"), "anna"), Reply(said, (Button("a", said.unescape()),))
    )
    assert "ليلى has written 2 letters." in out.getvalue()
    assert "\u2068" not in out.getvalue() and "\u2069" not in out.getvalue()
