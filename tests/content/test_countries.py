from collections.abc import Iterator

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from assistant.content.countries import SUGGESTED, Countries, time_zones
from assistant.domain.ports import Found

LANGUAGES = ["en", "es", "ar", "fr", "de", "ru", "zh", "hi", "th", "am", "ka", "sw", "pt", "tr", "fa"]
ONE_NAME_FOR_TWO = {("es", "CG")}  # In Spanish CLDR calls only one of them Congo; people call both so.
NOTHING = Found()

COUNTRIES = Countries()  # reads all names once


def names_in(language: str) -> dict[str, str]:
    """The countries' codes and names in CLDR."""
    territories = Locale.parse(language).territories
    return {str(code): str(name) for code, name in territories.items() if COUNTRIES.knows(str(code))}


def slips(name: str) -> Iterator[str]:
    """The name with one letter dropped, doubled, or in its neighbour's place."""
    for at, letter in enumerate(name):
        yield name[:at] + name[at + 1 :]
        yield name[:at] + letter + name[at:]
        yield name[:at] + name[at + 1 : at + 2] + letter + name[at + 2 :]


def surely(text: str, language: str = "en") -> str | None:
    """The code that is found without a doubt."""
    found = COUNTRIES.find(text, language)
    return found.codes[0] if found.sure else None


@pytest.mark.parametrize("reader", ["en", "es"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Guatemala", "GT"),
        ("Germany", "DE"),
        ("Alemania", "DE"),
        ("Allemagne", "DE"),
        ("Deutschland", "DE"),
        ("ألمانيا", "DE"),
        ("المانيا", "DE"),
        ("Германия", "DE"),
        ("グアテマラ", "GT"),
        ("საქართველო", "GE"),
        ("भारत", "IN"),
        ("中国", "CN"),
        ("España", "ES"),
        ("Ivory Coast", "CI"),
        ("Côte d’Ivoire", "CI"),
        ("Holanda", "NL"),
        ("Inglaterra", "GB"),
        ("Niger", "NE"),
        ("Nigeria", "NG"),
    ],
)
def test_a_country_is_known_by_its_name_in_any_language(text: str, code: str, reader: str) -> None:
    assert COUNTRIES.find(text, reader) == Found((code,), sure=True)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("espana", "ES"),
        ("MEXICO", "MX"),
        ("  guatemala!! ", "GT"),
        ("cote divoire", "CI"),
        ("The Gambia", "GM"),
        ("Trinidad & Tobago", "TT"),
        ("Guinea-Bissau", "GW"),
        ("guinea bissau", "GW"),
        ("Peru\u0301", "PE"),
        ("ＣＨＩＬＥ", "CL"),
    ],
)
def test_accents_capitals_and_punctuation_do_not_matter(text: str, code: str) -> None:
    assert surely(text) == code


@pytest.mark.parametrize("reader", ["en", "es"])
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DE", "DE"),
        ("GT", "GT"),
        ("UK", "GB"),
        ("uk", "GB"),
        ("USA", "US"),
        ("EE.UU.", "US"),
        ("ee uu", "US"),
        ("EEUU", "US"),
    ],
)
def test_a_country_is_known_by_its_short_form(text: str, code: str, reader: str) -> None:
    assert COUNTRIES.find(text, reader) == Found((code,), sure=True)


@pytest.mark.parametrize("text", ["de", "De", "no", "is", "me", "us"])
def test_a_code_in_small_letters_is_a_word_first_and_only_suggests_a_country(text: str) -> None:
    assert COUNTRIES.find(text, "es") == Found((text.upper(),), sure=False)


@pytest.mark.parametrize("text", ["NO", "SI", "NA"])
def test_an_answer_in_capitals_only_suggests_a_country(text: str) -> None:
    assert COUNTRIES.find(text, "es") == Found((text,), sure=False)


@pytest.mark.parametrize("text", ["man", "laws", "male", "end", "nga"])
def test_a_short_word_that_is_a_country_far_away_is_not_taken_for_it(text: str) -> None:
    assert surely(text) is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("🇬🇹", "GT"),
        ("🇩🇪", "DE"),
        (" 🇺🇸\ufe0f ", "US"),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "GB"),  # England
        ("🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", "GB"),  # Scotland
    ],
)
def test_a_country_is_known_by_its_flag(text: str, code: str) -> None:
    assert COUNTRIES.find(text, "en") == Found((code,), sure=True)


@pytest.mark.parametrize("text", ["🇪🇺", "🇽🇽", "🏴", "🏴‍☠️", "🇬"])
def test_a_flag_of_no_country_is_nothing(text: str) -> None:
    assert COUNTRIES.find(text, "en") == NOTHING


@pytest.mark.parametrize(
    ("text", "code", "reader"),
    [
        ("Gutemala", "GT", "es"),
        ("Guatamala", "GT", "es"),
        ("Gutemala", "GT", "en"),
        ("Guatamala", "GT", "en"),
        ("Brasl", "BR", "es"),
        ("Brzil", "BR", "en"),
        ("Germny", "DE", "en"),
        ("Alemana", "DE", "es"),
        ("Columbia", "CO", "en"),
        ("Equador", "EC", "es"),
        ("Phillipines", "PH", "en"),
        ("Untied States", "US", "en"),
        ("Venezula", "VE", "es"),
        ("Nicaragau", "NI", "es"),
        ("Deutschlnad", "DE", "en"),
    ],
)
def test_a_typing_mistake_is_understood_when_nothing_else_is_near(text: str, code: str, reader: str) -> None:
    assert surely(text, reader) == code


