"""`assistant cases` and `assistant updates`."""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Annotated

import typer

from assistant.cli.cases_found import WHICH, as_argument, folder_of, folders_of, found_cases
from assistant.cli.cases_watch import watch
from assistant.cli.output import Json, table
from assistant.content.cases import Checked
from assistant.domain.errors import Refused
from assistant.domain.figures import Figure, ShownDetails, Stage
from assistant.domain.letters import Route
from assistant.domain.targets import Target
from assistant.services.broadcasts.approval import SHELL
from assistant.services.figures import figures_of_case
from assistant.services.sources import chats_by_source, letters_by_source
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import checked_cases, make_content
from assistant.wiring.organisers import open_organiser_services

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
def sources(
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    letters: Annotated[bool, typer.Option("--letters", help="Count letters instead of chats.")] = False,
) -> None:
    """Show how many chats each link brought, or how many letters.

    Put a word behind the case in a link, after an underscore: t.me/YOUR_BOT?start=norma-cruz_flyer counts
    under "flyer", where ASSISTANT_SOURCES has that word. At most 20 letters, digits and hyphens. Fewer than
    ten are shown as "<10".
    """

    async def read() -> Mapping[str, str]:
        async with stores.open_store(Settings.load()) as store:
            return await (letters_by_source if letters else chats_by_source)(store)

    shown = asyncio.run(read())
    if as_json:
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
    else:
        table(
            ["source", "letters" if letters else "chats"],
            [[source, count] for source, count in shown.items()],
        )


@app.command("figures")
def show_figures(
    slug: Annotated[str, typer.Argument(metavar="CASE", help="The folder's name.")],
    as_json: Json = False,
) -> None:
    """Show how far people came with a case's letter, where letters are, and where they came from.

    People are counted up to "confirmed", once for each letter that they begin; from "left" on it is letters,
    those that were withdrawn not among them. Nobody is followed: only counts are kept, by day.

    A count under ten is shown as "<10", and one that would tell such a count as "40+": at least so many.
    That is also how a step is shown that fewer than ten people more have reached than the next one.
    Countries with fewer than ten letters are "elsewhere". Where fewer than ten letters have not arrived,
    countries and sources are those of letters that have: the public counter would tell the others.
    """
    settings = Settings.load()
    if slug not in (cases := make_content(settings).cases):
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="CASE")

    async def read() -> ShownDetails:
        async with stores.open_store(settings) as store:
            return await figures_of_case(store, slug)

    shown = asyncio.run(read())
    tables: dict[str, Mapping[str, Figure]] = {
        "funnel": shown.funnel,
        "letters": {"written": shown.written} | {each.value: shown.stages[each] for each in Stage},
        "countries": {**shown.countries, "elsewhere": shown.elsewhere},
        "sources": shown.sources,
    }
    if as_json:
        rows = {name: {key: count.value for key, count in each.items()} for name, each in tables.items()}
        typer.echo(
            json.dumps(
                {"case": slug, "arrived_only": shown.arrived_only, **rows}, ensure_ascii=False, indent=1
            )
        )
        return
    for place, (name, each) in enumerate((name, each) for name, each in tables.items() if each):
        if place:
            typer.echo()
        origins = shown.arrived_only and name in ("countries", "sources")
        table(
            [f"{name} (arrived)" if origins else name, ""], [[key, str(count)] for key, count in each.items()]
        )


