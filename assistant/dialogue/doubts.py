"""What tells a name or a sentence from other things that people write where they are asked for one."""

from dataclasses import dataclass

from assistant.dialogue.options import Option, synonyms
from assistant.dialogue.words import beginnings, behind, fold, phrases, plainly
from assistant.domain.texts import Locale, Text

_ENDS = (".", "!", "\u3002", "\uff01", "\u06d4", "\u0964")  # of sentences, in several scripts
_FEW = 10  # characters of a word, where few words are few; some scripts have no blanks between theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubts:
    """What tells an answer in free words from other things that people write where they are asked for it.

    `none` and `beginnings` are phrases, separated by commas: what is no answer alone, and how sentences begin
    that are none. More words than `most` are an answer. `keep`: to say that it is one. `words`: where a
    sentence is asked for, so few are doubtful without a full stop, and more with one are not.
    """

    none: Text
    beginnings: Text
    keep: Option
    words: int = 0
    most: int = 100

    def is_none(self, text: str, locale: Locale) -> bool:
        """Whether it surely is no answer."""
        return plainly(text) in phrases(self.none.render(locale))

    def doubt(self, text: str, locale: Locale) -> bool:
        """Whether it looks like no answer."""
        if self.is_none(text, locale):
            return True
        words, ended = len(text.split()), bool(self.words) and text.endswith(_ENDS)
        if words > self.most or (ended and words > self.words):
            return False
        few = words <= self.words and len(text) <= _FEW * self.words and not ended
        return few or f"{plainly(text)} ".startswith(beginnings(self.beginnings.render(locale)))


@dataclass(frozen=True, slots=True, kw_only=True)
class NameDoubts(Doubts):
    """`before`: what people write before their name; `perhaps_before`: what may be a part of it, too, and
    `perhaps_after` behind it.

    `other`: to say that it is not the name.
    """

    before: Text
    perhaps_before: Text
    perhaps_after: Text
    other: Option

    def inner(self, name: str, locale: Locale) -> str:
        """The name without what may stand around it; nothing where nothing does."""
        words = (behind(name, self.perhaps_before, locale) or name).split()
        while len(words) > 1 and fold(words[-1]) in phrases(self.perhaps_after.render(locale)):
            words.pop()
        found = " ".join(words).rstrip(",;")
        return "" if found == name else found

    def says_yes(self, text: str, locale: Locale) -> bool:
        """Whether it begins as a yes does, and no name follows: `yes it is`."""
        first, *others = text.split(maxsplit=1)
        return fold(first) in synonyms(self.keep, locale) and self.doubt("".join(others) or first, locale)
