"""Letters as PDF: what people wrote is there as they wrote it, and never read as markup."""

import pickle
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from markupsafe import escape
from pypdf import PdfReader

from assistant.content.documents import Documents, TooLong
from assistant.content.letters import read_template
from assistant.content.pages import Page, contents
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.errors import Failure
from assistant.domain.targets import Target
from assistant.domain.texts import Written
from assistant.domain.validation import NAME_MAX, PERSONAL_LINE_MAX
from tests.support.invented_cases import draft_of, templates_of
from tests.support.pdf_contents import first_places, origins, text

WRITTEN = datetime(2012, 1, 23, 3, 0, tzinfo=UTC)  # the evening before in Guatemala
ADDRESS = ("Oficina Inventada", "Calle Inventada 1", "01001 CIUDAD INVENTADA", "GUATEMALA")
ARABIC = "السيدة المدعية العامة،\n\nأكتب إليكم (حقاً).\n\nAna Invented, Jr.\nفنلندا"


@pytest.fixture(scope="module")
def case(script: Script) -> Case:
    return script.cases["norma-cruz"]


def _page(case: Case, name: str = "Ana Invented", line: str | None = "A line.") -> Page:
    draft = draft_of(case, name=name, country="FI", personal_line=line)
    return Page(text=draft.text, target=case.main, language=draft.language, written=WRITTEN)


def _read(case: Case, name: str, line: str | None) -> str:
    return text(Documents().letter(_page(case, name, line)))


def _in(language: str, target: Target, office: str = "Office", place: str = "Place") -> Target:
    return replace(
        target, office=Written({language: escape(office)}), place=Written({language: escape(place)})
    )


def _said(lines: object) -> str:
    """The texts of all the runs in there."""
    if isinstance(lines, dict):
        return str(lines["text"]) if "text" in lines else _said(list(lines.values()))
    assert isinstance(lines, list)
    return "".join(map(_said, lines))


def test_a_letter_holds_its_text_name_line_office_and_date(case: Case) -> None:
    read = _read(case, "Quillabamba Testperson", "My invented aunt grows turnips.")
    assert "Quillabamba Testperson" in read
    assert "My invented aunt grows turnips." in read
    assert "Finlandia" in read
    assert "La Fiscal General de la República" in read
    assert "22 de enero de 2012" in read
    assert "47 amenazas de muerte" in read


@pytest.mark.parametrize(
    "markup",
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
def test_markup_of_typst_stays_what_was_typed(case: Case, markup: str) -> None:
    read = _read(case, f"Ana {markup}", f"Line {markup}")
    assert f"Ana {markup}" in read
    assert f"Line {markup}" in read


@pytest.mark.parametrize(
    "name",
    [
        "Ñandú Ünlü-Şahin",
        "Łucja Żółć",
        "Иван Выдуманный",
        "Ελένη Φανταστική",
        "Nguyễn Văn Đức",
        "王芳",
        "김민수",
    ],
)
def test_names_in_other_alphabets_are_readable(case: Case, name: str) -> None:
    assert name in _read(case, name, None)


def test_a_letter_is_never_printed_with_boxes(case: Case) -> None:
    with pytest.raises(Failure, match="No typeface of ours") as refused:
        Documents().letter(_page(case, "Ana 🐢"))
    assert refused.value.permanent
    assert "🐢" not in refused.value.reason


def test_the_same_letter_gives_the_same_bytes_whatever_was_printed_between(case: Case) -> None:
    documents = Documents()
    first = documents.letter(_page(case))
    documents.letter(_page(case, "王芳 محمد"))
    documents.batch([_page(case, "Another"), _page(case, "And another")])
    assert documents.letter(_page(case)) == first == Documents().letter(_page(case))


def test_the_same_letter_gives_the_same_bytes_in_another_process(case: Case) -> None:
    program = (
        "import sys, pickle; from assistant.content.documents import Documents; "
        "sys.stdout.buffer.write(Documents().letter(pickle.load(sys.stdin.buffer)))"
    )
    page = Page(
        text="Estimada señora:\n\nMe llamo 王芳 محمد.",
        target=_in("es", case.main),
        language="es",
        written=WRITTEN,
        address=ADDRESS,
    )
    other = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(page), capture_output=True)
    assert other.stdout == Documents().letter(page), other.stderr.decode()


def test_the_longest_letter_fits_on_one_page(case: Case) -> None:
    longest = _page(case, ("Wmw " * NAME_MAX)[:NAME_MAX], ("Wmw " * PERSONAL_LINE_MAX)[:PERSONAL_LINE_MAX])
    Documents().letter(longest)
    assert Documents().fits(templates_of(case)["es"], case.main, "es")


def test_a_long_letter_is_set_smaller_and_stays_on_one_page(case: Case) -> None:
    def line_height(paragraphs: int) -> float:
        said = "\n\n".join(f"Paragraph {number}." for number in range(paragraphs))
        pdf = Documents().letter(Page(text=said, target=case.main, language="es", written=WRITTEN))
        (second,), (third,) = first_places(pdf, "Paragraph 1."), first_places(pdf, "Paragraph 2.")
        return third[1] - second[1]

    assert line_height(24) < line_height(3)


def test_a_letter_without_a_line_has_no_gap_for_one(case: Case) -> None:
    assert "víctimas. Atentamente, Ana Invented" in _read(case, "Ana Invented", None)


