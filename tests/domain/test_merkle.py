"""Merkle trees, against the vectors of Certificate Transparency and against the definition in RFC 9162."""

import hashlib
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain import merkle

# Entries, roots and proofs: of the tests of github.com/google/certificate-transparency, merkle_tree_test.cc
ENTRIES = [
    bytes.fromhex(each)
    for each in (
        *("", "00", "10", "2021", "3031", "40414243", "5051525354555657"),
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = (
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
PROOFS = {  # by the entry, counted from 1, and the size of the tree
    (1, 1): (),
    (1, 8): (
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ),
    (6, 8): (
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ),
    (3, 3): ("fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",),
    (2, 5): (
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ),
}
trees = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


def _by_definition(entries: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, 2.1.1, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return hashlib.sha256(b"\x01" + _by_definition(entries[:k]) + _by_definition(entries[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert merkle.root(ENTRIES[:size]).hex() == ROOTS[size]


@pytest.mark.parametrize(("entry", "size"), PROOFS)
def test_the_proofs_are_those_of_certificate_transparency(entry: int, size: int) -> None:
    assert [each.hex() for each in merkle.proof(ENTRIES[:size], entry - 1)] == list(PROOFS[entry, size])


@given(trees)
def test_a_root_is_what_the_definition_says(entries: list[bytes]) -> None:
    assert merkle.root(entries) == _by_definition(entries)


@given(trees, st.data())
def test_a_proof_leads_from_its_entry_to_the_root(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path = merkle.proof(entries, index)
    assert merkle.root_by_proof(entries[index], index, len(entries), path) == merkle.root(entries)


@given(trees, st.data())
def test_a_proof_of_something_else_does_not_lead_there(entries: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(entries) - 1))
    path, whole = merkle.proof(entries, index), merkle.root(entries)
    other = entries[index] + b"!"
    assert merkle.root_by_proof(other, index, len(entries), path) != whole
    assert merkle.root_by_proof(entries[index], index, len(entries), [*path, bytes(32)]) is None
    for cut in range(len(path)):
        assert merkle.root_by_proof(entries[index], index, len(entries), path[:cut]) is None
        changed = [*path[:cut], bytes(32), *path[cut + 1 :]]
        assert merkle.root_by_proof(entries[index], index, len(entries), changed) != whole


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (5, 2)])
def test_a_place_outside_of_the_tree_has_no_root(index: int, size: int) -> None:
    assert merkle.root_by_proof(b"", index, size, []) is None
