"""`assistant updates`."""

import asyncio
import json
from datetime import datetime
from typing import Annotated

import typer

from assistant import app as wiring
from assistant import carriage
from assistant.cli.output import table
from assistant.domain.lifecycle import MessageStatus
from assistant.process import clock_of
from assistant.services.broadcasts import Published
from assistant.settings import Settings

OTHER_ENDS = (
    MessageStatus.UNKNOWN,
    MessageStatus.FAILED,
    MessageStatus.EXPIRED,
    MessageStatus.CANCELLED,
)

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
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"],
            help="Send it to nobody any more after this moment, such as 2012-01-23T18:00-06:00. "
            "Counts where the update is published for the first time.",
        ),
    ] = None,
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

    clock = clock_of(settings)
    if until is not None and until <= clock():
        raise typer.BadParameter("that moment has passed already", param_hint="--until")

    async def work() -> Published:
        async with carriage.open_store(settings) as store:
            return await wiring.make_broadcasts(script, store, clock).publish(case, update, until)

    published = asyncio.run(work())
    counts = published.reach.counts
    waiting = counts.get(MessageStatus.QUEUED, 0) + counts.get(MessageStatus.SENDING, 0)
    told = [f"{counts.get(MessageStatus.SENT, 0)} sent", f"{waiting} waiting"]
    told += [f"{counts[status]} {status.value}" for status in OTHER_ENDS if counts.get(status)]
    typer.echo(
        f"{published.added} new in the outbox. In all: {published.reach.total} for this update, "
        f"{', '.join(told)}."
    )
