"""`assistant actions`: the calls to write of each case, and how many letters they have brought."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated

import typer

from assistant.cli.output import Json, table
from assistant.domain.actions import Action
from assistant.domain.cases import Case, find_action
from assistant.domain.figures import NO_LETTERS, ActionFigures, ShownAction, roughly, show_letters
from assistant.domain.letters import ActionRef
from assistant.runtime import clock_of
from assistant.services.broadcasts.approval import SHELL
from assistant.services.letters.overview import LetterOverview
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import make_content
from assistant.wiring.organisers import open_organiser_services

app = typer.Typer(no_args_is_help=True, help="The actions: what people can write for, and how far each is.")

COLUMNS = ["case", "action", "open", "opens", "closes", "targets", "written", "left", "arrived", "answered"]


@app.command("list")
def list_actions(
    case: Annotated[str | None, typer.Option(help="Only actions of this case.")] = None,
    as_json: Json = False,
) -> None:
    """List the actions of the cases. Letters that were withdrawn are not counted.

    Letters are counted in tens: a small number could point at a person.
    """
    settings = Settings.load()
    cases = make_content(settings).cases
    if case is not None and case not in cases:
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="--case")
    figures = asyncio.run(_figures(settings))
    now = clock_of(settings, create=False)()
    chosen = [each for slug, each in cases.items() if case in (None, slug)]
    rows = [row for each in chosen for row in _rows(each, figures, now)]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table(COLUMNS, [[_shown(row[column]) for column in COLUMNS] for row in rows])
    for action in (action for each in chosen for action in each.actions.values()):
        if undecided := figures.get(action.ref, ActionFigures()).undecided:
            typer.echo(
                f"{action.ref}: {roughly(undecided)} letters wait until an approver says whether "
                f"its new text matters, with /reword or `assistant actions reword {action.ref}`."
            )


@app.command()
def reword(
    action: Annotated[str, typer.Argument(help="The action, such as norma-cruz--fax-2012.")],
    matters: Annotated[
        bool | None,
        typer.Option("--matters/--spelling", help="Ask the writers; or send the letters as they are."),
    ] = None,
) -> None:
    """Say whether a letter's new text matters for letters that wait and stand on the old one.

    Until somebody does, none of them is sent. Where it matters, their writers read the new letter and agree
    to it first; where only the spelling has changed, their letters are sent as they are.
    """
    settings = Settings.load()
    case, slug = find_action(make_content(settings).cases, action)
    if slug is None:
        raise typer.BadParameter("write the case and the action: norma-cruz--fax-2012", param_hint="ACTION")
    if matters is None:
        matters = typer.confirm("Does the change matter, so that the writers are asked first?")
    asyncio.run(_decide(settings, ActionRef(case, slug), matters=matters))
    typer.echo("Their writers are asked." if matters else "The letters are sent as they are.")


async def _decide(settings: Settings, action: ActionRef, *, matters: bool) -> None:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        await services.organiser_service.decide_text(tx, SHELL, action, matters=matters)


async def _figures(settings: Settings) -> Mapping[ActionRef, ActionFigures]:
    async with stores.open_store(settings) as store:
        return await LetterOverview(store).actions()


Value = str | int | bool | list[str] | None


Row = dict[str, Value]


def _rows(case: Case, figures: Mapping[ActionRef, ActionFigures], now: datetime) -> Iterator[Row]:
    """Of each action of the case, as it may be shown beside the others."""
    letters = show_letters({ref.action: each for ref, each in figures.items() if ref.case == case.slug})
    for action in case.actions.values():
        undecided = figures.get(action.ref, ActionFigures()).undecided
        yield _row(case, action, letters.actions.get(action.slug, NO_LETTERS), now) | {
            "undecided": roughly(undecided).value if undecided else 0  # nothing is left to do
        }


def _row(case: Case, action: Action, shown: ShownAction, now: datetime) -> Row:
    return {
        "case": action.ref.case,
        "action": action.slug,
        "open": case.is_open(action, now),
        "opens": str(action.opens) if action.opens else None,
        "closes": str(action.closes) if action.closes else None,
        "targets": [target.slug for target in action.targets],
        "goal": action.goal,
        "written": shown.written.value,
        "left": shown.left.value,
        "arrived": shown.arrived.value,
        "answered": shown.answered.value,
        "asked": shown.asked.value if shown.asked else 0,
    }


def _shown(value: Value) -> str | int:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(value) if isinstance(value, list) else value if value is not None else ""
