"""`assistant chat`."""

import sys
from collections.abc import Mapping
from typing import Annotated

import typer

from assistant import app
from assistant.channels.terminal import Terminal
from assistant.domain.cases import Case
from assistant.domain.letters import ActionRef
from assistant.event_loop import run_in_loop
from assistant.settings import Settings
from assistant.wiring.content import make_script
from assistant.wiring.process import said_on_failure


def chat(
    who: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Whose chat this is; each name has a chat of its own.")
    ] = "you",
    language: Annotated[
        str | None, typer.Option(help="Speak this language (such as es) instead of asking.")
    ] = None,
    case: Annotated[str | None, typer.Option(help="Begin with this case, as a link to it would.")] = None,
    action: Annotated[
        str | None, typer.Option(help="Begin with this action of the case, as a link to it would.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Read lines, write one JSON object for each message.")
    ] = False,
) -> None:
    """Talk with the assistant in this terminal.

    Type an answer, its number or its first letters. "help" lists the words that always work. Ctrl-D ends
    the chat; it goes on where it was when you come back.
    """
    if not _is_text(who):
        raise typer.BadParameter("write it in UTF-8", param_hint="--as")
    settings = Settings.load()
    script = make_script(settings)
    if language is not None and script.locale(language) is None:
        raise typer.BadParameter(f"we speak {', '.join(script.locales)}", param_hint="--language")
    if case is not None and case not in script.cases:
        raise typer.BadParameter(f"there is {', '.join(script.cases)}", param_hint="--case")
    begins = _begins(script.cases, case, action)
    if not as_json:
        _say_where(settings)
    terminal = Terminal(
        who, failed=said_on_failure(script, language), language=language, case=begins, as_json=as_json
    )
    try:
        run_in_loop(app.chat(settings, script, terminal))
    except KeyboardInterrupt:
        typer.echo("", err=True)


def _begins(cases: Mapping[str, Case], case: str | None, action: str | None) -> str | None:
    """What a link would name that leads there."""
    if action is None:
        return case
    having = [slug for slug, each in cases.items() if action in each.actions and case in (None, slug)]
    if len(having) != 1:
        known = ", ".join(f"{slug}: {', '.join(each.actions)}" for slug, each in cases.items())
        told = "several cases have it: name one with --case" if having else f"there is {known}"
        raise typer.BadParameter(told, param_hint="--action")
    return str(ActionRef(having[0], action))


def _is_text(argument: str) -> bool:
    """Whether its bytes could be read: where not, Python keeps them as halves of characters."""
    try:
        argument.encode()
    except UnicodeEncodeError:
        return False
    return True


def _say_where(settings: Settings) -> None:
    elsewhere = settings.has_database_elsewhere
    database = "at ASSISTANT_DATABASE_URL" if elsewhere else settings.database_file.absolute()
    typer.echo(f"Database: {database}", err=True)
    keyring = settings.keyring_command or settings.keyring_path.absolute()
    typer.echo(f"Keyring:  {keyring}", err=True)
    kept = settings.retention.letters.days
    typer.echo(f"Letters:  {settings.tray.absolute()}, not encrypted, deleted after {kept} days", err=True)
    if sys.stdin is not None and sys.stdin.isatty():
        from assistant.cli.logging import speak_plainly

        speak_plainly()
        typer.echo("Type your answers here. Ctrl-D ends the chat.", err=True)
