"""What a language's catalogue lacks, for who translates it."""

import gettext
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po

from assistant.content import typefaces
from assistant.content.i18n import CATALOGUES
from assistant.domain.errors import Misconfigured

TEMPLATE = "assistant.pot"
_PLACEHOLDER = re.compile(r"\{\w*\}|</?\w+[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueCheck:
    """How far a catalogue is. Sentences are named as they stand in English.

    `sentences`: how many there are. `missing`: without a translation, or with one of another sentence
    (fuzzy). `broken`: whose translation has other placeholders or tags. `forms`: what is wrong with its forms
    of the plural; empty: nothing. `unprintable`: signs of it that no letter can show.
    """

    sentences: int
    missing: Sequence[str]
    broken: Sequence[str]
    forms: str
    unprintable: str


def check_catalogue(language: str, folder: Path = CATALOGUES) -> CatalogueCheck:
    """Compare the catalogue of that language with all sentences there are; without one, all are missing.

    Raises Misconfigured where one of both cannot be read, as in an installed package: it has no template.
    """
    template = _read(folder / TEMPLATE, None)
    file = folder / language.replace("-", "_") / "LC_MESSAGES" / "assistant.po"
    ours = _read(file, file.parent.parent.name) if file.exists() else Catalog()
    all_of_it = [message for message in template if message.id]
    found = [(message, ours.get(message.id)) for message in all_of_it]
    missing = [_english(message) for message, said in found if not _is_whole(said)]
    whole = [(message, said) for message, said in found if said is not None and _is_whole(said)]
    of_one = _of_one_number(ours)
    return CatalogueCheck(
        sentences=len(all_of_it),
        missing=missing,
        broken=[
            _english(message) for message, said in whole if not _has_the_same_parts(message, said, of_one)
        ],
        forms=_forms(language, ours) if file.exists() else "",
        unprintable=_unprintable(" ".join(" ".join(_texts(said)) for _, said in whole)),
    )


def _read(file: Path, language: str | None) -> Catalog:
    try:
        with file.open("rb") as text:
            return read_po(text, locale=language)
    except (OSError, ValueError, UnicodeError) as error:
        raise Misconfigured(
            f"{file} cannot be read: {error}. Languages are translated in a checkout of the source."
        ) from error


def _english(message: Message) -> str:
    return message.id if isinstance(message.id, str) else str(message.id[0])


def _texts(message: Message) -> Sequence[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string or ())


def _is_whole(said: Message | None) -> bool:
    return said is not None and not said.fuzzy and all(_texts(said)) and bool(_texts(said))


def _has_the_same_parts(message: Message, said: Message, of_one: Collection[int]) -> bool:
    """Whether each form has the placeholders and tags of the English one.

    A form that stands for one number only may say that number in a word, as the Arabic dual does.
    """
    wanted = _parts(message.id if isinstance(message.id, str) else message.id[-1])
    for place, text in enumerate(_texts(said)):
        lacks, has_more = wanted - _parts(text), _parts(text) - wanted
        may_lack = isinstance(message.id, tuple) and place in of_one
        if has_more or lacks.total() > may_lack or any(each.startswith("<") for each in lacks):
            return False
    return True


def _parts(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDER.findall(text))


def _of_one_number(ours: Catalog) -> Collection[int]:
    """The forms of the plural that stand for one number only."""
    form_of = gettext.c2py(ours.plural_expr)
    return [form for form, numbers in Counter(map(form_of, range(1000))).items() if numbers == 1]


def _unprintable(text: str) -> str:
    """Only letters, their accents and digits are meant: other signs that people type stay in the chat."""
    words = {
        "".join(each for each in word if unicodedata.category(each)[0] in "LMN") for word in text.split()
    }
    return typefaces.missing(" ".join(sorted(words)))


def _forms(language: str, ours: Catalog) -> str:
    number, expression = get_plural(language.replace("-", "_"))[:2]
    if ours.num_plurals == number:
        return ""
    return (
        f"it has {ours.num_plurals} forms, and {language} has {number}: "
        f"write Plural-Forms: nplurals={number}; plural={expression};"
    )
