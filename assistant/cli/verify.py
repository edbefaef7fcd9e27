"""`assistant verify`: a published counter, looked at without our server, database or keyring."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import Json, dump
from assistant.domain.counter import (
    Counter,
    Fault,
    Finding,
    Proof,
    findings,
    is_signed,
    leaf_of,
    places_of,
    read_code,
)
from assistant.domain.counter_files import BadFile, BatchLeaves, leaves_name, read
from assistant.domain.errors import Failure

NOT_COUNTED = 3
"""The exit code where nothing is wrong, and no letter with that code is counted."""

SAYS: Mapping[Fault, str] = {
    Fault.KEY: "It is signed with another key than the one that you gave: {key}",
    Fault.SIGNATURE: "The signature of batch {number} is wrong: it was changed, or is not of this case.",
    Fault.NUMBER: "Batch {number} is not where it should be: batches are missing, or were moved.",
    Fault.CHAIN: "Batch {number} does not follow from the one before it: something was changed or taken out.",
    Fault.TOTAL: "The total of batch {number} is not the sum of the counts.",
    Fault.DAY: "Batch {number} ends before the one before it.",
    Fault.MISSING: "The letters of batch {number} are not among the files: get {file}, too.",
    Fault.COUNT: "Batch {number} has more letters, or fewer, than it says.",
    Fault.ORDER: "The letters of batch {number} are not sorted, which could tell when each was delivered.",
    Fault.ROOT: "The letters of batch {number} are not those that were signed.",
    Fault.TWICE: "In batch {number} a letter is counted that is counted already.",
    Fault.EXTRA: "There are letters of batch {number}, and the counter has no such batch: it was taken out.",
    Fault.EARLIER: "Batch {number} was another one when you kept it, or is gone: the past was changed.",
}
_OF_THE_WHOLE = "What you kept is another counter, or has another key."


@dataclass(slots=True)
class _Files:
    counter: Counter | None = None
    leaves: dict[int, Sequence[bytes]] = field(default_factory=dict)
    proof: Proof | None = None


def verify(
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="[CODE] FILES",
            help="The code of a letter, as its receipt has it, if you have one (-: read from standard "
            "input). Then counter.json and the files of all batches, or their folder; or a proof.",
            show_default=False,
        ),
    ],
    key: Annotated[
        str | None, typer.Option(help="The public key that it should have, as published elsewhere.")
    ] = None,
    earlier: Annotated[
        Path | None, typer.Option(help="A counter.json that you kept: nothing in it may have changed.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Check a published counter of delivered letters, and that a letter is counted in it, and once.

    It needs nothing but the files: no server of the campaign, no database, no network.

    Exit code 0: all is as it should be; 1: something is wrong; 3: nothing is wrong, but no letter with that
    code is counted (yet).
    """
    typed, paths = _parted(given)
    code = _code(typed) if typed else None
    expected = _key(key) if key is not None else None
    files = _read(paths)
    if files.counter is not None:
        _tell_counter(files.counter, files.leaves, code, expected, _kept(earlier), as_json=as_json)
    elif files.proof is not None and code is not None:
        _tell_proof(files.proof, code, expected, as_json=as_json)
    else:
        raise Failure("There is no counter.json among these files; a proof needs the code, too.")


# What was given


def _parted(given: Sequence[str]) -> tuple[str, list[Path]]:
    """What was typed of a code, which may have spaces in it, and the files behind it."""
    at = next((place for place, each in enumerate(given) if Path(each).exists()), len(given))
    paths = [Path(each) for each in given[at:]]
    absent = [each for each in paths if not each.exists()]
    if not paths or absent:
        raise typer.BadParameter(f"there is no file or folder '{(absent or given)[-1]}'", param_hint="FILES")
    return " ".join(given[:at]), paths


def _code(typed: str) -> str:
    written = typer.get_text_stream("stdin").readline() if typed == "-" else typed
    code = read_code(written)
    if code is None:
        raise typer.BadParameter(
            "before the files stands what is no code, and no file: look for a slip", param_hint="CODE"
        )
    return code


def _key(written: str) -> bytes:
    plain = re.sub(r"\s", "", written).lower()
    if not re.fullmatch("[0-9a-f]{64}", plain):
        raise typer.BadParameter("a key has 64 signs, 0 to 9 and a to f", param_hint="--key")
    return bytes.fromhex(plain)


def _kept(earlier: Path | None) -> Counter | None:
    if earlier is None:
        return None
    found = _file(earlier)
    if not isinstance(found, Counter):
        raise Failure(f"{earlier} is no counter.json.")
    return found


