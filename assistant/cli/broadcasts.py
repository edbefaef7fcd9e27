"""`assistant broadcasts list|show`."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer

from assistant import app as wiring
from assistant import carriage
from assistant.cli.broadcast_facts import Looked, Row, details, look, show, summary
from assistant.cli.newsdesk import open_newsdesk
from assistant.cli.output import Json, dump, table
from assistant.dialogue.script import Script
from assistant.settings import Settings
from assistant.store import broadcasts, tallies

app = typer.Typer(
    no_args_is_help=True,
    help="Updates, alerts and corrections, on their way to those who asked for news.\n\n"
    "`draft` shows it to you, and asks another person to approve it. `approve` lets it leave, two minutes "
    "later. `stop` halts it at once, without a question. `watch` shows how far it is.",
)
Number = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="Its number, from `assistant broadcasts list`.")
]
EVERY = 1_000_000  # more than there ever are
COLUMNS = ["number", "kind", "case", "update", "status", "people", "sent", "author", "approver", "starts_at"]


@app.command("list")
def list_broadcasts(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Json = False,
) -> None:
    """List what is being written, waits or leaves, the newest first.

    people: how many it was counted to reach. sent: how many have it. starts_at: UTC.
    """
    rows = asyncio.run(_rows(Settings.load(), everything=everything))
    if as_json:
        dump(rows)
        return
    table(COLUMNS, [["" if row[column] is None else row[column] for column in COLUMNS] for row in rows])
    if not rows and not everything:
        typer.echo("Nothing is being written, waits or leaves. --all shows what is over, too.", err=True)


async def _rows(settings: Settings, *, everything: bool) -> list[Row]:
    async with carriage.open_store(settings) as store, store.read() as tx:
        if everything:
            found = await broadcasts.listed(tx, EVERY)
        else:
            found = list(reversed(await broadcasts.open_ones(tx)))
        counted = await tallies.of(tx, [each.id for each in found])
        return [summary(each, counted[each.id]) for each in found]


@app.command("show")
def show_one(number: Number, as_json: Json = False) -> None:
    """Show all of a broadcast: who gets which text and when, how long it takes, and what became of it."""
    settings = Settings.load()
    script = wiring.make_script(settings)
    looked, rates = asyncio.run(_look(settings, script, number))
    if as_json:
        dump(details(looked, rates))
    else:
        show(looked, rates, script.default_tongue)


async def _look(settings: Settings, script: Script, number: int) -> tuple[Looked, Mapping[str, float]]:
    async with open_newsdesk(settings, script) as (store, news):
        return await look(store, number), news.rates