@app.command()
def resume(
    subject: Annotated[
        str, typer.Argument(metavar="CASE", help="The folder's name; of an action: norma-cruz--fax-2012.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Resume a case or an action that was paused, where no two people of the team can do that in their chats.

    The team is told. Broadcasts that were halted with it stay halted.
    """
    if not yes:
        typer.confirm(f"Shall letters and news of {subject} be sent again?", abort=True)
    if not asyncio.run(_resume(Settings.load(), subject)):
        raise Refused(
            f"No case or action '{subject}' is paused. "
            "`assistant cases list` and `assistant actions list` show those there are."
        )
    typer.echo(f"{subject} is resumed.")


async def _resume(settings: Settings, subject: str) -> bool:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        return await services.organiser_service.resume(tx, SHELL, subject)


@app.command()
def confirm(
    slug: Annotated[str, typer.Argument(metavar="CASE", help="The folder's name.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Ask an approver to confirm that letters go to the new addresses of a case's offices.

    Letters to an office wait as soon as its folder has an address that was not there before. They go on once
    an approver has agreed in their chat.
    """
    settings = Settings.load()
    cases = make_content(settings).cases
    if slug not in cases:
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="CASE")
    found = asyncio.run(_unconfirmed(settings, slug))
    if not found:
        typer.echo(f"No letter of {slug} waits for that.")
        return
    for target, before in found:
        typer.echo(f"{target.slug}: {_routes(target.routes)}; before that: {_routes(before)}")
    if not yes:
        typer.confirm("Shall letters go there?", abort=True)
    if asyncio.run(_ask_to_confirm(settings, slug)):
        typer.echo("Letters go there.")
    else:
        typer.echo("Letters wait until an approver agrees: they have a message with a button in their chat.")


def _routes(routes: Iterable[Route]) -> str:
    return ", ".join(map(str, routes)) or "nobody knows"


async def _unconfirmed(settings: Settings, slug: str) -> list[tuple[Target, tuple[Route, ...]]]:
    async with open_organiser_services(settings) as services, services.store.read() as tx:
        return await services.organiser_service.unconfirmed(tx, slug)


async def _ask_to_confirm(settings: Settings, slug: str) -> bool:
    """Whether it is done at once."""
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        return await services.organiser_service.confirm_addresses(tx, SHELL, slug)


@app.command("check")
def check(
    slug: Annotated[str | None, typer.Argument(help=WHICH, show_default="all cases")] = None,
    again: Annotated[
        bool, typer.Option("--watch", help="Check again whenever something changes, until Ctrl-C.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check the case folders, and say what is wrong in which file.

    Exit code 1 where a case cannot be used as it is. Lines that begin with "note" are for your knowledge. Of
    one case, it also says how much more text fits, and on which workdays to come its offices are closed.
    """
    if again and as_json:
        raise typer.BadParameter("--watch is for people to read: leave one of both out", param_hint="--json")
    settings = Settings.load()
    if as_json:
        _check_as_json(settings, slug)
    elif again:
        watch(folders_of(settings, slug), lambda: _check(settings, slug))
    else:
        _check(settings, slug)


def _check(settings: Settings, slug: str | None) -> None:
    found = found_cases(settings, slug)
    for checked in found:
        typer.echo(f"{checked.slug}: {'good' if checked.case else 'cannot be used as it is'}")
        for finding in checked.findings:
            typer.echo(f"  {'WRONG' if finding.serious else 'note '} {finding.where}: {finding.what}")
        for line in _about(checked) if slug else ():
            typer.echo(f"  {line}")
    for checked in found:
        if checked.has_old_form and checked.case:
            folder = folder_of(settings, slug, checked.slug)
            typer.echo(
                f"{checked.slug} has the old form, for one action only. The new one: "
                f"assistant cases convert {as_argument(folder)} --to new/{checked.slug}"
            )
    _end(found)


def _check_as_json(settings: Settings, slug: str | None) -> None:
    found = found_cases(settings, slug)
    rows = [row for checked in found for row in _rows(checked, with_more=slug is not None)]
    typer.echo(json.dumps(rows, ensure_ascii=False, indent=1))
    _end(found)


def _end(found: Iterable[Checked]) -> None:
    if any(checked.case is None for checked in found):
        raise typer.Exit(1)


_Row = dict[str, str | int | bool | None]


def _rows(checked: Checked, *, with_more: bool) -> Iterator[_Row]:
    """What was found; `with_more`: also in which files there is room, in characters, and closed days."""
    for each in checked.findings:
        yield _row(checked, each.where, each.what, serious=each.serious)
    for file, free in checked.room.items() if with_more else ():
        if free >= 0:
            yield _row(checked, file, f"{free} more characters fit", room=free)
    for target, days in checked.closed.items() if with_more else ():
        yield _row(checked, target, f"closed to come: {', '.join(map(str, days))}")


def _row(checked: Checked, file: str, what: str, *, serious: bool = False, room: int | None = None) -> _Row:
    return {"case": checked.slug, "file": file, "what": what, "serious": serious, "room": room}


def _about(checked: Checked) -> Iterator[str]:
    """What there is to know of one case: the room in its files, translations, and offices' closed days."""
    for file, room in checked.room.items():
        if room >= 0:
            yield f"room  {file}: {room} more characters fit"
    if not checked.made and any(text.translations for text in checked.texts):
        yield (
            "translations: when a text changes, nobody is told that they are old. "
            f"Once they are right, run: assistant cases translated {checked.slug}"
        )
    together: dict[tuple[date, ...], list[str]] = {}
    for target, days in checked.closed.items():
        together.setdefault(tuple(days), []).append(target)
    for closed, targets in together.items():
        yield f"closed to come: {', '.join(targets)}: {', '.join(f'{day:%a %Y-%m-%d}' for day in closed)}"


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
