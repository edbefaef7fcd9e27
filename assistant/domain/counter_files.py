"""The files in which a counter is published: the counter itself, and the leaves of each of its batches.

docs/counter.md describes them for other programs. They are read as if a stranger had made them.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assistant.domain.counter import Batch, Counter, Proof

COUNTER = "counter.json"
"""The file of the counter, and the end of its address."""

_COUNTER_FORMAT = "letters-counter 1"
_PROOF_FORMAT = "letters-counter proof 1"
_LEAVES_FORMAT = "letters-counter leaves 1"
_CASE = re.compile(r"[a-z0-9-]{1,64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_MOST = 10**12  # more letters than there are people to write them

Json = Mapping[str, Any]  # Any: JSON


class BadFile(ValueError):
    """A file is not what it should be, in a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class BatchLeaves:
    """The leaves of a batch, as they are published."""

    case: str
    number: int
    leaves: Sequence[bytes]


def leaves_name(number: int) -> str:
    """The file of the leaves of that batch, beside the counter's."""
    return f"counter-{number}.json"


def counter_file(counter: Counter) -> str:
    """The counter as it is published."""
    return _written(
        {
            "format": _COUNTER_FORMAT,
            "case": counter.case,
            "key": counter.key.hex(),
            "total": counter.total,
            "batches": [
                batch_facts(batch) | {"leaves": leaves_name(batch.number)} for batch in counter.batches
            ],
        }
    )


def batch_facts(batch: Batch) -> dict[str, str | int]:
    """What is published of a batch."""
    return {
        "number": batch.number,
        "day": batch.day.isoformat(),
        "count": batch.count,
        "total": batch.total,
        "root": batch.root.hex(),
        "before": batch.before.hex(),
        "signature": batch.signature.hex(),
    }


def leaves_file(batch: BatchLeaves) -> str:
    """The leaves of a batch as they are published."""
    return _written(
        {
            "format": _LEAVES_FORMAT,
            "case": batch.case,
            "number": batch.number,
            "leaves": [each.hex() for each in batch.leaves],
        }
    )


def proof_file(proof: Proof) -> str:
    """What the writer of a letter gets who does not want to take every leaf."""
    return _written(
        {
            "format": _PROOF_FORMAT,
            "case": proof.batch.case,
            "key": proof.key.hex(),
            "batch": batch_facts(proof.batch),
            "index": proof.index,
            "path": [each.hex() for each in proof.path],
        }
    )


def _written(value: Json) -> str:
    return json.dumps(value, indent=1) + "\n"


def read(text: str) -> Counter | BatchLeaves | Proof:
    """What a published file says. Raises BadFile."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadFile("it is not JSON") from error
    kind = found.get("format") if isinstance(found, dict) else None
    if kind == _COUNTER_FORMAT:
        return _counter(found)
    if kind == _LEAVES_FORMAT:
        leaves = [_bytes(each, 32) for each in _list(found, "leaves")]
        return BatchLeaves(_case(found), _number(found, "number"), leaves)
    if kind == _PROOF_FORMAT:
        return _proof(found)
    raise BadFile("it is no file of a counter, or of a newer version")


def _proof(found: Json) -> Proof:
    return Proof(
        key=_bytes(found.get("key"), 32),
        batch=_batch(found.get("batch"), _case(found)),
        index=_number(found, "index"),
        path=[_bytes(each, 32) for each in _list(found, "path")],
    )


def _counter(found: Json) -> Counter:
    case = _case(found)
    counter = Counter(
        case, _bytes(found.get("key"), 32), [_batch(each, case) for each in _list(found, "batches")]
    )
    if _number(found, "total") != counter.total:
        raise BadFile("its total is not that of its last batch")
    return counter


def _batch(found: object, case: str) -> Batch:
    if not isinstance(found, dict):
        raise BadFile("a batch is not one")
    return Batch(
        case=case,
        number=_number(found, "number"),
        day=_day(found.get("day")),
        count=_number(found, "count"),
        total=_number(found, "total"),
        root=_bytes(found.get("root"), 32),
        before=_bytes(found.get("before"), 32),
        signature=_bytes(found.get("signature"), 64),
    )


def _case(found: Json) -> str:
    case = found.get("case")
    if not isinstance(case, str) or not _CASE.fullmatch(case):
        raise BadFile("it names no case")
    return case


def _list(found: Json, name: str) -> list[object]:
    value = found.get(name)
    if not isinstance(value, list):
        raise BadFile(f"it has no {name}")
    return value


def _number(found: Json, name: str) -> int:
    value = found.get(name)
    if type(value) is not int or not 0 <= value <= _MOST:  # True is an int, too
        raise BadFile(f"{name} is not a number of letters or batches")
    return value


def _day(value: object) -> date:
    try:
        if isinstance(value, str) and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise BadFile("a day is not one")


def _bytes(value: object, size: int) -> bytes:
    if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * size}}}", value):
        raise BadFile(f"something is not {size} bytes in hex digits")
    return bytes.fromhex(value)
