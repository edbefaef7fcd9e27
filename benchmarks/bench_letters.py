"""Letters rendered a second, on one core, each with its own name and line."""

import time
from datetime import UTC, datetime

from assistant.app import make_script
from assistant.content.documents import Documents
from assistant.settings import Settings

COUNT = 500


def main() -> None:
    (case,) = make_script(Settings()).cases.values()
    documents, written = Documents(), datetime(2012, 1, 20, 15, tzinfo=UTC)
    start = time.process_time()
    documents.letter(case.draft(name="First", country="GT", line=None).text, case.target, "es", written)
    print(f"first letter: {time.process_time() - start:.2f} s")
    start = time.process_time()
    for number in range(COUNT):
        draft = case.draft(name=f"Ana Example {number}", country="GT", line=f"This is line {number}. " * 5)
        documents.letter(draft.text, case.target, "es", written)
    print(f"  letters: {COUNT / (time.process_time() - start):,.0f} a second on one core")


if __name__ == "__main__":
    main()