@pytest.mark.parametrize("reader", ["en", "es"])
@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("Austrlia", {"AU", "AT"}),
        ("Nigera", {"NE", "NG"}),
        ("Kongo", {"CD", "CG"}),
        ("congo", {"CD", "CG"}),
        ("Korea", {"KP", "KR"}),
        ("Iral", {"IR", "IQ", "IL"}),
        ("Kata", {"QA", "TD"}),
    ],
)
def test_what_may_be_two_countries_is_asked_about(text: str, codes: set[str], reader: str) -> None:
    found = COUNTRIES.find(text, reader)
    assert not found.sure
    assert codes <= set(found.codes)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I live in Germany", "DE"),
        ("vivo en Guatemala, en la capital", "GT"),
        ("Soy de España", "ES"),
        ("Jag bor i Peru", "PE"),
    ],
)
def test_a_country_mentioned_in_a_sentence_is_only_suggested(text: str, code: str) -> None:
    assert COUNTRIES.find(text, "es") == Found((code,), sure=False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "?",
        "....",
        "12345",
        "🙂🙂🙂",
        "½½½½",
        "asdfghjkl",
        "xyzzy",
        "lorem ipsum",
        "\u200d",
        "ab\ud800",
    ],
    ids=ascii,
)
def test_nonsense_is_no_country(text: str) -> None:
    assert COUNTRIES.find(text, "en") == NOTHING


@pytest.mark.parametrize("text", ["x" * 10_000, "Guatemala " * 1_000, "🇬🇹" * 5_000])
def test_a_long_text_is_no_country(text: str) -> None:
    assert COUNTRIES.find(text, "en") == NOTHING


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_is_found_by_its_own_name_in_its_readers_language(language: str) -> None:
    for code, name in names_in(language).items():
        found = COUNTRIES.find(name, language)
        assert found.codes[0] == code, name
        assert found.sure == ((language, code) not in ONE_NAME_FOR_TWO), name


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_leads_a_reader_of_english_to_its_country_before_any_other(language: str) -> None:
    for code, name in names_in(language).items():
        found = COUNTRIES.find(name, "en")
        assert code in found.codes, name
        assert not found.sure or found.codes == (code,), name


@pytest.mark.parametrize(
    "language", ["en", "es", *(pytest.param(each, marks=pytest.mark.long) for each in ("ar", "ka", "pt"))]
)
def test_one_slip_in_a_name_never_silently_makes_another_country(language: str) -> None:
    names = names_in(language)
    for code, name in names.items():
        for slip in slips(name):
            if slip not in names.values():  # in Arabic Guyana without its second letter is Ghana, exactly
                assert surely(slip, language) in (code, None), (name, slip)


@given(st.data(), st.sampled_from(["en", "es"]))
def test_one_wrong_letter_in_a_name_never_silently_makes_another_country(
    data: st.DataObject, language: str
) -> None:
    names = {code: name for code, name in names_in(language).items() if len(name) > 5}
    code = data.draw(st.sampled_from(sorted(names)))
    at = data.draw(st.integers(0, len(names[code]) - 1))
    width = data.draw(st.integers(0, 1))  # one letter more, or another in its place
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    wrong = names[code][:at] + letter + names[code][at + width :]
    if wrong.title() not in names.values():  # Ireland is one letter from Iceland, Gambia from Zambia
        assert surely(wrong, language) in (code, None), (names[code], wrong)


def test_what_is_offered_is_the_same_in_every_process() -> None:
    assert COUNTRIES.find("Iral", "en").codes == ("IL", "IQ", "IR")
    assert COUNTRIES.find("Korea", "en").codes == ("KR", "KP")


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=())),  # with lone surrogates
        st.text("aeiounrlGC -\u0301\u200d\ud800"),
        st.text("\U0001f1ec\U0001f1f9\U0001f3f4\U000e0067\U000e0062\ufe0f"),
    ),
    st.sampled_from(LANGUAGES),
)
def test_any_text_is_answered_with_a_few_countries_that_are_known(text: str, language: str) -> None:
    found = COUNTRIES.find(text, language)
    assert all(COUNTRIES.knows(code) for code in found.codes)
    assert len(set(found.codes)) == len(found.codes) <= SUGGESTED
    assert found.codes or not found.sure


def test_a_group_of_countries_or_a_test_code_is_no_country() -> None:
    assert not any(COUNTRIES.knows(code) for code in ("EU", "UN", "ZZ", "XA", "419", "001", "", "de"))


def test_every_country_that_is_accepted_has_a_time_zone() -> None:
    accepted = {code for language in LANGUAGES for code in names_in(language)}
    assert len(accepted) > 240
    assert [code for code in sorted(accepted) if not time_zones(code)] == []
