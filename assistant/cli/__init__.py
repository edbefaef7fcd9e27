"""The command line. Exit code 2: wrong usage; 1: it did not work, with one sentence that says what to do."""

import os
import sys
from importlib import metadata
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli import audit, bounces, cases, chat, letters, letters_post, organisers, run, signal
from assistant.cli.broadcasts import commands, draft, watch
from assistant.cli.logging import set_up_logging
from assistant.domain.errors import Failure

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A chat assistant that helps people write letters for human-rights campaigns.",
    epilog="Settings are ASSISTANT_* variables, or lines of a .env file. "
    "ASSISTANT_DATA_DIR (default: var) is the folder for everything stored.",
)
app.command("chat")(chat.chat)
app.command("run")(run.run)
app.command("bounces")(bounces.bounces)
app.add_typer(cases.app, name="cases")
letters.app.add_typer(letters_post.app)
app.add_typer(letters.app, name="letters")
app.add_typer(cases.updates_app, name="updates")
commands.app.add_typer(draft.app)
commands.app.add_typer(watch.app)
app.add_typer(commands.app, name="broadcasts")
app.add_typer(organisers.app, name="organisers")
app.add_typer(audit.app, name="audit")
app.add_typer(signal.app, name="signal")


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(metadata.version("letters-assistant"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """What can stand before a command."""


def main() -> None:
    """The entry point of the `assistant` command."""
    os.umask(0o077)  # what we store is for this user's eyes only
    set_up_logging()
    try:
        app()
    except Failure as failure:
        _end(failure.reason)
    except ExceptionGroup as group:
        failures = group.subgroup(Failure)
        _end(_first(failures or group))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read our output has left
        sys.exit(1)
    except Exception as error:
        _end(_unexpected(error))


def _end(reason: str) -> None:
    typer.echo(f"assistant: {reason}", err=True)
    sys.exit(1)


def _first(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.reason if isinstance(error, Failure) else _unexpected(error)


def _unexpected(error: BaseException) -> str:
    """Where a bug showed, without what was being handled: an error's own words may hold a person's."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "unknown"
    return (
        f"This is a mistake of ours: {type(error).__name__} at {where}. Please report it. Nothing was lost."
    )
