"""`assistant organisers`: who may write to everybody, and who may approve it."""

import asyncio
from typing import Annotated

import typer

from assistant.cli.output import Json, dump, table
from assistant.domain.errors import Misconfigured, Refused
from assistant.domain.organisers import CODE_LASTS, Organiser, Role
from assistant.services.broadcasts.approval import SHELL
from assistant.settings import Settings
from assistant.wiring.organisers import open_organiser_services

app = typer.Typer(
    no_args_is_help=True,
    help="The team that publishes updates and alerts, each from their own chat.\n\n"
    "A viewer sees everything and can halt it. A drafter also writes. An approver also approves what "
    "somebody else has written. An owner also changes the team.",
)
HALF = 4  # signs of a code between hyphens


@app.command()
def invite(
    role: Annotated[Role, typer.Option(help="What the person may do: `assistant organisers --help`.")],
) -> None:
    """Make a one-time code, with which a person joins the team in their chat.

    Give it to them by voice, or in another way that nobody else reads. It works once,
    and for as long as it says.
    """
    code = asyncio.run(_invite(Settings.load(), role))
    shown = "-".join(code[start : start + HALF] for start in range(0, len(code), HALF))
    typer.echo(shown)
    typer.echo(
        f"Whoever writes this in their chat with the assistant within {CODE_LASTS.seconds // 60} minutes "
        f"joins the team as {role}:\n"
        f"  /organiser {shown}\n"
        "It works once. `assistant organisers list` shows who has joined."
    )


async def _invite(settings: Settings, role: Role) -> str:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        return await services.organiser_service.invite(tx, SHELL, role)


@app.command("list")
def list_organisers(as_json: Json = False) -> None:
    """List the team: number, role, and what they want to be called."""
    rows = [
        {"number": each.number, "role": each.role.value, "name": each.name}
        for each in asyncio.run(_members(Settings.load()))
    ]
    if as_json:
        dump(rows)
        return
    table(["number", "role", "name"], [list(row.values()) for row in rows])
    if not rows:
        typer.echo(
            "Nobody yet. To make a code for the first: assistant organisers invite --role owner", err=True
        )


async def _members(settings: Settings) -> tuple[Organiser, ...]:
    async with open_organiser_services(settings) as services, services.store.read() as tx:
        return await services.organiser_service.members(tx)


@app.command()
def link(
    who: Annotated[str, typer.Argument(help="Their number or name, from `assistant organisers list`.")],
) -> None:
    """Print a link by which an organiser signs in to the dashboard: for who cannot use their chat.

    It works once, within a few minutes. Whoever opens it can do what they can do, and they are
    told in their chat. In a chat, /dashboard gives the same.
    """
    typer.echo(asyncio.run(_link(Settings.load(), who)))


async def _link(settings: Settings, who: str) -> str:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        members = await services.organiser_service.members(tx)
        found = [each for each in members if who == str(each.number)]
        found = found or [each for each in members if who.casefold() == each.name.casefold()]
        if not found:
            raise Refused(
                f"There is no organiser '{who}'. `assistant organisers list` shows those there are."
            )
        if len(found) > 1:
            raise Refused(f"Several organisers are called '{who}'. Please give the number instead.")
        made = await services.sessions.offer_from_shell(tx, found[0].number)
        if made is None:
            raise Misconfigured("There is no dashboard: ASSISTANT_WEB_URL is not set.")
        return made


@app.command()
def remove(
    number: Annotated[
        int, typer.Argument(min=1, max=2**63 - 1, help="Their number, from `assistant organisers list`.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Take an organiser out of the team, at once: for example when their phone is lost.

    The others are told. What they have written stays; `assistant broadcasts list` shows it.
    """
    settings = Settings.load()
    found = next((each for each in asyncio.run(_members(settings)) if each.number == number), None)
    if found is None:
        raise Refused(f"There is no organiser {number}. `assistant organisers list` shows those there are.")
    if not yes:
        typer.confirm(f"Shall {found.name}, {found.role}, be taken out of the team?", abort=True)
    asyncio.run(_remove(settings, number))
    typer.echo(f"{found.name} is no longer in the team.")


async def _remove(settings: Settings, number: int) -> None:
    async with open_organiser_services(settings) as services, services.store.write() as tx:
        await services.organiser_service.remove(tx, SHELL, number)
