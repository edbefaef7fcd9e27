"""Our rich text (a small HTML) read as plain text, for channels and readers without styles."""

import re
from html.parser import HTMLParser

from markupsafe import Markup


class _Plain(HTMLParser):
    def __init__(self, quote: str) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._quote = quote
        self._quoted = False
        self._link = ""
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self._quoted = True
            self.parts.append(self._quote)
        elif tag == "a":
            self._link = dict(attrs).get("href") or ""
            self._link_from = len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self._quoted = False
        if tag == "a" and self._link:
            if self._link not in "".join(self.parts[self._link_from :]):
                self.parts.append(f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        self.parts.append(data.replace("\n", f"\n{self._quote}") if self._quoted else data)


def plain(html: Markup, quote: str = "") -> str:
    """The text alone; a link's address follows its words. Lines of a quotation begin with `quote`."""
    if "<" not in html:
        return html.unescape()
    reader = _Plain(quote)
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


_LANGUAGE = re.compile(r'(?<=<blockquote) lang="[^"]*"(?=>)')


def without_languages(html: Markup) -> Markup:
    """The same without the languages of quotations, which not every channel can name."""
    return Markup(_LANGUAGE.sub("", html))  # noqa: S704  it is ours


_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>b|i|u|code|blockquote)>"
    r'|<(?P<quote>blockquote) lang="[A-Za-z0-9-]+">|<a href="[^"<>]*">|(?P<link_end></a>)'
)


def is_well_formed(html: str) -> bool:
    """Whether every tag is one of ours, and is closed in its turn."""
    opened: list[str] = []
    for tag in _TAG.finditer(html):
        name = tag["name"] or tag["quote"] or "a"
        if not (tag["end"] or tag["link_end"]):
            opened.append(name)
        elif not opened or opened.pop() != name:
            return False
    return not opened and not {"<", ">"} & set(_TAG.sub("", html))
