"""`assistant actions`: the calls to write of each case, and how many letters they have brought."""

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

import typer

from assistant import wiring
from assistant.cli.output import Json, table
from assistant.domain.actions import Action
from assistant.domain.figures import ActionFigures
from assistant.domain.letters import ActionRef
from assistant.runtime import clock_of
from assistant.services.letters.overview import LetterOverview
from assistant.settings import Settings
from assistant.wiring import make_content

app = typer.Typer(no_args_is_help=True, help="The actions: what people can write for, and how far each is.")

COLUMNS = ["case", "action", "open", "opens", "closes", "targets", "written", "left", "arrived", "answered"]


@app.command("list")
def list_actions(
    case: Annotated[str | None, typer.Option(help="Only actions of this case.")] = None,
    as_json: Json = False,
) -> None:
    """List the actions of the cases. Letters that were withdrawn are not counted."""
    settings = Settings.load()
    cases = make_content(settings).cases
    if case is not None and case not in cases:
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="--case")
    figures = asyncio.run(_figures(settings))
    now = clock_of(settings, create=False)()
    rows = [
        _row(action, figures.get(action.ref, ActionFigures()), now)
        for slug, each in cases.items()
        if case in (None, slug)
        for action in each.actions.values()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        table(COLUMNS, [[_shown(row[column]) for column in COLUMNS] for row in rows])


async def _figures(settings: Settings) -> Mapping[ActionRef, ActionFigures]:
    async with wiring.open_store(settings) as store:
        return await LetterOverview(store).actions()


Value = str | int | bool | list[str] | None


def _row(action: Action, counted: ActionFigures, now: datetime) -> dict[str, Value]:
    return {
        "case": action.ref.case,
        "action": action.slug,
        "open": action.is_open(now),
        "opens": str(action.opens) if action.opens else None,
        "closes": str(action.closes) if action.closes else None,
        "targets": [target.slug for target in action.targets],
        "goal": action.goal,
        "written": counted.written,
        "left": counted.left,
        "arrived": counted.arrived,
        "answered": counted.answered,
        "asked": counted.asked,
    }


def _shown(value: Value) -> str | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else value if value is not None else ""
