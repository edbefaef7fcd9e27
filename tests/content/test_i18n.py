"""Languages: what is said in which, and how dates and countries are written."""

from collections.abc import Mapping

import pytest
from markupsafe import Markup

from assistant.content.i18n import load_tongues
from assistant.dialogue.script import Script
from assistant.domain.model import CaseDate
from assistant.domain.speech import LanguageName, OwnLanguageName, Sentence, Tongue, Written


@pytest.fixture(scope="module")
def tongues() -> Mapping[str, Tongue]:
    return load_tongues()


def test_english_comes_first_and_spanish_is_there(tongues: Mapping[str, Tongue]) -> None:
    assert next(iter(tongues)) == "en"
    assert "es" in tongues


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
    found = script.tongue(hint)
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
    tongues: Mapping[str, Tongue], date: CaseDate, english: str, spanish: str
) -> None:
    assert date.render(tongues["en"]) == english
    assert date.render(tongues["es"]) == spanish


def test_countries_are_named_in_the_readers_language(tongues: Mapping[str, Tongue]) -> None:
    assert (tongues["en"].country("DE"), tongues["es"].country("DE")) == ("Germany", "Alemania")
    assert tongues["es"].country("QX") == "QX"


def test_a_language_is_named_as_its_speakers_do(tongues: Mapping[str, Tongue]) -> None:
    assert OwnLanguageName("es").render(tongues["en"]) == "Español"
    assert OwnLanguageName("xx").render(tongues["en"]) == "xx"


def test_or_in_the_language_of_the_reader(tongues: Mapping[str, Tongue]) -> None:
    assert LanguageName("es").render(tongues["en"]) == "Spanish"
    assert LanguageName("en").render(tongues["es"]) == "inglés"


def test_a_text_is_read_in_the_first_language_it_has(tongues: Mapping[str, Tongue]) -> None:
    both = Written({"fr": Markup("fr"), "en": Markup("en"), "es": Markup("es")})
    assert (both.render(tongues["es"]), both.render(tongues["en"])) == ("es", "en")
    assert Written({"fr": Markup("fr"), "en": Markup("en")}).render(tongues["es"]) == "en"
    assert Written({"fr": Markup("fr")}).render(tongues["es"]) == "fr"
    assert Written({}).render(tongues["es"]) == ""


def test_a_sentence_without_a_translation_stays_english(tongues: Mapping[str, Tongue]) -> None:
    assert Sentence("Never translated.").render(tongues["es"]) == "Never translated."


def test_a_sentence_takes_the_plural_form_that_its_count_asks_for(tongues: Mapping[str, Tongue]) -> None:
    def sentence(count: int) -> Sentence:
        one, many = (
            "That is too long. At most {limit} character fits.",
            "That is too long. At most {limit} characters fit.",
        )
        return Sentence(one, {"limit": count}, many, count)

    assert "1 character fits" in sentence(1).render(tongues["en"])
    assert "300 characters fit" in sentence(300).render(tongues["en"])
    assert sentence(1).render(tongues["es"]) != sentence(2).render(tongues["es"])
    assert "300" in sentence(300).render(tongues["es"])


def test_a_value_in_a_sentence_is_escaped(tongues: Mapping[str, Tongue]) -> None:
    said = Sentence("<b>{title}</b>", {"title": "<i>& {title}"})
    assert said.render(tongues["es"]) == "<b>&lt;i&gt;&amp; {title}</b>"
