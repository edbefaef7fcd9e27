"""`assistant keys`: what wraps the keys of chats, and until when copies of the database can be read."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, TypeVar

import typer

from assistant.cli.output import Json, dump, stamp, table
from assistant.domain.errors import Refused
from assistant.domain.retention import KEEP_KEY, USE_KEY
from assistant.services import keys
from assistant.services.broadcasts.approval import SHELL
from assistant.services.keys import KeyRotation, KeyStatus
from assistant.settings import Settings
from assistant.wiring import stores

SHORTEST = 12  # characters: who has the file can try as many as they like, at 0.3 s each
T = TypeVar("T")

app = typer.Typer(
    no_args_is_help=True,
    help="The keyring: another key wraps what is stored every week, and the old one is destroyed two weeks "
    "later. From then on nobody can read a copy of the database that was made before.",
)
Print = Annotated[
    bool,
    typer.Option(
        "--print",
        help="Change nothing here: print the keyring that you put in the place of the one which "
        "ASSISTANT_KEYRING_COMMAND prints. It is secret.",
    ),
]


@app.command()
def status(as_json: Json = False) -> None:
    """List the keys, how many chats each wraps, and when it is destroyed."""
    found = _with_rotation(lambda rotation: rotation.status())
    rows = [
        {
            "key": each.id,
            "since": stamp(each.since),
            "retired_at": stamp(each.retired_at),
            "destroyed_from": stamp(each.destroyed_from),
            "chats": each.chats,
        }
        for each in found.keys
    ]
    if as_json:
        dump(
            {
                "keys": rows,
                "active": found.active,
                "rotates_by_itself": found.rotates,
                "processes_behind": [each.name for each in found.behind],
            }
        )
        return
    table(
        ["key", "wraps since", "until", "destroyed from", "chats"],
        [[*(value if value is not None else "" for value in row.values())] for row in rows],
    )
    _tell(found)


def _tell(found: KeyStatus) -> None:
    if found.rotates:
        typer.echo(
            f"A running assistant changes keys by itself: a key wraps for {USE_KEY.days} days, and is "
            f"destroyed {KEEP_KEY.days} days later. A backup can be read as long as its keys are there: "
            f"{KEEP_KEY.days} to {(USE_KEY + KEEP_KEY).days} days. Renew your copy of the keyring each week."
        )
    else:
        typer.echo(
            "These keys are yours to change: `assistant keys rotate --print` each week, and `assistant keys "
            "destroy --print` two weeks later."
        )
    for process in found.behind:
        typer.echo(f"{process.name} does not have the newest key yet.")


@app.command()
def rotate(print_it: Print = False) -> None:
    """Have a new key wrap what is stored, now. For after a theft, or where somebody has left who had it.

    What was copied before can be read until the old key is destroyed: see `assistant keys destroy`.
    """
    if print_it:
        _write(keys.with_new_key(stores.keyring_source(Settings.load())))
        return
    number = _with_rotation(lambda rotation: rotation.rotate(SHELL.label))
    typer.echo(f"Key {number} wraps all that is stored. Renew your copy of the keyring now.")


@app.command()
def destroy(
    at_once: Annotated[
        bool,
        typer.Option(
            "--at-once", help="Also those that were used until a moment ago. Older backups become unreadable."
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
    print_it: Print = False,
) -> None:
    """Destroy keys that wrap nothing any more. A running assistant does so two weeks after their last use."""
    keep = timedelta(0) if at_once else KEEP_KEY
    if print_it:
        _write(_with_rotation(lambda rotation: rotation.without_old_keys(keep)))
        return
    if at_once and not yes:
        typer.confirm("No backup that was made before the last rotation can be read then. Go on?", abort=True)
    gone = _with_rotation(lambda rotation: rotation.destroy(SHELL.label, keep))
    if gone:
        typer.echo(
            f"Destroyed: {', '.join(f'key {number}' for number in gone)}. Destroy them in your copies, too."
        )
    else:
        typer.echo("There is no key to destroy: see `assistant keys status`.")


@app.command()
def new() -> None:
    """Print a new keyring, for a key server or a password store. It is secret."""
    _write(keys.new_keyring())


@app.command()
def passphrase(
    remove: Annotated[bool, typer.Option("--remove", help="Have it open without one.")] = False,
) -> None:
    """Lock the keyring's file with a passphrase, or change the one that it has.

    `assistant run` asks for it then, or reads it from ASSISTANT_KEYRING_PASSPHRASE_FILE. Nobody can help you
    if you forget it.
    """
    source = stores.keyring_source(Settings.load())
    keys.lock(source, lambda: None if remove else _asked_twice())
    typer.echo("The keyring opens without a passphrase now." if remove else "The keyring is locked.")


def _asked_twice() -> str:
    chosen: str = typer.prompt("New passphrase", hide_input=True, confirmation_prompt=True)
    if len(chosen) < SHORTEST:
        raise Refused(f"That is too short: it has to have {SHORTEST} characters. Nothing has changed.")
    return chosen


def _with_rotation(do: Callable[[KeyRotation], Awaitable[T]]) -> T:
    async def done() -> T:
        async with stores.open_store(Settings.load()) as store:
            return await do(KeyRotation(store))

    return asyncio.run(done())


def _write(keyring: bytes) -> None:
    sys.stdout.buffer.write(keyring)
