"""What a second pair of eyes sees in the texts of cases. None of it keeps a case from being used."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html.entities import html5

from assistant.content.letters import JinjaLetter
from assistant.domain.cases import Case
from assistant.domain.richtext import plain
from assistant.domain.texts import Written

SENTENCE_WORDS = 20  # what people read at once
SENTENCE_WORDS_MAX = 30
ALIKE = 90  # of 100: texts that differ in little more than names

_READ_AS = ("cp1252", "mac_roman", "cp1251", "cp850", "cp437")  # what UTF-8 is taken for by mistake
_UNDEFINED = {code: bytes([code]) for code in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}  # in cp1252
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[A-Za-z][A-Za-z0-9]+);")
_TAG = re.compile(r"</?[A-Za-z][^<>\n]*>|<!--")
_AUTOLINK = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:[^\s<>]*>|<[^\s<>@]+@[^\s<>]+>")
_IMAGE = re.compile(r"!\[[^\]]*\]\(")
_TARGET = re.compile(r"\]\(\s*<?\s*([A-Za-z][A-Za-z0-9+.-]*):")
_LINKS = ("https", "mailto", "tel")
_SENTENCE_END = re.compile(r"[.!?…。！？।۔؟](?:[\"'”’»)]*\s+|$)|\n\s*\n|\n\s*[-*•]\s")
_EMAIL = re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b")
_LOST = "\ufffd"
_LOST_IN_WORD = re.compile(r"[^\W\d_]\?[^\W\d_]")


def remarks(text: str, country: str, *, markdown: bool = False) -> Iterator[str]:
    """What is to be said of one text. `country`: of the office, for numbers without their country's code."""
    for word in dict.fromkeys(text.split()):
        if meant := _unscrambled(word):
            yield f"'{word}' looks scrambled; write '{meant}' instead, and save the file as UTF-8"
            break
    if _LOST in text or _LOST_IN_WORD.search(_without_links(text)):
        yield "there is a ? or � inside a word, where a letter was lost: write it anew, and save it as UTF-8"
    yield from _markup(text, markdown)
    for sentence in _SENTENCE_END.split(text):
        if (count := len(sentence.split())) > SENTENCE_WORDS_MAX:
            yield f"a sentence has {count} words, {SENTENCE_WORDS} are enough: {_beginning(sentence)}"
    if number := _telephone_number(text, country):
        yield f"it has a telephone number ({number}): everybody can read it, so let it not be a person's"
    if address := _EMAIL.search(text):
        yield f"it has an address ({address[0]}): everybody can read it, so let it not be a person's"


def _markup(text: str, markdown: bool) -> Iterator[str]:
    if not markdown and (entity := next(filter(_is_entity, _ENTITY.findall(text)), None)):
        yield f"{entity} is shown as it stands: write the character itself"
    if tag := _TAG.search(_AUTOLINK.sub("", text)):
        yield f"{tag[0]} is shown as it stands, because HTML is not read: leave it out"
    if markdown and _IMAGE.search(text):
        yield "pictures are not shown: leave out what begins with !["
    for scheme in dict.fromkeys(each.lower() for each in _TARGET.findall(text)) if markdown else ():
        if scheme == "http":
            yield "a link begins with http: write https, so that nobody can read along or change the page"
        elif scheme not in _LINKS:
            yield f"a link begins with {scheme}: write one that begins with https"


def _is_entity(text: str) -> bool:
    return text.startswith("&#") or text[1:] in html5


def _beginning(sentence: str) -> str:
    return " ".join(sentence.split()[:6]) + " ..."


def _without_links(text: str) -> str:
    return re.sub(r"\S*(?:://|www\.)\S*", "", text)


def _unscrambled(word: str) -> str | None:
    """What was meant where UTF-8 was read as something else: `Señora` for `SeÃ±ora`."""
    if word.isascii():
        return None
    for encoding in _READ_AS:
        try:
            meant = b"".join(_byte(each, encoding) for each in word).decode("utf-8")
        except UnicodeError:
            continue
        if meant.isprintable() and len(meant) < len(word):
            return meant
    return None


