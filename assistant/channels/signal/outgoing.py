"""Our rich text as Signal's: the "styled" text mode of signal-cli-rest-api, in messages short enough.

Its markers are `*italic*`, `**bold**`, `~struck~` and `` `code` ``, and a backslash makes one a letter: see
src/utils/textstyleparser.go of bbernhard/signal-cli-rest-api. Not everything can be said that way:

- Styles close in the order opposite to their opening, and `***` is always read as `**` and `*`. So bold
  italic is bold, and italics that lead up to bold text are plain.
- A backslash before a marker makes it a letter, and so does a star before a star. So a backslash or a star
  has the style of what follows it.

What was written always arrives as it was written; only styles give way.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html.parser import HTMLParser

from markupsafe import Markup

from assistant.channels.splitting import split
from assistant.domain.messages import Button, Reply, in_words, listed

LIMIT = 2000  # bytes; Signal makes a text file of what is longer
MARKERS = {"code": "`", "s": "~", "b": "**", "i": "*"}  # from the outermost to the innermost
SAME = {
    "pre": "code",
    "tt": "code",
    "strong": "b",
    "em": "i",
    "del": "s",
    "strike": "s",
} | {tag: tag for tag in MARKERS}
QUOTE = "> "

_SPECIAL = re.compile(r"[*~`|]")
_PLAIN: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Run:
    """Text in one style: some keys of MARKERS."""

    text: str
    style: frozenset[str]


def message(reply: Reply) -> str:
    """The whole message as styled text, with its options as a list."""
    return "\n\n".join(part for part in (styled(reply.html), _options(reply.buttons)) if part)


def parts(reply: Reply) -> Sequence[Reply]:
    """The reply as messages of at most LIMIT bytes; only the last asks, shows a letter and has options.

    A list of options that is longer than half of LIMIT is divided as text is, between its lines.
    """
    if _bytes(message(reply)) <= LIMIT:
        return [reply] if message(reply).strip() or reply.attachment else []
    if _bytes(_options(reply.buttons)) > LIMIT // 2:
        reply = in_words(reply)
    pieces = split(reply.html, LIMIT, _length)
    room = LIMIT - _bytes(f"\n\n{_options(reply.buttons)}") if reply.buttons else LIMIT
    pieces = [*pieces[:-1], *split(pieces[-1], room, _length)] if pieces else [reply.html]
    early = [
        replace(reply, html=piece, buttons=(), asks=None, mark=None, menu=None, attachment=None)
        for piece in pieces[:-1]
    ]
    shown = [*early, replace(reply, html=pieces[-1])]
    return [shown[0], *(replace(each, first=False) for each in shown[1:])]


def styled(html: Markup) -> str:
    """Our rich text as styled text. Links are `words (address)`, lines of a quotation begin with `> `."""
    if "<" not in html:
        return _escaped(html.unescape())
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(_marked(_sayable(reader.runs)))


def _options(buttons: Iterable[Button]) -> str:
    return "\n".join(_escaped(line) for line in listed(buttons))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _length(html: Markup) -> int:
    return _bytes(styled(html))


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


class _Reader(HTMLParser):
    """Takes rich text apart into runs."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.runs: list[_Run] = []
        self._open: list[str] = []
        self._quotes = 0
        self._fresh = False  # a quotation has ended, and the next text begins on a line of its own
        self._link = ""
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._begin_line()
            self._quotes += 1
            self._add(QUOTE, _PLAIN)
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""
            self._link_from = len(self.runs)
        elif tag in SAME:
            self._open.append(SAME[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quotes -= 1
            self._fresh = True
        elif tag == "a":
            words = "".join(run.text for run in self.runs[self._link_from :])
            if self._link not in words:
                self._add(f" ({self._link})", _PLAIN)
            self._link = ""
        elif SAME.get(tag) in self._open:
            self._open.remove(SAME[tag])

    def handle_data(self, data: str) -> None:
        if self._fresh and not data.startswith("\n"):
            self._begin_line()
        self._fresh = False
        style = frozenset(self._open)
        if "b" in style:
            style -= {"i"}
        if not self._quotes:
            self._add(data, style)
            return
        for number, line in enumerate(data.split("\n")):
            if number:
                self._add(f"\n{QUOTE}", _PLAIN)
            self._add(line, style)

    def _begin_line(self) -> None:
        if self.runs and not self.runs[-1].text.endswith("\n"):
            self._add("\n", _PLAIN)

    def _add(self, text: str, style: frozenset[str]) -> None:
        if text:
            self.runs.append(_Run(text, style))


def _sayable(runs: Sequence[_Run]) -> list[_Run]:
    """The same text in styles that the markers can express (above)."""
    result: list[_Run] = []
    following, gives_way = _PLAIN, False
    for run in reversed(runs):
        body = run.text.rstrip("\\*")
        if body != run.text:
            result.append(_Run(run.text[len(body) :], following))
        if body:
            gives_way = "i" in run.style and (gives_way or "b" in following)
            following = run.style - {"i"} if gives_way else run.style
            result.append(_Run(body, following))
    return result[::-1]


def _marked(runs: Iterable[_Run]) -> Iterator[str]:
    current: list[str] = []
    for run in (*runs, _Run("", _PLAIN)):
        wanted = [style for style in MARKERS if style in run.style]
        same = 0
        while current[same : same + 1] == wanted[same : same + 1] != []:
            same += 1
        yield from (MARKERS[style] for style in reversed(current[same:]))
        yield from (MARKERS[style] for style in wanted[same:])
        yield _escaped(run.text)
        current = wanted
