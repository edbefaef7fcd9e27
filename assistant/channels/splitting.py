"""Rich text that is too long for one message, as several."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from operator import itemgetter
from unicodedata import category

from markupsafe import Markup

Measure = Callable[[Markup], int]
"""The length of a message as its platform counts it."""

_TAG = re.compile(r'<(?:[^">]|"[^"]*")*>')
_VISIBLE = re.compile(r"\S")
_BREAKS = (  # the best first
    re.compile(r"(?<![ \t\r])[ \t\r]*+\n(?:[ \t\r]*+\n)+"),  # paragraphs
    re.compile(r"(?<![ \t\r])[ \t\r]*+\n"),  # lines
    re.compile(r"[^\S\u00a0\u2007\u202f]+"),  # words: every space but those made not to break
)

_FLAG_LETTER = re.compile("[\U0001f1e6-\U0001f1ff]")
_EXTENDING = re.compile("[\u200c\u200d\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]")  # joiners, skins, tags
_TOGETHER = re.compile("\u200d.|[\u1100-\u11ff\uac00-\ud7a3][\u1160-\u11ff]")  # after a joiner; Hangul


def utf16(html: Markup) -> int:
    """The length as Telegram counts it: UTF-16 code units of the text, once tags and entities are read.

    https://core.telegram.org/bots/api#messageentity; sendMessage takes 1 to 4096 of them.
    """
    return len(unescape(_TAG.sub("", html)).encode("utf-16-le", "surrogatepass")) // 2


def split(html: Markup, limit: int, measure: Measure) -> list[Markup]:
    """The text in pieces that each measure at most `limit`; none is blank, so a blank text has none.

    It breaks between paragraphs, else lines, else words, else what a reader sees as characters. The space
    at a break goes, styles that are open there go on in the next piece, and nothing else changes. Where
    the limit allows not even one character, a piece is one character.
    """
    if measure(html) <= limit:
        return [html] if _VISIBLE.search(_TAG.sub("", html)) else []
    text = _read(html)
    return [text.piece(*span) for span in _Cutter(text, limit, measure).spans()]


@dataclass(frozen=True, eq=False)
class _Tag:
    """One start tag: two that look alike are still two."""

    source: str
    name: str


@dataclass
class _Text:
    """Rich text taken apart. `sources`: each character as it is written there, and `letters` as it is read.

    From `starts[n]` on, the tags of `styles[n]` are open.
    """

    sources: list[str] = field(default_factory=list)
    letters: str = ""
    starts: list[int] = field(default_factory=lambda: [0])
    styles: list[tuple[_Tag, ...]] = field(default_factory=lambda: [()])

    def piece(self, start: int, end: int) -> Markup:
        """The characters from `start` to before `end`, well-formed."""
        written: list[str] = []
        current: tuple[_Tag, ...] = ()
        for number in range(bisect_right(self.starts, start) - 1, len(self.starts)):
            if self.starts[number] >= end:
                break
            first = max(start, self.starts[number])
            last = min(end, self.starts[number + 1]) if number + 1 < len(self.starts) else end
            if first < last:
                written += _change(current, self.styles[number])
                written += self.sources[first:last]
                current = self.styles[number]
        written += _change(current, ())
        return Markup("".join(written))  # noqa: S704  every part is from the text, which is safe


def _change(old: tuple[_Tag, ...], new: tuple[_Tag, ...]) -> Iterator[str]:
    """The tags that lead from one style to another."""
    same = 0
    while same < min(len(old), len(new)) and old[same] is new[same]:
        same += 1
    yield from (f"</{tag.name}>" for tag in reversed(old[same:]))
    yield from (tag.source for tag in new[same:])


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.text = _Text()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._style((*self.text.styles[-1], _Tag(self.get_starttag_text() or "", tag)))

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  it closes what is open
        self._style(self.text.styles[-1][:-1])

    def handle_data(self, data: str) -> None:
        self.text.sources += data

    def handle_entityref(self, name: str) -> None:
        self.text.sources.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text.sources.append(f"&#{name};")

    def _style(self, style: tuple[_Tag, ...]) -> None:
        self.text.starts.append(len(self.text.sources))
        self.text.styles.append(style)


def _read(html: Markup) -> _Text:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = reader.text
    text.letters = "".join(source if len(source) == 1 else unescape(source)[0] for source in text.sources)
    return text


class _Cutter:
    """Where to cut a text. A measure need not grow evenly with it, so what is cut is always measured."""

    def __init__(self, text: _Text, limit: int, measure: Measure) -> None:
        self._text = text
        self._letters = text.letters
        self._limit = limit
        self._measure = measure
        self._breaks = [[found.span() for found in kind.finditer(text.letters)] for kind in _BREAKS]

    def spans(self) -> Iterator[tuple[int, int]]:
        """Where each piece begins and ends."""
        start = 0
        while visible := _VISIBLE.search(self._letters, start):
            end = self._reach(start)
            if end <= visible.start():
                start = visible.start()
                continue
            after = end
            if end < len(self._letters):
                end, after = self._cut(start, visible.end(), end)
            yield start, end
            start = after

    def _fits(self, start: int, end: int) -> bool:
        return self._measure(self._text.piece(start, end)) <= self._limit

    def _reach(self, start: int) -> int:
        """The end of the longest piece that fits, or of one character."""
        good, bad = start, min(start + self._limit, len(self._letters))
        while self._fits(start, bad):
            if bad == len(self._letters):
                return bad
            good, bad = bad, min(2 * bad - start, len(self._letters))
        while bad - good > 1:
            middle = (good + bad) // 2
            good, bad = (middle, bad) if self._fits(start, middle) else (good, middle)
        return max(good, start + 1)

    def _cut(self, start: int, least: int, most: int) -> tuple[int, int]:
        """The best end of a piece from `least` to `most`, and where the next one begins."""
        for spans in self._breaks:
            for number in range(bisect_right(spans, most, key=itemgetter(0)) - 1, -1, -1):
                end, after = spans[number]
                if end < least:
                    break
                if self._fits(start, end):
                    return end, after
        for end in range(most, least - 1, -1):
            if not _within_character(self._letters, start, end) and self._fits(start, end):
                return end, end
        return most, most


def _within_character(text: str, start: int, at: int) -> bool:
    """Whether a reader sees the letters on both sides of `at` as one character, in a piece from `start`.

    The commoner rules of https://www.unicode.org/reports/tr29/#Grapheme_Cluster_Boundary_Rules.
    """
    if category(text[at]).startswith("M") or _EXTENDING.match(text[at]):
        return True
    if _TOGETHER.match(text, at - 1):
        return True
    if not _FLAG_LETTER.match(text[at]):
        return False
    flag_letters = 0  # two make a flag
    while flag_letters < at - start and _FLAG_LETTER.match(text[at - flag_letters - 1]):
        flag_letters += 1
    return flag_letters % 2 == 1
