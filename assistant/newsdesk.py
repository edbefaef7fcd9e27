"""The wiring of broadcasts and organisers, for app.py and for commands that need no channel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from assistant.channels.base import Channel
from assistant.content.countries import every_country, time_zones, time_zones_of_language
from assistant.domain.clock import Clock
from assistant.domain.model import Case
from assistant.domain.speech import Tongue
from assistant.services.alarm import Alarm
from assistant.services.broadcasts import Broadcasts
from assistant.services.newsroom import Newsroom
from assistant.services.nights import Nights
from assistant.services.progress import Board
from assistant.services.team import Bureau
from assistant.services.team_effects import TeamEffects
from assistant.services.telling import Teller
from assistant.services.versions import Writer
from assistant.store.database import Store
from conversations import broadcasting, team_sentences, team_voice


class Content(Protocol):
    """What is written about, and in which languages: a `Script`, or less."""

    @property
    def cases(self) -> Mapping[str, Case]:
        """By slug."""

    @property
    def tongues(self) -> Mapping[str, Tongue]:
        """By code."""


@dataclass(frozen=True, slots=True)
class Newsdesk:
    """Everything that organisers do, and what sends what they have written.

    `rates`: how many messages a second each account sends to many; 0: as fast as it goes.
    """

    desk: Broadcasts
    bureau: Bureau
    effects: TeamEffects
    newsroom: Newsroom
    board: Board
    nights: Nights
    alarm: Alarm
    writer: Writer
    rates: Mapping[str, float]


def make_newsdesk(
    store: Store, content: Content, channels: Mapping[str, Channel], clock: Clock, approvals: int
) -> Newsdesk:
    """`channels`: by their line; they need not be open.

    `approvals`: how many persons it takes to start a broadcast.
    """
    teller = Teller(team_voice, content.tongues)
    writer = Writer(broadcasting, content.cases, content.tongues)
    rates = {line: channel.pace.bulk for line, channel in channels.items()}
    nights = Nights(
        {country: time_zones(country) for country in every_country()},
        {language: time_zones_of_language(language) for language in content.tongues},
    )
    desk = Broadcasts(writer, teller, content.cases, clock, approvals)
    bureau = Bureau(desk, teller, content.cases, rates, clock)
    board = Board(store, channels, teller)
    return Newsdesk(
        desk,
        bureau,
        TeamEffects(desk, bureau, teller, team_sentences, nights),
        Newsroom(store, writer, teller, board, nights, rates, clock),
        board,
        nights,
        Alarm(store, desk),
        writer,
        rates,
    )
