"""Letters as PDF, by typst. The same letter gives the same bytes."""

import json
from datetime import datetime
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import typst
from babel import Locale
from babel.dates import format_date

from assistant.domain.errors import Failure
from assistant.domain.model import Target

_LETTERHEAD = Path(__file__).parent / "letterhead.typ"


class Documents:
    """Renders letters. One call at a time: give each thread its own."""

    @cached_property
    def _compiler(self) -> typst.Compiler:
        return typst.Compiler(_LETTERHEAD, ignore_system_fonts=True)

    def letter(self, text: str, target: Target, language: str, written: datetime) -> bytes:
        """A PDF of the letter. Raises Failure where typst cannot make one."""
        day = written.astimezone(ZoneInfo(target.timezone)).date()
        data = {
            "title": target.office.texts[language].unescape(),
            "language": language.split("-")[0],
            "office": _sentence_case(target.office.texts[language].unescape()),
            "place": target.place.texts[language].unescape(),
            "date": format_date(day, "long", locale=Locale.parse(language, sep="-")),
            "paragraphs": [{"lines": paragraph.split("\n")} for paragraph in text.split("\n\n")],
        }
        try:
            pdf = self._compiler.compile(
                format="pdf", sys_inputs={"letter": json.dumps(data, ensure_ascii=False)}, timestamp=0
            )
        except typst.TypstError as error:
            if "more than one page" in str(error):
                raise Failure("The letter does not fit on one page: shorten the case's letter.") from error
            raise Failure("The letter could not be made into a PDF: see content/letterhead.typ.") from error
        assert isinstance(pdf, bytes)  # noqa: S101  pages come apart only as pictures
        return pdf


def _sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]
