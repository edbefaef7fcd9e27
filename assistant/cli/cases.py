"""`assistant cases` and `assistant updates`."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from assistant import wiring
from assistant.cli.output import table
from assistant.content.cases import Checked
from assistant.content.preview import letter_page, pages
from assistant.domain.errors import Refused
from assistant.services.broadcasts.approval import SHELL
from assistant.services.sources import chats_by_source
from assistant.settings import Settings
from assistant.wiring import checked_cases, checked_folder, make_content

app = typer.Typer(no_args_is_help=True, help="The cases: list them, check their folders, see them.")


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


_WHICH = "A case by its slug, or the path of a case folder anywhere."


@app.command()
def resume(
    case: Annotated[str, typer.Argument(help="The folder's name, such as norma-cruz.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Resume a case that was paused, where no two people of the team can do that in their chats.

    The team is told. Broadcasts that were halted with the case stay halted.
    """
    if not yes:
        typer.confirm(f"Shall letters and news of {case} be sent again?", abort=True)
    if not asyncio.run(_resume(Settings.load(), case)):
        raise Refused(f"No case '{case}' is paused. `assistant cases list` shows the cases.")
    typer.echo(f"{case} is resumed.")


async def _resume(settings: Settings, case: str) -> bool:
    async with wiring.open_organiser_services(settings) as services, services.store.write() as tx:
        return await services.organiser_service.resume_case(tx, SHELL, case)


@app.command("check")
def check(
    slug: Annotated[str | None, typer.Argument(help=_WHICH, show_default="all cases")] = None,
) -> None:
    """Check the case folders, and say what is wrong in which file.

    Exit code 1 where a case cannot be used as it is. Lines that begin with "note" are for your knowledge. Of
    one case, it also says how much more text fits.
    """
    found = _found(Settings.load(), slug)
    for checked in found:
        typer.echo(f"{checked.slug}: {'good' if checked.case else 'cannot be used as it is'}")
        for finding in checked.findings:
            typer.echo(f"  {'WRONG' if finding.serious else 'note '} {finding.where}: {finding.what}")
        for file, room in checked.room.items() if slug else ():
            if room >= 0:
                typer.echo(f"  room  {file}: {room} more characters fit")
    if any(checked.case is None for checked in found):
        raise typer.Exit(1)


@app.command("preview")
def preview(
    slug: Annotated[str, typer.Argument(help=_WHICH)],
    pdf: Annotated[Path | None, typer.Option(help="Write the letter's page to this file.")] = None,
) -> None:
    """Show what people read of a case: the briefing, the letter and the updates, in each language.

    The letter is filled in with an invented name, country and sentence.
    """
    [checked, *others] = _found(Settings.load(), slug)
    if others:
        raise typer.BadParameter("there are several cases in it; name one", param_hint="SLUG")
    if checked.case is None:
        raise typer.BadParameter(
            f"it has mistakes: `assistant cases check {slug}` lists them", param_hint="SLUG"
        )
    for heading, text in pages(checked.case):
        typer.echo(f"{heading}\n{'-' * len(heading)}\n{text}\n")
    if pdf is not None:
        page = asyncio.run(letter_page(checked.case, datetime.now(UTC)))
        try:
            pdf.write_bytes(page)
        except OSError as error:
            why = f"{pdf} cannot be written: {error.strerror}"
            raise typer.BadParameter(why, param_hint="--pdf") from error
        typer.echo(f"The letter as it is printed: {pdf}")


def _found(settings: Settings, wanted: str | None) -> list[Checked]:
    """The cases that are meant: by their slug, or by the path of a folder."""
    known = [] if wanted and _is_path(wanted) else checked_cases(settings)
    if found := [checked for checked in known if wanted in (None, checked.slug)]:
        return found
    folder = Path(wanted or ".")
    if not folder.is_dir():
        raise typer.BadParameter(f"there is no case and no folder '{wanted}'", param_hint="SLUG")
    return checked_folder(settings, folder)


def _is_path(wanted: str) -> bool:
    """Whether that is written as the path of a folder: a slug has neither slash nor dot."""
    return any(mark in wanted for mark in ("/", "\\", "."))


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
