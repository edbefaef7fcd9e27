"""Letters as PDF, by typst. The same letter gives the same bytes."""

import io
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Literal

import typst

from assistant.content import typefaces
from assistant.content.fonts import fonts
from assistant.content.letterhead_compiler import Broken, LetterheadCompiler
from assistant.content.pages import Data, Page, contents
from assistant.content.territories import names_in
from assistant.domain.cases import Letterhead
from assistant.domain.errors import Failure
from assistant.domain.letters import LetterTemplate
from assistant.domain.targets import Target
from assistant.domain.validation import NAME_MAX, PERSONAL_LINE_MAX

SIZES = (11.0, 10.5, 10.0, 9.5, 9.0)  # points: smaller ones do not come well through a fax
CHUNK = 200  # letters that typst makes at once, in 150 MB of memory
_KEPT = 10  # documents for which typst keeps what it has worked out
_OURS = Path(__file__).parent / "letterhead.typ"
_SAMPLE_DAY = datetime(2000, 9, 30, 12, tzinfo=UTC)  # as long as a date gets


class TooLong(Failure):
    """The letter does not fit on one page."""

    def __init__(self) -> None:
        super().__init__("The letter does not fit on one page: shorten the case's letter.", permanent=True)


class Unprintable(Failure):
    """A letter of a batch cannot be printed. `number`: which one, the first is 1."""

    def __init__(self, number: int, failure: Failure) -> None:
        super().__init__(f"Letter {number} of the batch: {failure.reason}", permanent=True)
        self.number = number


class Documents:
    """Renders letters. One call at a time: give each thread its own.

    Ours are made here, and those on letterheads of cases in a process of their own: see
    `letterhead_compiler`.
    """

    def __init__(self) -> None:
        self._compiler = LetterheadCompiler(typefaces.folders())

    def close(self) -> None:
        """End what was started."""
        self._compiler.close()

    @cached_property
    def _ours(self) -> typst.Compiler:
        return typst.Compiler(_OURS, font_paths=fonts())

    @cached_property
    def _empty(self) -> typst.Compiler:
        return typst.Compiler(b"", font_paths=fonts())

    def letter(self, page: Page) -> bytes:
        """A PDF of one page. Raises Failure, always permanent, where it cannot be made: TooLong is one.

        What it says holds nothing of the letter.
        """
        return self._sized(page)[1]

    def picture(self, page: Page) -> bytes:
        """The same page as an SVG, to be looked at. Raises Failure as `letter` does."""
        size = self._sized(page)[0]
        letter = _json({**contents(page), "size": size})
        if page.letterhead:
            return self._compiler.compile(page.letterhead, letter, "svg").content
        return _compile(self._ours, {"letter": letter}, form="svg")

    def batch(self, pages: Sequence[Page]) -> bytes:
        """One PDF for printing, a page for each letter, in order. At least one.

        Raises Unprintable, which says which letter cannot be printed and why.
        """
        parts: list[bytes] = []
        for letterhead, group in groupby(enumerate(pages, 1), lambda numbered: numbered[1].letterhead):
            alike = dict(group)
            if letterhead is None:
                parts += self._chunks(alike)
            else:
                parts += [self._numbered(number, page)[1] for number, page in alike.items()]
        return parts[0] if len(parts) == 1 else _joined(parts)

    def fits(
        self, template: LetterTemplate, target: Target, language: str, letterhead: Letterhead | None = None
    ) -> bool:
        """Whether the case's letter stays on one page with the longest name, country and line.

        Raises Failure where it can never be printed: with typst's own words where the letterhead is broken,
        and with the characters that no typeface has.
        """
        text = _longest(template, target, language)
        if unknown := typefaces.missing(text):
            raise Failure(f"No typeface of ours has these characters of it: {unknown}", permanent=True)
        try:
            pdf = self._sized(
                Page(
                    text=text,
                    target=target,
                    language=language,
                    written=_SAMPLE_DAY,
                    address=(),
                    letterhead=letterhead,
                )
            )[1]
            if letterhead is not None and not _shows(self._compiler.text(letterhead, pdf), text):
                raise Broken(letterhead, "it does not show the text of the letter")
        except TooLong:
            return False
        except Broken as broken:
            raise Failure(f"{broken.name} does not work: {broken.detail}.", permanent=True) from broken
        return True

    def _sized(self, page: Page) -> tuple[float, bytes]:
        """The largest size in which the letter fits on one page, and its PDF."""
        data = contents(page)
        for size in SIZES:
            try:
                return size, self._attempt(page.letterhead, {**data, "size": size})
            except TooLong:
                pass
        raise TooLong

    def _attempt(self, letterhead: Letterhead | None, data: Data) -> bytes:
        if letterhead is None:
            return _compile(self._ours, {"letter": _json(data)})
        printed = self._compiler.compile(letterhead, _json(data), "pdf")
        if printed.pages != 1:  # ours looks for itself
            raise TooLong
        return printed.content

    def _chunks(self, pages: Mapping[int, Page]) -> list[bytes]:
        numbers = list(pages)
        chunks = (numbers[first : first + CHUNK] for first in range(0, len(numbers), CHUNK))
        return [self._chunk({number: pages[number] for number in chunk}) for chunk in chunks]

    def _chunk(self, pages: Mapping[int, Page]) -> bytes:
        """Letters by their number in the batch, in the largest size, or each in its own where not all fit."""
        try:
            return self._together([{**contents(page), "size": SIZES[0]} for page in pages.values()])
        except Failure:
            sizes = [self._numbered(number, page)[0] for number, page in pages.items()]
        alike = zip(pages.values(), sizes, strict=True)
        return self._together([{**contents(page), "size": size} for page, size in alike])

    def _together(self, letters: Sequence[Data]) -> bytes:
        # Without what screen readers need: it is for paper.
        pdf = _compile(self._ours, {"letters": _json(letters)}, tagged=False)
        for _ in range(_KEPT):  # empty documents, so that it keeps nothing of these letters
            self._empty.compile(b"", format="pdf")
        return pdf

    def _numbered(self, number: int, page: Page) -> tuple[float, bytes]:
        try:
            return self._sized(page)
        except Failure as failure:
            raise Unprintable(number, failure) from failure


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False)


