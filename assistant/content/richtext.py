"""Markdown, which people write in case folders, to our rich text (Telegram's small HTML)."""

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup, escape

_TAGS = {"strong": "b", "em": "i"}
_parser = MarkdownIt("commonmark", {"html": False}).disable(["image"])


def from_markdown(source: str) -> Markup:
    """Paragraphs, bold, italics, links, quotes and lists; anything else becomes plain text."""
    blocks: list[str] = []
    bullet = prefix = suffix = ""
    for token in _parser.parse(source.strip()):
        match token.type:
            case "inline":
                blocks.append(f"{bullet}{prefix}{_inline(token.children or [])}{suffix}")
                bullet = "  " if bullet else ""
            case "list_item_open":
                bullet = "• "
            case "list_item_close":
                bullet = ""
            case "heading_open":
                prefix, suffix = "<b>", "</b>"
            case "blockquote_open":
                prefix, suffix = "<blockquote>", "</blockquote>"
            case "heading_close" | "blockquote_close":
                prefix = suffix = ""
            case "code_block" | "fence":
                blocks.append(f"<code>{escape(token.content.rstrip())}</code>")
    return Markup(_join(blocks))  # noqa: S704  every part is escaped where it is made


def _join(blocks: list[str]) -> str:
    """Items of a list follow each other closely, paragraphs with an empty line between."""
    text = ""
    for block in blocks:
        close = block.startswith("• ") and text.rpartition("\n")[2].startswith("• ")
        text += ("\n" if close else "\n\n" if text else "") + block
    return text


def _inline(tokens: list[Token]) -> str:
    parts: list[str] = []
    for token in tokens:
        name, _, end = token.type.rpartition("_")
        if name in _TAGS:
            parts.append(f"<{'/' if end == 'close' else ''}{_TAGS[name]}>")
        elif token.type == "link_open":
            parts.append(f'<a href="{escape(str(token.attrGet("href") or ""))}">')
        elif token.type == "link_close":
            parts.append("</a>")
        elif token.type == "softbreak":
            parts.append(" ")
        elif token.type == "hardbreak":
            parts.append("\n")
        elif token.type == "code_inline":
            parts.append(f"<code>{escape(token.content)}</code>")
        else:
            parts.append(escape(token.content))
    return "".join(parts)
