"""Whether lines are nearly the same, told by digests from which nobody without the key learns a word.

Min-hashing (Broder 1997): each digest is the least of all keyed hashes of a line's pairs of words, so that
two lines have a digest in common as often as they have pairs in common.
"""

import hashlib
from datetime import timedelta
from itertools import pairwise

from assistant.domain.obfuscation import plain, words

LIKENESSES = 6
"""How many digests a line has."""

ALIKE_MIN = 3
"""How many two lines have in common that are nearly the same: one word of ten may differ."""

WORDS_MIN = 4
"""Shorter lines have none: many people thank in the same three words."""

BURST = timedelta(minutes=10)
BURST_MIN = 8
"""So many other new chats wrote nearly the same within that time: then the next is held."""

NEW_FOR = timedelta(days=1)
"""So long a chat counts as new. It is known to the day."""

KEPT = timedelta(hours=48)
"""How long digests are kept, and for how long a line passes that somebody let go."""

NEWCOMER_LETTERS = 60
"""Letters of new chats to one office in an hour that stand among all others: a fax a minute."""

_BYTES = 8  # of one digest


def digests(line: str, case: str, key: bytes) -> tuple[int, ...]:
    """What the line is known by within its case; empty for one that is too short.

    `key`: at most 64 bytes.
    """
    said = [each for each in words(plain(line)).split() if each != "."]
    if len(said) < WORDS_MIN:
        return ()
    pairs = {f"{one} {other}" for one, other in pairwise(said)}
    hashed = [
        hashlib.blake2b(f"{case}/{pair}".encode(), digest_size=_BYTES * LIKENESSES, key=key).digest()
        for pair in pairs
    ]
    return tuple(
        min(
            int.from_bytes(each[place * _BYTES : (place + 1) * _BYTES], "big", signed=True) for each in hashed
        )
        for place in range(LIKENESSES)
    )
