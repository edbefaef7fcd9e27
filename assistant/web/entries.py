"""What was said in a chat, as a page shows it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import assert_never

from markupsafe import Markup, escape

from assistant.domain.charts import in_words
from assistant.domain.messages import Attachment, Document, Entry, Paper, Picture
from assistant.domain.richtext import is_well_formed, plain


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """An entry as the page shows it. `buttons`: what is sent for each, and what stands on it."""

    number: int
    theirs: bool
    html: Markup
    buttons: Sequence[tuple[str, str]]
    file: str | None
    picture: str | None  # what it says


def views(entries: Sequence[Entry], site: str) -> Iterator[View]:
    """Buttons are shown of what was said since they spoke last, and of what goes to many.

    `site`: the address of our pages.
    """
    last = max((place for place, each in enumerate(entries) if each.theirs), default=-1)
    for place, each in enumerate(entries):
        said = each.said
        html = said.html if is_well_formed(said.html) else escape(plain(said.html))
        if not each.theirs:
            html = _with_links(html, site)
        shown = said.buttons if place > last or said.bulk else ()
        if not html and said.attachment is None:
            continue
        yield View(
            number=each.number,
            theirs=each.theirs,
            html=html,
            buttons=[(f"{said.mark}:{button.value}", button.label) for button in shown],
            file=_pressed_for(said.attachment),
            picture=in_words(said.attachment.chart) if isinstance(said.attachment, Picture) else None,
        )


def _pressed_for(attachment: Attachment | None) -> str | None:
    """The sentence by which a file is opened. A picture is seen without."""
    match attachment:
        case None | Picture():
            return None
        case Document():
            return "document"
        case Paper():
            return "file"
    assert_never(attachment)


def _with_links(html: Markup, site: str) -> Markup:
    """What we have said, with the addresses of our own pages in it that can be pressed.

    No others: we say again what people have written, and organisers read it.
    """
    if "<a " in html:
        return html
    ours = rf"(?<![\w/]){re.escape(site)}/[a-z0-9-]+(\?s=[A-Za-z0-9-]+)?(?![\w/?&#;=%@:-])"
    return Markup(re.sub(ours, r'<a href="\g<0>">\g<0></a>', str(html)))  # noqa: S704  it is ours, and escaped
