"""A conversation in which no two messages are alike: each says which turn it belongs to, and after what."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import count

import pytest

from assistant.channels.signal import outgoing as signal_messages
from assistant.channels.telegram import outgoing as telegram_messages
from assistant.dialogue.answers import Answer, Reading, Taken
from assistant.dialogue.script import Script
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect, SetLanguage
from assistant.domain.texts import Sentence
from tests.support.harness import with_conversations

_ECHO = re.compile(r"(\d+)\.(\d)/(\d) after (\w+)")
START = "start"
PART_MAX = 24  # characters of a message: more than one part has, and less than two


@dataclass(frozen=True, order=True)
class NumberedReply:
    """One message of ours: the turn of its chat, its place among the messages of the turn, and the word."""

    turn: int
    part: int
    parts: int
    word: str

    @property
    def is_last(self) -> bool:
        """Whether the turn says nothing after it."""
        return self.part == self.parts


def parse_reply(text: str) -> NumberedReply:
    """What a message says."""
    found = _ECHO.fullmatch(text)
    assert found, text
    return NumberedReply(int(found[1]), int(found[2]), int(found[3]), found[4])


def parts_of(turn: int) -> int:
    """How many messages a turn has: 1 to 3."""
    return 1 + turn % 3


def send_each_part_alone(patch: pytest.MonkeyPatch) -> None:
    """A question is one reply: have the channels cut it, so that its parts are messages."""
    patch.setattr(telegram_messages, "TEXT_MAX", PART_MAX)
    patch.setattr(signal_messages, "LIMIT", PART_MAX)


def with_numbered_replies(script: Script) -> Script:
    """The script, in which every chat is such a conversation."""
    return with_conversations(script, {"letter": _numbered_reply, "language": _english})


class _Word(Answer[str]):
    def understand(self, text: str, reading: Reading) -> Taken:
        return Taken(text)

    def restore(self, stored: str | None, reading: Reading) -> str:
        return stored or ""


def _numbered_reply(talk: Talk) -> Iterable[Effect | Begin]:
    word = START
    for turn in count(1):
        parts = parts_of(turn)
        said = [Sentence(f"{turn}.{part}/{parts} after {word}") for part in range(1, parts + 1)]
        word = talk.ask(f"turn{turn}", _Word(), *said)
    return ()


def _english(talk: Talk) -> Iterable[Effect | Begin]:
    return (SetLanguage("en"),)
