"""Our rich text (a small HTML) read as plain text, for channels and readers without styles."""

from html.parser import HTMLParser

from markupsafe import Markup


class _Plain(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._link = ""
        self._link_from = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._link = dict(attrs).get("href") or ""
            self._link_from = len(self.parts)

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._link:
            if self._link not in "".join(self.parts[self._link_from :]):
                self.parts.append(f" ({self._link})")
            self._link = ""

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def plain(html: Markup) -> str:
    """The text alone; a link's address follows its words."""
    if "<" not in html:
        return html.unescape()
    reader = _Plain()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)
