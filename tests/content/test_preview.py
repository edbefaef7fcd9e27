"""All that people read of a case, on one page that needs nothing else, and on paper."""

import re
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest

from assistant.content.cases import Checked
from assistant.content.preview import letters_pdf, pages, samples
from assistant.content.preview_page import page
from assistant.domain.cases import Case
from tests.support.case_folders import NEW_FORM, OLD_FORM, check_case, serious, write_case
from tests.support.pdf_contents import text

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
VOID = {"meta", "br", "img", "link", "input", "hr"}


class Elements(HTMLParser):
    """What stands on a page. Raises where a tag is closed that was not open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._open:
            self.said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.said))


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    return check_case(write_case(tmp_path_factory.mktemp("cases") / "sami-example", NEW_FORM))


@pytest.fixture(scope="module")
def case(checked: Checked) -> Case:
    assert checked.case is not None, serious(checked)
    return checked.case


@pytest.fixture(scope="module")
def html(checked: Checked) -> str:
    return page(checked, NOW)


def test_the_page_shows_everything_that_people_read(html: str) -> None:
    shown = Elements(html).text
    for said in (
        *("Sami <Example> & Co", "سامي مريض.", "Sami Example is ill. More"),
        *("Let a doctor see him & soon", "دعوا طبيبا يراه", "He needs a doctor.", "يحتاج إلى طبيب."),
        *("Letters are written until 2098-12; 5,000 letters are wanted.", "Day for Sami", "يوم سامي"),
        "Action day 2098-05-05, from 10:00 on at the office",
        *(
            "Sami <Example> is ill & alone.",
            "Please ask about Sami.",
            "The embassies know, too.",
            "Ana Example",
        ),
        *("the Minister <of> Health", "وزير الصحة", "Cairo, Egypt", "people in Chile, Peru", "everybody"),
        "people in all other countries",
        "Mon, Tue, Wed, Thu, Sun, 09:00 to 17:00 (Africa/Cairo); letters wait on weekends and public",
        *("Thu 2026-12-24", "post:Street 1;Cairo, else tray", "Arabic · this one is sent"),
        *("I wrote for Sami <Example> & Co.", "كتبت من أجل سامي.", "https://example.org/sami?a=1&b=2"),
        *("Update 2026-02-doctor", "A doctor came <today>.", "جاء طبيب.", "free & well", "Not yet."),
        "as it is sent to embassy-chile; 1 more get it with their own salutation",
    ):
        assert said in shown, said


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(html: str) -> None:
    elements = Elements(html)
    tags = [tag for tag, _ in elements.tags]
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert not {"script", "link", "iframe", "object", "form", "base"} & set(tags)
    for tag, attributes in elements.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("src") or "data:image/svg+xml;base64,").startswith(
            "data:image/svg+xml;base64,"
        )
        assert "href" not in attributes or tag == "a"
    [policy] = [found["content"] for _, found in elements.tags if found.get("http-equiv")]
    assert policy is not None and policy.startswith("default-src 'none'; ")
    assert "url(" not in html and "@import" not in html


def test_each_language_has_its_direction(html: str) -> None:
    directions = {
        (found["lang"], found["dir"])
        for tag, found in Elements(html).tags
        if tag != "html" and "lang" in found
    }
    assert directions == {("en", "ltr"), ("ar", "rtl")}


def test_languages_stand_in_the_order_of_the_case(html: str) -> None:
    beside = re.findall(r'<div class="columns">(.*?)</section>', html, re.DOTALL)
    orders = {tuple(re.findall(r'<div class="text[^"]*" lang="(\w+)"', each)) for each in beside}
    assert orders == {("en", "ar"), ("en",)}


def test_each_text_of_a_letter_is_there_once_with_its_printed_page(html: str, case: Case) -> None:
    pictures = [found for tag, found in Elements(html).tags if tag == "img"]
    assert len(pictures) == 3  # to the minister; to both embassies; the embassies' action to the minister
    found = [sample for action in case.actions.values() for sample in samples(action)]
    assert [[each.slug for each in sample.targets] for sample in found] == [
        ["embassy-chile", "embassy-others"],
        ["minister"],
        ["minister"],
    ]
    assert [sample.draft.country for sample in found] == ["CL", "FI", "FI"]


def test_every_office_is_seen_with_its_salutation(html: str, case: Case) -> None:
    shown = Elements(html).text
    assert "السيد السفير،" in shown and "السيدة السفيرة،" in shown
    texts = dict(pages(case))
    assert texts["How it greets each of them (ar)"].splitlines() == [
        "embassy-chile: السيد السفير، / السفارة في تشيلي",
        "embassy-others: السيدة السفيرة، / السفارة في لندن",
    ]


def test_questions_are_seen_as_they_were_put(html: str, case: Case) -> None:
    assert "Is he free?" in Elements(html).text
    assert dict(pages(case))["Questions (en)"] == "Is he free? (free & well)\nNot yet."


def test_the_pdf_has_a_page_for_each_office(case: Case) -> None:
    from io import BytesIO

    from pypdf import PdfReader

    pdf = letters_pdf(case, NOW)
    assert len(PdfReader(BytesIO(pdf)).pages) == 4
    shown = text(pdf)
    assert "The embassies know, too." in shown and "Sami <Example> is ill & alone." in shown


def test_the_texts_name_the_action_and_who_gets_them(case: Case) -> None:
    headings = [heading for heading, _ in pages(case)]
    assert "Letter, embassies to embassy-chile, embassy-others (ar, as it is sent)" in headings
    assert "Letter, embassies to minister (en, as it is sent)" in headings
    assert "Briefing, first (ar)" in headings


def test_a_case_of_the_old_form_has_its_page_too(tmp_path: Path) -> None:
    shown = Elements(page(check_case(write_case(tmp_path / "leyla-aydin", OLD_FORM)), NOW)).text
    for said in (
        "tells what the letters did; letters written before are not true any more",
        "Señora Ministra:",
    ):
        assert said in shown


def test_a_case_with_mistakes_has_no_page(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no case"):
        page(check_case(write_case(tmp_path / "leyla-aydin", {"case.toml": "x"})), NOW)
