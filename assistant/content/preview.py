"""What people read of a case, all of it at once, for who writes it."""

from collections.abc import Iterator
from datetime import datetime

from assistant.content.printer import Printer
from assistant.domain.cases import Case
from assistant.domain.letters import Draft
from assistant.domain.richtext import plain

_NAME = "Ana Example"
_COUNTRY = "FI"
_LINE = "This is where the sentence of a supporter stands."


def pages(case: Case) -> Iterator[tuple[str, str]]:
    """Each text with a heading: the briefings, the letters, the subjects, what is shared, the updates."""
    for language, briefing in case.briefing.texts.items():
        yield f"Briefing ({language})", plain(briefing)
    for language, letter in _draft(case).readings.items():
        sent = ", as it is sent" if language == case.target.language else ""
        yield f"Letter ({language}{sent})", letter.text
    yield "Subjects of emails", "\n".join(case.subjects)
    for language, share in case.share.texts.items():
        yield f"To pass on ({language})", plain(share)
    for update in case.updates.values():
        for language, news in update.text.texts.items():
            yield f"Update {update.slug} ({language})", plain(news)


async def letter_page(case: Case, written: datetime) -> bytes:
    """The page of the letter, as a PDF. Raises Failure where it cannot be printed."""
    printer = Printer({case.slug: case})
    try:
        return await printer.pdf(case.slug, case.target.language, _draft(case).text, written)
    finally:
        printer.close()


def _draft(case: Case) -> Draft:
    return case.draft(name=_NAME, country=_COUNTRY, personal_line=_LINE)
