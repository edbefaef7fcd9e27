"""Letters rendered a second, on one core, each with its own name and line; and a batch for posting."""

import resource
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from assistant.content import typefaces
from assistant.content.documents import Documents
from assistant.content.pages import Page
from assistant.domain.cases import Case
from assistant.settings import Settings
from assistant.wiring.content import make_script
from tests.support.invented_cases import draft_of

COUNT = 500
BATCH = 1000
WRITTEN = datetime(2012, 1, 20, 15, tzinfo=UTC)
ADDRESS = ("Oficina Inventada", "Calle Inventada 1", "01001 CIUDAD INVENTADA", "GUATEMALA")
LATIN = ("Ana Example",)
MIXED = ("Ana Example", "Иван Выдуманный", "王芳", "محمد أحمد", "प्रिया श्रेष्ठ", "김민수", "Ελένη")


def main() -> None:
    (case,) = make_script(Settings()).cases.values()
    start = time.process_time()
    typefaces.missing("Ana Example")
    print(f"first look for missing characters: {time.process_time() - start:.2f} s")
    start = time.process_time()
    for number in range(100_000):
        typefaces.missing(MIXED[number % len(MIXED)])
    print(f"  looks: {(time.process_time() - start) * 10:.1f} microseconds each")

    documents = Documents()
    start = time.process_time()
    documents.letter(_page(case, "First", ""))
    print(f"first letter: {time.process_time() - start:.2f} s")
    for what, names in (("names in Latin letters", LATIN), ("names in seven scripts", MIXED)):
        pages = _pages(case, names, COUNT)
        start = time.process_time()
        for page in pages:
            documents.letter(page)
        print(f"  letters, {what}: {COUNT / (time.process_time() - start):,.0f} a second on one core")

    pages = _pages(case, MIXED, BATCH, ADDRESS)
    start = time.process_time()
    pdf = documents.batch(pages)
    took = time.process_time() - start
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"a batch of {BATCH:,}: {took:.1f} s, {len(pdf) / 1e6:.1f} MB, {memory} MiB of memory in all")


def _pages(case: Case, names: Sequence[str], count: int, address: tuple[str, ...] = ()) -> list[Page]:
    return [
        _page(case, f"{names[number % len(names)]} {number}", f"This is line {number}. " * 5, address)
        for number in range(count)
    ]


def _page(case: Case, name: str, line: str, address: tuple[str, ...] = ()) -> Page:
    draft = draft_of(case, name=name, country="GT", personal_line=line or None)
    return Page(text=draft.text, target=case.main, language=draft.language, written=WRITTEN, address=address)


if __name__ == "__main__":
    main()
