"""`assistant broadcasts watch`: a bar in a terminal, lines in a pipe."""

import asyncio
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache

import typer

from assistant.cli.broadcasts.commands import Number
from assistant.cli.broadcasts.view import show_ends, why_halted
from assistant.cli.output import stamp
from assistant.content.i18n import SOURCE_LANGUAGE, load_locales
from assistant.domain.broadcasts import Broadcast, CopyStatus, Progress
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.richtext import plain
from assistant.domain.texts import Locale
from assistant.services.broadcasts.overview import BroadcastOverview
from assistant.settings import Settings
from assistant.wiring import stores
from conversations.organisers.formatting import duration

app = typer.Typer()  # its command is among those of `assistant broadcasts`
LOOK = 1.0  # seconds between looks
WINDOW = 30.0  # seconds over which the rate is measured
SLOW = 10.0  # messages a second: below this, tenths matter
Show = Callable[[Progress], None]
"""Shows how far it is."""


@app.command()
def watch(number: Number) -> None:
    """Watch a broadcast until it is over or halted. Ctrl-C ends the watching, and stops nothing.

    Exit code 0 where it is done, 1 where it ended in another way.
    """
    last = asyncio.run(_watch(Settings.load(), number))
    typer.echo(f"Broadcast {number} is {last.broadcast.status}: {_figures(last)}.")
    if last.broadcast.note:
        typer.echo(why_halted(last.broadcast))
    show_ends(last)
    if last.broadcast.is_halted:
        typer.echo(f"\nTo resume it: assistant broadcasts resume {number}")
    if last.broadcast.status is not BroadcastStatus.DONE:
        raise typer.Exit(1)


async def _watch(settings: Settings, number: int) -> Progress:
    """Returns how far it was in the end."""
    seen: deque[tuple[float, int]] = deque()
    async with stores.open_store(settings) as store:
        overview = BroadcastOverview(store)
        progress = await _look(overview, number, seen)
        if not _is_still(progress.broadcast):
            typer.echo(
                f"Ctrl-C ends the watching only. To halt it: assistant broadcasts halt {number}", err=True
            )
            with _bar(number) if sys.stdout.isatty() else _lines() as show:
                while not _is_still(progress.broadcast):
                    show(progress)
                    await asyncio.sleep(LOOK)
                    progress = await _look(overview, number, seen)
                show(progress)
    return progress


def _is_still(broadcast: Broadcast) -> bool:
    return broadcast.is_halted or broadcast.is_over


async def _look(overview: BroadcastOverview, number: int, seen: deque[tuple[float, int]]) -> Progress:
    """How far it is. `seen`: how many had ended when."""
    looked = await overview.details(number)
    found, progress = looked.broadcast, looked.progress
    if looked.is_addressing:  # there will be so many
        progress = replace(progress, broadcast=replace(found, recipients=max(found.recipients, found.reach)))
    now = asyncio.get_running_loop().time()
    seen.append((now, progress.ended))
    while now - seen[0][0] > WINDOW:
        seen.popleft()
    since, before = seen[0]
    if progress.ended <= before:
        return progress
    rate = (progress.ended - before) / (now - since)
    left = max(0, progress.broadcast.recipients - progress.ended) / rate
    return replace(progress, rate=rate, left=left)


# How it is shown


def _figures(progress: Progress) -> str:
    """What became of the messages so far: the sent ones always, others where there are any."""
    shown = progress.shown
    some = [each for each in CopyStatus if progress.count(each) and each is not CopyStatus.SENT]
    return ", ".join(f"{each} {shown.count(each)}" for each in (CopyStatus.SENT, *some))


def _state(progress: Progress) -> str:
    found, shown = progress.broadcast, progress.shown
    match found.status:
        case BroadcastStatus.DRAFT:
            return "is a draft"
        case BroadcastStatus.PROPOSED:
            return "waits for approval"
        case BroadcastStatus.APPROVED:
            return f"is approved, begins at {stamp(found.starts_at)}"
        case BroadcastStatus.SENDING:
            return f"{shown.ended} of {shown.whole}: {_figures(progress)}{_pace(progress)}"
    return f"is {found.status}"


def _pace(progress: Progress) -> str:
    if not progress.rate or progress.left is None or progress.shown.whole.exact is None:
        return ""
    left = plain(duration(progress.left).render(_english()))
    rate = f"{progress.rate:.1f}" if progress.rate < SLOW else f"{progress.rate:,.0f}"
    return f"; {rate} a second, {left} left"


@cache
def _english() -> Locale:
    return load_locales()[SOURCE_LANGUAGE]


@contextmanager
def _lines() -> Iterator[Show]:
    """A line whenever it is another state, or another percent."""
    shown: tuple[BroadcastStatus, int] | None = None

    def show(progress: Progress) -> None:
        nonlocal shown
        now = progress.broadcast.status, progress.percent
        if now != shown:
            shown = now
            typer.echo(f"Broadcast {progress.broadcast.id}: {now[1]}%, {_state(progress)}")
            sys.stdout.flush()

    yield show


@contextmanager
def _bar(number: int) -> Iterator[Show]:
    from rich.progress import BarColumn, TaskProgressColumn, TextColumn  # Typer brings it; it takes its time
    from rich.progress import Progress as Bars

    columns = (TextColumn(f"Broadcast {number}"), BarColumn(20), TaskProgressColumn())
    with Bars(*columns, TextColumn("{task.description}", markup=False), auto_refresh=False) as bars:
        task = bars.add_task("", total=100)

        def show(progress: Progress) -> None:
            done, said = progress.percent, _state(progress)
            bars.update(task, completed=done, description=said, refresh=True)

        yield show
