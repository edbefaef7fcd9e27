"""Everything a dialogue is made of, put together once at start."""

import unicodedata
from collections.abc import Collection, Mapping
from typing import Protocol

from assistant.dialogue.answers import fold
from assistant.dialogue.talk import Conversation
from assistant.domain.model import Case
from assistant.domain.names import Refusal
from assistant.domain.places import Gazetteer, Typeface
from assistant.domain.speech import Speech, Tongue


class Phrases(Protocol):
    """What the dialogue itself says, between the conversations' own sentences."""

    def refused(self, reason: Refusal, limit: int) -> Speech:
        """Why an answer cannot be taken, and what would do."""

    def did_you_mean(self) -> Speech:
        """Before a choice of what a text may have meant."""

    def stale(self) -> Speech:
        """The answer is to an earlier message, or to one that reads differently by now."""

    def corrected(self) -> Speech:
        """An edited message has changed an answer."""

    def at_the_start(self) -> Speech:
        """There is nothing to go back to."""

    def unreadable(self, kind: str) -> Speech:
        """Something came that is not text."""

    def unknown_command(self) -> Speech:
        """A word with a slash that we do not know."""

    def unknown_case(self) -> Speech:
        """A link named a case that we do not have."""

    def private_only(self) -> Speech:
        """To a group: we talk with one person at a time."""

    def overtaken(self) -> Speech:
        """What somebody wants done cannot be done any more."""

    def failed(self) -> Speech:
        """Something is wrong on our side; nothing is lost."""


class Script:
    """Conversations, the words that work everywhere, phrases, languages, cases and countries.

    `commands` holds, for each word that works everywhere, what people type for it (a sentence of
    synonyms, separated by commas). A command runs the conversation of its own name over the one being
    held; `back` and `start` are carried out by the router. Commands in `afresh` first drop what was
    going on. `team` holds the commands that only organisers have, in the same way. `arguments`: what can be
    begun with an argument (`/halt 12`, or a button), and the question that it answers there. The router
    itself begins the conversations `language`, `letter` and `resume`.
    """

    def __init__(
        self,
        *,
        conversations: Mapping[str, Conversation],
        commands: Mapping[str, Speech],
        afresh: Collection[str],
        team: Mapping[str, Speech],
        arguments: Mapping[str, str],
        phrases: Phrases,
        tongues: Mapping[str, Tongue],
        cases: Mapping[str, Case],
        gazetteer: Gazetteer,
        typeface: Typeface,
    ) -> None:
        self.conversations = conversations
        self.commands = commands
        self.afresh = frozenset(afresh)
        self.team = team
        self.arguments = arguments
        self.phrases = phrases
        self.tongues = tongues
        self.cases = cases
        self.gazetteer = gazetteer
        self.typeface = typeface
        self.default_tongue = next(iter(tongues.values()))
        self._words = self._words_of(commands)
        self._team_words = self._words_of(team)

    def _words_of(self, commands: Mapping[str, Speech]) -> Mapping[str, str]:
        return {
            fold(word): command
            for tongue in self.tongues.values()
            for command, words in commands.items()
            for word in (command, *words.render(tongue).unescape().split(","))
        }

    def command(self, text: str, *, team: bool = False) -> str | None:
        """The command that a whole message names, with or without a slash, in any language."""
        if not text.strip():
            return None
        word = fold(text).removeprefix("/")
        return self._words.get(word) or (self._team_words.get(word) if team else None)

    def command_with_argument(self, text: str, *, team: bool = False) -> tuple[str, str] | None:
        """The command and its argument: after a word with a slash, or a case's slug after `letter`."""
        word, _, argument = text.strip().partition(" ")
        command, argument = self.command(word, team=team), argument.strip()
        if command is None or not argument:
            return None
        if command == "start":
            return ("start", argument) if argument in self.cases else None
        return (command, argument) if command in self.arguments and word.startswith("/") else None

    def tongue(self, language: str | None) -> Tongue | None:
        """The language we speak that is nearest to a code such as `es-MX`, or None."""
        if not language:
            return None
        code = unicodedata.normalize("NFKC", language).replace("_", "-").casefold()
        return self.tongues.get(code) or self.tongues.get(code.split("-")[0])
