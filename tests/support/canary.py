"""Canaries: words and numbers that stand nowhere by chance, and the search for them in every byte of a place.

Every word has `CORE` in it. A place is searched for that in each of its forms, which is one look and not a
hundred; which canary it is, is asked only where something is found.
"""

import base64
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from assistant.store.crypto import VERSION, Vault

CORE = "zyxquill"
FOLDS = b"\0\r\n="
"""What is left out before texts are looked for: then UTF-16 and folded lines are like others."""


def text_forms(word: str) -> frozenset[bytes]:
    """In small letters. It has to be ASCII: then it is the same in HTML, JSON, URLs and quoted-printable."""
    assert word.isascii()
    raw = word.lower().encode()
    return frozenset((raw, raw.hex().encode(), word.encode().hex().encode()))


def base64_forms(word: str) -> frozenset[bytes]:
    """The characters of its base64 that do not depend on what stands beside it: one for each place."""
    found = set()
    for written in {word, word.lower(), word.capitalize(), word.upper()}:
        for before in range(3):
            code = base64.b64encode(b"x" * before + written.encode())
            found.add(code[-(-before * 8 // 6) : (before + len(written)) * 8 // 6])
    return frozenset(found)


def number_forms(number: int) -> frozenset[bytes]:
    """As SQLite and PostgreSQL store it, and as PostgreSQL stores it in JSON."""
    assert 2**40 < number < 2**47, "six bytes: fewer stand somewhere by chance"
    digits = f"{number:0{-(-len(str(number)) // 4) * 4}}"
    in_json = (int(digits[at : at + 4]).to_bytes(2, "little") for at in range(0, len(digits), 4))
    # Six bytes are also the end of eight, or their beginning.
    return frozenset((number.to_bytes(6, "big"), number.to_bytes(6, "little"), b"".join(in_json)))


@dataclass(frozen=True)
class Forms:
    """How a canary without the core can stand in bytes."""

    texts: frozenset[bytes]
    base64: frozenset[bytes] = frozenset()
    binary: frozenset[bytes] = frozenset()


@dataclass
class Canaries:
    """What is looked for, by what it is: `words` have the core in them, others have forms of their own."""

    words: dict[str, str] = field(default_factory=dict)
    others: dict[str, Forms] = field(default_factory=dict)

    def number(self, what: str, number: int) -> None:
        """A number of six bytes."""
        self.others[what] = Forms(text_forms(str(number)), base64_forms(str(number)), number_forms(number))

    def identity(self, what: str, identity: str) -> None:
        """A UUID, with and without its dashes, and as sixteen bytes."""
        texts = text_forms(identity) | text_forms(identity.replace("-", ""))
        self.others[what] = Forms(texts, base64_forms(identity), frozenset({uuid.UUID(identity).bytes}))

    def code(self, what: str, code: str) -> None:
        """A word that others have chosen, which is long enough not to stand anywhere by chance."""
        self.others[what] = Forms(text_forms(code), base64_forms(code))

    def among(self, content: bytes) -> set[str]:
        """Which of them stand there, in any form."""
        texts = content.translate(None, FOLDS)
        small = texts.lower()
        found = {
            what
            for what, forms in self.others.items()
            if any(form in small for form in forms.texts)
            or any(form in texts for form in forms.base64)
            or any(form in content for form in forms.binary)
        }
        if any(form in small for form in text_forms(CORE)) or any(
            form in texts for form in base64_forms(CORE)
        ):
            found |= {
                what
                for what, word in self.words.items()
                if any(form in small for form in text_forms(word))
                or any(form in texts for form in base64_forms(word))
            } or {f"something with {CORE}"}
        return found


@dataclass
class Searched:
    """What was looked at, and what was found there."""

    places: int = 0
    read: int = 0  # bytes
    hits: dict[str, set[str]] = field(default_factory=dict)  # by place

    def look(self, canaries: Canaries, place: str, content: bytes) -> None:
        """At this too."""
        self.places += 1
        self.read += len(content)
        if found := canaries.among(content):
            self.hits[place] = found


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below it, by its path, and its name as if it were a file's content too."""
    for each in sorted(folder.rglob("*")):
        name = str(each.relative_to(folder))
        try:
            yield name, name.encode() + b"\0" + (each.read_bytes() if each.is_file() else b"")
        except FileNotFoundError:
            continue  # a running program has just removed it


def opened(vault: Vault, content: bytes, chats: Iterable[int]) -> set[int]:
    """Of which of these chats a key can be read there: every place is tried that looks like one.

    Also as a database server writes bytes into its log.
    """
    wanted = set(chats)
    found: set[int] = set()
    length = len(vault.new_key(1)[0])
    for key in vault.keyring.wrapping:
        header = bytes([VERSION]) + key.id.to_bytes(4, "big")
        tried = {content[at : at + length] for at in _places(content, header)}
        for at in _places(content, header.hex().encode()):
            with suppress(ValueError):
                tried.add(bytes.fromhex(content[at : at + 2 * length].decode("latin-1")))
        for wrapped in tried:
            if len(wrapped) < length or wrapped[len(header) :].count(0) > 8:
                continue  # what is random has no such row of zeros
            for chat in wanted - found:
                with suppress(Exception):  # it is none
                    vault.open_key(wrapped, chat)
                    found.add(chat)
    return found


def _places(content: bytes, of: bytes) -> Iterator[int]:
    return (found.start() for found in re.finditer(re.escape(of), content))


def said(hits: Mapping[str, set[str]]) -> str:
    """The hits as lines, for who reads why a test has failed."""
    return "\n".join(f"{place}: {', '.join(sorted(found))}" for place, found in sorted(hits.items()))
