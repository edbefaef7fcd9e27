"""`assistant updates`."""

import asyncio
import json
from typing import Annotated

import typer

from assistant import app as wiring
from assistant.cli.output import table
from assistant.domain.lifecycle import MessageStatus
from assistant.services.broadcasts import Published
from assistant.settings import Settings

app = typer.Typer(no_args_is_help=True, help="The news of a case: list them, send one to its subscribers.")


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


@app.command()
def publish(
    case: Annotated[str, typer.Argument(help="The case, such as norma-cruz.")],
    update: Annotated[str, typer.Argument(help="The update, such as 2011-09-conviction.")],
) -> None:
    """Send an update to everyone who subscribed to the case, each in their language, each once.

    It is safe to run it again: nobody gets the same update twice. `assistant run` does the sending; for a
    chat in a terminal, the chat itself does.
    """

    settings = Settings.load()
    script = wiring.make_script(settings)
    if case not in script.cases:
        raise typer.BadParameter(f"there is {', '.join(script.cases)}", param_hint="CASE")
    if update not in script.cases[case].updates:
        raise typer.BadParameter(f"there is {', '.join(script.cases[case].updates)}", param_hint="UPDATE")

    async def work() -> Published:
        async with wiring.open_store(settings) as store:
            return await wiring.make_broadcasts(script, store).publish(case, update)

    published = asyncio.run(work())
    sent = published.reach.counts.get(MessageStatus.SENT, 0)
    waiting = published.reach.counts.get(MessageStatus.QUEUED, 0)
    typer.echo(
        f"{published.added} new in the outbox. In all: {published.reach.total} for this update, "
        f"{sent} sent, {waiting} waiting."
    )