def _compile(
    compiler: typst.Compiler,
    inputs: dict[str, str],
    *,
    tagged: bool = True,
    form: Literal["pdf", "svg"] = "pdf",
) -> bytes:
    try:
        made = compiler.compile(format=form, sys_inputs=inputs, timestamp=0, pdf_tags=tagged)
    except typst.TypstError as error:
        raise _failure(error) from None  # it may repeat the letter
    assert isinstance(made, bytes)  # noqa: S101  only pictures of several pages come apart
    return made


def _failure(error: typst.TypstError) -> Failure:
    if "more than one page" in error.message:
        return TooLong()
    if "address is too long" in error.message:
        return Failure("The address does not fit into the window of an envelope: shorten it.", permanent=True)
    return Failure("The letter could not be made into a PDF: see content/letterhead.typ.", permanent=True)


def _shows(shown: str, text: str) -> bool:
    """Whether most words of the text are shown."""
    there, words = set(shown.split()), set(text.split())
    return len(words & there) > len(words) / 2


def _joined(parts: Sequence[bytes]) -> bytes:
    from pypdf import PdfWriter  # where it is needed: a tenth of a second at each start

    writer = PdfWriter()
    for part in parts:
        writer.append(io.BytesIO(part))
    joined = io.BytesIO()
    writer.write(joined)
    return joined.getvalue()


def _longest(template: LetterTemplate, target: Target, language: str) -> str:
    """The letter with the longest name, country and line that a person can give, in wide characters."""
    wide = "国"  # an em; no usual letter is wider
    names = names_in(language)
    country = max(names, key=lambda key: len(names[key]), default="GS")
    return template.fill(
        name=wide * NAME_MAX,
        country=country,
        personal_line=wide * PERSONAL_LINE_MAX,
        salutation=target.said("salutation", language),
        office=target.said("office", language),
    )
