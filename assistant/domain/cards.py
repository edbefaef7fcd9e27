"""Cards and flyers: what stands on them, and where they lead."""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from assistant.domain.errors import Refused

LINK_MAX = 300  # characters: a longer one makes the modules of a code too small for a phone at arm's length


class CardForm(StrEnum):
    """What can be drawn of a case; the value is the ending of its file."""

    SVG = "svg"  # the card, for pages
    PNG = "png"  # the card, for platforms that show no SVG
    PDF = "pdf"  # the flyer


@dataclass(frozen=True, slots=True)
class CardLinks:
    """`shown`: as people read and type it. `code`: what the QR code of a flyer opens."""

    shown: str
    code: str


def card_links(link: str) -> CardLinks:
    """The links of a card that leads there. Raises Refused where it is no link of the web, or too long."""
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not _is_plain(link):
        raise Refused("That is no link: it has to begin with https:// and to have no spaces.")
    if len(link) > LINK_MAX:
        raise Refused(f"The link is too long for a QR code: at most {LINK_MAX} characters.")
    return CardLinks(link.partition("://")[2].rstrip("/"), link)


def case_links(page: str) -> CardLinks:
    """The links of a card of the case with that page: who comes by the code is counted. Raises Refused."""
    return CardLinks(card_links(page).shown, card_links(f"{page}?s=flyer").code)


def _is_plain(link: str) -> bool:
    return link.isprintable() and not any(character.isspace() for character in link)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardFacts:
    """What stands on a card and a flyer, in plain text.

    `language`: of the words around. `line`: what is asked, in a sentence or two. `counter`: how many letters
    have arrived. `invitation`: what can be done; `scan`: what to do with the code, whose `code_title` screen
    readers say. `link`: as people read it; `code_link`: what the code opens. Only `line`, `counter`,
    `invitation` and `organisation` may be empty.
    """

    language: str
    title: str
    line: str
    counter: str
    invitation: str
    scan: str
    link: str
    code_link: str
    code_title: str
    organisation: str
