"""Merkle trees as RFC 9162 has them (2.1; the same as RFC 6962): one hash stands for many entries.

Who knows the root can be shown that an entry is in it, by a few hashes for millions of entries.
"""

import hashlib
from collections.abc import Iterable, Sequence

SIZE = 32  # bytes of a hash: SHA-256
_LEAF, _NODE = b"\x00", b"\x01"  # so that no entry can be taken for a node, nor a node for an entry


def root(entries: Iterable[bytes]) -> bytes:
    """What stands for these entries, in that order."""
    level = _leaves(entries)
    while len(level) > 1:
        level = _above(level)
    return level[0] if level else hashlib.sha256().digest()


def proof(entries: Iterable[bytes], index: int) -> list[bytes]:
    """The hashes that lead from the entry at `index` to the root, the lowest first."""
    level, path = _leaves(entries), []
    while len(level) > 1:
        beside = index ^ 1
        if beside < len(level):
            path.append(level[beside])
        level, index = _above(level), index // 2
    return path


def root_by_proof(entry: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root of the tree of `size` entries to which `path` leads, if this one is at `index`.

    None where no such path can belong to a tree of that size.
    """
    if not 0 <= index < size:
        return None
    found, last, left = _leaf(entry), size - 1, list(reversed(path))
    while last:
        if index % 2 or index < last:
            if not left:
                return None
            beside = left.pop()
            found = _node(beside, found) if index % 2 else _node(found, beside)
        index, last = index // 2, last // 2
    return None if left else found


def _leaves(entries: Iterable[bytes]) -> list[bytes]:
    return [_leaf(each) for each in entries]


def _above(level: Sequence[bytes]) -> list[bytes]:
    """The next level of the tree; a last one without another beside it goes up as it is."""
    pairs = [_node(*level[at : at + 2]) for at in range(0, len(level) - 1, 2)]
    return pairs if len(level) % 2 == 0 else [*pairs, level[-1]]


def _leaf(entry: bytes) -> bytes:
    return hashlib.sha256(_LEAF + entry).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
