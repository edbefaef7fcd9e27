"""`assistant updates`."""

import json
from typing import Annotated

import typer

from assistant import app as wiring
from assistant.cli.output import table
from assistant.settings import Settings

app = typer.Typer(
    no_args_is_help=True, help="The news in the case folders. `assistant broadcasts draft` sends it."
)


@app.command("list")
def list_updates(
    case: Annotated[str | None, typer.Argument(help="Only this case.", show_default="all of them")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the updates in the case folders."""
    cases = wiring.make_script(Settings.load()).cases
    if case is not None and case not in cases:
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="CASE")
    rows = [
        {
            "case": slug,
            "update": update.slug,
            "date": str(update.date),
            "languages": sorted(update.text.texts),
        }
        for slug, each in cases.items()
        if case in (None, slug)
        for update in each.updates.values()
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
    else:
        table(["case", "update", "date"], [[row["case"], row["update"], row["date"]] for row in rows])
