"""Forms for issues and pull requests: they are what GitHub reads. What nobody has filled in is listed."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MISSING = "[to be filled in"
FOLDER = ROOT / ".github" / "ISSUE_TEMPLATE"
FORMS = [each for each in sorted(FOLDER.glob("*.yml")) if each.stem != "config"]
ASKS = {"input", "textarea", "dropdown", "checkboxes"}
# https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema
MAY_SAY = {
    "markdown": {"value"},
    "input": {"label", "description", "placeholder", "value"},
    "textarea": {"label", "description", "placeholder", "value", "render"},
    "dropdown": {"label", "description", "options", "multiple", "default"},
    "checkboxes": {"label", "description", "options"},
}


def read(form: Path) -> dict[str, Any]:  # Any: YAML
    found = yaml.safe_load(form.read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_there_is_a_form_for_a_bug_a_case_and_a_translation_and_no_blank_issue() -> None:
    assert {each.stem for each in FORMS} == {"bug", "case", "translation"}
    config = read(FOLDER / "config.yml")
    assert config["blank_issues_enabled"] is False
    (weakness,) = config["contact_links"]
    assert weakness.keys() == {"name", "url", "about"}
    assert weakness["url"].endswith("/security/policy")


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_a_form_is_one_that_github_takes(form: Path) -> None:
    said = read(form)
    assert said.keys() == {"name", "description", "labels", "body"}
    asked = [part for part in said["body"] if part["type"] in ASKS]
    ids, labels = [part["id"] for part in asked], [part["attributes"]["label"] for part in asked]
    assert len(set(ids)) == len(ids) and len(set(labels)) == len(labels)
    assert all(re.fullmatch(r"[a-zA-Z0-9_-]+", each) for each in ids)
    for part in said["body"]:
        assert part.keys() <= {"type", "id", "attributes", "validations"}
        assert part["attributes"].keys() <= MAY_SAY[part["type"]]
        options = part["attributes"].get("options", [])
        texts = [each["label"] for each in options] if part["type"] == "checkboxes" else options
        assert all(isinstance(each, str) for each in texts)
        assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_who_fills_in_a_form_where_people_could_be_named_reads_that_everybody_can_read_it(form: Path) -> None:
    first = read(form)["body"][0]
    assert first["type"] == "markdown"
    assert "Everybody can read this" in first["attributes"]["value"] or form.stem == "translation"


def test_files_that_are_named_in_forms_are_there() -> None:
    texts = [each.read_text("utf-8") for each in (*FORMS, ROOT / ".github" / "pull_request_template.md")]
    named = {found for text in texts for found in re.findall(r"[\w/]*[\w-]+\.(?:md|py)\b", text)}
    assert "SECURITY.md" in named
    assert [each for each in named if not (ROOT / each).exists()] == []


def test_what_the_owner_has_to_fill_in_is_listed_in_one_place() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    section = page.partition("\n## To be filled in\n")[2].partition("\n## ")[0]
    listed = set(re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE))
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    pages += [each for each in (ROOT / ".github").rglob("*") if each.is_file()]
    open_ones = {str(each.relative_to(ROOT)) for each in pages if MISSING in each.read_text("utf-8")}
    assert open_ones == listed and listed
