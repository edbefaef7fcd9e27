"""The counter of a case: how many letters were delivered, published so that anybody can check it.

Delivered letters are the *leaves* of Merkle trees. A *batch* is one tree: the letters of a day, or of several
days where there were few. It is signed, and names the batch before it, so that nothing published changes
unnoticed. Whoever wrote a letter has its *code*, from which its leaf is worked out: with it they find their
letter, and without it nobody can tell whose a leaf is. docs/counter.md says what that proves.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from assistant.domain import merkle
from assistant.domain.figures import FEW

SECRET = 12  # bytes that a code is made of
SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of Douglas Crockford's base 32: none looks like another
_SIGNS = 19  # of 5 bits: 95 bits that nobody guesses; one more finds slips
_GROUP = 4
_ALIKE = str.maketrans("OIL", "011")
_LEFT_OUT = ("Z", "C", "P")  # spaces, invisible signs, hyphens and other punctuation, as Unicode has them

START = bytes(merkle.SIZE)
"""What stands in the first batch for the digest of the one before it."""


# Codes


def code_of(secret: bytes) -> str:
    """The code made of that secret of `SECRET` bytes, as it is shown: five groups of four signs."""
    number = int.from_bytes(secret[:SECRET], "big")
    signs = [number >> 5 * place & 31 for place in range(_SIGNS)]
    written = "".join(SYMBOLS[each] for each in [*signs, _check(signs)])
    return "-".join(written[at : at + _GROUP] for at in range(0, len(written), _GROUP))


def read_code(typed: str) -> str | None:
    """The code that was typed, as it is shown; None where it is none, because of a slip for example.

    Small letters, other spaces and hyphens, O for 0, and I or L for 1 are understood.
    """
    plain = unicodedata.normalize("NFKC", typed).upper().translate(_ALIKE)
    kept = "".join(each for each in plain if unicodedata.category(each)[0] not in _LEFT_OUT)
    signs = [SYMBOLS.find(each) for each in kept]
    if len(signs) != _SIGNS + 1 or min(signs) < 0 or _check(signs[:-1]) != signs[-1]:
        return None
    return "-".join(kept[at : at + _GROUP] for at in range(0, len(kept), _GROUP))


def _check(signs: Sequence[int]) -> int:
    """The last sign, by Luhn's algorithm modulo 32: no sign can be another, and hardly two be swapped."""
    doubled = (2 * each if place % 2 == 0 else each for place, each in enumerate(reversed(signs)))
    return -sum(each // 32 + each % 32 for each in doubled) % 32


def leaf_of(case: str, code: str) -> bytes:
    """What is published of a letter of that case with that code, as `code_of` or `read_code` has it."""
    return hashlib.sha256(f"letters-counter leaf 1\n{case}\n{code}\n".encode()).digest()


# Batches


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Letters that are counted together: those delivered after the batch before this one, up to `day`, UTC.

    `number`: from 1, without gaps. `total`: of all batches up to this one. `root`: of the leaves, sorted.
    `before`: the digest of the batch before it. `signature`: Ed25519, of the statement.
    """

    case: str
    number: int
    day: date
    count: int
    total: int
    root: bytes
    before: bytes
    signature: bytes = b""

    @property
    def statement(self) -> bytes:
        """What is signed, byte for byte: docs/counter.md has it for other programs."""
        return (
            "letters-counter batch 1\n"
            f"case: {self.case}\nnumber: {self.number}\nday: {self.day.isoformat()}\n"
            f"count: {self.count}\ntotal: {self.total}\n"
            f"root: {self.root.hex()}\nbefore: {self.before.hex()}\n"
        ).encode()

    @property
    def digest(self) -> bytes:
        """By which the next batch names this one."""
        return hashlib.sha256(self.statement).digest()


@dataclass(frozen=True, slots=True)
class Counter:
    """The counter of a case as it is published. `key`: the public key, 32 bytes; `batches`: all, in order."""

    case: str
    key: bytes
    batches: Sequence[Batch]

    @property
    def total(self) -> int:
        """How many letters are counted."""
        return self.batches[-1].total if self.batches else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What shows that a letter is counted, without the other leaves. That it is counted once, it does not.

    `index`: where its leaf stands in the batch; `path`: what leads from it to the root, see `merkle.proof`.
    """

    key: bytes
    batch: Batch
    index: int
    path: Sequence[bytes]

    def shows(self, code: str) -> bool:
        """Whether it is of the letter with that code."""
        leaf = leaf_of(self.batch.case, code)
        return merkle.root_by_proof(leaf, self.index, self.batch.count, self.path) == self.batch.root


def proof_of(code: str, counter_key: bytes, batch: Batch, leaves: Sequence[bytes]) -> Proof:
    """The proof for the letter with that code, which is in that batch. `leaves`: of the batch, sorted."""
    index = leaves.index(leaf_of(batch.case, code))
    return Proof(key=counter_key, batch=batch, index=index, path=merkle.proof(leaves, index))


def public_key(seed: bytes) -> bytes:
    """By which signatures are verified that were made with that secret of 32 bytes."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def closing_days(waiting: Mapping[date, int], today: date) -> list[date]:
    """With which days batches end, by how many letters wait of each day, UTC.

    That is each day that is over; but no batch is so small that it could point at a person. A few letters
    wait until there are more, however long that takes.
    """
    days, together = [], 0
    for day in sorted(each for each in waiting if each < today):
        together += waiting[day]
        if together >= FEW:
            days.append(day)
            together = 0
    return days


def next_batch(case: str, before: Batch | None, day: date, leaves: Sequence[bytes], *, seed: bytes) -> Batch:
    """The batch that follows, signed. `leaves`: sorted. `seed`: see `public_key`.

    Where the clock was ahead when the one before it was made, it ends with the same day as that one.
    """
    batch = Batch(
        case=case,
        number=before.number + 1 if before else 1,
        day=max(day, before.day) if before else day,
        count=len(leaves),
        total=len(leaves) + (before.total if before else 0),
        root=merkle.root(leaves),
        before=before.digest if before else START,
    )
    return replace(batch, signature=Ed25519PrivateKey.from_private_bytes(seed).sign(batch.statement))


def is_signed(batch: Batch, key: bytes) -> bool:
    """Whether the batch is as it was signed with the secret of that public key."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(batch.signature, batch.statement)
    except InvalidSignature:
        return False
    return True


# What anybody can check


class Fault(StrEnum):
    """What can be wrong with a published counter."""

    KEY = "key"  # it is signed with another key than the one that was expected
    SIGNATURE = "signature"  # a batch was not signed with the counter's key for this case, or was changed
    NUMBER = "number"  # batches are missing, or not in their order
    CHAIN = "chain"  # a batch does not follow from the one before it
    TOTAL = "total"  # the counts do not add up
    DAY = "day"  # a batch ends before the one before it
    MISSING = "missing"  # the leaves of a batch are not there
    COUNT = "count"  # there are more leaves, or fewer
    ORDER = "order"  # the leaves are not sorted, which could tell when each was delivered
    ROOT = "root"  # other leaves were signed
    TWICE = "twice"  # a leaf is there more than once
    EXTRA = "extra"  # there are leaves of a batch that the counter does not have
    EARLIER = "earlier"  # what was published earlier is not in it, or is another one now


@dataclass(frozen=True, slots=True)
class Finding:
    """A fault, and the number of the batch where it shows; None: of the whole counter."""

    fault: Fault
    batch: int | None = None


Leaves = Mapping[int, Sequence[bytes]]
"""The leaves of batches, by their numbers, as they are published."""


def findings(
    counter: Counter, leaves: Leaves, *, key: bytes | None = None, earlier: Counter | None = None
) -> list[Finding]:
    """Whatever is wrong with it; empty: nothing is.

    `key`: the public key that it should have, known from elsewhere. `earlier`: the same counter as somebody
    kept it.
    """
    found = [Finding(Fault.KEY)] if key not in (None, counter.key) else []
    before: Batch | None = None
    for place, batch in enumerate(counter.batches, start=1):
        found += [Finding(each, batch.number) for each in _faults(counter, batch, place, before)]
        found += [Finding(each, batch.number) for each in _faults_of_leaves(batch, leaves.get(batch.number))]
        before = batch
    numbers = {batch.number for batch in counter.batches}
    found += [Finding(Fault.TWICE, each) for each in _repeated(counter, leaves)]
    found += [Finding(Fault.EXTRA, each) for each in sorted(leaves.keys() - numbers)]
    if earlier is not None:
        found += _not_kept(counter, earlier)
    return found


def _faults(counter: Counter, batch: Batch, place: int, before: Batch | None) -> Iterator[Fault]:
    if not is_signed(batch, counter.key):
        yield Fault.SIGNATURE
    if batch.number != place:
        yield Fault.NUMBER
    if batch.before != (before.digest if before else START):
        yield Fault.CHAIN
    if batch.total != batch.count + (before.total if before else 0):
        yield Fault.TOTAL
    if before and batch.day < before.day:
        yield Fault.DAY


def _faults_of_leaves(batch: Batch, leaves: Sequence[bytes] | None) -> Iterator[Fault]:
    if leaves is None:
        yield Fault.MISSING
        return
    if len(leaves) != batch.count:
        yield Fault.COUNT
    if list(leaves) != sorted(leaves):
        yield Fault.ORDER
    if merkle.root(leaves) != batch.root:
        yield Fault.ROOT


def _repeated(counter: Counter, leaves: Leaves) -> Iterator[int]:
    """The batches in which stands what stands before it, too."""
    seen: set[bytes] = set()
    for batch in counter.batches:
        own = leaves.get(batch.number, ())
        distinct = set(own)
        if len(distinct) < len(own) or distinct & seen:
            yield batch.number
        seen |= distinct


def _not_kept(counter: Counter, earlier: Counter) -> Iterator[Finding]:
    if (earlier.case, earlier.key) != (counter.case, counter.key):
        yield Finding(Fault.EARLIER)
    now = {batch.number: batch.statement for batch in counter.batches}
    for batch in earlier.batches:
        if now.get(batch.number) != batch.statement:
            yield Finding(Fault.EARLIER, batch.number)


def places_of(leaf: bytes, leaves: Leaves) -> list[int]:
    """The numbers of the batches in which it stands, each as often as it does."""
    return [number for number in sorted(leaves) for _ in range(_times(leaf, leaves[number]))]


def _times(leaf: bytes, leaves: Iterable[bytes]) -> int:
    return sum(each == leaf for each in leaves)
