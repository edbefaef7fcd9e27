"""`assistant languages`: which are spoken, and what a translation lacks."""

import json
from pathlib import Path

import pytest

from tests.support.case_folders import NEW_FORM, write_case
from tests.support.processes.installation import CASE, Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation(tmp_path)


def test_languages_are_listed_with_their_cases(installation: Installation) -> None:
    listed = installation.json("languages", "list")
    assert [each["language"] for each in listed][:1] == ["en"]
    assert {"language": "es", "name": "Spanish", "cases": [CASE]} in listed
    assert f"es  Spanish: {CASE}\n" in installation.call("languages", "list").out


def test_a_language_that_is_whole_lacks_nothing(installation: Installation) -> None:
    whole = installation.call("languages", "check", "spanish")
    assert (whole.code, whole.err) == (0, "")
    assert "sentences are translated.\nNothing is missing.\n" in whole.out


def test_a_language_that_is_not_there_yet_lacks_all_of_it(installation: Installation) -> None:
    begun = installation.call("languages", "check", "pt-BR")
    assert begun.code == 1
    assert begun.out.startswith("Portuguese (Brazil) (pt-BR): 0 of ")
    assert "more: --all lists them" in begun.out
    assert f"{CASE} cannot be read in pt-BR: add it to languages in its case.toml" in begun.out
    assert "assistant/content/words/pt-BR.toml" in begun.out
    found = json.loads(installation.call("languages", "check", "pt-BR", "--json").out)
    assert len(found["sentences"]) == found["sentences_in_all"] > 1_000


def test_a_case_whose_translation_is_of_another_text_is_told(
    installation: Installation, tmp_path: Path
) -> None:
    cases = tmp_path / "cases"
    folder = write_case(cases / "sami", {name: text.replace(".ar", ".es") for name, text in NEW_FORM.items()})
    for file in folder.rglob("*.ar.*"):
        file.rename(file.with_name(file.name.replace(".ar.", ".es.")))
    for file in folder.rglob("*.*"):
        file.write_text(
            file.read_text("utf-8").replace("ar = ", "es = ").replace('"ar"', '"es"').replace(";ar", ";es"),
            "utf-8",
        )
    installation.env["ASSISTANT_CASES_DIR"] = str(cases)
    assert installation.call("languages", "check", "es").out.endswith("sami/faq.es.md\n")
    assert installation.call("cases", "translated", "sami", "--yes").code == 0
    (folder / "briefing.en.md").write_text("Sami Example is free.\n", "utf-8")
    told = installation.call("languages", "check", "es")
    assert told.code == 1
    assert "sami/briefing.es.md: briefing.en.md has changed\n" in told.out


@pytest.mark.parametrize("language", ["en", "Klingonese"])
def test_what_is_no_language_to_translate_into_is_refused(installation: Installation, language: str) -> None:
    refused = installation.call("languages", "check", language)
    assert refused.code == 2 and "is translated into" in refused.err
