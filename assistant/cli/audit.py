"""`assistant audit`: what organisers did, and whether anybody has changed the record of it."""

import asyncio
import re
from typing import Annotated

import typer

from assistant.cli.output import Json, dump, stamp, table
from assistant.domain.audit import Entry, Verified
from assistant.services.organisers import record
from assistant.settings import Settings
from assistant.wiring import stores

SHOWN = 50  # entries

app = typer.Typer(
    no_args_is_help=True,
    help="What organisers did: who, what and when. Nothing of supporters is in it. It is kept for a year.",
)


def _code(value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", value):
        raise typer.BadParameter("it has 64 signs, as `assistant audit verify` printed it")
    return value


@app.command("list")
def list_entries(
    limit: Annotated[int, typer.Option(min=1, help="How many, the newest ones.")] = SHOWN,
    as_json: Json = False,
) -> None:
    """List what was done, the newest last.

    Organisers are named by their number: see `assistant organisers list`. "shell" is whoever uses these
    commands, "assistant" the program itself.
    """
    rows = [
        {
            "number": entry.id,
            "at": stamp(entry.at),
            "who": entry.actor,
            "what": entry.action,
            "about": entry.subject,
            "detail": entry.detail,
        }
        for entry in asyncio.run(_newest(Settings.load(), limit))
    ]
    if as_json:
        dump(rows)
    else:
        table(["number", "at", "who", "what", "about", "detail"], [list(row.values()) for row in rows])


async def _newest(settings: Settings, limit: int) -> list[Entry]:
    async with stores.open_store(settings) as store:
        return await record.newest(store, limit)


@app.command()
def verify(
    code: Annotated[
        str | None,
        typer.Option(callback=_code, help="The code that was noted last time, not more than a year ago."),
    ] = None,
) -> None:
    """Check that nothing was changed behind the assistant's back: no entry, role, approval or broadcast.

    Every entry's code covers all entries before it. Owners get the newest code in their chats once a day:
    give one with --code, because only so it shows when the newest entries were removed.
    """
    found = asyncio.run(_verify(Settings.load(), code or ""))
    if not found.entries:
        typer.echo("Nothing has been done yet: there is no entry.")
        return
    typer.echo(f"Entries: {found.entries:,}. None was changed, and none is missing between them.")
    typer.echo("Roles, approvals, broadcasts and pauses are as they say.")
    if code:
        typer.echo("The entry with the noted code is among them.")
    typer.echo(f"Code of the newest entry: {found.code}")
    typer.echo("Note it somewhere that is not this machine. Next time: assistant audit verify --code CODE")


async def _verify(settings: Settings, noted: str) -> Verified:
    async with stores.open_store(settings) as store:
        return await record.verify(store, noted)
