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
_APART = _HIDDEN | {"td", "th", "img", "iframe", "input", "button", "video", "audio", "select", "option"}
_DEPTH_MAX = 5  # of quotations: more says no more
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
_TAG_MAX = 20_000  # characters of a tag in which it is looked for where a link leads
_SPACES = re.compile(r"\s+")
_HREF = re.compile(r"""(?<![\w-])href\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE)
_LEADS_ELSEWHERE = re.compile(r"(?:https?:|ftp:|mailto:|tel:)?//|mailto:|tel:", re.IGNORECASE)
_SAME_WITHOUT = re.compile(r"^(?:https?://|//|mailto:|tel:)|/$", re.IGNORECASE)


def text_of(html: str) -> str:
    """The text of a page, line by line; what is quoted begins with `>`, as in plain mail.

    Where a link leads stands behind its text, where that says something else.
    """
    lines: list[str] = []
    line: list[str] = []
    link: list[str] = []  # what the link says in which we are
    target = ""  # of that link
    depth = 0

    def end_line(*, paragraph: bool) -> None:
        said = _SPACES.sub(" ", unescape("".join(line))).strip()
        line.clear()
        mark = ">" * min(depth, _DEPTH_MAX)
        if said:
            lines.append(f"{mark} {said}".strip())
        if paragraph and lines and lines[-1] != mark:
            lines.append(mark)

    for text, tag, is_end, href in _tokens(html[:LONGEST]):
        line.append(text)
        link.append(text)
        if tag == "a":
            line.append(_where_to(target, "".join(link)))
            link, target = [], href
        elif tag in _BLOCKS:
            end_line(paragraph=tag in _PARAGRAPHS)
            link.append(" ")
        elif tag in _APART:
            line.append(" ")
            link.append(" ")
        if tag == "blockquote":
            depth = max(0, depth - 1) if is_end else depth + 1
    line.append(_where_to(target, "".join(link)))
    end_line(paragraph=False)
    return "\n".join(lines).strip()


def _target(tag: str) -> str:
    """Where a link leads, as it is written; empty where that is nowhere but in a browser."""
    found = _HREF.search(tag)
    written = next(filter(None, found.groups()), "").strip() if found else ""
    return _SPACES.sub("%20", written) if _LEADS_ELSEWHERE.match(unescape(written)) else ""


def _where_to(target: str, said: str) -> str:
    """What is said of a link's target; empty where its text says it already, or there is none."""
    one, other = (_SAME_WITHOUT.sub("", " ".join(unescape(each).split())) for each in (target, said))
    return f" &lt;{target}&gt;" if target and one != other else ""


def _tokens(html: str) -> Iterator[tuple[str, str, bool, str]]:
    """Each text with the tag behind it, whether that ends its element, and where it leads.

    The tag is empty where none follows. What is hidden is left out, to the end of the page where nothing
    ends it.
    """
    place = 0
    while (found := html.find("<", place)) >= 0:
        named = _TAG.match(html, found)
        if html.startswith("<!--", found):
            end = html.find("-->", found + 2) + 3 if html.find("-->", found + 2) >= 0 else 0
        elif named or html.startswith(("<!", "<?"), found):
            end = html.find(">", found) + 1
        else:  # `a < b`
            yield html[place : found + 1], "", False, ""
            place = found + 1
            continue
        tag, is_end = named[1].lower() if named else "", html.startswith("</", found)
        leads = tag == "a" and not is_end
        yield (
            html[place:found],
            tag,
            is_end,
            _target(html[found : min(end, found + _TAG_MAX)]) if leads else "",
        )
        if tag in _HIDDEN and not is_end and end:
            close = re.compile(f"</{tag}", re.IGNORECASE).search(html, end)
            end = close.start() if close else 0
        if not end:
            return
        place = end
    yield html[place:], "", False, ""
