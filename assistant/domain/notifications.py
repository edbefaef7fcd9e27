"""Buttons that begin something, under messages that ask nothing: anybody may press them, at any time."""

from dataclasses import dataclass

from assistant.domain.messages import Button, Press, Reply
from assistant.domain.texts import Locale, Text, render

START_MARK = "open"  # their mark


@dataclass(frozen=True, slots=True)
class StartButton:
    """Leads into a conversation. `argument`: its first answer. `word`: what to type for it instead."""

    conversation: str
    argument: str
    label: Text
    word: Text | str

    def button(self, locale: Locale) -> Button:
        """As a reader of that language sees it."""
        return Button(
            f"{self.conversation}:{self.argument}",
            render(self.label, locale).unescape(),
            render(self.word, locale).unescape(),
        )


@dataclass(frozen=True, slots=True)
class Notification:
    """Something said outside of a talk, with buttons that begin one. `menu`: see `effects.ShowMenu`."""

    said: Text
    doors: tuple[StartButton, ...] = ()
    menu: tuple[tuple[str, str], ...] | None = None

    def render(self, locale: Locale) -> Reply:
        """As a reader of that language gets it."""
        buttons = tuple(door.button(locale) for door in self.doors)
        return Reply(self.said.render(locale), buttons, mark=START_MARK if buttons else None, menu=self.menu)


def started_by(press: Press) -> tuple[str, str] | None:
    """The conversation and the argument that a press asks for; None where it is another kind of button."""
    if press.mark != START_MARK:
        return None
    conversation, _, argument = press.value.partition(":")
    return conversation, argument
