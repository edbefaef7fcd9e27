"""The team of organisers: who joins it, what takes two of them, and pausing.

Every step is taken in the caller's transaction, is written into the audit, and is told to the team.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from assistant.domain.broadcasts import Broadcast
from assistant.domain.cases import Case, action_of, find_action
from assistant.domain.clock import Clock
from assistant.domain.errors import Refused
from assistant.domain.guessing import WrongCodes
from assistant.domain.letters import ActionRef, Route
from assistant.domain.messages import Account
from assistant.domain.organisers import (
    CODE_LASTS,
    REQUEST_LASTS,
    ApprovalRequest,
    Organiser,
    Permission,
    RequestKind,
    Role,
)
from assistant.domain.pauses import find
from assistant.domain.targets import Target
from assistant.domain.team import Team, TeamPart
from assistant.services.broadcasts.approval import Actor, BroadcastService
from assistant.services.letters import offices, versions
from assistant.services.notifier import Notifier
from assistant.store import (
    answers,
    audit,
    broadcasts,
    figures,
    letter_reviews,
    letter_versions,
    letters,
    organisers,
    pauses,
    sessions,
    sources,
)
from assistant.store.chats import Chat
from assistant.store.database import Tx
from assistant.store.organisers import OrganiserChat

SENT_LATELY = 20  # broadcasts among which an organiser finds the one to correct
HELD_SHOWN = 100  # letters that wait to be read
ANSWERS_SHOWN = 20  # those that say the same counted as one
CODE_LENGTH = 8  # of 32 signs: 40 bits, which nobody guesses in ten minutes
_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is taken for another


class OrganiserService:
    """What organisers do besides broadcasts."""

    def __init__(
        self,
        broadcast_service: BroadcastService,
        notifier: Notifier,
        cases: Mapping[str, Case],
        rates: Mapping[Account, float],
        clock: Clock,
    ) -> None:
        """`rates`: how many messages a second each account sends to many; 0: as fast as it goes."""
        self._wrong_codes = WrongCodes()
        self._broadcast_service = broadcast_service
        self._notifier = notifier
        self._cases = cases
        self._rates = rates
        self._clock = clock

    async def members(self, tx: Tx) -> tuple[Organiser, ...]:
        """The team, the longest-serving first."""
        return _members(await organisers.listed(tx))

    # Joining and leaving

    async def invite(self, tx: Tx, actor: Actor, role: Role) -> str:
        """A one-time code that makes whoever writes it an organiser, within `CODE_LASTS`."""
        code = "".join(secrets.choice(_SIGNS) for _ in range(CODE_LENGTH))
        await audit.add(tx, self._clock(), actor.label, "invited", role.value)
        await organisers.invite(tx, code, role, self._clock() + CODE_LASTS)
        return code

    async def invite_by_chat(self, tx: Tx, actor: Actor, role: Role) -> str:
        """As `invite`, for an organiser in their chat. Raises Refused.

        Who may start broadcasts is not chosen by one person alone: they join, and are given the role then.
        """
        if not actor.role.may(Permission.MANAGE) or role.weighty:
            raise Refused("This takes an owner, and a second one for such a role.")
        return await self.invite(tx, actor, role)

    async def resume(self, tx: Tx, actor: Actor, subject: str) -> bool:
        """Resume what is paused, from the operator's shell. False: it is not paused."""
        await audit.lock(tx)
        if not await pauses.is_paused(tx, subject):
            return False
        request = ApprovalRequest(id=0, what=RequestKind.RESUME, subject=subject)
        await self._carry_out(tx, actor, request, await self._everyone(tx, actor))
        return True

    async def join(self, tx: Tx, chat: Chat, code: str, name: str) -> Organiser | None:
        """Take the chat's person into the team; None where the code gives no role, or not any more.

        Raises Refused where too many wrong ones came: then none is tried for `guessing.WITHIN`.
        """
        if not self._wrong_codes.may_try(chat.id, self._clock()):
            raise Refused("Too many codes were wrong.")
        await audit.lock(tx)
        role = await organisers.use(tx, code, self._clock())
        if role is None:
            await self._note_wrong_code(tx, chat)
            return None
        member = Organiser(await organisers.join(tx, chat, role, name), role, name)
        await audit.add(tx, self._clock(), f"organiser {member.number}", "joined", role.value)
        await self._notifier.tell(
            tx, self._clock(), self._notifier.team_messages.joined(member), but=member.number
        )
        return member

    async def _note_wrong_code(self, tx: Tx, chat: Chat) -> None:
        """Owners are told of who guesses, and the record says so, without who it is."""
        guessing = self._wrong_codes.note(chat.id, self._clock())
        if guessing is None:
            return
        where = "several chats" if guessing.everywhere else "one chat"
        await audit.add(tx, self._clock(), audit.ASSISTANT, "wrong codes", where, str(guessing.count))
        told = self._notifier.team_messages.guessing(guessing)
        await self._notifier.tell(tx, self._clock(), told, may=Permission.MANAGE)

    async def leave(self, tx: Tx, chat: Chat) -> None:
        """The chat's person is forgotten, and in the team no more."""
        await audit.lock(tx)
        for member in (seat.member for seat in await organisers.listed(tx) if seat.chat.id == chat.id):
            await organisers.remove(tx, member.number)
            await audit.add(tx, self._clock(), f"organiser {member.number}", "left", "")
            await self._notifier.tell(tx, self._clock(), self._notifier.team_messages.left(member.name))

    async def remove(self, tx: Tx, actor: Actor, number: int) -> None:
        """Take an organiser out of the team, from the shell. Raises Refused."""
        await audit.lock(tx)
        request = ApprovalRequest(id=0, what=RequestKind.REMOVE, subject=str(number))
        await self._carry_out(tx, actor, request, await self._everyone(tx, actor))

    # What takes two persons

    async def ask(self, tx: Tx, actor: Actor, request: ApprovalRequest) -> bool:
        """Want something; True where it is done at once, because it does not take two. Raises Refused."""
        self._demand(actor, request)
        await audit.lock(tx)
        team = await self._everyone(tx, actor)
        if self._broadcast_service.approvals < 2 or not request.takes_two(_members(team)):
            await self._carry_out(tx, actor, request, team)
            return True
        now = self._clock()
        await organisers.add_request(tx, request, now, now + REQUEST_LASTS)
        await audit.add(tx, self._clock(), actor.label, f"wants {request.what}", _subject(request))
        for known in await organisers.open_requests(tx, self._clock()):
            if (known.what, known.subject, known.value) == (request.what, request.subject, request.value):
                told = self._notifier.team_messages.wanted(known, _members(team))
                await self._notifier.tell(
                    tx, self._clock(), told, may=request.needs, but=actor.number, team=team
                )
        return False

    async def unconfirmed(self, tx: Tx, case: str) -> list[tuple[Target, tuple[Route, ...]]]:
        """Offices of the case whose new addresses nobody has confirmed, with those before."""
        return await offices.unconfirmed(tx, self._cases, case)

    async def confirm_addresses(self, tx: Tx, actor: Actor, case: str) -> bool:
        """Want that letters go to the new addresses of the case's offices; True where it is done at once."""
        await audit.lock(tx)
        done = [
            await self.ask(tx, actor, offices.request_for(case, target))
            for target, _before in await self.unconfirmed(tx, case)
        ]
        return all(done)

    async def agree(self, tx: Tx, actor: Actor, number: int, *, agreed: bool) -> None:
        """Be the second person who wants it, or the one who drops it. Raises Refused."""
        await audit.lock(tx)
        request = await organisers.close_request(tx, number, self._clock())
        if request is None:
            raise Refused(f"There is no request {number} any more.")
        self._demand(actor, request)
        if agreed and request.author == actor.number:
            raise Refused("This takes another person.")
        team = await self._everyone(tx, actor)
        if agreed:
            await self._carry_out(tx, actor, request, team)
        else:
            await audit.add(tx, self._clock(), actor.label, f"dropped {request.what}", _subject(request))
            told = self._notifier.team_messages.unwanted(request, _members(team))
            await self._notifier.tell(tx, self._clock(), told, but=actor.number, may=request.needs, team=team)

    async def _carry_out(
        self, tx: Tx, actor: Actor, request: ApprovalRequest, team: Sequence[OrganiserChat]
    ) -> None:
        members = _members(team)
        if request.what is RequestKind.RESUME:
            await pauses.resume(tx, request.subject)
            await letters.wake_offices(tx, find_action(self._cases, request.subject)[0], self._clock())
        elif request.what is RequestKind.ROUTES:
            await offices.confirm(tx, self._cases, request, self._clock())
        elif not any(str(each.number) == request.subject for each in members):
            raise Refused(f"There is no organiser {request.subject}.")
        elif request.what is RequestKind.ROLE:
            await organisers.change(tx, int(request.subject), Role(request.value))
            await sessions.end(tx, int(request.subject))
        done = "resumed" if request.what is RequestKind.RESUME else request.what.value
        await audit.add(tx, self._clock(), actor.label, done, _subject(request))
        told = self._notifier.team_messages.granted(request, members)
        await self._notifier.tell(tx, self._clock(), told, team=team)
        if request.what is RequestKind.ROLE:
            again = self._notifier.team_messages.other_words()
            await self._notifier.tell(tx, self._clock(), again, only=int(request.subject), team=team)
        if request.what is RequestKind.REMOVE:  # last, so that they are told
            number, bye = int(request.subject), self._notifier.team_messages.removed()
            await self._notifier.tell(tx, self._clock(), bye, only=number, team=team)
            await organisers.remove(tx, number)

    def _demand(self, actor: Actor, request: ApprovalRequest) -> None:
        if not actor.role.may(request.needs):
            raise Refused(f"This takes another role than {actor.role}.")

    # Pausing

    async def pause(self, tx: Tx, actor: Actor, subject: str) -> None:
        """Pause the letters, updates and alerts of a case or an action, at once. Anyone of the team.

        Where that is so already nobody is told again.
        Raises Refused where there is none.
        """
        paused = find(self._cases, subject)
        if paused is None:
            raise Refused(f"There is no case '{subject}', and no action that is called so.")
        case, action = find_action(self._cases, subject)
        await audit.lock(tx)
        if not await pauses.pause(tx, subject, self._clock()):
            return
        await letters.wake_offices(tx, case, self._clock())  # they find out when to tell who waits
        await audit.add(tx, self._clock(), actor.label, "paused", subject)
        told = self._notifier.team_messages.paused(paused, actor.name)
        await self._notifier.tell(tx, self._clock(), told, but=actor.number, team=actor.team)
        await self._broadcast_service.halt_all(tx, actor, case, action)

    async def decide_text(
        self, tx: Tx, actor: Actor, action: ActionRef, *, matters: bool, text: str | None = None
    ) -> None:
        """Say whether a letter's new text matters for letters that stand on the old one.

        `text`: the new one that was read, see `Action.text_version`; None: whatever it is by now.
        Raises Refused.
        """
        if not actor.role.may(Permission.APPROVE):
            raise Refused(f"This takes another role than {actor.role}.")
        known = action_of(self._cases, action)
        if text is not None and known is not None and known.text_version != text:
            raise Refused("The text has changed again since it was read.")
        if not await versions.decide(tx, action, self._clock(), matters=matters):
            raise Refused("Somebody else has decided that already, or nothing waits for it.")
        done = "letters wait" if matters else "spelling only"
        await audit.add(tx, self._clock(), actor.label, done, str(action))

    # What an organiser may know

    def seen_by(self, me: Organiser) -> Team:
        """The team as that organiser sees it. Its parts are not read yet."""
        return Team.unread(me, self._clock(), self._broadcast_service.approvals, self._rates)

    async def read(self, tx: Tx, team: Team, part: TeamPart) -> Team:
        """The team with that part of it."""
        match part:
            case TeamPart.ANSWERS:
                allowed = team.may(Permission.APPROVE)
                return replace(team, answers=await answers.waiting(tx, ANSWERS_SHOWN) if allowed else ())
            case TeamPart.MEMBERS:
                return replace(team, members=_members(await organisers.listed(tx)))
            case TeamPart.BROADCASTS:
                return replace(team, broadcasts=_by_number(await broadcasts.open_ones(tx)))
            case TeamPart.SENT:
                begun = [each for each in await broadcasts.listed(tx, SENT_LATELY) if each.started_at]
                return replace(team, sent=_by_number(begun))
            case TeamPart.TALLIES:
                known = await self.read(tx, team, TeamPart.BROADCASTS)
                return replace(known, tallies=await broadcasts.tallies_of(tx, known.broadcasts.keys()))
            case TeamPart.REQUESTS:
                found = await organisers.open_requests(tx, team.now)
                return replace(team, requests={each.id: each for each in found})
            case TeamPart.PUBLISHED:
                return replace(team, published=await broadcasts.published(tx))
            case TeamPart.FIGURES:
                return replace(team, figures=await figures.of_cases(tx))
            case TeamPart.SOURCES:
                return replace(team, sources=await sources.counts(tx))
            case TeamPart.HELD_LETTERS:
                allowed = team.may(Permission.APPROVE)
                held = await letter_reviews.waiting(tx, HELD_SHOWN) if allowed else ()
                return replace(team, held_letters=held)
            case TeamPart.UNDECIDED:
                return replace(team, undecided=await letter_versions.undecided(tx))
            case TeamPart.OUTDATED:
                return replace(team, outdated=await versions.outdated(tx, self._cases))
        assert_never(part)

    async def _everyone(self, tx: Tx, actor: Actor) -> Sequence[OrganiserChat]:
        """The team, which has been read where the actor was looked up."""
        return await organisers.listed(tx) if actor.team is None else actor.team


def _by_number(found: Iterable[Broadcast]) -> dict[int, Broadcast]:
    return {each.id: each for each in found}


def _members(team: Iterable[OrganiserChat]) -> tuple[Organiser, ...]:
    return tuple(each.member for each in team)


def _subject(request: ApprovalRequest) -> str:
    return f"{request.subject} {request.value}".strip()
