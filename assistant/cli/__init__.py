"""The command line. Exit code 2: wrong usage; 1: it did not work, with one sentence that says what to do."""

import os
import sys
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from assistant.domain.errors import Failure

COMMANDS = {
    "chat": "chat:chat",
    "run": "run:run",
    "status": "status:status",
    "doctor": "doctor:doctor",
    "mail": "mail:mail",
    "bounces": "mail:bounces",
    "cases": "cases:app cases_new:app cases_preview:app cases_card:app cases_translated:app",
    "languages": "languages:app",
    "actions": "actions:app",
    "letters": "letters:app letters_post:app",
    "review": "review:app",
    "answers": "answers:app",
    "updates": "cases:updates_app",
    "broadcasts": "broadcasts.commands:app broadcasts.draft:app broadcasts.watch:app",
    "organisers": "organisers:app",
    "audit": "audit:app",
    "counter": "counter:app",
    "verify": "verify:verify",
    "webhooks": "webhooks:app",
    "db": "db:app",
    "keys": "keys:app",
    "forget": "forget:forget",
    "retention": "retention:retention",
    "signal": "signal:app",
}
"""Where each command is, or the parts of a group of commands. `assistant --help` lists them in this order."""


@cache
def _imported(name: str) -> TyperGroup:
    """A group with the one command of that name."""
    whole = typer.Typer(add_completion=False)
    first, *others = (_part(each) for each in COMMANDS[name].split())
    if isinstance(first, typer.Typer):
        for other in others:
            first.add_typer(other)
        whole.add_typer(first, name=name)
    else:
        whole.command(name)(first)
    return typer.main.get_group(whole)


def _part(place: str) -> Any:  # Any: a function with options, or a Typer
    module, _, called = place.partition(":")
    return getattr(import_module(f"assistant.cli.{module}"), called)


class Commands(TyperGroup):
    """Imports a command when it is named: `--version` takes a quarter of a second, everything two."""

    # Any: types of Click, which Typer brings along or imports, by its version

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  the same in every one
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """That command. Where there is none, all are imported, so that Typer can suggest what is alike."""
        for name in [cmd_name] if cmd_name in COMMANDS else COMMANDS:
            self.commands.update(_imported(name).commands)
        return super().get_command(ctx, cmd_name)


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A chat assistant that helps people write letters for human-rights campaigns.",
    epilog="Settings are ASSISTANT_* variables, or lines of a .env file. "
    "ASSISTANT_DATA_DIR (default: var) is the folder for everything stored.",
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib import metadata

        typer.echo(metadata.version("letters-assistant"))
        raise typer.Exit


@app.callback()
def options(
    context: typer.Context,
    version: Annotated[  # noqa: ARG001  its callback shows it
        bool, typer.Option("--version", help="Show the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """What can stand before a command."""
    if context.obj is main:  # a process of our own, and a command that may log
        from assistant.cli.logging import set_up_logging

        set_up_logging()


def main() -> None:
    """The entry point of the `assistant` command."""
    os.umask(0o077)  # what we store is for this user's eyes only
    try:
        app(obj=main)
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
    from assistant.cli.logging import tell_end

    tell_end(reason)
    sys.exit(1)


def _first(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.reason if isinstance(error, Failure) else _unexpected(error)


def _unexpected(error: BaseException) -> str:
    """Where a bug showed, without what was being handled: an error's own words may hold a person's."""
    if isinstance(error, OSError) and error.filename:  # no bug: the operator can mend it
        return f"{error.filename} cannot be used: {error.strerror}. See to it, and to its folder."
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "unknown"
    return (
        f"This is a mistake of ours: {type(error).__name__} at {where}. Please report it. Nothing was lost."
    )
