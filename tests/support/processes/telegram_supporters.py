"""People in the fake Telegram who go through the whole letter, by buttons or by typing."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.support.fakes.telegram.chats import Network, Received
from tests.support.fakes.telegram.people import Person
from tests.support.processes.installation import LETTER, TIMEOUT

_WITHOUT_BUTTONS = {
    "Which country": "country",
    "¿En qué país": "country",
}


def question(message: Received) -> str | None:
    """The name of the question that the message asks."""
    if message.buttons:
        return message.buttons[0][1].partition(".")[0]  # a button's data begins with its question
    return next((name for text, name in _WITHOUT_BUTTONS.items() if message.text.startswith(text)), None)


@dataclass
class Supporter:
    """Answers each question once, by its name. A message that is repeated word for word is passed over.

    `at_first`: other answers, for the first time that a question is asked.
    `patience`: seconds until a message that does not come is missed.
    """

    telegram: Network
    person: Person
    answers: Mapping[str, str] = field(default_factory=LETTER.copy)
    typing: bool = False
    at_first: Mapping[str, str] = field(default_factory=dict)
    patience: float = TIMEOUT
    heard: list[Received] = field(default_factory=list)  # without repeats
    _looked_at: int = 0

    async def react(self) -> None:
        """Read what is new and answer it."""
        while self._looked_at < len(self.person.inbox):
            message = self.person.inbox[self._looked_at]
            self._looked_at += 1
            if _content(message) in map(_content, self.heard):
                continue
            self.heard.append(message)
            await self._answer(message)

    async def _answer(self, message: Received) -> None:
        asked = question(message)
        if asked is None or asked not in self.answers:
            return
        value = self.answers[asked]
        if self.asked.count(asked) == 1:
            value = self.at_first.get(asked, value)
        data = next((data for _, data in message.buttons if data.endswith(f":{value}")), None)
        if data is None or self.typing:
            await self.person.write(value)
        else:
            await self.person.press(data, message)

    @property
    def asked(self) -> list[str]:
        """The questions, in the order in which they came."""
        return [name for message in self.heard if (name := question(message))]

    async def until(self, text: str) -> Received:
        """Go on until a message has this text; returns it."""
        while True:
            await self.react()
            for message in self.heard:
                if text in message.text:
                    return message
            try:
                await self.telegram.until(lambda: len(self.person.inbox) > self._looked_at, self.patience)
            except TimeoutError:
                raise TimeoutError(
                    f"never heard {text!r}, but: {[each.text for each in self.heard]}"
                ) from None


def _content(message: Received) -> tuple[str, object]:
    return message.html, message.buttons
