"""Letterheads of cases: programs of anybody, which can read their folder and nothing else."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.content import letterhead_compiler
from assistant.content.documents import Documents, TooLong
from assistant.content.letterhead_compiler import KEPT, Broken
from assistant.content.pages import Page
from assistant.dialogue.script import Script
from assistant.domain.cases import Case, Letterhead
from assistant.domain.errors import Failure
from tests.support.invented_cases import draft_of, templates_of
from tests.support.pdf_contents import text

WRITTEN = datetime(2012, 1, 23, 3, 0, tzinfo=UTC)
OWN = """
#let letter = json(bytes(sys.inputs.letter))
#set text(font: letter.font, lang: letter.language, fallback: false)
#set document(title: letter.title, date: none)
#let show-line(line) = for run in line { text(font: run.font, run.text) }
A letterhead of our own
#letter.paragraphs.map(paragraph => paragraph.lines.map(show-line).join(linebreak())).join(parbreak())
"""
SEAL = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
LOOP = "#for a in range(9999) { for b in range(9999) { for c in range(9999) { } } }"


def own(source: str, files: Mapping[str, bytes] | None = None) -> Letterhead:
    """A letterhead of an invented case."""
    return Letterhead("invented-case/letterhead.typ", source.encode(), files or {})


@pytest.fixture(scope="module")
def case(script: Script) -> Case:
    return script.cases["norma-cruz"]


@pytest.fixture
def documents() -> Iterator[Documents]:
    with closing(Documents()) as opened:
        yield opened


def page_on(letterhead: Letterhead, case: Case, name: str = "Ana Invented") -> Page:
    """A letter of that person on it."""
    draft = draft_of(case, name=name, country="FI", personal_line="A line.")
    return Page(
        text=draft.text, target=case.main, language=draft.language, written=WRITTEN, letterhead=letterhead
    )


def why_not(documents: Documents, case: Case, source: str, files: Mapping[str, bytes] | None = None) -> str:
    """What its writer is told of a letterhead that does not work."""
    with pytest.raises(Failure) as refused:
        documents.fits(templates_of(case)["es"], case.main, "es", own(source, files))
    assert refused.value.permanent
    assert refused.value.reason.startswith("invented-case/letterhead.typ does not work: ")
    return refused.value.reason


def test_a_case_may_have_a_letterhead_of_its_own(case: Case, documents: Documents) -> None:
    page = page_on(own(OWN), case, "王芳")
    read = text(documents.letter(page))
    assert "A letterhead of our own" in read
    assert "王芳" in read
    assert documents.letter(page) == documents.letter(page)
    assert documents.fits(templates_of(case)["es"], case.main, "es", own(OWN))
    assert b"<svg" in documents.picture(page)


def test_it_can_use_the_files_of_its_folder(case: Case, documents: Documents) -> None:
    files = {
        "seal.svg": SEAL,
        "parts/foot.typ": b'#let foot = read("../motto.txt")',
        "motto.txt": b"A motto.",
    }
    source = OWN + '#image("seal.svg") #import "parts/foot.typ": foot\n#foot'
    assert "A motto." in text(documents.letter(page_on(own(source, files), case)))


def test_letterheads_in_turn_are_each_what_they_are(case: Case, documents: Documents) -> None:
    heads = [own(f"{OWN}Number {number}") for number in range(KEPT + 2)] * 2
    read = [text(documents.letter(page_on(head, case))) for head in heads]
    assert all(f"Number {number % (KEPT + 2)}" in each for number, each in enumerate(read))


@pytest.mark.parametrize(
    ("what", "source", "said"),
    [
        ("it has brackets without an end", "#" + "(" * 100_000, "unclosed delimiter"),
        ("it is no typst", "#let x = ", r"expected expression \(line 1\)"),
        ("it asks for what is not there", "Hello\n\n#sys.inputs.nothing", "line 3"),
        ("a file beside it is no typst", '#import "b.typ": x', r"\(b.typ, line 1\)"),
        ("it reads outside its folder", '#read("../secret.txt")', "project root"),
        ("it reads the machine's files", '#read("/etc/hostname")', "a file that is not in the folder"),
        ("it shows the machine's files", '#image("/etc/hostname")', "a file that is not in the folder"),
        ("it wants the network", '#import "@preview/cetz:0.3.0"', "from the network"),
        ("it wants it in other words", '#import ("@" + "preview/cetz:0.3.0")', "from the network"),
        ("it wants a package of this machine", '#import "@local/cetz:0.3.0"', "package not found"),
        ("it shows nothing of the letter", "A form", "it does not show the text of the letter"),
    ],
)
def test_what_does_not_work_is_explained(
    case: Case, documents: Documents, what: str, source: str, said: str
) -> None:
    assert re.search(said, why_not(documents, case, source, {"b.typ": b"#let x ="})), what


def test_it_asks_no_server_even_where_this_machine_has_a_proxy(
    case: Case, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        proxy.settimeout(0.2)
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        assert "network" in why_not(documents, case, '#import ("@" + "preview/cetz:0.3.0")')
        with pytest.raises(TimeoutError):
            proxy.accept()


def test_a_loop_without_an_end_is_ended_and_told(case: Case, documents: Documents) -> None:
    assert "it computes for more than 5 seconds" in why_not(documents, case, LOOP)
    assert documents.letter(page_on(own(OWN), case))  # others are printed all the same


@pytest.mark.parametrize(
    "source", ['#let x = "x" * 3000000000', "#let a = (1,)\n#for i in range(60) { a += a }"]
)
def test_what_fills_the_memory_is_ended_and_told(case: Case, documents: Documents, source: str) -> None:
    documents.letter(page_on(own(OWN), case))
    assert "MiB of memory" in why_not(documents, case, source)
    assert documents.letter(page_on(own(OWN), case))


def test_where_the_machine_has_no_time_a_letter_is_tried_again_later(
    case: Case, documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(letterhead_compiler, "PATIENCE", 0.2)
    with pytest.raises(Failure, match="has not been compiled within") as late:
        documents.letter(page_on(own(LOOP), case))
    assert not late.value.permanent


def test_what_a_broken_letterhead_says_of_a_letter_is_not_told(case: Case, documents: Documents) -> None:
    with pytest.raises(Broken) as refused:
        documents.letter(page_on(own("#panic(sys.inputs.letter)"), case))
    assert "Ana" not in refused.value.reason
    assert refused.value.__cause__ is None
    assert refused.value.__suppress_context__


def test_a_letterhead_of_two_pages_is_refused(case: Case, documents: Documents) -> None:
    long = own(OWN + "#pagebreak()\nThe end")
    with pytest.raises(TooLong):
        documents.letter(page_on(long, case))
    assert not documents.fits(templates_of(case)["es"], case.main, "es", long)


def test_the_process_that_prints_knows_none_of_our_settings_and_ends_with_us(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSISTANT_TELEGRAM_TOKEN", "an invented token")
    with closing(Documents()) as documents:
        documents.letter(page_on(own(OWN), case))
        process = documents._compiler._process
        assert process is not None
        number = process._process.pid
        environment = Path(f"/proc/{number}/environ").read_text("utf-8")
        assert "HTTPS_PROXY" in environment
        assert "invented token" not in environment
    assert process._process.poll() is not None
