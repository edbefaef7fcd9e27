"""What HTML says, as plain text. Nothing of it is rendered, loaded or executed.

Each character is looked at once: Python's own parser takes a minute for 200 KB of `<!--`.
"""

import re
from collections.abc import Iterator
from html import unescape

LONGEST = 1_000_000  # characters that are read

_HIDDEN = frozenset({"script", "style", "title", "template", "noscript", "object", "svg", "math", "textarea"})
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre"})
_LINES = frozenset({"br", "center", "dd", "div", "dl", "dt", "footer", "header", "hr", "li", "section", "tr"})
_BLOCKS = _PARAGRAPHS | _LINES | {"address", "article", "aside", "figure", "form", "main", "nav"}
_CELLS = frozenset({"td", "th"})
_DEPTH_MAX = 5  # of quotations: more says no more
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_SPACES = re.compile(r"\s+")


def text_of(html: str) -> str:
    """The text of a page, line by line; what is quoted begins with `>`, as in plain mail."""
    lines: list[str] = []
    line: list[str] = []
    depth = 0

    def end_line(*, paragraph: bool) -> None:
        said = _SPACES.sub(" ", unescape("".join(line))).strip()
        line.clear()
        mark = ">" * min(depth, _DEPTH_MAX)
        if said:
            lines.append(f"{mark} {said}".strip())
        if paragraph and lines and lines[-1] != mark:
            lines.append(mark)

    for text, tag, is_end in _tokens(html[:LONGEST]):
        line.append(text)
        if tag in _BLOCKS:
            end_line(paragraph=tag in _PARAGRAPHS)
        elif tag in _CELLS:
            line.append(" ")
        if tag == "blockquote":
            depth = max(0, depth - 1) if is_end else depth + 1
    end_line(paragraph=False)
    return "\n".join(lines).strip()


def _tokens(html: str) -> Iterator[tuple[str, str, bool]]:
    """Each text with the tag behind it, and whether that ends its element; empty where no tag follows.

    What is hidden is left out, to the end of the page where nothing ends it.
    """
    place = 0
    while (found := html.find("<", place)) >= 0:
        named = _TAG.match(html, found)
        if html.startswith("<!--", found):
            end = html.find("-->", found + 2) + 3 if html.find("-->", found + 2) >= 0 else 0
        elif named or html.startswith(("<!", "<?"), found):
            end = html.find(">", found) + 1
        else:  # `a < b`
            yield html[place : found + 1], "", False
            place = found + 1
            continue
        tag, is_end = named[1].lower() if named else "", html.startswith("</", found)
        yield html[place:found], tag, is_end
        if tag in _HIDDEN and not is_end and end:
            close = re.compile(f"</{tag}", re.IGNORECASE).search(html, end)
            end = close.start() if close else 0
        if not end:
            return
        place = end
    yield html[place:], "", False
