"""Languages: what is said in which, and how dates and countries are written."""

from collections.abc import Mapping

import pytest
from markupsafe import Markup

from assistant.content.i18n import load_locales
from assistant.dialogue.script import Script
from assistant.domain.texts import CaseDate, LanguageName, Locale, OwnLanguageName, Sentence, Written


@pytest.fixture(scope="module")
def locales() -> Mapping[str, Locale]:
    return load_locales()


def test_english_comes_first_and_spanish_is_there(locales: Mapping[str, Locale]) -> None:
    assert next(iter(locales)) == "en"
    assert "es" in locales


@pytest.mark.parametrize(
    ("hint", "language"),
    [
        ("es-MX", "es"),
        ("es_419", "es"),
        ("ES", "es"),
        ("en-GB", "en"),
        ("pt-BR", None),
        ("", None),
        (None, None),
        ("e", None),
        ("-", None),
        ("\u202ees", None),
    ],
)
def test_a_hint_leads_to_the_nearest_language_or_to_none(
    script: Script, hint: str | None, language: str | None
) -> None:
    found = script.locale(hint)
    assert (found.language if found else None) == language


@pytest.mark.parametrize(
    ("date", "english", "spanish"),
    [
        (CaseDate(2011), "2011", "2011"),
        (CaseDate(2011, 9), "September 2011", "septiembre de 2011"),
        (CaseDate(2012, 1, 23), "January 23, 2012", "23 de enero de 2012"),
    ],
)
def test_a_date_is_written_out_as_far_as_it_is_known(
    locales: Mapping[str, Locale], date: CaseDate, english: str, spanish: str
) -> None:
    assert date.render(locales["en"]) == english
    assert date.render(locales["es"]) == spanish


def test_countries_are_named_in_the_readers_language(locales: Mapping[str, Locale]) -> None:
    assert (locales["en"].country("DE"), locales["es"].country("DE")) == ("Germany", "Alemania")
    assert locales["es"].country("QX") == "QX"


def test_a_language_is_named_as_its_speakers_do(locales: Mapping[str, Locale]) -> None:
    assert OwnLanguageName("es").render(locales["en"]) == "Español"
    assert OwnLanguageName("xx").render(locales["en"]) == "xx"


def test_or_in_the_language_of_the_reader(locales: Mapping[str, Locale]) -> None:
    assert LanguageName("es").render(locales["en"]) == "Spanish"
    assert LanguageName("en").render(locales["es"]) == "inglés"


def test_a_text_is_read_in_the_first_language_it_has(locales: Mapping[str, Locale]) -> None:
    both = Written({"fr": Markup("fr"), "en": Markup("en"), "es": Markup("es")})
    assert (both.render(locales["es"]), both.render(locales["en"])) == ("es", "en")
    assert Written({"fr": Markup("fr"), "en": Markup("en")}).render(locales["es"]) == "en"
    assert Written({"fr": Markup("fr")}).render(locales["es"]) == "fr"
    assert Written({}).render(locales["es"]) == ""


def test_a_sentence_without_a_translation_stays_english(locales: Mapping[str, Locale]) -> None:
    assert Sentence("Never translated.").render(locales["es"]) == "Never translated."


def test_a_sentence_takes_the_plural_form_that_its_count_asks_for(locales: Mapping[str, Locale]) -> None:
    def sentence(count: int) -> Sentence:
        one, many = (
            "That has {length} character. Please write at most {limit}.",
            "That has {length} characters. Please write at most {limit}.",
        )
        return Sentence(one, {"length": count, "limit": 300}, many, count)

    assert "has 1 character." in sentence(1).render(locales["en"])
    assert "has 400 characters." in sentence(400).render(locales["en"])
    assert sentence(1).render(locales["es"]) != sentence(2).render(locales["es"])
    assert "400" in sentence(400).render(locales["es"])


def test_a_value_in_a_sentence_is_escaped(locales: Mapping[str, Locale]) -> None:
    said = Sentence("<b>{title}</b>", {"title": "<i>& {title}"})
    assert said.render(locales["es"]) == "<b>&lt;i&gt;&amp; {title}</b>"


@pytest.mark.parametrize("code", ["xx", "not a language", "", "\ud800"])
def test_a_language_that_nobody_knows_is_called_by_its_code(locales: Mapping[str, Locale], code: str) -> None:
    assert locales["es"].called(code) == code
