"""`assistant cases` and `assistant updates`."""

import asyncio
import json
from collections.abc import Mapping
from typing import Annotated

import typer

from assistant import wiring
from assistant.cli.output import table
from assistant.services.sources import chats_by_source
from assistant.settings import Settings
from assistant.wiring import checked_cases, make_content

app = typer.Typer(no_args_is_help=True, help="The cases: list them, check their folders.")


@app.command("list")
def list_cases(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List the cases with their languages and updates."""
    rows = [
        {
            "case": checked.slug,
            "usable": checked.case is not None,
            "languages": sorted(checked.case.briefing.texts) if checked.case else [],
            "updates": sorted(checked.case.updates) if checked.case else [],
        }
        for checked in checked_cases(Settings.load())
    ]
    if as_json:
        typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        shown = [
            [row["case"], "yes" if row["usable"] else "no", *map(_joined, (row["languages"], row["updates"]))]
            for row in rows
        ]
        table(["case", "usable", "languages", "updates"], shown)


@app.command()
def sources(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """Show how many chats each link brought.

    Put a word behind the case in a link, after an underscore: t.me/YOUR_BOT?start=norma-cruz_flyer counts
    under "flyer". At most 20 letters, digits and hyphens. Fewer than ten are shown as "<10".
    """

    async def read() -> Mapping[str, str]:
        async with wiring.open_store(Settings.load()) as store:
            return await chats_by_source(store)

    shown = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        table(["source", "chats"], [[source, count] for source, count in shown.items()])


@app.command("check")
def check(
    slug: Annotated[str | None, typer.Argument(help="Only this case.", show_default="all of them")] = None,
) -> None:
    """Check the case folders, and say what is wrong in which file.

    Exit code 1 where a case cannot be used as it is. Lines that begin with "note" are for your knowledge.
    """
    found = [checked for checked in checked_cases(Settings.load()) if slug in (None, checked.slug)]
    if not found:
        raise typer.BadParameter(f"there is no case '{slug}'", param_hint="SLUG")
    for checked in found:
        typer.echo(f"{checked.slug}: {'good' if checked.case else 'cannot be used as it is'}")
        for finding in checked.findings:
            typer.echo(f"  {'WRONG' if finding.serious else 'note '} {finding.where}: {finding.what}")
    if any(checked.case is None for checked in found):
        raise typer.Exit(1)


def _joined(parts: object) -> str:
    return " ".join(parts) if isinstance(parts, list) else str(parts)


updates_app = typer.Typer(
    no_args_is_help=True, help="The news in the case folders. `assistant broadcasts draft` sends it."
)


@updates_app.command("list")
def list_updates(
    case: Annotated[str | None, typer.Argument(help="Only this case.", show_default="all of them")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """List the updates in the case folders."""
    cases = make_content(Settings.load()).cases
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
