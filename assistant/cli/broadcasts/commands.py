"""`assistant broadcasts list|show|approve|halt|resume|discard`: two people start one, one halts it."""

import asyncio
import re
from collections.abc import Mapping
from typing import Annotated

import typer

from assistant.cli.broadcasts.view import Row, details, show, summary, why_halted
from assistant.cli.output import Json, dump, stamp, table
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import Broadcast, Confirmation, Obstacle, Operation
from assistant.domain.errors import Refused
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.services.broadcasts.approval import SHELL
from assistant.services.broadcasts.overview import BroadcastDetails, BroadcastOverview
from assistant.services.broadcasts.refusals import ActionRefused
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import make_script
from assistant.wiring.organisers import open_organiser_services, who_approves

app = typer.Typer(
    no_args_is_help=True,
    help="Updates, alerts and corrections, on their way to those who asked for news.\n\n"
    "`draft` shows it to you, and asks another person to approve it. `approve` has it sent, a few minutes "
    "later. `halt` halts it at once, without a question. `watch` shows how far it is.",
)
Number = Annotated[
    int, typer.Argument(min=1, max=2**63 - 1, help="Its number, from `assistant broadcasts list`.")
]
COLUMNS = ["number", "kind", "case", "update", "status", "people", "sent", "author", "approver", "starts_at"]


@app.command("list")
def list_broadcasts(
    everything: Annotated[bool, typer.Option("--all", help="Also those that are over.")] = False,
    as_json: Json = False,
) -> None:
    """List what is being written, waits or is being sent, the newest first.

    people: how many it was counted to reach. sent: how many have it. starts_at: UTC.
    """
    rows = asyncio.run(_rows(Settings.load(), everything=everything))
    if as_json:
        dump(rows)
        return
    table(COLUMNS, [["" if row[column] is None else row[column] for column in COLUMNS] for row in rows])
    if not rows and not everything:
        typer.echo(
            "Nothing is being written, waits or is being sent. --all shows what is over, too.", err=True
        )


async def _rows(settings: Settings, *, everything: bool) -> list[Row]:
    async with stores.open_store(settings) as store:
        return [summary(each) for each in await BroadcastOverview(store).listed(everything=everything)]


@app.command("show")
def show_one(number: Number, as_json: Json = False) -> None:
    """Show all of a broadcast: who gets which text and when, how long it takes, and what became of it."""
    settings = Settings.load()
    script = make_script(settings)
    looked, rates = asyncio.run(_look(settings, script, number))
    if as_json:
        dump(details(looked, rates))
    else:
        show(looked, rates, script.default_locale)


async def _look(
    settings: Settings, script: Script, number: int
) -> tuple[BroadcastDetails, Mapping[Account, float]]:
    async with open_organiser_services(settings, script) as services:
        return await services.overview.details(number), services.rates


Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]
_B = BroadcastStatus


@app.command()
def approve(
    number: Number,
    people: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many people you mean it to reach: it is sent only if it is so many. Over 1,000 that "
            "number is asked for, also with --yes, unless it is given here.",
        ),
    ] = None,
    urgent: Annotated[
        bool, typer.Option("--urgent", help="You find it urgent, too: do not ask that of one that is.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether to send it.")] = False,
) -> None:
    """Approve a broadcast that somebody else has drafted, after showing all of it.

    It is sent a few minutes later (it says when), and can be halted at any time. The shell counts as one
    person: what was drafted in it is approved by an organiser, in their chat.
    """
    settings = Settings.load()
    script = make_script(settings)
    found = asyncio.run(_to_approve(settings, script, number)).broadcast
    if not yes:
        typer.confirm("Shall it be sent?", abort=True)
    if found.announcement.timing.urgent and not urgent:
        typer.confirm("It would also wake people at night. Is it urgent?", abort=True)
    _demand_number(found, people)
    asyncio.run(_approve(settings, number, found.digest))
    _tell_start(settings, number)


async def _to_approve(settings: Settings, script: Script, number: int) -> BroadcastDetails:
    """Show it. Raises Refused where it cannot be approved, before anything is asked."""
    async with open_organiser_services(settings, script) as services:
        looked = await services.overview.details(number)
        found, service = looked.broadcast, services.broadcast_service
        obstacle = service.obstacle(SHELL, Operation.APPROVE, found)
        if obstacle is Obstacle.STATUS and found.fits(Operation.PROPOSE):
            how = "Its author writes /propose in their chat." if found.author else ""
            how = how or f"`assistant broadcasts propose {number}` does that."
            raise Refused(f"Broadcast {number} is a draft, and nobody was asked to approve it. {how}")
        if obstacle is Obstacle.OWN:
            raise Refused(
                f"Broadcast {number} was drafted in the shell, so another person has to approve it. "
                f"{who_approves(looked.members, number)}"
            )
        if obstacle is not Obstacle.STATUS:
            show(looked, services.rates, script.default_locale)
        if obstacle is not None:
            raise ActionRefused(found, Operation.APPROVE, obstacle)
        return looked


