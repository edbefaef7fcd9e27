import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.validation import (
    MARKS_MAX,
    NAME_MAX,
    PERSONAL_LINE_MAX,
    Refusal,
    clean,
    clean_name,
    clean_personal_line,
    control_in,
    link_in,
)
from tests.support.international_names import NAMES, NAMES_BY_SCRIPT

SMUGGLED_HEADER = "Ana =?UTF-8?Q?=0ABcc:_x@y.example?="

# Hypothesis finds these too seldom by itself: what joins, stacks, turns, hides or carries no meaning.
TROUBLE = st.sampled_from(
    "ae=<{\u0301\u0323\u0903\u0302\u200c\u200d\u180e\u202e\u2066\u200b\ufeff\u00ad\ue000\U000f0000\x00\x1b\n\t\x85"
    "\u2028\u3164\u1160\u1100\u1161\ud800\udfff\u0dd9\u0dca\U0001f469 "
)
# Without alphabet settings `st.text` leaves lone surrogates out.
ANY_TEXT = st.one_of(st.text(TROUBLE), st.text(st.characters(exclude_categories=())), st.text())


def is_harmless(text: str) -> bool:
    """Without control, private-use and lone surrogate characters, and none that turn the reading order."""
    return all(
        unicodedata.category(character) not in {"Cc", "Co", "Cs"}
        and unicodedata.bidirectional(character) not in {"LRE", "RLE", "LRO", "RLO", "PDF"}
        and unicodedata.bidirectional(character) not in {"LRI", "RLI", "FSI", "PDI"}
        for character in text
    )


def highest_stack(text: str) -> int:
    """The most marks above and below one letter; those that stand beside it (Mc) do not stack."""
    kinds = "".join(unicodedata.category(character)[:2] + " " for character in text)
    runs = re.findall(r"(?:M[nec] |Cf )+", kinds)
    return max((run.count("Mn") + run.count("Me") for run in runs), default=0)


def test_there_are_names_enough_to_call_it_the_world() -> None:
    assert len(set(NAMES)) >= 100
    assert len(NAMES_BY_SCRIPT) >= 20
    assert all(unicodedata.is_normalized("NFC", name) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_any_script_passes_unchanged(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize("name", NAMES)
def test_a_name_typed_in_pieces_and_with_spaces_around_is_put_together(name: str) -> None:
    assert clean_name(f"  {unicodedata.normalize('NFD', name)}\n") == name


@pytest.mark.parametrize(
    "name",
    [
        "https://example.com",
        "Ana www.example.org",
        "ana.example.com",
        "Ana example.COM/x",
        "visita-hoy.site",
        "tienda.com.gt",
        "noticias.gt",
        "t.me/canal",
        "bit.ly/abc",
        "x.co/1",
        "ana@example.com",
    ],
)
def test_a_link_is_no_name(name: str) -> None:
    assert clean_name(name) is Refusal.LINK


def test_a_link_in_a_line_is_not_refused_but_held() -> None:
    assert clean_personal_line("Read https://example.org/x") == "Read https://example.org/x"


@pytest.mark.parametrize("name", ["A.de Vries", "J.Ly", "K.Co", "Ma.de los Ángeles", "Vda.de Paz", "Dra.Top"])
def test_an_abbreviation_before_a_short_word_is_no_link(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "sentence",
    [
        "Norma es valiente.De corazon le pido justicia.",
        "Gracias.Me preocupa su seguridad.",
        "Le pido justicia.Es lo justo.",
        "le pido justicia.es lo justo",
        "GRACIAS.ME PREOCUPA SU SEGURIDAD",
        "Thanks.Info follows.",
        "Obrigado.Com carinho",
        "Please help.Top priority.",
    ],
)
def test_a_missing_space_after_a_full_stop_is_no_link(sentence: str) -> None:
    assert not link_in(sentence)


@pytest.mark.parametrize("name", ["Maria.De Leon", "Hans.de Boer", "Juan.Es"])
def test_a_missing_space_in_a_name_is_no_link(name: str) -> None:
    assert clean_name(name) == name


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("Lea noticias.gt hoy, por favor.", "noticias.gt"),
        ("Más en (elpais.es).", "elpais.es"),
        ("See Evil.Com/x now", "Evil.Com/x"),
        ("EXAMPLE.COM", "EXAMPLE.COM"),
        ("read https://example.org/" + "a" * 90, "https://example.org/" + "a" * 20 + "…"),
        ("Nothing of that kind. Nor here...", ""),
    ],
)
def test_the_part_that_is_a_link_is_pointed_out(text: str, link: str) -> None:
    assert link_in(text) == link


@pytest.mark.parametrize("character", list("\t\n\r\x00\x1b\x7f\x85\u2028\u2029\ud800"), ids=ascii)
def test_what_no_carrier_takes_on_one_line_is_found(character: str) -> None:
    assert control_in(f"A subject{character}") == character


def test_words_of_every_script_stand_on_one_line() -> None:
    assert not any(map(control_in, NAMES))


@pytest.mark.parametrize("symbol", list("<>{}=?@:$"))
def test_a_symbol_of_mail_templates_and_markup_is_refused(symbol: str) -> None:
    assert clean_name(f"Ana{symbol}López") is Refusal.SYMBOLS


@pytest.mark.parametrize(
    "name",
    [
        SMUGGLED_HEADER,
        "Ana\r\nBcc: x@y.example",
        "{{7*7}}",
        "{% for x in y %}Ana",
        "${jndi}",
        "<b>Ana</b>",
        "<script>alert(1)</script>",
        "Ana <ana@y.example>",
    ],
)
def test_what_a_mail_header_a_template_or_a_page_would_run_is_refused(name: str) -> None:
    assert clean_name(name) is Refusal.SYMBOLS


