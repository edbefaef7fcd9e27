"""`assistant retention`: what is kept no longer."""

import asyncio
from collections.abc import Mapping
from typing import Annotated

import typer

from assistant.cli.output import Json, dump, table
from assistant.runtime import clock_of
from assistant.services.retention import due, keep_house
from assistant.settings import Settings
from assistant.wiring import stores
from assistant.wiring.content import make_content
from assistant.wiring.letters import make_letter_transitions
from assistant.wiring.process import make_deletions


def retention(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much is due.")] = False,
    as_json: Json = False,
) -> None:
    """Delete what is kept no longer. A running assistant does so every hour.

    How long each thing is kept stands in docs/security.md, and what of it can be set in docs/settings.md.
    Letters about which nobody has decided for 60 days end, and so do their texts. Chats of people who have
    blocked us go. Who gets news and has not written for long is asked whether they still want it; a month
    later their chat goes. It says how much was due.
    """
    found = asyncio.run(_kept_house(Settings.load(), only_look=dry_run))
    if as_json:
        dump({"dry_run": dry_run, "due": found})
    else:
        table(["due", "rows"], [[name, f"{count:,}"] for name, count in found.items()])


async def _kept_house(settings: Settings, *, only_look: bool) -> Mapping[str, int]:
    async with stores.open_store(settings) as store:
        clock = clock_of(settings, create=False)
        found = await due(store, clock(), settings.retention)
        if not only_look:
            content = make_content(settings)
            transitions = make_letter_transitions(content)
            pieces = make_deletions(content, transitions, clock, settings.retention)
            await keep_house(store, clock(), settings.retention, pieces)
        return found
