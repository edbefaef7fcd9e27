"""`assistant letters plan|print|posted`: when letters are sent, and those that go by post."""

import asyncio
import csv
import io
import json
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.output import Json, table
from assistant.domain.cases import Case
from assistant.domain.errors import Failure, Misconfigured
from assistant.domain.office_pace import Portion
from assistant.domain.targets import Target
from assistant.files import is_there, write_whole
from assistant.runtime import clock_of
from assistant.services.letters.print_runs import RUN_MAX, PrintRun
from assistant.services.letters.schedule import plan as make_plan
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import make_content
from assistant.wiring.letters import open_print_runs

app = typer.Typer()  # its commands are among those of `assistant letters`
CaseName = Annotated[str, typer.Argument(metavar="CASE", help="The case, such as norma-cruz.")]


@app.command()
def plan(
    case: CaseName,
    target: Annotated[
        str | None, typer.Option(help="Only this target.", show_default="each of the case's")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show how many letters of a case are sent on which day, and when the last one is.

    Times are those of each office. Letters that are held, or that a carrier has already, are not part of it.
    """
    settings = Settings.load()
    found = _case(settings, case)
    if target is not None and target not in found.targets:
        raise typer.BadParameter(f"there is {', '.join(found.targets)}", param_hint="--target")
    offices = [each for slug, each in found.targets.items() if target in (None, slug)]
    portions = asyncio.run(_portions(settings, found.slug, offices))
    plans = [(office, _by_day(portions[office.slug], office)) for office in offices]
    if as_json:
        rows = [{"target": office.slug, **row} for office, days in plans for row in days]
        typer.echo(json.dumps(rows, indent=1))
        return
    for office, days in plans:
        if len(plans) == 1 or days:
            _show_plan(office, days, named=len(plans) > 1)
    if len(plans) > 1 and not any(days for _, days in plans):
        typer.echo("No letter waits.")


def _show_plan(office: Target, rows: Sequence[Mapping[str, str | int]], *, named: bool) -> None:
    to = f"{office.slug}. " if named else ""
    typer.echo(f"{to}Times are those of the office: {office.timezone}.")
    table(["day", "from", "to", "letters"], [list(row.values()) for row in rows])
    total = sum(int(row["letters"]) for row in rows)
    if rows:
        last = rows[-1]
        typer.echo(f"Waiting: {total:,}. The last one is sent on {last['day']} at {last['to']}.")
    else:
        typer.echo("No letter waits.")


async def _portions(
    settings: Settings, case: str, offices: Sequence[Target]
) -> Mapping[str, Sequence[Portion]]:
    """By target."""
    now = clock_of(settings, create=False)()
    async with stores.open_store(settings) as store, store.read() as tx:
        return {office.slug: list(await make_plan(tx, case, office, now)) for office in offices}


def _by_day(portions: Sequence[Portion], office: Target) -> list[dict[str, str | int]]:
    days: dict[str, dict[str, str | int]] = {}
    for portion in portions:
        row = days.setdefault(
            str(portion.day),
            {"day": str(portion.day), "from": office.hours.clock(portion.first), "to": "", "letters": 0},
        )
        row["to"] = office.hours.clock(portion.last)
        row["letters"] = int(row["letters"]) + portion.letters
    return list(days.values())


@app.command("print")
def print_letters(
    case: CaseName,
    run: Annotated[str | None, typer.Option(help="Print this run once more.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the PDF and the list.", file_okay=False)] = Path(),
) -> None:
    """Make one PDF of the letters that go by post, ready to print, and a list of them.

    At most 1,000 letters are one run; call it again for more. They count as sent when you say
    `assistant letters posted`, which deletes the PDF and the list. Each page has the address where window
    envelopes show it.
    """
    settings = Settings.load()
    found = _case(settings, case)
    done = asyncio.run(_print(settings, found.slug, run, out))
    if done is None and run:
        raise typer.BadParameter(f"there is no such run of {case}", param_hint="--run")
    if done is None:
        return
    there = "" if out == Path() else f" --out {shlex.quote(str(out))}"
    typer.echo(
        f"Printed: {len(done.letters):,}, in {_pdf(out, case, done.name)}. When they are in the post, say\n"
        f"  assistant letters posted {case} {done.name}{there}\n"
        "which deletes the PDF and the list, too: names stand in them."
    )


async def _print(settings: Settings, case: str, run: str | None, out: Path) -> PrintRun | None:
    async with open_print_runs(settings, make_content(settings)) as print_runs:
        waiting = await print_runs.waiting(case)
        typer.echo(_told(waiting), err=True)
        printed = await print_runs.print(case, run)
        if printed is not None:
            with _kept_if_all_is_well(_pdf(out, case, printed.name)) as pdf:
                write_whole(pdf, printed.pdf)
                write_whole(pdf.with_suffix(".csv"), _list(printed))
                await print_runs.printed(printed)
        return printed


def _told(waiting: Mapping[str, int]) -> str:
    fresh = waiting.get("", 0)
    runs = [f"{run} ({count})" for run, count in sorted(waiting.items()) if run]
    told = f"Waiting to be printed: {fresh:,}. At most {RUN_MAX:,} go into one run, which takes some seconds."
    return told + (f" Printed, but not posted yet: {', '.join(runs)}." if runs else "")


@contextmanager
def _kept_if_all_is_well(pdf: Path) -> Iterator[Path]:
    """The path of a run's PDF, whose list stands beside it. Raises Misconfigured where it cannot be there."""
    if is_there(pdf):
        raise Misconfigured(f"{pdf} is there already. Remove it, or name another folder with --out.")
    try:
        pdf.parent.mkdir(parents=True, exist_ok=True)
        yield pdf
    except (OSError, Failure) as error:
        for file in (pdf, pdf.with_suffix(".csv")):
            with suppress(OSError):
                file.unlink(missing_ok=True)
        if isinstance(error, Failure):
            raise
        raise Misconfigured(
            f"The folder {pdf.parent} cannot be written: {error.strerror}. Nothing counts as printed; "
            "make room, or name another one with --out."
        ) from error


def _pdf(out: Path, case: str, run: str) -> Path:
    return out / f"{case}-{run}.pdf"


def _list(run: PrintRun) -> bytes:
    """Page by page: the letter's number and where its writer lives; names stand in the letters."""
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["page", "letter", "country"])
    rows.writerows([page, each.letter.id, each.letter.country] for page, each in enumerate(run.letters, 1))
    return text.getvalue().encode()


@app.command()
def posted(
    case: CaseName,
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run, as `print` named it.")],
    out: Annotated[
        Path, typer.Option(help="The folder where its PDF and list are.", file_okay=False)
    ] = Path(),
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Say that the letters of a print run are in the post: their writers are told. This cannot be undone.

    The PDF and the list are deleted then: nobody needs them any more, and names stand in them.
    """
    settings = Settings.load()
    found = _case(settings, case)
    waiting = asyncio.run(_waiting(settings, found.slug)).get(run, 0)
    if not waiting or not run:
        raise typer.BadParameter(f"no letter of run {run} waits to be posted", param_hint="RUN")
    if not yes:
        question = (
            f"Letters of run {run}: {waiting:,}. Are all of them in the post? Their writers are told now."
        )
        typer.confirm(question, abort=True)
    typer.echo(f"Sent now: {asyncio.run(_posted(settings, found.slug, run)):,}. Their writers are told.")
    typer.echo(_delete(_pdf(out, case, run)))


def _delete(pdf: Path) -> str:
    """Remove a run's PDF and its list. Returns what is to be said of it."""
    try:
        removed = [file for file in (pdf, pdf.with_suffix(".csv")) if is_there(file)]
        for file in removed:
            file.unlink()
    except OSError as error:
        return f"{pdf} cannot be deleted: {error.strerror}. Please delete it and its list yourself."
    if not removed:
        return f"There is no {pdf}. Please delete the PDF of the run and its list, wherever they are."
    return f"Deleted: {', '.join(map(str, removed))}. Please delete copies of them, too."


async def _waiting(settings: Settings, case: str) -> Mapping[str, int]:
    async with open_print_runs(settings, make_content(settings)) as print_runs:
        return await print_runs.waiting(case)


async def _posted(settings: Settings, case: str, run: str) -> int:
    async with open_print_runs(settings, make_content(settings)) as print_runs:
        return await print_runs.posted(case, run)


def _case(settings: Settings, slug: str) -> Case:
    cases = make_content(settings).cases
    if slug not in cases:
        raise typer.BadParameter(
            f"there is no case '{slug}'; there is: {', '.join(cases)}", param_hint="CASE"
        )
    return cases[slug]
