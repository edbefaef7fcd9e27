"""Letters as PDF: what people wrote is there as they wrote it, and never read as markup."""

import io
from datetime import UTC, datetime

import pytest
from pypdf import PdfReader

from assistant.content.documents import Documents
from assistant.dialogue.script import Script
from assistant.domain.errors import Failure
from assistant.domain.model import Case
from assistant.domain.names import LINE_MAX, NAME_MAX

WRITTEN = datetime(2012, 1, 23, 3, 0, tzinfo=UTC)  # the evening before in Guatemala


@pytest.fixture(scope="module")
def case(script: Script) -> Case:
    return script.cases["norma-cruz"]


def _pdf(case: Case, name: str, line: str | None) -> bytes:
    draft = case.draft(name=name, country="FI", line=line)
    return Documents().letter(draft.text, case.target, draft.language, WRITTEN)


def _read(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_a_letter_holds_its_text_name_line_office_and_date(case: Case) -> None:
    read = _read(_pdf(case, "Quillabamba Testperson", "My invented aunt grows turnips."))
    assert "Quillabamba Testperson" in read
    assert "My invented aunt grows turnips." in read
    assert "Finlandia" in read
    assert "La Fiscal General de la República" in read
    assert "22 de enero de 2012" in read
    assert "47 amenazas de muerte" in read


@pytest.mark.parametrize(
    "text",
    [
        "#strong[x]",
        "#panic() #sys.inputs.letter",
        "$ * _ @ <label> \\ `code` = + - / //",
        "*bold* _italic_ $x^2$ @reference",
        "</letter> {{ name }} {% if line %}",
        '"quoted" \\u{1F600} \\n',
        "= Heading",
        "- item",
    ],
)
def test_markup_of_typst_stays_what_was_typed(case: Case, text: str) -> None:
    read = _read(_pdf(case, f"Ana {text}", f"Line {text}"))
    assert f"Ana {text}" in read
    assert f"Line {text}" in read


@pytest.mark.parametrize("name", ["Ñandú Ünlü-Şahin", "Łucja Żółć", "Иван Выдуманный", "Ελένη Φανταστική"])
def test_names_in_other_alphabets_are_readable(case: Case, name: str) -> None:
    assert name in _read(_pdf(case, name, None))


def test_the_same_letter_gives_the_same_bytes(case: Case) -> None:
    assert _pdf(case, "Ana Invented", "A line.") == _pdf(case, "Ana Invented", "A line.")


def test_the_longest_letter_fits_on_one_page(case: Case) -> None:
    pdf = _pdf(case, ("Wmw " * NAME_MAX)[:NAME_MAX], ("Wmw " * LINE_MAX)[:LINE_MAX])
    assert len(PdfReader(io.BytesIO(pdf)).pages) == 1


def test_a_letter_without_a_line_has_no_gap_for_one(case: Case) -> None:
    assert "víctimas. Atentamente, Ana Invented" in _read(_pdf(case, "Ana Invented", None))


def test_the_document_is_made_for_screen_readers_and_names_nobody(case: Case) -> None:
    reader = PdfReader(io.BytesIO(_pdf(case, "Ana Invented", None)))
    assert reader.metadata is not None
    assert "Fiscal General" in str(reader.metadata.title)
    assert "Ana" not in str(reader.metadata)


def test_a_letter_of_two_pages_is_refused(script: Script) -> None:
    target = script.cases["norma-cruz"].target
    with pytest.raises(Failure, match="does not fit on one page"):
        Documents().letter("A paragraph.\n\n" * 80, target, "es", datetime(2012, 1, 20, 15, tzinfo=UTC))