def _byte(character: str, encoding: str) -> bytes:
    if encoding == "cp1252" and ord(character) in _UNDEFINED:
        return _UNDEFINED[ord(character)]
    return character.encode(encoding)


def _telephone_number(text: str, country: str) -> str | None:
    import phonenumbers  # 50 milliseconds, which no chat needs

    found = next(iter(phonenumbers.PhoneNumberMatcher(text, country)), None)
    return str(found.raw_string) if found else None


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to be said of a text of a case."""

    case: str
    where: str
    what: str


def compared(cases: Mapping[str, Case]) -> Iterator[Remark]:
    """What is to be said of cases beside each other: copies that still tell of somebody else."""
    texts = {slug: list(_texts(case)) for slug, case in cases.items()}
    for slug, case in cases.items():
        others = [other for other in cases.values() if other.slug != slug]
        for other in others:
            if _folded(other.person) == _folded(case.person):
                yield Remark(slug, "case.toml", f"person: the case {other.slug} is about {other.person}, too")
        for text in texts[slug]:
            yield from _about(case, text, others)
            for other in others:
                if alike := _most_alike(text, texts[other.slug]):
                    told = f"is nearly the same as {alike.where} of {other.slug}: is it a copy?"
                    yield Remark(slug, text.where, told)


@dataclass(frozen=True, slots=True)
class _Text:
    """A text of a case. `where`: its file. `kind`: what it is compared with."""

    where: str
    kind: str
    said: str


def _about(case: Case, text: _Text, others: Sequence[Case]) -> Iterator[Remark]:
    if _names(text.said, case.person) or not _same_script(text.said, case.person):
        return
    named = next((other for other in others if _folded(other.person) in _folded(text.said)), None)
    instead = f", but {named.person}, of the case {named.slug}" if named else ""
    yield Remark(case.slug, text.where, f"does not name {case.person}{instead}")


def _texts(case: Case) -> Iterator[_Text]:
    """Each file once, however many offices its letter goes to."""
    yield from _briefings("", case.briefing)
    for action in case.actions.values():
        if action.briefing:
            yield from _briefings(f"actions/{action.slug}/", action.briefing)
    for letter in _letters(case):
        said = letter.fill(name="", country="", personal_line=None)
        yield _Text(letter.file, f"letter {letter.language}", said)


def _letters(case: Case) -> Iterable[JinjaLetter]:
    texts = (text for action in case.actions.values() for text in action.letters.values())
    letters = (letter for text in texts for letter in text.templates.values())
    return {letter.file: letter for letter in letters if isinstance(letter, JinjaLetter)}.values()


def _briefings(folder: str, written: Written) -> Iterator[_Text]:
    for language, briefing in written.texts.items():
        yield _Text(f"{folder}briefing.{language}.md", f"briefing {language}", plain(briefing))


def _most_alike(text: _Text, others: Sequence[_Text]) -> _Text | None:
    """The one of the others that differs in little more than names, if any."""
    from rapidfuzz import fuzz, process

    said = {each.where: each.said for each in others if each.kind == text.kind}
    found = process.extractOne(text.said, said, scorer=fuzz.ratio, score_cutoff=ALIKE)
    return next(each for each in others if each.where == found[2]) if found else None


def _names(text: str, person: str) -> bool:
    """Whether a word of the name is there: "Ms Cruz" names Norma Cruz."""
    folded = _folded(text)
    words = [word for word in _folded(person).split() if len(word) > 2] or [_folded(person)]
    return any(re.search(rf"\b{re.escape(word)}", folded) for word in words)


def _folded(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(each for each in apart if not unicodedata.combining(each)).split())


def _same_script(text: str, person: str) -> bool:
    """Whether most of the text is in the script of the name: others write it in their own."""
    scripts = [_script(each) for each in text if each.isalpha()]
    wanted = next((_script(each) for each in person if each.isalpha()), "")
    return scripts.count(wanted) * 2 > len(scripts)


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]
