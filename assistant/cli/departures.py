"""`assistant letters plan|print|posted`: when letters leave, and those that leave by post."""

import asyncio
import csv
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from assistant import app as wiring
from assistant import carriage
from assistant.cli.letters import Json
from assistant.cli.output import table
from assistant.domain.model import Case
from assistant.domain.office import Portion
from assistant.process import clock_of
from assistant.services.posting import RUN_MAX, PrintRun
from assistant.services.timetable import plan as make_plan
from assistant.settings import Settings

app = typer.Typer()  # its commands are among those of `assistant letters`
CaseName = Annotated[str, typer.Argument(metavar="CASE", help="The case, such as norma-cruz.")]


@app.command()
def plan(case: CaseName, as_json: Json = False) -> None:
    """Show how many letters of a case leave on which day, and when the last one does.

    Times are those of the office. Letters that are held, or that a carrier has already, are not part of it.
    """
    settings = Settings.load()
    found = _case(settings, case)
    rows = _by_day(asyncio.run(_portions(settings, found)), found)
    if as_json:
        typer.echo(json.dumps(rows, indent=1))
        return
    table(["day", "from", "to", "letters"], [list(row.values()) for row in rows])
    total = sum(int(row["letters"]) for row in rows)
    if rows:
        last = rows[-1]
        typer.echo(f"Waiting: {total:,}. The last one leaves on {last['day']} at {last['to']}.")
    else:
        typer.echo("No letter waits.")


async def _portions(settings: Settings, case: Case) -> list[Portion]:
    async with carriage.open_store(settings) as store, store.read() as tx:
        return list(await make_plan(tx, case, clock_of(settings)()))


def _by_day(portions: Sequence[Portion], case: Case) -> list[dict[str, str | int]]:
    days: dict[str, dict[str, str | int]] = {}
    for portion in portions:
        row = days.setdefault(
            str(portion.day),
            {"day": str(portion.day), "from": case.target.hours.clock(portion.first), "to": "", "letters": 0},
        )
        row["to"] = case.target.hours.clock(portion.last)
        row["letters"] = int(row["letters"]) + portion.letters
    return list(days.values())


@app.command("print")
def print_letters(
    case: CaseName,
    run: Annotated[str | None, typer.Option(help="Print this run once more.")] = None,
    out: Annotated[Path, typer.Option(help="The folder for the PDF and the list.", file_okay=False)] = Path(),
) -> None:
    """Make one PDF of the letters that leave by post, ready to print, and a list of them.

    At most 1,000 letters are one run; call it again for more. They count as sent when you say
    `assistant letters posted`. Each page has the address where window envelopes show it.
    """
    settings = Settings.load()
    found = _case(settings, case)
    out.mkdir(parents=True, exist_ok=True)
    done = asyncio.run(_print(settings, found.slug, run, out))
    if done is None and run:
        raise typer.BadParameter(f"there is no such run of {case}", param_hint="--run")
    if done is None:
        return
    typer.echo(
        f"Printed: {len(done.letters):,}, in {_pdf(out, case, done.name)}. When they are in the post, say\n"
        f"  assistant letters posted {case} {done.name}"
    )


async def _print(settings: Settings, case: str, run: str | None, out: Path) -> PrintRun | None:
    async with carriage.open_posting(settings, wiring.make_script(settings)) as posting:
        waiting = await posting.waiting(case)
        typer.echo(_told(waiting), err=True)
        printed = await posting.print(case, run)
        if printed is not None:
            _write(_pdf(out, case, printed.name), printed.pdf)
            _write_list(out / f"{case}-{printed.name}.csv", printed)
            await posting.printed(printed)
        return printed


def _told(waiting: Mapping[str, int]) -> str:
    fresh = waiting.get("", 0)
    runs = [f"{run} ({count})" for run, count in sorted(waiting.items()) if run]
    told = f"Waiting to be printed: {fresh:,}. At most {RUN_MAX:,} go into one run, which takes some seconds."
    return told + (f" Printed, but not posted yet: {', '.join(runs)}." if runs else "")


def _pdf(out: Path, case: str, run: str) -> Path:
    return out / f"{case}-{run}.pdf"


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)


def _write_list(path: Path, run: PrintRun) -> None:
    """Page by page: the letter's number and where its writer lives; names stand in the letters."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["page", "letter", "country"])
        rows.writerows(
            [page, each.letter.id, each.letter.country] for page, each in enumerate(run.letters, 1)
        )


@app.command()
def posted(
    case: CaseName, run: Annotated[str, typer.Argument(metavar="RUN", help="The run, as `print` named it.")]
) -> None:
    """Say that the letters of a print run are in the post: their writers are told."""
    settings = Settings.load()
    found = _case(settings, case)

    async def work() -> int:
        async with carriage.open_posting(settings, wiring.make_script(settings)) as posting:
            return await posting.posted(found.slug, run)

    count = asyncio.run(work())
    if not count:
        raise typer.BadParameter(f"no letter of run {run} waits to be posted", param_hint="RUN")
    typer.echo(f"Sent now: {count:,}. Their writers are told.")


def _case(settings: Settings, slug: str) -> Case:
    cases = wiring.make_script(settings).cases
    if slug not in cases:
        raise typer.BadParameter(f"there is {', '.join(cases)}", param_hint="CASE")
    return cases[slug]
