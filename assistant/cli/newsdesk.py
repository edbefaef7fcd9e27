"""What commands about broadcasts and organisers work with."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from assistant import app as wiring
from assistant import carriage
from assistant.content.i18n import load_tongues
from assistant.dialogue.script import Script
from assistant.domain.model import Case
from assistant.domain.roles import Deed
from assistant.domain.speech import Tongue
from assistant.domain.team import Member
from assistant.newsdesk import Newsdesk, make_newsdesk
from assistant.process import clock_of
from assistant.settings import Settings
from assistant.store import team
from assistant.store.database import Store, Tx


@dataclass(frozen=True)
class _NoCases:
    """Our languages alone (`newsdesk.Content`)."""

    cases: Mapping[str, Case] = field(default_factory=dict)
    tongues: Mapping[str, Tongue] = field(default_factory=load_tongues)


@asynccontextmanager
async def open_newsdesk(
    settings: Settings, script: Script | None = None
) -> AsyncIterator[tuple[Store, Newsdesk]]:
    """The database, and what acts on it. No channel is opened: what is told leaves with `assistant run`.

    `script`: None where neither cases nor channels matter. Then nothing that is wrong with them is in the
    way: what is to stop has to stop.
    """
    channels = wiring.configured_channels(settings, script) if script else []
    by_line = {channel.line: channel for channel in channels}
    async with carriage.open_store(settings) as store:
        clock = clock_of(settings)
        yield store, make_newsdesk(store, script or _NoCases(), by_line, clock, settings.approvals)


async def members(tx: Tx) -> list[Member]:
    """The team, the longest-serving first."""
    return [seat.member for seat in await team.seats(tx)]


def who_approves(team: Sequence[Member], number: int) -> str:
    """What to do next, so that somebody approves what the shell has drafted."""
    able = [f"{each.name} (organiser {each.number})" for each in team if each.role.may(Deed.APPROVE)]
    if not able:
        return (
            "Nobody can yet. `assistant organisers invite --role approver` makes a code for a second person; "
            "where there is only one, set ASSISTANT_APPROVALS=1."
        )
    return f"Any of these can, with /approve {number} in their chat: {', '.join(able)}."
