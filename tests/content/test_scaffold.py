"""A case that was begun with a few answers: it can be checked, seen and written on at once."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.content import scaffold_answers as answers
from assistant.content.folder_writer import write_folder
from assistant.content.preview import pages
from assistant.content.scaffold import ACTION, NewCase, case_files, phrase
from assistant.domain.cases import Case
from tests.support.case_folders import check_case, serious

AMINA = NewCase(
    person="Amina Diallo",
    languages=("en", "es"),
    country="GT",
    timezone="America/Guatemala",
    opens="08:00",
    closes="16:00",
    workdays=(1, 2, 3, 4, 5),
    language="es",
    office={"en": "the Attorney General", "es": "la Fiscal General"},
    place={"en": "Guatemala City", "es": "Ciudad de Guatemala"},
    asks={"en": "to free her", "es": "que la ponga en libertad"},
)


def written(new: NewCase, folder: Path) -> Case:
    write_folder(folder, case_files(new))
    checked = check_case(folder)
    assert checked.case is not None, serious(checked)
    assert not checked.has_old_form
    return checked.case


def test_the_texts_hold_what_was_answered_and_claim_nothing_else(tmp_path: Path) -> None:
    shown = dict(pages(written(AMINA, tmp_path / "amina-diallo")))
    assert shown["Letter (en)"] == (
        "Dear Sir or Madam,\n\nI am writing about Amina Diallo.\n\nI respectfully ask you to free her.\n\n"
        "This is where the sentence of a supporter stands.\n\nYours faithfully,\n\nAna Example\nFinland"
    )
    assert "Le pido respetuosamente que la ponga en libertad." in shown["Letter (es, as it is sent)"]
    assert shown["Briefing (en)"] == (
        "We are writing letters for Amina Diallo.\n\n"
        "The letters go to the Attorney General in Guatemala City, Guatemala. "
        "They ask the office to free her."
    )
    assert shown["Briefing (es)"].endswith("Piden que la ponga en libertad.")
    assert shown["To pass on (en)"] == "I wrote a letter for Amina Diallo. You can write one, too."
    assert shown["Subjects of emails"] == "Amina Diallo"


def test_days_that_were_answered_are_those_of_the_action(tmp_path: Path) -> None:
    days = replace(AMINA, from_day="2027-01", until_day="2027-12-31", action_day="2027-01-25")
    action = written(days, tmp_path / "amina-diallo").actions[ACTION]
    assert (str(action.opens), str(action.closes)) == ("2027-01", "2027-12-31")
    [day] = action.action_days
    assert (str(day.date), day.title.texts["es"]) == ("2027-01-25", "Día de acción, 25 de enero de 2027")
    without = written(AMINA, tmp_path / "without").actions[ACTION]
    assert (without.opens, without.closes, without.action_days) == (None, None, ())


@pytest.mark.parametrize(
    ("languages", "language", "person", "asks"),
    [
        (("en",), "fr", "Amina Diallo", "Je vous prie de la libérer."),
        (("fr", "pt-BR"), "ar", "أمينة ديالو", "أرجو الإفراج عنها."),
        (("es-MX", "zh-Hant"), "ja", "アミナ", "彼女を釈放してください。"),
    ],
)
def test_a_language_without_drafts_of_ours_gets_the_answers(
    tmp_path: Path, languages: tuple[str, ...], language: str, person: str, asks: str
) -> None:
    every = (*languages, language)
    asked = {each: asks if phrase(each, "asks_after") is None else AMINA.asks[each[:2]] for each in every}
    new = replace(
        AMINA,
        person=person,
        languages=languages,
        language=language,
        office=dict.fromkeys(every, "Office"),
        place=dict.fromkeys(every, "Place"),
        asks=asked,
        salutation={each: "Bonjour," for each in every if phrase(each, "salutation") is None},
        action_day="2027-01-25",
    )
    case = written(new, tmp_path / "amina-diallo")
    [action] = case.actions.values()
    text = action.draft(action.main, name="Ana", country="FI", personal_line=None).text
    assert text.startswith("Bonjour,\n") and person in text and asks in text and "{" not in text


def test_a_letter_without_a_salutation_is_not_good(tmp_path: Path) -> None:
    french = {"en": "Office", "fr": "Office"}
    new = replace(AMINA, languages=("en",), language="fr", office=french, place=french, asks=french)
    write_folder(tmp_path / "amina-diallo", case_files(new))
    [wrong] = serious(check_case(tmp_path / "amina-diallo"))
    assert wrong.endswith("letter.fr.txt: {{ salutation }} stands in it, but office has no salutation.fr")


@pytest.mark.parametrize(
    "answer", ["A *bold* [link](https://x.org) _ `c` <b> & #1", 'Say "yes" \\n $person', "-"]
)
def test_what_means_something_in_a_file_is_read_as_it_was_answered(tmp_path: Path, answer: str) -> None:
    new = replace(
        AMINA,
        person=answer,
        office=dict.fromkeys(("en", "es"), answer),
        place=dict.fromkeys(("en", "es"), answer),
    )
    case = written(new, tmp_path / "amina-diallo")
    assert case.person == answer
    assert case.main.said("office", "en") == answer
    assert dict(pages(case))["Briefing (en)"].startswith(f"We are writing letters for {answer}.")


def _taken(read: answers.Reader[str], least: str) -> st.SearchStrategy[str]:
    """Texts that a reader takes."""

    def accepts(text: str) -> bool:
        try:
            return bool(read(text))
        except ValueError:
            return False

    return (
        st.text(st.characters(codec="utf-8"), max_size=60)
        .map(lambda text: f"{least}{text}".strip())
        .filter(accepts)
    )


@pytest.mark.chance
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    person=_taken(answers.line(60), "P"),
    office=_taken(answers.line(60), "O"),
    asks=_taken(answers.asks("en", 150), "to a"),
)
def test_whatever_is_taken_as_an_answer_gives_a_folder_that_can_be_used(
    tmp_path_factory: pytest.TempPathFactory, person: str, office: str, asks: str
) -> None:
    new = replace(
        AMINA,
        person=person,
        languages=("en",),
        language="en",
        office={"en": office},
        place={"en": office},
        asks={"en": answers.asks("en", 150)(asks)},
    )
    case = written(new, tmp_path_factory.mktemp("case") / "amina-diallo")
    assert case.person == person
