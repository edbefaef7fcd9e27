"""Numbers that look like a telephone's, also where they are spelled out or have words between them."""

import re
from collections.abc import Collection, Mapping
from itertools import pairwise

PHONE_MIN = 7  # digits
CALLED_MIN = 5  # behind a word such as "call"
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_NO_PHONE = re.compile(
    r"""
    (?<![\d./-])\d{1,2}[./-]\d{1,2}[./-](?:1[5-9]|20)?\d\d(?![./-]?\d)    # a day
    | (?<!\d)(?:1[5-9]|20)\d\d[./-]\d{1,2}[./-]\d{1,2}(?!\d)
    | (?<!\d)(?:1[5-9]|20)\d\d\s?[/-]\s?(?:1[5-9]|20)\d\d(?!\d)        # years
    | (?<!\d)(?:1[5-9]|20)\d\d[/-]\d{2}(?!\d)
    | (?<!\d)\d{1,4}\s?[-/]\s?(?:1[5-9]|20)\d\d(?![-.\s]?\d)           # a law: 22-2008
    | (?<![\d:])\d{1,2}:\d\d(?:\s?[-–]\s?\d{1,2}:\d\d)?(?![\d:])       # a time of day
    | (?<!\d)[1-9]\d{0,2}(?:,\d{3})+(?![\d,])                          # 1,000,000
    | (?<!\d)[1-9]\d{0,2}(?:\.\d{3}){1,2}(?![\d.]?\d)
    | (?<!\d)[1-9]\d{0,2}(?:\s000)+(?!\d)
    | (?<![\d+])[1-9]\d{0,3}000(?!\s?\d)                               # 15000
    """,
    re.VERBOSE,
)
_CLUSTER = re.compile(r"\d+(?:[^\w\n]{1,4}\d+)*")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_AS_DIGITS = re.compile(r"(?<![^\W_])(?=[\doli]*\d)[\doli]{3,}(?![^\W_])")
_DIGITS = str.maketrans("oli", "011")
_PLUS = re.compile(r"(?:\+|(?<!\d)00)\s?\d(?:[^\w\n]{0,3}\d){6,}")
_PLACE = re.compile(r"[-+]?\d{1,3}[.,]\d{3,}\s*°?\s*[nsewo]?\s*[,;/ ]\s*[-+]?\d{1,3}[.,]\d{3,}")  # degrees


class NumberFinder:
    """Finds telephone numbers.

    `numerals`: digits by how they are spelled; `between`: words that may stand between digits; `calls`: words
    behind which a number is one to call.
    """

    def __init__(self, numerals: Mapping[str, str], between: Collection[str], calls: Collection[str]) -> None:
        self._numerals = numerals
        self._between = frozenset(between)
        self._calls = frozenset(calls)

    def find(self, folded: str) -> bool:
        """Whether one stands in a `obfuscation.plain` text."""
        text = _AS_DIGITS.sub(lambda found: found[0].translate(_DIGITS), folded)
        if _PLUS.search(text):
            return True
        text = _CLUSTER.sub(_without_lists, _NO_PHONE.sub(" | ", text))
        return self._adds_up(text)

    def is_place(self, folded: str) -> bool:
        """Whether degrees of latitude and longitude stand in it."""
        return bool(_PLACE.search(folded))

    def _adds_up(self, text: str) -> bool:
        run, total, groups, strangers, called, sparse, sparse_groups = 0, 0, 0, 0, False, 0, 0
        for piece in text.split("|"):
            for word in _TOKEN.findall(piece):
                digits = word if word.isdigit() else self._numerals.get(word, "")
                if digits and not (word.isdigit() and _YEAR.fullmatch(word) and not run):
                    run, strangers = run + len(digits), 0
                    total, groups = total + len(digits), groups + 1
                    sparse, sparse_groups = sparse + len(digits), sparse_groups + 1
                    if run >= PHONE_MIN or (sparse >= PHONE_MIN + 1 and sparse_groups >= 3):
                        return True
                    if called and run >= CALLED_MIN:
                        return True
                    continue
                called = called or word in self._calls
                strangers += 1
                if word not in self._between or strangers > 2:
                    run = 0
                if strangers > 2:
                    sparse, sparse_groups = 0, 0
            run, sparse, sparse_groups, strangers = 0, 0, 0, 9
        return called and total >= PHONE_MIN and groups > 1


def _without_lists(cluster: re.Match[str]) -> str:
    """Nothing of years, and of small numbers that rise: articles of a law, days of a month."""
    groups = re.findall(r"\d+", cluster[0])
    small = [group for group in groups if not _YEAR.fullmatch(group)]
    if all(len(group) <= 2 for group in small) and len(groups) > len(small):
        return " | "
    values = list(map(int, groups))
    listed = "," in cluster[0] or ";" in cluster[0]
    rising = all(before < after for before, after in pairwise(values))
    if (
        len(groups) > 1
        and listed
        and rising
        and all(len(group) <= 3 or _YEAR.fullmatch(group) for group in groups)
    ):
        return " | "
    return cluster[0]
