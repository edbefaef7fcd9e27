"""`assistant forget`: for who asks by mail to be forgotten."""

import asyncio
from typing import Annotated

import typer

from assistant.domain.errors import Refused
from assistant.runtime import clock_of
from assistant.services.forgetting import forget_person
from assistant.settings import Settings
from assistant.wiring import stores


def forget(
    channel: Annotated[str, typer.Argument(help="telegram, signal or terminal.", show_default=False)],
    address: Annotated[
        str,
        typer.Argument(
            help="Their address there: on Telegram a number, on Signal an identifier such as "
            "0f8c1d2e-0000-4000-8000-000000000000. `-`: it is read from standard input, so that it is in "
            "nobody's history of commands.",
            show_default=False,
        ),
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask first.")] = False,
) -> None:
    """Delete everything about a person, as *forget* in their chat does.

    For who asks by mail. Letters that have not been sent are cancelled; who has got a letter has it. They can
    see their address themselves: `mydata` in the chat.
    """
    person = typer.get_text_stream("stdin").readline().strip() if address == "-" else address.strip()
    if not yes:
        typer.confirm("Shall everything about this person be deleted?", abort=True)
    if not asyncio.run(_forget(Settings.load(), channel, person)):
        raise Refused("There is no chat at that address. Nothing was deleted.")
    typer.echo("It is deleted. `assistant keys status` says until when older copies can be read.")


async def _forget(settings: Settings, channel: str, person: str) -> int:
    async with stores.open_store(settings) as store:
        return await forget_person(store, channel, person, clock_of(settings, create=False))
