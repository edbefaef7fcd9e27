"""How what people type is understood as an answer."""

import pytest

from assistant.dialogue.answers import Choice, Country, Fault, Name, PersonalLine, Reading, Taken, Unsure
from assistant.dialogue.options import Option, pick
from assistant.dialogue.script import Script
from assistant.dialogue.words import fold
from assistant.domain.texts import CountryName, Sentence
from assistant.domain.validation import Refusal

SEND = Option("send", Sentence("Send"), Sentence("yes, ok"))
EDIT = Option("edit", Sentence("Change something"), Sentence("change, correct"))
STOP = Option("stop", Sentence("Do not send"), Sentence("no, don't send"))
VERDICT = (SEND, EDIT, STOP)

NONE = Option("none", Sentence("None of these"), Sentence("no, none"))


def that_one(code: str) -> Option:
    return Option(code, CountryName(code), Sentence("yes"), agrees=True)


COUNTRY = Country(that_one, NONE)


@pytest.fixture
def english(script: Script) -> Reading:
    return Reading(script.locales["en"], script.gazetteer, script.typeface)


@pytest.fixture
def spanish(script: Script) -> Reading:
    return Reading(script.locales["es"], script.gazetteer, script.typeface)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1", "send"),
        ("2.", "edit"),
        ("(3)", "stop"),
        ("٣", "stop"),
        ("२", "edit"),
        ("３", "stop"),
        ("01", "send"),
        ("edit", "edit"),
        ("EDIT", "edit"),
        ("Send", "send"),
        (" send! ", "send"),
        ("«Send»", "send"),
        ("Ｓｅｎｄ", "send"),
        ("do not send", "stop"),
        ("Change something.", "edit"),
        ("Correct", "edit"),
        ("OK", "send"),
        ("¡yes!", "send"),
        ("don't send", "stop"),
    ],
)
def test_option_is_named_in_full(typed: str, value: str, english: Reading) -> None:
    assert Choice(*VERDICT).exactly(typed, english) == value
    assert Choice(*VERDICT).understand(typed, english) == Taken(value)


@pytest.mark.parametrize(
    "typed", ["0", "4", "-1", "1000", "99999999999999999999", "1 2", "²³", "", " ", "...", "sent"]
)
def test_what_names_no_option_is_refused(typed: str, english: Reading) -> None:
    assert Choice(*VERDICT).understand(typed, english) is Refusal.NOT_OFFERED


def test_beginning_of_one_label_is_enough_but_does_not_go_before_words_that_work_everywhere(
    english: Reading,
) -> None:
    assert Choice(*VERDICT).understand("do", english) == Taken("stop")
    assert Choice(*VERDICT).exactly("do", english) is None


def test_beginning_of_several_labels_is_refused(english: Reading) -> None:
    colours = Choice(Option("r", "Dark red"), Option("b", "Dark blue"))
    assert colours.understand("dark", english) is Refusal.NOT_OFFERED
    assert colours.understand("dark b", english) == Taken("b")


def test_label_in_full_goes_before_a_longer_one_that_begins_with_it(english: Reading) -> None:
    names = Choice(Option("long", "Ana María"), Option("short", "Ana"))
    assert names.understand("ana", english) == Taken("short")


def test_value_goes_before_the_word_of_another_option(english: Reading) -> None:
    fields = Choice(Option("a", "line", Sentence("line, row")), Option("line", "Sentence"))
    assert fields.understand("line", english) == Taken("line")


def test_labels_and_synonyms_are_those_of_the_persons_language(spanish: Reading) -> None:
    verdict = Choice(
        Option("send", Sentence("Send"), Sentence("yes, ok, the same")),
        Option(
            "edit",
            Sentence("Change something"),
            Sentence("no, all, all of them, both, both of them, all news, everything, every one"),
        ),
    )
    assert verdict.understand("Enviar", spanish) == Taken("send")
    assert verdict.understand("SÍ", spanish) == Taken("send")
    assert verdict.understand("si\u0301", spanish) == Taken("send")
    assert verdict.understand("¡dale!", spanish) == Taken("send")
    assert verdict.understand("las dos", spanish) == Taken("edit")
    assert verdict.understand("both", spanish) is Refusal.NOT_OFFERED


def test_label_is_compared_as_read_not_as_markup(english: Reading) -> None:
    assert pick("Q & A", [Option("qa", "Q & A")], english.locale, loosely=False) == "qa"


def test_nothing_is_picked_where_nothing_is_offered(english: Reading) -> None:
    assert pick("1", [], english.locale, loosely=True) is None


def test_fold_leaves_out_accents_and_keeps_what_stands_inside() -> None:
    assert fold("¿ATRÁS?") == fold("atra\u0301s") == "atras"
    assert fold("हिन्दी") == "हिन्दी"
    assert fold("don't!") == "don't"
    assert fold("-") == "-"


def test_a_choice_that_is_no_longer_offered_is_asked_again(english: Reading) -> None:
    assert Choice(*VERDICT).restore("send", english) == "send"
    for stored in ("fax", "Send", None):
        with pytest.raises(ValueError, match="no longer"):
            Choice(*VERDICT).restore(stored, english)


