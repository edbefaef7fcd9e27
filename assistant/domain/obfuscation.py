"""Text as it is compared where somebody may have disguised it: other letters, signs for letters, gaps."""

import re
import unicodedata
from collections.abc import Iterator, Mapping

_SAME: dict[str | int, str] = {
    # Full stops of other scripts, and what looks like one.
    **dict.fromkeys("。․‧•·∙⋅●۔｡", "."),
    "⁄": "/",
    "∕": "/",
    # Arabic letters that are written in several ways.
    **dict.fromkeys("أإآٱ", "ا"),
    **dict.fromkeys("ىی", "ي"),
    "ة": "ه",
    "ک": "ك",
    "ؤ": "و",
    "ئ": "ي",
    "ـ": "",
    # Letters that Unicode does not call a form of the plain one.
    **dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnoprstuvwyz", strict=True)),
    **{start + place: chr(ord("a") + place) for start in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)},
    "ß": "ss",
    "ı": "i",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "æ": "ae",
    "œ": "oe",
    "’": "'",
    "ʼ": "'",
}
_PLAIN = str.maketrans(_SAME)
_TWINS = str.maketrans(
    "авекмнорстухіјѕԁіԛԝαεικνορτυχ", "abekmhopctyxijsdiqwaeiknoptux"
)  # drawn like Latin ones
_FOREIGN = re.compile("[\u0370-\u052f]")  # Greek and Cyrillic
_LATIN = re.compile("[a-z]")
_MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u0610-\u061a\u064b-\u065f\u0670\u20d0-\u20ff\ufe00-\ufe0f]")
_WORD = re.compile(r"[^\W_]+")
_SIGNS = {
    "0": "o",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "€": "e",
    "+": "t",
}
_AS_I = str.maketrans({**_SIGNS, "1": "i", "!": "i", "|": "i"})
_AS_L = str.maketrans({**_SIGNS, "1": "l", "!": "l", "|": "l"})
_MIXED = re.compile(r"[\w@$€+!|]+")
_GAP = r"[\s.\-_*|/,'~+]"
_SPACED = re.compile(rf"(?<!\w)[^\W\d_](?:{_GAP}{{1,3}}[^\W\d_](?!\w)){{2,}}")
_REPEATED = re.compile(r"([^\W\d])\1{2,}")


def plain(text: str, *, fold: bool = True) -> str:
    """The text in plain letters and digits: without accents, invisible signs and twins of letters.

    `fold`: in small letters, too.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text.translate(_PLAIN))
        text = unicodedata.normalize("NFKC", _MARKS.sub("", text)).translate(_PLAIN)
        text = "".join(map(_seen, text))
    folded = text.casefold()
    if not text.isascii() and _FOREIGN.search(folded) and _LATIN.search(folded):
        text = folded = _WORD.sub(_as_latin, folded)
    return folded if fold else text


def _seen(character: str) -> str:
    """A digit of any script as one of ours; nothing for what cannot be seen."""
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    return "" if category in {"Cf", "Me"} else character


def _as_latin(word: re.Match[str]) -> str:
    """The word in Latin letters, where each of its letters looks like one."""
    latin = word[0].translate(_TWINS)
    return word[0] if _FOREIGN.search(latin) else latin


def readings(folded: str) -> Iterator[str]:
    """What a `plain` text may say: as it stands first, then without its disguises, where it has any."""
    seen = set()
    for letters in (folded, _unmixed(folded, _AS_I), _unmixed(folded, _AS_L)):
        for gapless in (letters, together(letters)):
            for shorter in (gapless, _REPEATED.sub(r"\1\1", gapless), _REPEATED.sub(r"\1", gapless)):
                if shorter not in seen:
                    seen.add(shorter)
                    yield shorter


def _unmixed(text: str, signs: Mapping[int, str]) -> str:
    """Digits and signs amid letters as the letters that they stand for: `k1ll`."""

    def read(word: re.Match[str]) -> str:
        body = word[0].rstrip("!+|")
        mixed = any(each.isalpha() for each in body) and any(ord(each) in signs for each in body)
        return body.translate(signs) + word[0][len(body) :] if mixed else word[0]

    return _MIXED.sub(read, text)


def together(text: str) -> str:
    """Letters that stand one by one, put together: `k i l l`, `k-i-l-l`."""
    return _SPACED.sub(lambda run: re.sub(_GAP, "", run[0]), text)


def spelled_out(text: str) -> list[str]:
    """What is written letter by letter, without gaps, also between words."""
    return [re.sub(_GAP, "", run[0]) for run in _SPACED.finditer(text)]


_SENTENCE_END = re.compile(r"[.!?;:\n…؟؛]+(?=\s|$|[\"'»”)])|[!?;:…؟؛«»“”\"()]|\s[-–—]+\s|[—–]")
_ABBREVIATED = re.compile(
    r"\b(no|nr|num|nro|apto?|depto|av|avda?|ave|st|str|blvd|bd|dra?|sra?|srta|km|tel|art|p|o|b|s|ص|ب)\."
)
_POSSESSIVE = re.compile(r"(?<=\w)'s\b")
_TOKEN = re.compile(r"[^\W_]+|\x00")


def words(folded: str) -> str:
    """The words of a `plain` text, a blank after each, and ` . ` where a sentence begins or ends."""
    marked = _SENTENCE_END.sub(" \x00 ", _ABBREVIATED.sub(r"\1 ", _POSSESSIVE.sub("s", folded)))
    found = ["." if each == "\x00" else each for each in _TOKEN.findall(f"\x00{marked}\x00")]
    return "".join(
        f"{each} " for place, each in enumerate(found) if each != "." or found[place - 1] != "." or not place
    )


_CONSONANTS = str.maketrans(
    {
        **dict.fromkeys("aeiouyw'’", ""),
        **dict.fromkeys("اويعءه", ""),
        **dict(zip("بتجحخدذرزسشصضطغفقكلمن", "btghhddrssssdtgfkklmn", strict=True)),
        **dict.fromkeys("аеёиоуыэюяйьъ", ""),
        **dict(zip("бвгджзклмнпрстфхц", "bfgdgsklmnbrstfhs", strict=True)),
        "ч": "s",
        "ш": "s",
        "щ": "s",
        "c": "k",
        "q": "k",
        "z": "s",
        "v": "f",
        "p": "b",
        "j": "g",
        "x": "ks",
        "h": "",
    }
)
_FOREIGN_LETTERS = re.compile("[\u0400-\u052f\u0600-\u06ff]")


def consonants(word: str) -> str:
    """A folded word by its consonants, so that a name is known in Arabic and Cyrillic letters, too."""
    return re.sub(r"(.)\1+", r"\1", word.translate(_CONSONANTS))


def is_foreign(text: str) -> bool:
    """Whether it has Arabic or Cyrillic letters."""
    return bool(_FOREIGN_LETTERS.search(text))