def test_the_document_is_made_for_screen_readers_and_names_nobody(case: Case, tmp_path: Path) -> None:
    file = tmp_path / "letter.pdf"
    file.write_bytes(Documents().letter(_page(case)))
    reader = PdfReader(file)
    assert reader.metadata is not None
    assert "Fiscal General" in str(reader.metadata.title)
    assert "Ana" not in str(reader.metadata)
    assert "/StructTreeRoot" in reader.root_object
    reader.close()


def test_a_letter_of_two_pages_is_refused_for_good(case: Case) -> None:
    with pytest.raises(TooLong, match="does not fit on one page") as refused:
        Documents().letter(
            Page(text="A paragraph.\n\n" * 80, target=case.main, language="es", written=WRITTEN)
        )
    assert refused.value.permanent


def test_a_case_whose_letter_may_not_fit_is_found_by_its_check(case: Case) -> None:
    template = read_template(
        "Señora:\n\n" + "Le escribo.\n\n" * 25 + "{{ line }}\n\n{{ name }}, {{ country }}", "es"
    )
    assert not Documents().fits(template, case.main, "es")


def test_a_case_whose_letter_cannot_be_drawn_is_found_by_its_check(case: Case) -> None:
    with pytest.raises(Failure, match="these characters of it: 🐢"):
        Documents().fits(read_template("🐢 {{ line }} {{ name }} {{ country }}", "es"), case.main, "es")


def test_the_address_shows_in_the_window_of_an_envelope(case: Case) -> None:
    pdf = Documents().letter(replace(_page(case), address=ADDRESS))
    ((left, first),), ((_, last),) = first_places(pdf, ADDRESS[0]), first_places(pdf, ADDRESS[-1])
    assert 24.9 < left < 25.1
    assert 62.7 < first < last < 62.7 + 27.3  # DIN 5008, form B
    assert "Fiscal General de la República" not in text(pdf)


def test_an_address_too_long_for_the_window_is_refused(case: Case) -> None:
    Documents().letter(replace(_page(case), address=("One", "Two", "Three", "Four", "Five")))
    with pytest.raises(Failure, match="window of an envelope"):
        Documents().letter(replace(_page(case), address=("A line",) * 9))


def test_letters_in_arabic_run_from_right_to_left(case: Case) -> None:
    target = _in("ar", case.main, "المدعية العامة", "مدينة غواتيمالا")
    pdf = Documents().letter(Page(text=ARABIC, target=target, language="ar", written=WRITTEN))
    ((date_at, _),) = first_places(pdf, "2012")
    assert date_at < 60
    posted = Documents().letter(
        Page(text=ARABIC, target=target, language="ar", written=WRITTEN, address=ADDRESS)
    )
    ((address_at, _),), ((date_at, _),) = first_places(posted, ADDRESS[0]), first_places(posted, "2012")
    assert address_at < 26  # the window is on the left all the same
    assert date_at > 150


def test_a_line_in_the_other_direction_keeps_its_full_stop(case: Case) -> None:
    target = _in("ar", case.main, "المدعية العامة", "مدينة غواتيمالا")
    assert "Ana Invented, Jr." in text(
        Documents().letter(Page(text=ARABIC, target=target, language="ar", written=WRITTEN))
    )
    spanish = contents(Page(text="عمتي (حقاً).", target=_in("es", case.main), language="es", written=WRITTEN))
    assert "\u2067عمتي (حقاً).\u2069" in _said(spanish["paragraphs"])


@pytest.mark.parametrize(
    ("language", "line", "begins"),
    [
        ("es", "أكتب إليكم عن Norma Cruz", 185),  # from the right, though it holds Latin words
        ("es", "(2012) أكتب Norma", 185),  # what has no direction does not decide
        ("es", "Norma Cruz أكتب", 25),
        ("ar", "Norma Cruz أكتب إليكم", 25),
        ("ar", "أكتب إليكم عن Norma Cruz", 185),
        ("ar", "2012", 185),
    ],
)
def test_a_paragraph_begins_where_its_first_letter_is_read_from(
    case: Case, language: str, line: str, begins: float
) -> None:
    page = Page(text=f"{line}\n\n{line}", target=_in(language, case.main), language=language, written=WRITTEN)
    drawn = origins(Documents().letter(page))[-len(line) * 3 // 2 :]  # without the address and the date
    assert (max(drawn) if begins > 100 else min(drawn)) == pytest.approx(begins, abs=5)


def test_a_name_in_the_other_direction_stays_with_the_lines_around_it(case: Case) -> None:
    shown = contents(
        Page(text="Hola:\n\nAna\nمحمد علي", target=_in("es", case.main), language="es", written=WRITTEN)
    )
    assert shown["directions"] == ["ltr", "ltr"]
    assert "\u2067محمد علي\u2069" in _said(shown["paragraphs"])


@pytest.mark.parametrize(
    ("language", "date"),
    [
        ("es", "22 de enero de 2012"),
        ("pt-BR", "22 de janeiro de 2012"),
        ("fa", "۲۲ ژانویهٔ ۲۰۱۲"),
        ("ar-EG", "٢٢ يناير ٢٠١٢"),
        ("mr", "२२ जानेवारी, २०१२"),
        ("zh-Hant", "2012年1月22日"),
        ("quc", "2012-01-22"),
    ],
)
def test_the_date_is_written_as_the_language_writes_it(case: Case, language: str, date: str) -> None:
    assert (
        _said(
            contents(Page(text="Text", target=_in(language, case.main), language=language, written=WRITTEN))[
                "date"
            ]
        )
        == date
    )
