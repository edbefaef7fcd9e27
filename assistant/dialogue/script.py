"""Everything a dialogue is made of, put together once at start."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Protocol

from assistant.dialogue.answers import Fault
from assistant.dialogue.talk import Conversation
from assistant.dialogue.words import fold, is_marked, phrases, plainly
from assistant.domain.cases import Case, find_action
from assistant.domain.organisation import Organisation
from assistant.domain.ports import Gazetteer, Typeface
from assistant.domain.retention import Retention
from assistant.domain.texts import LanguageName, Locale, OwnLanguageName, Text
from assistant.domain.validation import Refusal

URGENT_WORDS_MAX = 5  # of a message that is short
_MAIN_WORDS = 2  # of a command, in each language: the first ones
FAQ = "faq"  # the conversation that answers a case's own questions
_SAID = 4  # blanks in a sentence that asks nothing, because it ends with a full stop
_PHRASE_MAX = 4  # words of one command
_POLITE_WORDS_MAX = 10  # of a message that may be a command with polite words around it
_SLIP_MAX = 40  # characters of a message in which one word is a slip
_SLIP_MIN = 4  # letters of a word of which a slip is told from another word
_LONG = 8  # ... also with letters that are wrong or missing: so many of them at most
_SLIPS_MAX = 2
# What stands around and between words: punctuation, symbols, emoji; not what is part of one.
_BETWEEN_WORDS = re.compile(
    r"[\s!-&(-,./:-@\[-`{-~\xa1-\xbf\u2000-\u200b\u200e-\u2018\u201a-\u2bff\u3000-\u303f\ufe00-\ufe0f"
    "\U0001f000-\U0001faff]+"
)
_WORD_AND_NUMBER = re.compile(r"([^\W\d_]+)-?(\d+)")  # `halt12`


def _key(text: str) -> str:
    """A command as it is looked up: `don't` is `dont`."""
    return fold(text).replace("'", "")


def _swapped(word: str) -> Iterable[str]:
    """The word, and with two neighbours swapped."""
    yield word
    yield from (word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1))


def _nearly(typed: str, word: str) -> bool:
    """Whether a letter or two of a long word are wrong or missing."""
    from rapidfuzz.distance import OSA  # only few messages come this far

    return OSA.distance(typed, word, score_cutoff=_SLIPS_MAX) <= _SLIPS_MAX


def _words_in(text: str) -> list[str]:
    """Its words without what stands between them; a number behind the first one is a word of its own."""
    words = (each.strip("-'") for each in _BETWEEN_WORDS.split(text))
    first, *others = [each for each in words if each] or [""]
    numbered = _WORD_AND_NUMBER.fullmatch(first)
    return [*(numbered.groups() if numbered else [first]), *others]


def _frequent(cases: Mapping[str, Case]) -> Iterable[tuple[str, str]]:
    """The phrases of each case's own questions, and the command that answers them."""
    for slug, case in cases.items():
        for language, questions in case.faq.items():
            for place, each in enumerate(questions):
                yield from ((plainly(phrase), f"{FAQ} {slug}/{language}/{place}") for phrase in each.phrases)


class Phrases(Protocol):
    """What the dialogue itself says, between the conversations' own sentences."""

    def refused(self, reason: Refusal, fault: Fault) -> Text:
        """Why an answer cannot be taken, and what would do."""

    def did_you_mean(self, values: Sequence[str]) -> Text:
        """Before a choice of what a text may have meant: answers as they are stored."""

    def is_your_name(self, name: str) -> Text:
        """Before the choice whether that is somebody's name: it looks like none."""

    def is_your_sentence(self, line: str) -> Text:
        """Before the choice whether that goes into the letter: it looks like something else."""

    def several_fit(self) -> Text:
        """Before a long list that was narrowed down."""

    def can_be_searched(self) -> Text:
        """Below a question with more options than anybody reads."""

    def stale(self) -> Text:
        """The answer is to an earlier message, or to one that reads differently by now."""

    def corrected(self) -> Text:
        """An edited message has changed an answer."""

    def at_the_start(self) -> Text:
        """There is nothing to go back to."""

    def unreadable(self, kind: str) -> Text:
        """Something came that is not text."""

    def unknown_command(self) -> Text:
        """A word with a slash that we do not know."""

    def welcome(self) -> Text:
        """To who thanks us when nothing is open."""

    def cannot_answer(self) -> Text:
        """Something was asked that we have no answer to."""

    def unknown_case(self) -> Text:
        """A link named a case that we do not have."""

    def private_only(self) -> Text:
        """To a group: we talk with one person at a time."""

    def flooded(self) -> Text:
        """They write more than is read."""

    def overtaken(self) -> Text:
        """What somebody wants done cannot be done any more."""

    def chat_has_moved(self) -> Text:
        """The chat of another channel goes on here."""

    def failed(self) -> Text:
        """Something is wrong on our side; nothing is lost."""


