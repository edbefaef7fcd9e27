"""Letters that are posted are printed together: one PDF, a page each."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from assistant.content import documents as printing
from assistant.content.documents import Documents, Unprintable
from assistant.content.pages import Page
from assistant.content.printer import Print, Printer
from assistant.dialogue.script import Script
from assistant.domain.cases import Case, Letterhead
from tests.support.invented_cases import draft_of
from tests.support.pdf_contents import boxes, first_places, page_texts

WRITTEN = datetime(2012, 1, 20, 15, tzinfo=UTC)
ADDRESS = ("Oficina Inventada", "Calle Inventada 1", "01001 CIUDAD INVENTADA", "GUATEMALA")
NAMES = ("Ana Invented", "Иван Выдуманный", "王芳", "Ελένη Φανταστική", "Ŝanĝo Elpensita")


@pytest.fixture(scope="module")
def case(script: Script) -> Case:
    return script.cases["norma-cruz"]


def _pages(case: Case, *names: str) -> list[Page]:
    drafts = [draft_of(case, name=name, country="FI", personal_line=None) for name in names]
    return [
        Page(text=draft.text, target=case.main, language=draft.language, written=WRITTEN, address=ADDRESS)
        for draft in drafts
    ]


def test_every_letter_has_a_page_in_order_with_its_address_in_the_window(case: Case) -> None:
    pdf = Documents().batch(_pages(case, *NAMES))
    pages = page_texts(pdf)
    assert [name in page for name, page in zip(NAMES, pages, strict=True)] == [True] * len(NAMES)
    places = first_places(pdf, ADDRESS[0])
    assert len(places) == len(NAMES)
    assert all(24.9 < left < 25.1 and 62.7 < top < 90 for left, top in places)
    assert boxes(pdf) == 0


def test_a_batch_of_many_parts_is_still_one_in_order(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "CHUNK", 2)
    pages = page_texts(Documents().batch(_pages(case, *NAMES)))
    assert [name in page for name, page in zip(NAMES, pages, strict=True)] == [True] * len(NAMES)


def test_the_same_batch_gives_the_same_bytes(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(printing, "CHUNK", 2)
    documents = Documents()
    first = documents.batch(_pages(case, *NAMES))
    documents.letter(_pages(case, "Somebody Else")[0])
    assert documents.batch(_pages(case, *NAMES)) == first == Documents().batch(_pages(case, *NAMES))


def test_a_long_letter_makes_only_itself_smaller(case: Case) -> None:
    long = replace(_pages(case, "Ana Invented")[0], text="\n\n".join(f"Words {n}." for n in range(25)))
    alone = Documents().batch(_pages(case, *NAMES))
    together = Documents().batch([*_pages(case, *NAMES), long])
    assert first_places(together, "En septiembre")[: len(NAMES)] == first_places(alone, "En septiembre")
    assert len(page_texts(together)) == len(NAMES) + 1


def test_cases_with_letterheads_of_their_own_go_into_the_same_batch(case: Case) -> None:
    own = Letterhead("invented-case/letterhead.typ", b"#set document(date: none)\nOur own form", {})
    first, second, third = _pages(case, "Ana Invented", "Somebody Else", "Third Person")
    pages = page_texts(Documents().batch([first, replace(second, letterhead=own), third]))
    assert ["Ana Invented" in pages[0], pages[1], "Third Person" in pages[2]] == [True, "Our own form", True]


@pytest.mark.parametrize(
    ("text", "why"), [("A paragraph.\n\n" * 80, "one page"), ("With 🐢 in it.", "typeface")]
)
def test_the_letter_that_cannot_be_printed_is_numbered(case: Case, text: str, why: str) -> None:
    first, second = _pages(case, "Ana Invented", "Somebody Else")
    with pytest.raises(Unprintable, match=f"Letter 2 of the batch: .*{why}") as refused:
        Documents().batch([first, replace(second, text=text)])
    assert refused.value.permanent
    assert refused.value.number == 2


async def test_the_printer_prints_letters_and_batches_on_the_letterhead_of_their_case(case: Case) -> None:
    printer = Printer({"norma-cruz": case})
    draft = draft_of(case, name="Ana Invented", country="FI", personal_line=None)
    try:
        one = await printer.pdf("norma-cruz", draft.target, "es", draft.text, WRITTEN)
        letter = Print(
            case="norma-cruz",
            target=draft.target,
            language="es",
            text=draft.text,
            written=WRITTEN,
            address=ADDRESS,
        )
        posted = await printer.batch([letter])
        many = await printer.batch([letter, letter])
    finally:
        printer.close()
    assert "GUATEMALA" not in page_texts(one)[0]
    assert page_texts(posted) * 2 == page_texts(many)
