"""What there is to choose from, and which of it people mean by what they type."""

import re
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from assistant.dialogue.words import fold, phrases
from assistant.domain.texts import Locale, Text, in_plain_text


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose: the value is a contract, the label is what people see.

    `also` holds further words people type for it, separated by commas. `agrees`: it means yes. `word`: what
    to type for it where there are no buttons; None: its place on the list.
    """

    value: str
    label: Text | str
    also: Text | None = None
    _: KW_ONLY
    agrees: bool = False
    word: str | None = None


_NO = ("no", "non", "nein", "nao")  # typed by readers of any language


def pick(text: str, options: Sequence[Option], locale: Locale, *, loosely: bool) -> str | None:
    """The value of the option that `text` means: by number, value, label or synonym.

    `loosely` also takes the beginning of a label, where it fits one option only; `no` is not Norma.
    """
    wanted = _on_one_line(text)
    if not wanted:
        return None
    if wanted.isdecimal():
        number = int(wanted) if len(wanted) < 4 else 0
        return options[number - 1].value if 0 < number <= len(options) else None
    for option in options:
        if wanted == option.value.casefold():
            return option.value
    labels = [_on_one_line(in_plain_text(option.label, locale)) for option in options]
    bare = wanted.replace("'", "")
    for option, label in zip(options, labels, strict=True):
        known = synonyms(option, locale)
        if wanted == label or wanted in known or bare in known:
            return option.value
    if not loosely:
        return None
    fitting = [option.value for option, label in zip(options, labels, strict=True) if _begins(label, wanted)]
    return fitting[0] if len(fitting) == 1 else None


def _on_one_line(text: str) -> str:
    """As options are compared: `yes, send it` is `yes send it`."""
    folded = fold(text)
    return " ".join(folded.replace(",", " ").split()) if "," in folded else folded


MANY = 20  # options that are no longer taken in at a glance: these can be searched
_WORD = re.compile(r"[^\W_]+")


def search(text: str, options: Sequence[Option], locale: Locale) -> tuple[str, ...]:
    """The values of the options whose labels have words that begin as those of `text` do.

    Where there are none, those that have the text anywhere: not every script has blanks between words.
    """
    wanted = _WORD.findall(fold(text))
    if not wanted or fold(text) in _NO:
        return ()
    labels = {option.value: fold(in_plain_text(option.label, locale)) for option in options}
    found = [
        value
        for value, label in labels.items()
        if all(any(word.startswith(each) for word in _WORD.findall(label)) for each in wanted)
    ]
    return tuple(found or (value for value, label in labels.items() if fold(text) in label))


def _begins(label: str, wanted: str) -> bool:
    in_a_word = label[len(wanted) :][:1].isalpha()
    return label.startswith(wanted) and not (in_a_word and wanted in _NO)


def synonyms(option: Option, locale: Locale) -> frozenset[str]:
    """The further words for it, folded."""
    return phrases(option.also.render(locale)) if option.also else frozenset()