def test_a_name_of_the_greatest_length_passes_and_one_letter_more_does_not() -> None:
    assert clean_name("ñ" * NAME_MAX) == "ñ" * NAME_MAX
    assert clean_name("ñ" * (NAME_MAX + 1)) is Refusal.TOO_LONG
    assert clean_name("a" * 1_000_000) is Refusal.TOO_LONG


def test_the_length_is_that_of_the_clean_name() -> None:
    assert clean_name("n\u0303" * NAME_MAX + "   \u202e\n") == "ñ" * NAME_MAX


@pytest.mark.parametrize(
    "name", ["12345", "٣٤٥", "🙂", "👩🏽‍🌾", "🇬🇹", "...", "- - -", "!!!", "'", "⠀", "1 🙂 !", "\u0301"]
)
def test_a_name_has_a_letter(name: str) -> None:
    assert clean_name(name) is Refusal.NO_LETTERS


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "\n\t\r",
        "\u00a0\u3000\u2028",
        "\u200b\ufeff\u2060\u00ad",
        "\u200c\u200d",
        "\u200d \u200d",
        "\u180e",
        "\u202e\u202c\u2066\u2069",
        "\u3164",
        "\u115f\u1160\uffa0",
        "\x00\x1b",
        "\ue000",
        "\ud800",
    ],
    ids=ascii,
)
def test_what_nobody_can_see_is_empty(text: str) -> None:
    assert clean_name(text) is Refusal.EMPTY
    assert clean_personal_line(text) is Refusal.EMPTY


@pytest.mark.parametrize(
    "unwanted",
    [
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c",  # turn
        *"\u200b\u2060\ufeff\u00ad",  # hide
        *"\x00\x1b\x7f",  # command
        *"\ue000\U000f0000\U0010fffd\ud800\udfff",  # mean nothing to others
    ],
    ids=ascii,
)
def test_a_character_that_turns_hides_or_commands_is_dropped(unwanted: str) -> None:
    assert clean_name(f"{unwanted}An{unwanted}a{unwanted}") == "Ana"


def test_a_letter_and_its_accent_find_each_other_over_a_dropped_character() -> None:
    assert clean_name("Jose\u202e\u0301") == "José"


@pytest.mark.parametrize(
    "space", ["\n", "\t", "\r\n", "\v", "\f", "\x85", "\u2028", "\u2029", "\u00a0", " \n\t "], ids=ascii
)
def test_newlines_and_tabs_become_one_space(space: str) -> None:
    assert clean_name(f"{space}Ana{space}{space}López{space}") == "Ana López"


def test_a_tower_of_marks_is_cut_at_the_fourth() -> None:
    assert clean_name("x" + "\u0323" * 50 + "y") == "x" + "\u0323" * MARKS_MAX + "y"


def test_a_tower_of_marks_cannot_go_on_behind_something_invisible() -> None:
    assert clean_name("x" + "\u0323\u200d\u202e\u0903" * 50).count("\u0323") == MARKS_MAX


def test_the_joiners_that_words_are_spelled_with_stay_inside_and_go_at_the_ends() -> None:
    assert clean_name("\u200cمه\u200cلقا\u200d") == "مه\u200cلقا"


def test_emoji_beside_a_name_are_left_alone() -> None:
    assert clean_name("Ana 🌻") == "Ana 🌻"


def test_a_line_may_say_what_a_name_may_not() -> None:
    line = "¿Cuándo habrá justicia? 25 años = demasiado: {ya} <basta> $0"
    assert clean_personal_line(line) == line


def test_a_line_is_put_on_one_line() -> None:
    assert clean_personal_line(" Dear \u202eall,\n\n\tjustice now. ") == "Dear all, justice now."


def test_a_line_has_a_greatest_length() -> None:
    assert clean_personal_line("a" * PERSONAL_LINE_MAX) == "a" * PERSONAL_LINE_MAX
    assert clean_personal_line("a" * (PERSONAL_LINE_MAX + 1)) is Refusal.TOO_LONG
    assert clean_personal_line("abcd", limit=3) is Refusal.TOO_LONG


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_what_is_clean_is_one_line_in_nfc_without_spaces_around(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert cleaned == " ".join(cleaned.split())


@given(ANY_TEXT)
def test_what_is_clean_is_harmless(text: str) -> None:
    assert is_harmless(clean(text))
    assert highest_stack(clean(text)) <= MARKS_MAX


@given(ANY_TEXT)
def test_a_name_or_line_once_taken_is_taken_again_unchanged(text: str) -> None:
    for clean_one in (clean_name, clean_personal_line):
        taken = clean_one(text)
        if not isinstance(taken, Refusal):
            assert clean_one(taken) == taken


@given(ANY_TEXT)
def test_a_name_can_be_written_in_a_mail_header_a_template_and_a_database(text: str) -> None:
    name = clean_name(text)
    if not isinstance(name, Refusal):
        assert 0 < len(name) <= NAME_MAX
        assert not set("<>{}=?@:$\r\n\x00") & set(name)
        assert name.encode().decode() == name


@pytest.mark.parametrize("text", ["Ana \ufffcExample", "\ufffcAna Example", "Ana Example\ufffc"])
def test_the_place_of_an_object_that_is_not_text_is_dropped(text: str) -> None:
    assert (clean_name(text), clean_personal_line(text)) == ("Ana Example", "Ana Example")


def test_what_could_not_be_read_is_refused() -> None:
    assert (clean_name("Ana L\ufffdpez"), clean_personal_line("Por \ufffd")) == (
        Refusal.UNPRINTABLE,
        Refusal.UNPRINTABLE,
    )