class Script:
    """Conversations, the words that work everywhere, phrases, languages, cases and countries.

    `commands` holds, for each word that works everywhere, what people type for it (a sentence of
    synonyms, separated by commas). A command runs the conversation of its own name over the one being
    held; `back` and `start` are carried out by the router. Commands in `afresh` first drop what was
    going on. Those in `urgent` stop something and are understood in every spelling (see `urgent_command`):
    each with the conversation that asks whether it is meant. `courtesies` are words that change nothing
    about them, and `polite` ones stand around every command. `topics`: words of questions, by the command
    that answers them; `asking`: how questions begin, `asking_us`: how those do that are for us and nobody
    else. `team` holds the commands that only organisers have, in the same way. `arguments`: what can be
    begun with an argument (`/halt 12`, or a button), and the question that it answers there. `settled`: what
    tells how something stands, by the question and the answer that did it, for who presses that once more.
    `asides` ask one small thing back: who comes back later is not asked whether to continue with one.
    The router itself begins the conversations `language`, `letter`, `come_back`, `clarify_question` and
    `undo`.
    """

    def __init__(
        self,
        *,
        conversations: Mapping[str, Conversation],
        commands: Mapping[str, Text],
        afresh: Collection[str],
        team: Mapping[str, Text],
        arguments: Mapping[str, str],
        urgent: Mapping[str, str],
        courtesies: Text,
        thanks: Text,
        polite: Text,
        topics: Mapping[str, Text],
        asking: Text,
        asking_us: Text,
        phrases: Phrases,
        locales: Mapping[str, Locale],
        cases: Mapping[str, Case],
        gazetteer: Gazetteer,
        typeface: Typeface,
        retention: Retention,
        organisation: Organisation | None = None,
        settled: Mapping[tuple[str, str], str] = MappingProxyType({}),
        asides: Collection[str] = (),
    ) -> None:
        self.conversations = conversations
        self.commands = commands
        self.afresh = frozenset(afresh)
        self.team = team
        self.arguments = arguments
        self.urgent = urgent
        self.settled = settled
        self.asides = frozenset(asides)
        self.phrases = phrases
        self.locales = locales
        self.cases = cases
        self.gazetteer = gazetteer
        self.typeface = typeface
        self.retention = retention
        self.organisation = organisation
        self.default_locale = next(iter(locales.values()))
        self._words = self._words_of(commands)
        self._team_words = self._words_of(team)
        stopping = [
            word.split()
            for word, command in {**self._team_words, **self._words}.items()
            if command in self.urgent
        ]
        self._edges = frozenset(each[end] for each in stopping for end in (0, -1))
        self._thanks = self._folded(thanks)
        self._courtesies = self._folded(courtesies) | self._thanks
        self._main_words = {
            command: {
                fold(word)
                for locale in locales.values()
                for word in {**commands, **team}[command].render(locale).unescape().split(",")[:_MAIN_WORDS]
            }
            for command in self.urgent
        }
        self._languages = {
            fold(name.render(locale).unescape()): code
            for code in locales
            for locale in locales.values()
            for name in (LanguageName(code), OwnLanguageName(code))
        }
        self._polite = frozenset(tuple(phrase.split()) for phrase in self._folded(polite))
        self._polite_sizes = sorted({len(each) for each in self._polite}, reverse=True)
        self._polite_edges = frozenset(each[end] for each in self._polite for end in (0, -1))
        single = [
            (word, command)
            for command, words in self._main_words.items()
            for word in words
            if " " not in word and len(word) >= _SLIP_MIN
        ]
        self._slips = {slip: command for word, command in single for slip in _swapped(word)}
        self._slip_letters = frozenset(slip[0] for slip in self._slips)
        self._long_words = [word for word, _ in single if len(word) >= _LONG]
        asking_phrases = self._folded(asking)
        self._asking = frozenset(each for each in asking_phrases if " " not in each)
        self._asking_phrases = tuple(f"{each} " for each in asking_phrases if " " in each)
        self._asking_us = tuple(f"{each} " for each in self._folded(asking_us))
        topic_words = {word: command for command, words in topics.items() for word in self._folded(words)}
        self._topics = topic_words.items()

    def _words_of(self, commands: Mapping[str, Text]) -> Mapping[str, str]:
        return {
            _key(word): command
            for locale in self.locales.values()
            for command, words in commands.items()
            for word in (command, *words.render(locale).unescape().split(","))
        }

    def ambiguous_words(self, language: str) -> Mapping[str, Sequence[str]]:
        """The words of that language that begin two things or more, which they begin in any language."""
        everywhere = {**self.commands, **self.team}
        meant: defaultdict[str, set[str]] = defaultdict(set)
        ours: set[str] = set()
        for code, locale in self.locales.items():
            for command, words in everywhere.items():
                typed = {_key(word) for word in words.render(locale).unescape().split(",")}
                ours |= typed if code == language else set()
                for word in typed:
                    meant[word].add(command)
        return {word: sorted(meant[word]) for word in sorted(ours) if len(meant[word]) > 1}

    def _folded(self, words: Text) -> frozenset[str]:
        return frozenset().union(*(phrases(words.render(locale)) for locale in self.locales.values()))

    def language_named(self, text: str) -> str | None:
        """The code of the language whose name is all that was written, in any language that we speak."""
        return self._languages.get(fold(text))

    def question(self, text: str, case: str | None = None) -> str | None:
        """The command that answers what `text` asks; empty where none does; None where it asks nothing.

        Without a question mark it asks only what we know. `case`: the only one whose own questions count. A
        command may have an argument behind it.
        """
        words = plainly(text)
        for_us = f"{words} ".startswith(self._asking_us)
        said = words.count(" ") >= _SAID and text.rstrip().endswith(".")  # `I am afraid for her life.`
        if said or not (for_us or self._asks(text, words)):
            return None
        asked = f" {words} "
        own = _frequent({slug: each for slug, each in self.cases.items() if case in (None, slug)})
        known = [each for each in (*own, *self._topics) if f" {each[0]} " in asked]
        if known:
            return max(known, key=lambda each: len(each[0]))[1]  # of those as long, a case's own
        return "" if for_us or is_marked(text) else None

    def asks(self, text: str) -> bool:
        """Whether it has a question mark, or three words that begin as questions do."""
        return self._asks(text, plainly(text))

    def _asks(self, text: str, words: str) -> bool:
        if is_marked(text) or f"{words} ".startswith(self._asking_phrases):
            return True
        return words.count(" ") > 1 and words.partition(" ")[0] in self._asking

    def asks_us(self, text: str) -> bool:
        """Whether it begins as a question does that can only be for us, such as `can I`."""
        return f"{plainly(text)} ".startswith(self._asking_us)

    def command(self, text: str, *, team: bool = False) -> str | None:
        """The command that a whole message names, with or without a slash, in any language."""
        return self._named(_key(text).removeprefix("/"), team=team) if text.strip() else None

    def polite_command(self, text: str, *, team: bool = False) -> str | None:
        """The command in a short message with polite words around it, but for those that stop something."""
        bare = self._bare(text)
        found = self._named(bare, team=team) if bare else None
        return None if found in self.urgent else found

    def _named(self, word: str, *, team: bool) -> str | None:
        return self._words.get(word) or (self._team_words.get(word) if team else None)

    def _bare(self, text: str) -> str:
        """A short message without the polite words around it; empty where there are none, or it is long."""
        written = text.split()
        size = len(written)
        if not 1 < size <= _POLITE_WORDS_MAX:
            return ""
        if self._polite_edges.isdisjoint([_key(written[0]), _key(written[-1])]):
            return ""
        words = tuple(_key(each) for each in written)
        while found := next((most for most in self._polite_sizes if words[:most] in self._polite), 0):
            words = words[found:]
        while found := next((most for most in self._polite_sizes if words[-most:] in self._polite), 0):
            words = words[:-found]
        return " ".join(words) if len(words) < size else ""

    def slip_of_urgent(self, text: str, *, team: bool = False) -> str | None:
        """The command that stops something and that one word was probably to be: `stpo`, `s.t.o.p`."""
        if len(text) > _SLIP_MAX or (text.isalpha() and fold(text)[:1] not in self._slip_letters):
            return None
        words = _words_in(text)
        if any(len(each) > 1 for each in words):
            words = [each for each in words if fold(each) not in self._courtesies]
            if len(words) != 1:
                return None
        typed = fold("".join(words))
        once = "".join(letter for letter, _ in groupby(typed))  # of a key that was held down
        named = self.command(typed, team=team)
        if named is not None and named not in self.urgent:
            return None  # `subscribe me` is no slip of `unsubscribe`
        known = self._slips.get(typed) or self._slips.get(once)
        if known is None and len(typed) >= _LONG - _SLIPS_MAX:
            known = next((self._slips[each] for each in self._long_words if _nearly(typed, each)), None)
        return known if team or known not in self.team else None

    def command_with_argument(self, text: str, *, team: bool = False) -> tuple[str, str] | None:
        """The command and its argument: after a word with a slash, or a case's slug after `letter`."""
        word, *rest = text.split(maxsplit=1) or ("",)
        command, argument = self.command(word, team=team), " ".join(rest).strip()
        if command is None or not argument:
            return None
        if command == "start":
            return ("start", argument) if find_action(self.cases, argument)[0] in self.cases else None
        return (command, argument) if command in self.arguments and word.startswith("/") else None

    def is_courtesy(self, text: str) -> bool:
        """Whether it says thanks and nothing else."""
        words = [fold(each) for each in text.split()]
        return any(each in self._thanks for each in words) and all(each in self._courtesies for each in words)

    def urgent_command(self, text: str, *, team: bool = False) -> tuple[str, str] | None:
        """A command that stops something, in a short message that begins or ends with it; its other words.

        Courtesies are left out of those: `please stop!` has no other words.
        """
        words = _words_in(text)
        if self._edges.isdisjoint(map(_key, words)):
            return None
        plain = [each for each in words if fold(each) not in self._courtesies]
        if len(plain) > URGENT_WORDS_MAX and not text.lstrip().startswith("/"):
            return None
        first = self.command(plain[0], team=team) if len(plain) > 1 else None
        begins = (self.command(" ".join(plain[:size]), team=team) for size in range(2, _PHRASE_MAX + 1))
        if first is not None and first not in self.urgent and not any(each in self.urgent for each in begins):
            return None  # about stopping, as in `help halt`, but not `cancel subscription`
        return self._at_an_edge(words, team=team) or self._at_an_edge(plain, team=team)

    def says_mainly(self, text: str, command: str) -> bool:
        """Whether one of its words is what people usually type for the command."""
        return any(fold(each) in self._main_words[command] for each in _words_in(text))

    def mentioned(self, text: str) -> str | None:
        """The command that stops something and of which `text` has a word, wherever it stands."""
        commands = (self.command(each, team=True) for each in _words_in(text))
        return next((each for each in commands if each in self.urgent), None)

    def _at_an_edge(self, words: Sequence[str], *, team: bool) -> tuple[str, str] | None:
        if not words or not self._edges & {_key(words[0]), _key(words[-1])}:
            return None
        for size in range(min(_PHRASE_MAX, len(words)), 0, -1):
            for phrase, others in ((words[:size], words[size:]), (words[-size:], words[:-size])):
                command = self.command(" ".join(phrase), team=team)
                if command and command in self.urgent:
                    return command, " ".join(each for each in others if fold(each) not in self._courtesies)
        return None

    def locale(self, language: str | None) -> Locale | None:
        """The language we speak that is nearest to a code such as `es-MX`, or None."""
        if not language:
            return None
        code = unicodedata.normalize("NFKC", language).replace("_", "-").casefold()
        return self.locales.get(code) or self.locales.get(code.split("-")[0])
