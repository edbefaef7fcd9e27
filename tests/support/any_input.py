"""Anything a person may send in a chat, and what each reply has to be."""

from collections.abc import Callable
from html.parser import HTMLParser

from assistant.domain.messages import (
    Content,
    Edited,
    Press,
    Reply,
    TextMessage,
)
from tests.support.transcript import Chat

CALLBACK_MAX = 64  # bytes that Telegram takes as a button's data
TAGS = {"b", "i", "u", "a", "code", "blockquote"}
Step = Content | Callable[[Chat], Content]  # the latter: what depends on the chat so far


def press_any(which: int, value: int) -> Callable[[Chat], Content]:
    """A press on any button ever shown; the latest ones more often."""

    def step(chat: Chat) -> Content:
        having = [reply for reply in chat.shown if reply.buttons]
        if not having:
            return Press("name.0123456789ab", "go")
        reply = having[-1 - which % 3] if which % 2 and len(having) > 2 else having[which % len(having)]
        return Press(reply.mark or "", reply.buttons[value % len(reply.buttons)].value)

    return step


def any_mark(chat: Chat, which: int) -> str | None:
    """Of any message ever shown; of the latest question more often."""
    shown = [reply for reply in chat.shown if reply.asks][-1:] if which % 2 else chat.shown
    return shown[which // 2 % len(shown)].mark if shown else "name.0123456789ab"


def quote_any(which: int, text: str) -> Callable[[Chat], Content]:
    """An answer that quotes any message."""
    return lambda chat: TextMessage(text, mark=any_mark(chat, which))


def edit_any(which: int, text: str, *, renumbered: bool) -> Callable[[Chat], Content]:
    """A change of any message; of the latest ones more often."""

    def step(chat: Chat) -> Content:
        refs = list(chat.typed)[-6:] if which % 2 else [*chat.typed, "none"]
        new_ref = str(len(chat.typed)) if renumbered else None
        return Edited(refs[which // 2 % len(refs)] if refs else "none", text, new_ref)

    return step


def check_reply(reply: Reply) -> None:
    """It is our small HTML, and its buttons fit."""
    assert reply.html.strip()
    reply.html.encode("utf-8")
    reader = SmallHtml()
    reader.feed(reply.html)
    reader.close()
    assert reader.open == []
    for button in reply.buttons:
        assert button.label.strip()
        assert len(f"{reply.mark}:{button.value}".encode()) <= CALLBACK_MAX
    values = [button.value for button in reply.buttons]
    assert len(set(values)) == len(values)


class SmallHtml(HTMLParser):
    """Refuses what is not `domain.texts`'s HTML; nothing is marked up within a quote."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS
        assert "blockquote" not in self.open
        assert [name for name, _ in attrs] == (["href"] if tag == "a" else [])
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        assert "<" not in data
        assert "&" not in data

    def handle_entityref(self, name: str) -> None:
        assert name in {"lt", "gt", "amp", "quot"}

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(f"a declaration: {decl}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")
