"""`assistant cases check --watch`: checks again when something in the folders changes."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import typer

from assistant.content.leftovers import is_leftover
from assistant.domain.errors import Failure

LOOK = 0.5  # seconds between looks

Seen = Mapping[Path, tuple[int, int]]
"""The files, each with when it was changed, and its size."""


def watch(folders: Sequence[Path], check: Callable[[], object]) -> None:
    """Check, and again after every change, until Ctrl-C. What keeps a check from being made is told."""
    typer.echo("Watching. Ctrl-C ends it.", err=True)
    try:
        checked = _look(folders)
        _try(check)
        while True:
            now = _settled(folders, checked)
            typer.echo(f"\n{'; '.join(_changes(checked, now))}")
            checked = now
            _try(check)
    except KeyboardInterrupt:
        typer.echo("", err=True)


def _try(check: Callable[[], object]) -> None:
    try:
        check()
    except typer.Exit:  # how it says that something is wrong
        pass
    except typer.BadParameter as error:
        typer.echo(error.format_message())
    except Failure as failure:
        typer.echo(failure.reason)


def _settled(folders: Sequence[Path], before: Seen) -> Seen:
    """What is there once something has changed, and nothing is being written any more."""
    last = before
    while True:
        time.sleep(LOOK)
        now = _look(folders)
        if now == last != before:
            return now
        last = now


def _look(folders: Sequence[Path]) -> Seen:
    return {file: seen for folder in folders for file, seen in _files(folder)}


def _files(folder: Path) -> Iterator[tuple[Path, tuple[int, int]]]:
    try:
        entries = [each for each in folder.iterdir() if not is_leftover(each.name)]
    except OSError:  # it has gone, or is shut: that is what the check tells
        return
    for each in sorted(entries):
        if each.is_dir():
            yield from _files(each)
        else:
            try:
                found = each.stat()
            except OSError:
                continue
            yield each, (found.st_mtime_ns, found.st_size)


def _changes(before: Seen, now: Seen) -> Iterator[str]:
    for word, files in (
        ("changed", [each for each in now if each in before and now[each] != before[each]]),
        ("new", now.keys() - before.keys()),
        ("gone", before.keys() - now.keys()),
    ):
        if files:
            yield f"{word}: {', '.join(sorted(map(str, files)))}"
