"""`assistant webhooks`: other programs that are told what happens."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from assistant.cli.output import Json, dump, stamp, table
from assistant.domain.errors import Failure
from assistant.domain.webhooks import Attempt, EndpointState, Outcome
from assistant.services.broadcasts.approval import SHELL
from assistant.settings import Settings
from assistant.wiring.organisers import open_webhook_service

PATIENCE = 20.0  # seconds that a test is waited for: an attempt has 15
LOOK = 0.2  # seconds between looks whether it is over

app = typer.Typer(
    no_args_is_help=True,
    help="Other programs that are told of broadcasts, pauses and closed days of the counter, signed. "
    "ASSISTANT_WEBHOOKS has their addresses and secrets. Nothing of any person is sent: docs/webhooks.md.",
)
_SAID: Mapping[Outcome, str] = {
    Outcome.DELIVERED: "It took it.",
    Outcome.GONE: "It wants no more events, and gets none: take its address out of ASSISTANT_WEBHOOKS.",
    Outcome.BUSY: "It is too busy now, or what stands before it is: look again later.",
    Outcome.REDIRECTED: "It leads elsewhere, which is not followed: set the address that it leads to.",
    Outcome.REFUSED: "It refused it: see whether path and secret are those that it knows, and its log.",
    Outcome.BROKEN: "It has a problem of its own: see its log.",
    Outcome.SILENT: "It did not answer in time: have it answer before it does anything that takes long.",
    Outcome.UNREACHABLE: "It cannot be reached: see its address, and whether this machine may connect to it.",
    Outcome.UNTRUSTED: "Its certificate is not one that is trusted here: see to it there.",
    Outcome.CUT_OFF: "The connection ended before its answer, or it is no web server: see its log.",
}

_GONE = "Take its address out of ASSISTANT_WEBHOOKS, or test it: a test that arrives makes it get them again."


@app.command("list")
def list_webhooks(as_json: Json = False) -> None:
    """List who is told: name, events that wait, when one was taken last, and what went wrong last.

    A name is the one that is set, or the host and a few signs: an address may be a secret. What waits is
    tried again for three days.
    Who has answered 410 gets no more events until a test arrives.
    """
    found = asyncio.run(_states(Settings.load()))
    if as_json:
        dump([facts(each) for each in found])
        return
    rows = [[each.name, each.waiting, _at(each.delivered), _failed(each.failed)] for each in found]
    table(["name", "waiting", "last delivered (UTC)", "last failure (UTC)"], rows)
    for each in found:
        if each.gone is not None:
            typer.echo(
                f"{each.name} wants no more events, and gets none ({_at(each.gone)}). {_GONE}", err=True
            )
    if not rows:
        typer.echo("Nobody is told: docs/webhooks.md says how to set ASSISTANT_WEBHOOKS.", err=True)


async def _states(settings: Settings) -> Sequence[EndpointState]:
    async with open_webhook_service(settings) as (_store, service):
        return await service.states()


def facts(state: EndpointState) -> dict[str, Any]:  # Any: JSON
    """How an endpoint is, for programs."""
    attempts = {
        "delivered": state.delivered,
        "failed": state.failed,
        "tested": state.tested,
        "gone": state.gone,
    }
    return {
        "name": state.name,
        "waiting": state.waiting,
        "fails": state.fails,
        **{kind: None if each is None else _attempt(each) for kind, each in attempts.items()},
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:  # Any: JSON
    return {"at": stamp(attempt.at), "outcome": attempt.outcome.value, "status": attempt.status}


def _at(attempt: Attempt | None) -> str:
    return "" if attempt is None else f"{attempt.at:%Y-%m-%d %H:%M}"


def _failed(attempt: Attempt | None) -> str:
    return "" if attempt is None else f"{_at(attempt)} {_answer(attempt)}"


def _answer(attempt: Attempt) -> str:
    return attempt.outcome.value if attempt.status is None else f"{attempt.outcome.value} ({attempt.status})"


@app.command()
def test(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="As `assistant webhooks list` has it.", show_default=False)
    ],
) -> None:
    """Send an event that means nothing, and say what became of it. It is tried once.

    A running assistant sends it, as it sends everything. Exit code 1: it did not arrive, or not yet.
    """
    state = asyncio.run(_tested(Settings.load(), name))
    if state.testing or state.tested is None:
        raise Failure("It waits: `assistant run` sends it, after what this endpoint is told before.")
    said = f"{_answer(state.tested)}. {_SAID[state.tested.outcome]}"
    if state.tested.outcome is not Outcome.DELIVERED:
        raise Failure(f"The test event did not arrive: {said}")
    typer.echo(f"The test event: {said}")


async def _tested(settings: Settings, name: str) -> EndpointState:
    clock = asyncio.get_running_loop().time
    until = clock() + PATIENCE
    async with open_webhook_service(settings) as (store, service):
        async with store.write() as tx:
            await service.test(tx, SHELL.label, SHELL.role, name)
        # Another process sends it.
        while (state := await service.state(name)).testing and clock() < until:  # noqa: ASYNC110
            await asyncio.sleep(LOOK)
    return state
