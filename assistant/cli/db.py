"""`assistant db`: backups of everything stored, and whether it is sound."""

import asyncio
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant import installation
from assistant.cli.output import table
from assistant.installation import Progress
from assistant.services.databases.check import Soundness
from assistant.settings import Settings

EVERY = 0.1  # seconds between two signs of progress
PATIENCE = 60.0  # seconds that a database server may take to come, when both are started together

app = typer.Typer(
    no_args_is_help=True,
    help="The database: backups of it, and whether it is sound. The keyring is never in them: keep a copy of "
    "it elsewhere.",
)
File = Annotated[Path, typer.Argument(help="The file of the backup.", show_default=False)]


@app.command()
def backup(
    file: File,
    force: Annotated[bool, typer.Option("--force", help="Replace the file, where it is there.")] = False,
) -> None:
    """Write all that is stored into one file, while the assistant works; it is checked before it is named so.

    The file is an SQLite database, whichever database you use, and as secret as that one. Neither the keyring
    nor the tray is in it.
    """
    settings = Settings.load()
    with _progress() as tell:
        checked = asyncio.run(installation.backup(settings, file, tell, replace=force))
    typer.echo(f"{file.absolute()} is written and checked.")
    _show_counts(checked.counts)
    typer.echo(
        "The keyring is not in it. Keep a copy of it elsewhere, and renew that copy: without it nobody can "
        "read the backup, and with both anybody can. `assistant keys status` says how long it can be read."
    )
    _end_with(checked)


@app.command()
def check(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file of a backup. Without it: the database.", show_default=False),
    ] = None,
) -> None:
    """Say whether the database, or a backup of it, is sound; nothing is changed. Exit code 1: it is not."""
    checked = asyncio.run(installation.soundness(Settings.load(), file))
    table(
        ["", "what", "found"],
        [["wrong" if each.fault else "ok", each.subject, each.said] for each in checked.findings],
    )
    _show_counts(checked.counts)
    _end_with(checked)


@app.command()
def restore(
    file: File,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Put a backup in the place of the database. What is there now is kept, under a name that you are told.

    End `assistant run` first. What waits in the backup may have been sent since it was taken, so nothing is
    sent by itself: letters are held, broadcasts are halted, replies are not sent again, and the owners are
    told in their chat.
    """
    settings = Settings.load()
    if not yes:
        typer.confirm(f"Shall {file} take the place of the database?", abort=True)
    with _progress() as tell:
        done = asyncio.run(installation.put_back(settings, file, tell))
    typer.echo(f"The database is as it was on {done.since}. What happened after that is not known any more.")
    if done.aside:
        typer.echo(f"What was there before is kept: {done.aside}")
    stands = done.stands
    typer.echo(f"Letters held: {stands.letters:,}. Replies and notices not sent again: {stands.messages:,}.")
    if stands.letters:
        typer.echo(
            "Some may have been sent. Those that were: `assistant letters resolve --restored --as sent`; "
            "those that were not: `assistant letters release --restored`. Both take numbers instead."
        )
    if stands.broadcasts:
        halted = ", ".join(map(str, stands.broadcasts))
        typer.echo(
            f"Broadcasts halted: {halted}. `assistant broadcasts resume` sends one also to those who got it "
            "since; `assistant broadcasts discard` drops one that had not begun."
        )
    if stands.forgotten:
        typer.echo(f"People who were forgotten since, and are so again: {stands.forgotten:,}.")
    if stands.drafts:
        typer.echo(f"Broadcasts that are drafts again: {', '.join(map(str, stands.drafts))}.")
    typer.echo("Look at `assistant organisers list` and at paused cases before you start `assistant run`.")
    for fault in done.soundness.faults:
        typer.echo(f"assistant: {fault}", err=True)


@app.command()
def copy(
    to: Annotated[
        str | None,
        typer.Option(
            help="The address of the other database: postgresql://... or sqlite:///...", metavar="URL"
        ),
    ] = None,
    to_file: Annotated[
        Path | None, typer.Option(help="A file that holds the address instead, for its password's sake.")
    ] = None,
) -> None:
    """Copy all that is stored into another, empty database, of the same kind or of the other.

    End `assistant run` first. Nothing changes here. Where it is ended in the middle, the other database is as
    empty as before: call it again. At the end it says which settings to change.
    """
    if (to is None) == (to_file is None):
        raise typer.BadParameter("give one of --to and --to-file", param_hint="--to")
    settings = Settings.load()
    option = "--to" if to_file is None else "--to-file"
    with _progress() as tell:
        moved = asyncio.run(installation.copy(settings, to or _content(to_file), option, tell))
    table(
        ["table", "rows", "checksum, on both sides"],
        [[each.table, f"{each.rows:,}", each.checksum] for each in moved.tables],
    )
    typer.echo("All is copied, and the same on both sides. Now, before you start `assistant run` again:")
    typer.echo(
        "- set ASSISTANT_DATABASE_URL, or ASSISTANT_DATABASE_URL_FILE, to that address: "
        "nothing else changes, also not the keyring and the data folder;"
    )
    typer.echo("- move the old database away when all is well. Do not work on both: see docs/running.md.")
    _end_with(moved.soundness)


@app.command()
def migrate() -> None:
    """Bring the tables up to date, or make them and the keyring where there are none, and end.

    `assistant run` does so, too. Called before several processes are started, none of them meets tables that
    change: where there is something to change, it refuses to while any process works on the database.
    """
    migrated = asyncio.run(installation.migrate(Settings.load(), PATIENCE))
    if migrated.before is None:
        typer.echo(f"The tables are made: {migrated.after}.")
    elif migrated.before == migrated.after:
        typer.echo(f"The tables are up to date: {migrated.after}.")
    else:
        typer.echo(f"The tables are brought up to date: from {migrated.before} to {migrated.after}.")


def _content(file: Path | None) -> str:
    try:
        written = file.read_text("utf-8").strip() if file else ""
    except (OSError, UnicodeDecodeError):
        raise typer.BadParameter(f"{file} cannot be read", param_hint="--to-file") from None
    if not written:
        raise typer.BadParameter(f"{file} is empty", param_hint="--to-file")
    return written


def _end_with(checked: Soundness) -> None:
    """What is wrong, and what to do."""
    for fault in checked.faults:
        typer.echo(f"assistant: {fault}", err=True)
    if not checked.is_sound:
        raise typer.Exit(1)


def _show_counts(counts: Mapping[str, Mapping[str, int]]) -> None:
    for name, states in counts.items():
        by_state = ", ".join(f"{state} {count:,}" for state, count in states.items() if state)
        typer.echo(f"{name}: {sum(states.values()):,}" + (f" ({by_state})" if by_state else ""))


@contextmanager
def _progress() -> Iterator[Progress]:
    """One line on a terminal that says how far it is; nothing where nobody is looking."""
    if not sys.stderr.isatty():
        yield lambda what, done, whole: None  # noqa: ARG005  nobody is looking
        return
    shown_at = 0.0

    def tell(what: str, done: int, whole: int) -> None:
        nonlocal shown_at
        now = time.monotonic()
        if now - shown_at >= EVERY or done == whole:
            shown_at = now
            percent = 100 * done // whole if whole else 100
            sys.stderr.write(f"\r\x1b[K{what}: {percent} %")
            sys.stderr.flush()

    try:
        yield tell
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
