"""Pictures of a case: a card for where its link is shared, and a flyer to print. By typst.

The same facts give the same bytes, on every machine: typefaces are ours, and there is no time in them.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from threading import local
from typing import Literal, assert_never

import typst
from markupsafe import escape

from assistant.content import languages, long_words, qr, typefaces
from assistant.content.fonts import fonts
from assistant.content.shortening import shortened
from assistant.content.typesetting import Setting
from assistant.domain.cards import CardFacts, CardForm
from assistant.domain.errors import Failure

WIDTH, HEIGHT = 1200, 630  # pixels of a card: https://developers.facebook.com/docs/sharing/webmasters/images
_NARROW = 15.0  # ems: in its smallest size, every text of both pictures has room for so wide a word
_SHORTER = (160.0, 100.0, 60.0, 30.0, 15.0)  # ems of the versions of a text
_CARD, _FLYER = (Path(__file__).with_name(name) for name in ("card.typ", "flyer.typ"))
_GLYPH = re.compile(r"\bg[0-9A-F]{32}\b")  # as typst names them
_CONTROL = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ufeff]")  # neither XML nor PDF/UA may hold them all
_KEYCAP = "\u20e3"  # makes a picture of a digit


Data = dict[str, object]  # can be written as JSON


class CardDocuments:
    """Draws cards and flyers. One call at a time: give each thread its own.

    Whatever cannot be drawn raises Failure, always permanent: a letter that no typeface has, and a link that
    is too long for a code. What shows nothing but a picture (emoji) is left out.
    """

    @cached_property
    def _card(self) -> typst.Compiler:
        return typst.Compiler(_CARD, font_paths=fonts())

    @cached_property
    def _flyer(self) -> typst.Compiler:
        return typst.Compiler(_FLYER, font_paths=fonts())

    def card_svg(self, facts: CardFacts) -> str:
        """The card: letters are shapes, so that it needs no typeface and nothing else. It says its text."""
        drawn = _compile(self._card, card_contents(facts), "svg").decode()
        return f"{_svg_head(facts)}{_shorter(drawn[drawn.index('>') + 1 :])}"

    def card_png(self, facts: CardFacts) -> bytes:
        """The card as pixels, for platforms that show no SVG."""
        return _compile(self._card, card_contents(facts), "png")

    def flyer(self, facts: CardFacts) -> bytes:
        """A page of A4 as PDF/UA: made for screen readers, too."""
        return _compile(self._flyer, flyer_contents(facts), "pdf")


_threads = local()


def draw(form: CardForm, facts: CardFacts) -> bytes:
    """A card or flyer, drawn in this thread. Raises Failure as `CardDocuments` does."""
    if not hasattr(_threads, "documents"):
        _threads.documents = CardDocuments()
    documents: CardDocuments = _threads.documents
    match form:
        case CardForm.SVG:
            return documents.card_svg(facts).encode()
        case CardForm.PNG:
            return documents.card_png(facts)
        case CardForm.PDF:
            return documents.flyer(facts)
    assert_never(form)


def card_contents(facts: CardFacts) -> Data:
    """What card.typ says it gets.

    Raises Failure where no typeface has a letter of it, and where the title has no letter.
    """
    if not _drawable(facts.title, facts.language):
        raise Failure("The title of the case has no letter that can be drawn.", permanent=True)
    setting = Setting(facts.language, languages.direction(facts.language))
    return {
        **setting.document,
        **{
            name: _versions(getattr(facts, name), setting)
            for name in ("title", "line", "counter", "invitation", "organisation", "link")
        },
    }


def flyer_contents(facts: CardFacts) -> Data:
    """What flyer.typ says it gets.

    Raises Failure as `card_contents` does, and for a link that is too long.
    """
    setting = Setting(facts.language, languages.direction(facts.language))
    code = qr.code(facts.code_link)
    bars = [{"x": bar.x - qr.QUIET, "y": bar.y - qr.QUIET, "width": bar.width} for bar in code.bars]
    return {
        **card_contents(facts),
        "name": _drawable(facts.title, facts.language),
        "scan": _versions(facts.scan, setting),
        "code": {
            "size": code.size - 2 * qr.QUIET,
            "bars": bars,
            "title": _drawable(facts.code_title, facts.language),
        },
    }


def _versions(text: str, setting: Setting) -> list[Data] | None:
    """The text as fitting.typ has it: whole, and shorter and shorter. None where there is nothing to show."""
    shown = _drawable(text, setting.language)
    return [_version(each, setting) for each in _lengths(shown, setting.language)] if shown else None


def _lengths(text: str, language: str) -> Iterator[str]:
    yield text
    for width in _SHORTER:
        if typefaces.width(text, language) > width:
            yield shortened(text, language, width)


def _version(text: str, setting: Setting) -> Data:
    return {
        "line": setting.line(text, _NARROW),
        "direction": setting.direction_of([text]),
        "widest": long_words.widest(long_words.breakable(text, setting.language, _NARROW), setting.language),
    }


def _drawable(text: str, language: str) -> str:
    """On one line, without what no typeface of ours draws and nobody needs in order to read it: emoji."""
    runs = typefaces.runs(_CONTROL.sub(" ", text), language)
    return " ".join("".join(run.text for run in runs if run.font or not _is_picture(run.text)).split())


def _is_picture(text: str) -> bool:
    return _KEYCAP in text or not any(unicodedata.category(character)[0] in "LN" for character in text)


def _svg_head(facts: CardFacts) -> str:
    """The tag that it begins with: typst's own has a size in points, and says nothing of what it shows."""
    said = (_drawable(each, facts.language) for each in (facts.title, facts.line, facts.counter))
    about = escape(". ".join(each.rstrip(".") for each in said if each))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'xml:lang="{escape(facts.language)}" role="img" aria-label="{about}">'
    )


def _shorter(drawn: str) -> str:
    """The same picture, a sixth shorter: glyphs have names of 33 characters, and what is usual is said."""
    names = dict.fromkeys(_GLYPH.findall(drawn))
    short = {name: f"g{number}" for number, name in enumerate(names)}
    return _GLYPH.sub(lambda found: short[found[0]], drawn).replace(' fill-rule="nonzero"', "")


def as_json(contents: Data) -> str:
    """As typst reads it."""
    return json.dumps(contents, ensure_ascii=False)


def _compile(compiler: typst.Compiler, facts: Data, form: Literal["pdf", "svg", "png"]) -> bytes:
    try:
        made = compiler.compile(
            format=form,
            ppi=72,  # a pixel for each point
            sys_inputs={"facts": as_json(facts)},
            timestamp=0,
            pdf_standards="ua-1" if form == "pdf" else [],
        )
    except typst.TypstError as error:
        raise Failure(
            "The picture could not be made: see content/card.typ and flyer.typ.", permanent=True
        ) from error
    assert isinstance(made, bytes)  # noqa: S101  only pictures of several pages come apart
    return made
