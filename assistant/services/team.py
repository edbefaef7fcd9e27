"""The team of organisers: who joins it, what takes two of them, and stopping a case.

Every step is taken in the caller's transaction, is written into the audit, and is told to the team.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from assistant.domain.clock import Clock
from assistant.domain.model import Case
from assistant.domain.roles import Role
from assistant.domain.team import REQUEST_LASTS, Member, Request, Team, Wish
from assistant.services.broadcasts import Actor, Broadcasts, Refused
from assistant.services.telling import Teller
from assistant.store import audit, broadcasts, lanes, tallies, team
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.letters import LANE as LETTERS

CODE_LASTS = timedelta(minutes=10)
SENT_LATELY = 20  # broadcasts among which an organiser finds the one to correct
CODE_LENGTH = 8  # of 32 signs: 40 bits, which nobody guesses in ten minutes
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another


class Bureau:
    """What organisers do besides broadcasts."""

    def __init__(
        self,
        desk: Broadcasts,
        teller: Teller,
        cases: Mapping[str, Case],
        rates: Mapping[str, float],
        clock: Clock,
    ) -> None:
        """`rates`: how many messages a second each account sends to many; 0: as fast as it goes."""
        self._desk = desk
        self._teller = teller
        self._cases = cases
        self._rates = rates
        self._clock = clock

    # Joining and leaving

    async def invite(self, tx: Tx, actor: Actor, role: Role) -> str:
        """A one-time code that makes whoever writes it an organiser, within ten minutes."""
        code = "".join(secrets.choice(_SIGNS) for _ in range(CODE_LENGTH))
        await audit.add(tx, self._clock(), actor.label, "invited", role.value)
        await team.invite(tx, code, role, self._clock() + CODE_LASTS)
        return code

    async def join(self, tx: Tx, chat: Chat, code: str, name: str) -> Member | None:
        """Take the chat's person into the team; None where the code gives no role, or not any more."""
        await audit.lock(tx)
        role = await team.use(tx, code, self._clock())
        if role is None:
            return None
        member = Member(await team.join(tx, chat, role, name), role, name)
        await audit.add(tx, self._clock(), f"organiser {member.number}", "joined", role.value)
        await self._teller.tell(tx, self._clock(), self._teller.voice.joined(member), but=member.number)
        return member

    async def leave(self, tx: Tx, chat: Chat) -> None:
        """The chat's person is forgotten, and in the team no more."""
        await audit.lock(tx)
        for member in (seat.member for seat in await team.seats(tx) if seat.chat.id == chat.id):
            await team.remove(tx, member.number)
            await audit.add(tx, self._clock(), f"organiser {member.number}", "left", "")
            await self._teller.tell(tx, self._clock(), self._teller.voice.left(member.name))

    async def remove(self, tx: Tx, actor: Actor, number: int) -> None:
        """Take an organiser out of the team, from the shell. Raises Refused."""
        await audit.lock(tx)
        await self._carry_out(tx, actor, Request(0, Wish.REMOVE, str(number)))

    # What takes two persons

    async def ask(self, tx: Tx, actor: Actor, request: Request) -> bool:
        """Want something; True where it is done at once, because it does not take two. Raises Refused."""
        self._demand(actor, request)
        await audit.lock(tx)
        if self._desk.approvals < 2 or not request.takes_two(await self._members(tx)):
            await self._carry_out(tx, actor, request)
            return True
        now = self._clock()
        await team.ask(tx, request, now, now + REQUEST_LASTS)
        await audit.add(tx, self._clock(), actor.label, f"wants {request.what}", _subject(request))
        for known in await team.open_requests(tx, self._clock()):
            if (known.what, known.subject, known.value) == (request.what, request.subject, request.value):
                told = self._teller.voice.wanted(known, await self._members(tx))
                await self._teller.tell(tx, self._clock(), told, may=request.needs, but=actor.number)
        return False

    async def agree(self, tx: Tx, actor: Actor, number: int, *, agreed: bool) -> None:
        """Be the second person who wants it, or the one who drops it. Raises Refused."""
        await audit.lock(tx)
        request = await team.settle(tx, number, self._clock())
        if request is None:
            raise Refused(f"There is no request {number} any more.")
        self._demand(actor, request)
        if agreed and request.author == actor.number:
            raise Refused("This takes another person.")
        if agreed:
            await self._carry_out(tx, actor, request)
        else:
            await audit.add(tx, self._clock(), actor.label, f"dropped {request.what}", _subject(request))
            told = self._teller.voice.unwanted(request, await self._members(tx))
            await self._teller.tell(tx, self._clock(), told, but=actor.number, may=request.needs)

    async def _carry_out(self, tx: Tx, actor: Actor, request: Request) -> None:
        members = await self._members(tx)
        if request.what is Wish.LIFT:
            await team.lift_case(tx, request.subject)
            ids = await lanes.lane_ids(tx, LETTERS, [request.subject])
            await lanes.wake(tx, ids.values(), self._clock())
        elif not any(str(each.number) == request.subject for each in members):
            raise Refused(f"There is no organiser {request.subject}.")
        elif request.what is Wish.ROLE:
            await team.change(tx, int(request.subject), Role(request.value))
        await audit.add(tx, self._clock(), actor.label, request.what.value, _subject(request))
        await self._teller.tell(tx, self._clock(), self._teller.voice.granted(request, members))
        if request.what is Wish.REMOVE:  # last, so that they are told
            await team.remove(tx, int(request.subject))

    def _demand(self, actor: Actor, request: Request) -> None:
        if not actor.role.may(request.needs):
            raise Refused(f"This takes another role than {actor.role}.")

    # Stopping a case

    async def pause_case(self, tx: Tx, actor: Actor, slug: str) -> None:
        """Stop the letters, updates and alerts of the case, at once. Anyone of the team. Raises Refused."""
        if slug not in self._cases:
            raise Refused(f"There is no case '{slug}'.")
        await audit.lock(tx)
        await team.pause_case(tx, slug)
        await audit.add(tx, self._clock(), actor.label, "stopped", slug)
        told = self._teller.voice.case_paused(self._cases[slug], await self._name(tx, actor))
        await self._teller.tell(tx, self._clock(), told, but=actor.number)
        await self._desk.halt_all(tx, actor, slug)

    # What an organiser may know

    async def seen_by(self, tx: Tx, number: int) -> Team | None:
        """The team as that organiser sees it."""
        members = await self._members(tx)
        me = next((each for each in members if each.number == number), None)
        if me is None:
            return None
        under_way = {each.id: each for each in await broadcasts.open_ones(tx)}
        now = self._clock()
        return Team(
            me,
            now,
            self._desk.approvals,
            members,
            under_way,
            {each.id: each for each in await broadcasts.listed(tx, SENT_LATELY) if each.started_at},
            await tallies.of(tx, under_way.keys()),
            {each.id: each for each in await team.open_requests(tx, now)},
            await broadcasts.published(tx),
            self._rates,
        )

    async def _members(self, tx: Tx) -> tuple[Member, ...]:
        return tuple(seat.member for seat in await team.seats(tx))

    async def _name(self, tx: Tx, actor: Actor) -> str | None:
        return next((each.name for each in await self._members(tx) if each.number == actor.number), None)


def _subject(request: Request) -> str:
    return f"{request.subject} {request.value}".strip()