def _read(paths: Iterable[Path]) -> _Files:
    """Raises Failure where a file is not what it should be, or does not belong to the others."""
    files, cases = _Files(), set[str]()
    for path in _all(paths):
        found = _file(path)
        match found:
            case Counter():
                if files.counter is not None:
                    raise Failure(f"{path} is a second counter: look at one at a time.")
                files.counter = found
            case BatchLeaves():
                if files.leaves.get(found.number, found.leaves) != found.leaves:
                    raise Failure(f"{path} has other letters of batch {found.number} than another file.")
                files.leaves[found.number] = found.leaves
            case Proof():
                files.proof = found
        cases.add(found.batch.case if isinstance(found, Proof) else found.case)
    if len(cases) > 1:
        raise Failure(f"These files are of several cases: {', '.join(sorted(cases))}.")
    return files


def _all(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        yield from sorted(path.glob("counter*.json")) if path.is_dir() else [path]


def _file(path: Path) -> Counter | BatchLeaves | Proof:
    try:
        return read(path.read_text("utf-8", errors="replace"))
    except OSError as error:
        raise Failure(f"{path} cannot be read: {error.strerror}.") from error
    except BadFile as error:
        raise Failure(f"{path} cannot be used: {error}.") from error


# What is said


def _tell_counter(
    counter: Counter,
    leaves: Mapping[int, Sequence[bytes]],
    code: str | None,
    key: bytes | None,
    earlier: Counter | None,
    *,
    as_json: bool,
) -> None:
    found = findings(counter, leaves, key=key, earlier=earlier)
    says = [_said(each, counter.key) for each in found]
    places = None if code is None else places_of(leaf_of(counter.case, code), leaves)
    until = counter.batches[-1].day.isoformat() if counter.batches else None
    if as_json:
        faults = [
            {"fault": each.fault.value, "batch": each.batch, "says": said}
            for each, said in zip(found, says, strict=True)
        ]
        whole = {"case": counter.case, "key": counter.key.hex(), "total": counter.total, "until": until}
        dump({**whole, "faults": faults, "counted_in": places})
    else:
        for said in says or _sound(counter, until):
            typer.echo(said)
        if places is not None:
            typer.echo(_counted(counter, places, until))
        if key is None:
            typer.echo(
                f"Its key is {counter.key.hex()}. Compare it with the one that is published elsewhere."
            )
    _end(wrong=bool(found) or len(places or ()) > 1, counted=places is None or bool(places))


def _said(finding: Finding, key: bytes) -> str:
    if finding.fault is Fault.EARLIER and finding.batch is None:
        return _OF_THE_WHOLE
    name = leaves_name(finding.batch or 0)
    return SAYS[finding.fault].format(number=finding.batch, key=key.hex(), file=name)


def _sound(counter: Counter, until: str | None) -> list[str]:
    if until is None:
        return [f"The counter of {counter.case} has no letters yet."]
    return [
        f"The counter of {counter.case} is sound: {counter.total:,} letters were delivered up to {until}.",
        "Each batch is signed and follows from the one before it. No letter is counted twice.",
    ]


def _counted(counter: Counter, places: Sequence[int], until: str | None) -> str:
    if not places:
        since = f"up to {until}" if until else "yet"
        return (
            f"No letter with this code is counted {since}. A letter is counted when its day is over, and few "
            "letters wait for those of the next days."
        )
    batches = {batch.number: batch for batch in counter.batches}
    where = " and ".join(
        f"batch {each} ({f'{batches[each].count:,} letters up to {batches[each].day}'})"
        if each in batches
        else f"batch {each}"
        for each in places
    )
    times = "once" if len(places) == 1 else f"{len(places)} times, which is wrong"
    return f"The letter with this code is counted {times}: in {where}."


def _tell_proof(proof: Proof, code: str, key: bytes | None, *, as_json: bool) -> None:
    batch, shown = proof.batch, proof.shows(code)
    faults = [Fault.KEY] if key not in (None, proof.key) else []
    faults += [] if is_signed(batch, proof.key) else [Fault.SIGNATURE]
    says = [_said(Finding(each, batch.number), proof.key) for each in faults]
    if as_json:
        told = [
            {"fault": each.value, "batch": batch.number, "says": said}
            for each, said in zip(faults, says, strict=True)
        ]
        whole = {"case": batch.case, "key": proof.key.hex(), "total": batch.total, "until": f"{batch.day}"}
        dump({**whole, "faults": told, "counted_in": [batch.number] if shown else []})
    else:
        for said in says:
            typer.echo(said)
        typer.echo(
            f"The letter with this code is counted in batch {batch.number} of {batch.case} "
            f"({batch.count:,} letters up to {batch.day}). That it is counted once, the whole counter shows."
            if shown
            else "This proof is not of the letter with this code, or was changed."
        )
        if key is None:
            typer.echo(f"Its key is {proof.key.hex()}. Compare it with the one that is published elsewhere.")
    _end(wrong=bool(faults) or not shown, counted=True)


def _end(*, wrong: bool, counted: bool) -> None:
    if wrong:
        raise typer.Exit(1)
    if not counted:
        raise typer.Exit(NOT_COUNTED)
