"""`assistant letters retry|hold|release|cancel|resolve`: what organisers decide about single letters."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

import typer

from assistant import app as wiring
from assistant import carriage
from assistant.services.desk import Decision, Refused
from assistant.settings import Settings

app = typer.Typer()  # its commands are among those of `assistant letters`
Numbers = Annotated[
    list[int], typer.Argument(min=1, max=2**63 - 1, help="Letters' numbers, from `assistant letters list`.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask first.")]


class Resolution(StrEnum):
    """What became of a letter that may have arrived."""

    DELIVERED = "delivered"
    AGAIN = "again"


@app.command()
def retry(numbers: Numbers) -> None:
    """Try letters again at their office's next time: those that failed, or that wait to be tried again."""
    _decide(numbers, Decision.RETRY)


@app.command()
def hold(numbers: Numbers) -> None:
    """Keep letters that have not left, until they are released."""
    _decide(numbers, Decision.HOLD)


@app.command()
def release(numbers: Numbers) -> None:
    """Let letters go that are held."""
    _decide(numbers, Decision.RELEASE)


@app.command()
def cancel(numbers: Numbers, yes: Yes = False) -> None:
    """End letters that have not left. This cannot be undone.

    A letter that is with its carrier is called back where the carrier can do that for certain.
    """
    if not yes:
        for line in asyncio.run(_shown(numbers)):
            typer.echo(line)
        typer.confirm(f"Shall {_named(numbers)} be cancelled for good?", abort=True)
    _decide(numbers, Decision.CANCEL)


@app.command()
def resolve(
    numbers: Numbers,
    outcome: Annotated[
        Resolution,
        typer.Option(
            "--as",
            prompt="Did it arrive? 'delivered' if you know that it did, 'again' to send it once more",
            help="delivered: you found out that it has arrived. again: send it once more.",
        ),
    ],
) -> None:
    """Settle letters that are uncertain: they may have arrived, and nobody knows.

    Ask the office, or look at the fax machine's journal, before you send one again.
    """
    arrived = outcome is Resolution.DELIVERED
    _decide(numbers, Decision.ARRIVED if arrived else Decision.SEND_AGAIN)


def _named(numbers: Sequence[int]) -> str:
    return f"letter {numbers[0]}" if len(numbers) == 1 else f"{len(numbers)} letters"


async def _shown(numbers: Sequence[int]) -> list[str]:
    """Which letters it is about. Raises Refused where there is no such letter."""
    settings = Settings.load()
    async with carriage.open_desk(settings, wiring.make_script(settings)) as desk:
        found = [await desk.look(number) for number in dict.fromkeys(numbers)]
    return [f"Letter {letter.id}: {letter.case}, {letter.status}" for letter in found]


def _decide(numbers: Sequence[int], decision: Decision) -> None:
    """Each letter by itself: one that cannot be decided about holds up no other."""
    if asyncio.run(_each(numbers, decision)):
        raise typer.Exit(1)


async def _each(numbers: Sequence[int], decision: Decision) -> int:
    """Returns how many were refused."""
    settings = Settings.load()
    refused = 0
    async with carriage.open_desk(settings, wiring.make_script(settings)) as desk:
        for number in dict.fromkeys(numbers):
            try:
                status = await desk.decide(number, decision)
            except Refused as refusal:
                refused += 1
                typer.echo(refusal.reason, err=True)
            else:
                typer.echo(f"Letter {number} is {status} now.")
    return refused
