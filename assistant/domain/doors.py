"""Buttons that begin something, under messages that ask nothing: anybody may press them, at any time."""

from dataclasses import dataclass

from assistant.domain.messages import Button, Press, Reply
from assistant.domain.speech import Speech, Tongue, render

OPEN = "open"  # their mark


@dataclass(frozen=True, slots=True)
class Door:
    """Leads into a conversation. `argument`: its first answer. `word`: what to type for it instead."""

    conversation: str
    argument: str
    label: Speech
    word: Speech | str

    def button(self, tongue: Tongue) -> Button:
        """As a reader of that language sees it."""
        return Button(
            f"{self.conversation}:{self.argument}",
            render(self.label, tongue).unescape(),
            render(self.word, tongue).unescape(),
        )


@dataclass(frozen=True, slots=True)
class Told:
    """Something said outside of a talk, with buttons that begin one."""

    said: Speech
    doors: tuple[Door, ...] = ()

    def render(self, tongue: Tongue) -> Reply:
        """As a reader of that language gets it."""
        buttons = tuple(door.button(tongue) for door in self.doors)
        return Reply(self.said.render(tongue), buttons, mark=OPEN if buttons else None)


def opened(press: Press) -> tuple[str, str] | None:
    """The conversation and the argument that a press asks for; None where it is another kind of button."""
    if press.mark != OPEN:
        return None
    conversation, _, argument = press.value.partition(":")
    return conversation, argument
