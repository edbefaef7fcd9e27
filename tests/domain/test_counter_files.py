"""What is published is read as it was written, and nothing else is."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.domain.counter_files import BadFile, BatchLeaves, counter_file, leaves_file, proof_file, read
from tests.support.published import CASE, code, proof, publish

Json = dict[str, Any]  # Any: JSON


@given(st.lists(st.integers(1, 12), max_size=4))
def test_a_counter_and_its_leaves_are_read_as_they_were_written(sizes: list[int]) -> None:
    counter, leaves = publish(*sizes)
    assert read(counter_file(counter)) == counter
    for number, own in leaves.items():
        assert read(leaves_file(BatchLeaves(CASE, number, own))) == BatchLeaves(CASE, number, own)


def test_a_proof_is_read_as_it_was_written_and_is_of_one_code_only() -> None:
    assert read(proof_file(proof(15))) == proof(15)
    assert [number for number in range(30) if proof(15).shows(code(number))] == [15]
    moved = replace(proof(15), index=proof(15).index ^ 1)
    assert not moved.shows(code(15))


def test_the_counter_names_the_files_of_its_leaves() -> None:
    counter, _ = publish(10, 11)
    written = json.loads(counter_file(counter))
    assert [each["leaves"] for each in written["batches"]] == ["counter-1.json", "counter-2.json"]
    assert (written["format"], written["case"], written["total"]) == ("letters-counter 1", CASE, 21)


def _set(**values: object) -> Callable[[Json], object]:
    return lambda written: written.update(values)


def _of_batch(**values: object) -> Callable[[Json], object]:
    return lambda written: written["batches"][0].update(values)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (_set(format="letters-counter 2"), "newer version"),
        (_set(case="Norma\ncount: 9"), "no case"),
        (_set(case=None), "no case"),
        (_set(key="00"), "32 bytes"),
        (_set(key="AB" * 32), "hex digits"),
        (_set(total=9), "not that of its last batch"),
        (_set(batches={}), "no batches"),
        (_set(batches=[1]), "a batch is not one"),
        (_of_batch(count=True), "not a number"),
        (_of_batch(count=-1), "not a number"),
        (_of_batch(count=10**30), "not a number"),
        (_of_batch(number="1"), "not a number"),
        (_of_batch(day="20120124"), "a day is not one"),
        (_of_batch(day="2012-02-30"), "a day is not one"),
        (_of_batch(day=None), "a day is not one"),
        (_of_batch(root="zz" * 32), "hex digits"),
        (_of_batch(signature="00" * 32), "64 bytes"),
    ],
)
def test_what_is_not_as_it_should_be_is_told(change: Callable[[Json], object], why: str) -> None:
    written = json.loads(counter_file(publish(10)[0]))
    change(written)
    with pytest.raises(BadFile, match=why):
        read(json.dumps(written))


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", '{"format": []}', "[" * 100_000])
def test_what_is_no_such_file_is_told(text: str) -> None:
    with pytest.raises(BadFile):
        read(text)


@pytest.mark.parametrize("leaf", ["", "00", "00" * 33, 5, None, " " + "00" * 31 + "0"])
def test_a_leaf_is_32_bytes(leaf: object) -> None:
    written = json.loads(leaves_file(BatchLeaves(CASE, 1, [])))
    with pytest.raises(BadFile, match="32 bytes"):
        read(json.dumps(written | {"leaves": [leaf]}))