def test_name_is_cleaned(english: Reading) -> None:
    assert Name().understand("  Ana \u202e María ", english) == Taken("Ana María")
    assert Name().understand("a@b", english) is Refusal.SYMBOLS
    assert Name().restore("Ana", english) == "Ana"
    with pytest.raises(ValueError, match="no longer"):
        Name().restore("a@b", english)


def test_line_can_be_skipped(english: Reading) -> None:
    line = PersonalLine(
        Option("skip", Sentence("Skip"), Sentence("no, none, -")), [Option("yes", Sentence("Yes"))], limit=20
    )
    assert line.understand("yes!", english) is Refusal.ANNOUNCED
    for typed in ("skip", "Skip.", "1", "NO", "-"):
        assert line.understand(typed, english) == Taken(None)
    assert line.understand("Skip this, please", english) == Taken("Skip this, please")
    assert line.understand("ski", english) == Taken("ski")
    assert line.understand("x" * 21, english) is Refusal.TOO_LONG
    assert line.understand("", english) is Refusal.EMPTY
    assert line.restore(None, english) is None
    with pytest.raises(ValueError, match="no longer"):
        line.restore("x" * 21, english)


def test_country_is_taken_where_sure_and_asked_back_where_not(english: Reading) -> None:
    assert COUNTRY.understand("Germany", english) == Taken("DE")
    assert COUNTRY.understand("congo", english) == Unsure(("CG", "CD"))
    assert COUNTRY.understand("Middle-earth", english) is Refusal.UNKNOWN_COUNTRY
    assert COUNTRY.restore("DE", english) == "DE"
    with pytest.raises(ValueError, match="no longer"):
        COUNTRY.restore("XX", english)


def test_yes_and_no_answer_whether_one_country_was_meant(script: Script) -> None:
    suggested = Reading(script.locales["en"], script.gazetteer, script.typeface, offered=("DE",))
    for typed in ("yes", "Yes!", "1", "de", "Germany"):
        assert COUNTRY.understand(typed, suggested) == Taken("DE")
    for typed in ("no", "None of these", "2"):
        assert COUNTRY.understand(typed, suggested) is Refusal.NONE_OF_THESE
    assert COUNTRY.understand("Peru", suggested) == Taken("PE")


def test_a_country_is_taken_in_the_words_of_who_lives_there(english: Reading) -> None:
    assert COUNTRY.understand("Ivory Coast", english) == Taken("CI-alt-variant")
    assert COUNTRY.understand("Côte d'Ivoire", english) == Taken("CI")
    assert COUNTRY.restore("CI-alt-variant", english) == "CI-alt-variant"


@pytest.mark.parametrize("text", ["Finland?", "¿Perú?", "Lima?", "Germny?"])
def test_a_country_with_a_question_mark_is_an_answer(text: str, english: Reading) -> None:
    assert COUNTRY.answered_by(text, english)


@pytest.mark.parametrize("text", ["Why?", "¿Por qué?", "Who are you?", "Where is Guatemala?"])
def test_a_question_is_no_country(text: str, english: Reading) -> None:
    assert not COUNTRY.answered_by(text, english)


def test_country_that_was_suggested_can_be_chosen_by_number_code_and_name(script: Script) -> None:
    suggested = Reading(script.locales["en"], script.gazetteer, script.typeface, offered=("CG", "CD"))
    for typed in ("2", "cd", "Congo - Kinshasa"):
        assert COUNTRY.understand(typed, suggested) == Taken("CD")
    assert COUNTRY.understand("Austria", suggested) == Taken("AT")


def test_no_to_a_suggestion_is_not_norway(script: Script) -> None:
    suggested = Reading(script.locales["en"], script.gazetteer, script.typeface, offered=("NO", "CD"))
    for typed in ("no", "None of these", "none", "3"):
        assert COUNTRY.understand(typed, suggested) is Refusal.NONE_OF_THESE
    assert COUNTRY.understand("Norway", suggested) == Taken("NO")
    assert COUNTRY.understand("1", suggested) == Taken("NO")


@pytest.mark.parametrize(
    ("typed", "refusal", "fault"),
    [
        ("Ana " + "x" * 90, Refusal.TOO_LONG, Fault(length=94, limit=80)),
        ("Ana  <b>", Refusal.SYMBOLS, Fault(part="< >", length=7, limit=80)),
        ("Ana www.example.org", Refusal.LINK, Fault(part="www.example.org", length=19, limit=80)),
        ("Lucía 🌸🌸", Refusal.UNPRINTABLE, Fault(part="🌸", length=8, limit=80)),
        (
            "𓂀" + "\N{LATIN SMALL LETTER A}" * 3 + "🌸",
            Refusal.UNPRINTABLE,
            Fault(part="𓂀🌸", length=5, limit=80),
        ),
        ("123", Refusal.NO_LETTERS, Fault(length=3, limit=80)),
    ],
)
def test_what_about_a_name_is_refused(typed: str, refusal: Refusal, fault: Fault, english: Reading) -> None:
    assert Name().understand(typed, english) is refusal
    assert Name().fault(typed, refusal, english) == fault


def test_of_many_signs_that_cannot_be_printed_a_few_are_shown(english: Reading) -> None:
    many = "".join(chr(0x13000 + each) for each in range(60))
    assert len(Name().fault("Ana " + many, Refusal.UNPRINTABLE, english).part) == 20
