"""`assistant letters`."""

import asyncio
import json
from typing import Annotated

import typer

from assistant import app as wiring
from assistant import carriage
from assistant.cli.output import Json, stamp, table
from assistant.domain.lifecycle import LetterStatus
from assistant.settings import Settings
from assistant.store import letters, steps
from assistant.store.letters import WAITING, Letter
from assistant.store.steps import Step

app = typer.Typer(
    no_args_is_help=True, help="The letters: where each is on its way. Nothing personal is shown."
)
Number = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="The letter's number, from `assistant letters list`.")
]
COLUMNS = ["id", "case", "status", "country", "route", "created_at", "due_at", "attempts"]


@app.command("list")
def list_letters(
    case: Annotated[str | None, typer.Option(help="Only letters of this case.")] = None,
    status: Annotated[LetterStatus | None, typer.Option(help="Only letters in this state.")] = None,
    as_json: Json = False,
) -> None:
    """List letters, the oldest first."""
    settings = Settings.load()
    if case is not None and case not in (known := wiring.make_script(settings).cases):
        raise typer.BadParameter(f"there is {', '.join(known)}", param_hint="--case")

    async def read() -> list[Letter]:
        async with carriage.open_store(settings) as store, store.read() as tx:
            return await letters.listed(tx, case=case, status=status)

    rows = [_row(letter) for letter in asyncio.run(read())]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        table(COLUMNS, [[row[column] or "" for column in COLUMNS] for row in rows])


@app.command()
def show(number: Number, as_json: Json = False) -> None:
    """Show one letter."""
    letter, _ = asyncio.run(_read(number))
    row = _row(letter) | {"language": letter.language, "reference": letter.reference}
    if as_json:
        typer.echo(json.dumps(row, indent=1))
    else:
        table(["fact", "value"], [[key, "" if value is None else value] for key, value in row.items()])


@app.command()
def log(number: Number, as_json: Json = False) -> None:
    """Show every step of one letter, with its time and reason."""
    _, taken = asyncio.run(_read(number))
    rows = [{"at": stamp(step.at), "status": step.status, "reason": step.reason} for step in taken]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        table(["at", "status", "reason"], [list(row.values()) for row in rows])


async def _read(number: int) -> tuple[Letter, list[Step]]:
    async with carriage.open_store(Settings.load()) as store, store.read() as tx:
        letter = await letters.find(tx, number)
        if letter is None:
            raise typer.BadParameter(f"there is no letter {number}", param_hint="NUMBER")
        return letter, await steps.log(tx, number)


def _row(letter: Letter) -> dict[str, str | int | None]:
    return {
        "id": letter.id,
        "case": letter.case,
        "status": letter.status.value,
        "country": letter.country,
        "route": letter.route,
        "created_at": stamp(letter.created_at),
        "due_at": stamp(letter.due_at) if letter.status in WAITING else None,
        "attempts": letter.attempts,
    }