def _demand_number(found: Broadcast, given: int | None) -> None:
    """Whoever starts what goes to many has read to how many. Raises Refused."""
    if given is None and Confirmation.NUMBER in found.confirmations:
        typed = str(typer.prompt(f"It goes to {found.reach:,} people. Type that number"))
        digits = re.sub(r"[\s.,']", "", typed)
        given = int(digits) if digits.isdecimal() and len(digits) < 19 else -1
    if given not in (None, found.reach):
        raise Refused(
            f"Nothing is sent: broadcast {found.id} goes to {found.shown_reach} people, not to so many."
        )


def _tell_start(settings: Settings, number: int) -> None:
    found = asyncio.run(_looked(settings, number)).broadcast
    typer.echo(f"Broadcast {number} is approved. It begins at {stamp(found.starts_at)}.")
    if there := found.announcement.timing.hour:
        typer.echo(f"Each reader gets it when it is {there:%H:%M} where they live.")
    typer.echo(
        "It is sent only while `assistant run` is at work.\n"
        f"To halt it, now or later: assistant broadcasts halt {number}\n"
        f"To watch it: assistant broadcasts watch {number}"
    )


@app.command("stop", hidden=True)  # as it was called before
@app.command()
def halt(
    number: Annotated[
        int | None, typer.Argument(min=1, max=2**63 - 1, help="Its number, from `assistant broadcasts list`.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Everything that is being sent or is about to.")
    ] = False,
) -> None:
    """Halt a broadcast at once, without a question: nobody else gets it for now.

    What was handed to a channel in the second before may still arrive. `resume` goes on with those who have
    not got it; nobody gets it twice.
    """
    if (number is None) is not everything:
        raise typer.BadParameter("name a broadcast, or give --all", param_hint="NUMBER")
    settings = Settings.load()
    if number is not None:
        _halt_one(settings, number)
        return
    halted = asyncio.run(_halt_all(settings))
    for each in halted:
        _tell_halt(each)
    if not halted:
        typer.echo("Nothing is being sent, and nothing is about to be.")


def _halt_one(settings: Settings, number: int) -> None:
    try:
        asyncio.run(_halt(settings, number))
    except Refused:
        found = asyncio.run(_looked(settings, number)).broadcast  # raises a better reason where there is none
        if found.fits(Operation.PROPOSE) or found.fits(Operation.APPROVE):
            raise Refused(
                f"Broadcast {number} is not being sent: it is {found.status}, and nobody has approved it. "
                f"`assistant broadcasts discard {number}` discards it."
            ) from None
        if found.is_over:
            raise Refused(f"Broadcast {number} is over: it is {found.status}.") from None
    _tell_halt(number)


async def _halt_all(settings: Settings) -> list[int]:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        return await services.broadcast_service.halt_all(tx, SHELL)


def _tell_halt(number: int) -> None:
    typer.echo(
        f"Broadcast {number} is halted: nobody else gets it for now. "
        f"To resume it: assistant broadcasts resume {number}"
    )


@app.command()
def resume(number: Number, yes: Yes = False) -> None:
    """Resume a halted broadcast: it is sent to those who have not got it."""
    settings = Settings.load()
    looked = asyncio.run(_looked(settings, number))
    found, progress = looked.broadcast, looked.progress
    if found.is_halted and not yes:
        if found.note:
            typer.echo(why_halted(found))
        if found.started_at:
            shown = progress.shown
            typer.echo(f"{shown.ended} of {shown.whole} messages have come to an end.")
        else:
            typer.echo("It is not being sent yet. It begins again with the time in which it can be halted.")
        typer.confirm(f"Shall broadcast {number} be resumed?", abort=True)
    asyncio.run(_resume(settings, number))
    typer.echo(f"Broadcast {number} is resumed. To halt it: assistant broadcasts halt {number}")


@app.command()
def discard(number: Number, yes: Yes = False) -> None:
    """Discard a broadcast that is not being sent yet. This cannot be undone."""
    settings = Settings.load()
    found = asyncio.run(_looked(settings, number)).broadcast
    if found.is_over:
        raise Refused(f"Broadcast {number} is over: it is {found.status}.")
    if found.started_at is None and not yes:
        typer.confirm(f"Shall broadcast {number} be discarded? Nobody has got it.", abort=True)
    asyncio.run(_discard(settings, number))
    typer.echo(f"Broadcast {number} is discarded. Nobody has got it.")


async def _looked(settings: Settings, number: int) -> BroadcastDetails:
    async with open_organiser_services(settings) as services:
        return await services.overview.details(number)


# Each of these returns when its step is stored, and raises Refused where it is not to be taken.


async def _approve(settings: Settings, number: int, digest: str) -> None:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        await services.broadcast_service.approve(tx, SHELL, number, digest)


async def _halt(settings: Settings, number: int) -> None:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        await services.broadcast_service.halt(tx, SHELL, number)


async def _resume(settings: Settings, number: int) -> None:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        await services.broadcast_service.resume(tx, SHELL, number)


async def _discard(settings: Settings, number: int) -> None:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        await services.broadcast_service.discard(tx, SHELL, number)
