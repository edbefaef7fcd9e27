"""`assistant cases check --watch`: checks again when something in the folders changes."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import typer

from assistant.content.fingerprint import Fingerprint, fingerprint
from assistant.domain.errors import Failure

LOOK = 0.5  # seconds between looks


def watch(folders: Sequence[Path], check: Callable[[], object]) -> None:
    """Check, and again after every change, until Ctrl-C. What keeps a check from being made is told."""
    typer.echo("Watching. Ctrl-C ends it.", err=True)
    try:
        checked = fingerprint(folders)
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


def _settled(folders: Sequence[Path], before: Fingerprint) -> Fingerprint:
    """What is there once something has changed, and nothing is being written any more."""
    last = before
    while True:
        time.sleep(LOOK)
        now = fingerprint(folders)
        if now == last != before:
            return now
        last = now


def _changes(before: Fingerprint, now: Fingerprint) -> Iterator[str]:
    for word, files in (
        ("changed", [each for each in now if each in before and now[each] != before[each]]),
        ("new", now.keys() - before.keys()),
        ("gone", before.keys() - now.keys()),
    ):
        if files:
            yield f"{word}: {', '.join(sorted(map(str, files)))}"
