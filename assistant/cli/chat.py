"""`assistant chat`."""

import asyncio
import sys
from typing import Annotated

import typer

from assistant import app
from assistant.channels.terminal import Terminal
from assistant.settings import Settings


def chat(
    who: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Whose chat this is; each name has a chat of its own.")
    ] = "you",
    language: Annotated[
        str | None, typer.Option(help="Speak this language (en, es) instead of asking.")
    ] = None,
    case: Annotated[str | None, typer.Option(help="Begin with this case, as a link to it would.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Read lines, write one JSON object for each message.")
    ] = False,
) -> None:
    """Talk with the assistant in this terminal.

    Type an answer, its number or its first letters. "help" lists the words that always work. Ctrl-D ends
    the chat; it goes on where it was when you come back.
    """
    settings = Settings.load()
    script = app.make_script(settings)
    if language is not None and script.tongue(language) is None:
        raise typer.BadParameter(f"we speak {', '.join(script.tongues)}", param_hint="--language")
    if case is not None and case not in script.cases:
        raise typer.BadParameter(f"there is {', '.join(script.cases)}", param_hint="--case")
    _say_where(settings, brief=as_json)
    terminal = Terminal(
        who, failed=app.said_on_failure(script, language), language=language, case=case, as_json=as_json
    )
    try:
        asyncio.run(app.chat(settings, script, terminal))
    except KeyboardInterrupt:
        typer.echo("", err=True)


def _say_where(settings: Settings, *, brief: bool) -> None:
    if not settings.keyring_path.exists():
        typer.echo(
            f"A new keyring is made in {settings.keyring_path}. Without it nothing stored can be read: "
            "keep a copy of it, apart from copies of the database.",
            err=True,
        )
    if not brief:
        database = settings.database if settings.database_url is None else "at ASSISTANT_DATABASE_URL"
        typer.echo(f"Database: {database.removeprefix('sqlite:///')}", err=True)
        typer.echo(f"Letters:  {settings.tray}", err=True)
        if sys.stdin.isatty():
            typer.echo("Type your answers here. Ctrl-D ends the chat.", err=True)
