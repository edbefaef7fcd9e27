"""What turns have to do with broadcasts: what organisers want, and the latest news for who subscribes."""

from datetime import datetime
from typing import Protocol

from assistant.domain.doors import Told
from assistant.domain.effects import Join
from assistant.domain.messages import Reply
from assistant.domain.speech import Speech
from assistant.domain.team import Member, Team
from assistant.domain.team_effects import (
    Agree,
    Approve,
    Ask,
    Continue,
    Discard,
    Halt,
    PauseCase,
    Propose,
    Save,
    TeamEffect,
)
from assistant.services.broadcasts import Actor, Broadcasts, Refused
from assistant.services.late import latest_news
from assistant.services.nights import Nights
from assistant.services.team import Bureau
from assistant.services.telling import Teller
from assistant.store import audit
from assistant.store.chats import Chat
from assistant.store.database import Tx


class Welcome(Protocol):
    """What is said to who has written a code."""

    def welcome(self, member: Member) -> Speech:
        """They are in the team."""

    def wrong_code(self) -> Speech:
        """There is no such code, or it is too old."""


class TeamEffects:
    """Turns what organisers want into steps."""

    def __init__(
        self, desk: Broadcasts, bureau: Bureau, teller: Teller, welcome: Welcome, nights: Nights
    ) -> None:
        self._desk = desk
        self._bureau = bureau
        self._teller = teller
        self._welcome = welcome
        self._nights = nights

    async def team(self, tx: Tx, chat: Chat) -> Team | None:
        """What the chat's person may know as an organiser; None where they are none."""
        return None if chat.organiser is None else await self._bureau.seen_by(tx, chat.organiser)

    async def join(self, tx: Tx, chat: Chat, effect: Join) -> Reply:
        """Take the chat's person into the team, if the code is right; returns what they are told."""
        member = await self._bureau.join(tx, chat, effect.code, effect.name)
        said = self._welcome.wrong_code() if member is None else self._welcome.welcome(member)
        return self._teller.rendered(Told(said), chat.language)

    async def latest_news(self, tx: Tx, chat: Chat, case: str, now: datetime) -> Reply | None:
        """What was sent of that case last, for who has just subscribed to it."""
        return await latest_news(tx, chat, case, now, self._nights)

    async def leave(self, tx: Tx, chat: Chat) -> None:
        """The chat is forgotten."""
        if chat.organiser is not None:
            await self._bureau.leave(tx, chat)

    async def carry_out(self, tx: Tx, chat: Chat, effect: TeamEffect) -> None:
        """Do what the organiser wants. Raises Refused."""
        await audit.lock(tx)  # before it is looked up who they are: they may be put out of the team just now
        team = await self.team(tx, chat)
        if team is None:
            raise Refused("Only organisers can do that.")
        actor = Actor(team.me.number, team.me.role)
        match effect:
            case Save(announcement, replaces):
                await self._desk.save(tx, actor, announcement, replaces)
            case Propose(number, digest):
                await self._desk.propose(tx, actor, number, digest)
            case Approve(number, digest):
                await self._desk.approve(tx, actor, number, digest)
            case Halt(None):
                await self._desk.halt_all(tx, actor)
            case Halt(int(number)):
                await self._desk.halt(tx, actor, number)
            case Continue(number):
                await self._desk.resume(tx, actor, number)
            case Discard(number):
                await self._desk.discard(tx, actor, number)
            case PauseCase(case):
                await self._bureau.pause_case(tx, actor, case)
            case Ask(request):
                await self._bureau.ask(tx, actor, request)
            case Agree(number, agreed):
                await self._bureau.agree(tx, actor, number, agreed=agreed)
            case _:
                raise AssertionError(type(effect))
