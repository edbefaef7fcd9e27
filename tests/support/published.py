"""Counters as they are published, and what forgers make of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from assistant.domain.counter import Batch, Counter, Proof, code_of, leaf_of, next_batch, proof_of, public_key

SEED, OTHER_SEED = bytes(32), bytes([1] * 32)
CASE = "norma-cruz"
FIRST_DAY = date(2012, 1, 24)

Published = tuple[Counter, dict[int, list[bytes]]]


def code(number: int) -> str:
    """The code of an invented letter."""
    return code_of(number.to_bytes(12, "big"))


def publish(*sizes: int, case: str = CASE, seed: bytes = SEED) -> Published:
    """A counter of so many batches of so many letters, with the codes 0, 1, 2..., one batch a day."""
    batches: list[Batch] = []
    leaves: dict[int, list[bytes]] = {}
    number = 0
    for place, size in enumerate(sizes, start=1):
        own = sorted(leaf_of(case, code(each)) for each in range(number, number + size))
        before = batches[-1] if batches else None
        batches.append(next_batch(case, before, FIRST_DAY + timedelta(days=place - 1), own, seed=seed))
        leaves[place] = own
        number += size
    return Counter(case, public_key(seed), batches), leaves


def proof(number: int = 15) -> Proof:
    """Of a letter in the second batch of two."""
    counter, leaves = publish(10, 12)
    return proof_of(code(number), counter.key, counter.batches[1], leaves[2])


def signed_anew(counter: Counter, leaves: dict[int, list[bytes]], seed: bytes = SEED) -> Published:
    """The same days with these leaves, as whoever has the key can sign them."""
    batches: list[Batch] = []
    for batch in counter.batches:
        own = leaves[batch.number]
        before = batches[-1] if batches else None
        batches.append(next_batch(counter.case, before, batch.day, own, seed=seed))
    return Counter(counter.case, public_key(seed), batches), leaves


def with_batches(counter: Counter, batches: Sequence[Batch]) -> Counter:
    """The same with other batches."""
    return replace(counter, batches=list(batches))
