"""What turns have to do with broadcasts: what organisers want, and the latest news for who subscribes."""

from datetime import datetime
from typing import Protocol, assert_never

from assistant.domain.broadcasts import Announcement
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    DecideLetter,
    DecideLetters,
    DecideText,
    Discard,
    Halt,
    Invite,
    Join,
    OrganiserEffect,
    Pause,
    Propose,
    RequestApproval,
    Resume,
    Save,
    SendTestEvent,
    SettleAnswers,
    SignOut,
)
from assistant.domain.errors import Refused
from assistant.domain.messages import Reply
from assistant.domain.notifications import Notification
from assistant.domain.organisers import Organiser
from assistant.domain.quiet_hours import QuietHours
from assistant.domain.team import Team, TeamPart
from assistant.domain.texts import Text
from assistant.services.broadcasts.approval import Actor, BroadcastService
from assistant.services.broadcasts.rendering import latest_news
from assistant.services.letters.answers import AnswerService, Settler
from assistant.services.letters.decisions import TeamDecisions
from assistant.services.letters.review import LetterReview
from assistant.services.notifier import Notifier
from assistant.services.organisers.sessions import Sessions
from assistant.services.organisers.team import OrganiserService
from assistant.services.webhooks.overview import WebhookService
from assistant.store import audit, organisers
from assistant.store.chats import Chat
from assistant.store.database import Tx


class CodeMessages(Protocol):
    """What is said about codes."""

    def invitation(self, code: str) -> Text:
        """To who asked for it: it is to be passed on."""

    def welcome(self, member: Organiser) -> Text:
        """They are in the team."""

    def wrong_code(self) -> Text:
        """There is no such code, or it is too old."""

    def too_many_wrong_codes(self) -> Text:
        """No code is tried for a while."""

    def dashboard_link(self, link: str) -> Text:
        """By which they sign in, once."""

    def no_dashboard(self) -> Text:
        """This assistant has no web pages."""


class OrganiserEffects:
    """Turns what organisers want into steps."""

    def __init__(
        self,
        broadcast_service: BroadcastService,
        organiser_service: OrganiserService,
        notifier: Notifier,
        code_messages: CodeMessages,
        quiet_hours: QuietHours,
        answer_service: AnswerService,
        letter_review: LetterReview,
        sessions: Sessions,
        team_decisions: TeamDecisions,
        webhook_service: WebhookService,
    ) -> None:
        self._broadcast_service = broadcast_service
        self._organiser_service = organiser_service
        self._notifier = notifier
        self._code_messages = code_messages
        self._quiet_hours = quiet_hours
        self._answer_service = answer_service
        self._letter_review = letter_review
        self._sessions = sessions
        self._team_decisions = team_decisions
        self._webhook_service = webhook_service

    def team(self, chat: Chat) -> Team | None:
        """What the chat's person may know as an organiser, not read yet; None where they are none."""
        return None if chat.organiser is None else self._organiser_service.seen_by(chat.organiser)

    async def read(self, tx: Tx, team: Team, part: TeamPart) -> Team:
        """The team with that part of it."""
        return await self._organiser_service.read(tx, team, part)

    async def join(self, tx: Tx, chat: Chat, effect: Join) -> Reply:
        """Take the chat's person into the team, if the code is right; returns what they are told."""
        try:
            member = await self._organiser_service.join(tx, chat, effect.code, effect.name)
            said = self._code_messages.wrong_code() if member is None else self._code_messages.welcome(member)
        except Refused:
            said = self._code_messages.too_many_wrong_codes()
        return self._notifier.rendered(Notification(said), chat.language)

    async def invite(self, tx: Tx, chat: Chat, effect: Invite) -> Reply:
        """Make a code; returns what its organiser is told. Raises Refused."""
        await audit.lock(tx)
        actor = await self._actor(tx, chat)
        code = await self._organiser_service.invite_by_chat(tx, actor, effect.role)
        return self._notifier.rendered(Notification(self._code_messages.invitation(code)), chat.language)

    async def open_dashboard(self, tx: Tx, chat: Chat) -> Reply:
        """Make a link to sign in; returns what its organiser is told."""
        said = self._code_messages.no_dashboard()
        if chat.organiser is not None and (link := await self._sessions.offer(tx, chat.organiser.number)):
            said = self._code_messages.dashboard_link(link)
        return self._notifier.rendered(Notification(said), chat.language)

    async def latest_news(self, tx: Tx, chat: Chat, case: str, now: datetime) -> Reply | None:
        """What was sent of that case last, for who has just subscribed to it."""
        return await latest_news(tx, chat, case, now, self._quiet_hours)

    async def leave(self, tx: Tx, chat: Chat) -> None:
        """The chat is forgotten."""
        if chat.organiser is not None:
            await self._organiser_service.leave(tx, chat)

    async def _actor(self, tx: Tx, chat: Chat) -> Actor:
        """The organiser who that is now. Raises Refused."""
        team = await organisers.listed(tx)
        for each in team:
            if each.chat.id == chat.id:
                return Actor(each.member.number, each.member.role, each.member.name, team)
        raise Refused("Only organisers can do that.")

    async def save(
        self, tx: Tx, chat: Chat, written: Announcement, replaces: int | None, digest: str | None
    ) -> int:
        """Keep what the organiser has written as a draft; returns its number. Raises Refused.

        `digest`: of what it replaces, as it was when it was read.
        """
        await audit.lock(tx)
        actor = await self._actor(tx, chat)
        return await self._broadcast_service.save(tx, actor, written, replaces, digest)

    async def carry_out(self, tx: Tx, chat: Chat, effect: OrganiserEffect) -> int | None:
        """Do what the organiser wants. Raises Refused.

        Returns with how many, where it is done with several letters or answers.
        """
        await audit.lock(tx)  # before it is looked up who they are: they may be put out of the team just now
        actor = await self._actor(tx, chat)
        match effect:
            case Save(announcement, replaces):
                await self._broadcast_service.save(tx, actor, announcement, replaces)
            case Propose(number, digest):
                await self._broadcast_service.propose(tx, actor, number, digest)
            case Approve(number, digest):
                await self._broadcast_service.approve(tx, actor, number, digest)
            case Halt(number):
                if number is None:
                    await self._broadcast_service.halt_all(tx, actor)
                else:
                    await self._broadcast_service.halt(tx, actor, number)
            case Resume(number):
                await self._broadcast_service.resume(tx, actor, number)
            case Discard(number):
                await self._broadcast_service.discard(tx, actor, number)
            case Pause(subject):
                await self._organiser_service.pause(tx, actor, subject)
            case RequestApproval(request):
                await self._organiser_service.ask(tx, actor, request)
            case AnswerRequest(number, agreed):
                await self._organiser_service.agree(tx, actor, number, agreed=agreed)
            case SettleAnswers(number, status, same_up_to):
                settler = Settler(actor.label, actor.role)
                return await self._answer_service.settle(tx, settler, number, status, same_up_to=same_up_to)
            case DecideLetters(numbers, decision, reason):
                settler = Settler(actor.label, actor.role)
                return await self._letter_review.decide(tx, settler, numbers, decision, reason)
            case DecideText(action, matters, text):
                await self._organiser_service.decide_text(tx, actor, action, matters=matters, text=text)
            case DecideLetter(number, wanted, seen):
                settler = Settler(actor.label, actor.role)
                await self._team_decisions.decide(tx, settler, number, wanted, seen)
            case SignOut():
                await self._sessions.end_all(tx, actor)
            case SendTestEvent(endpoint):
                await self._webhook_service.test(tx, actor.label, actor.role, endpoint)
            case _:
                assert_never(effect)
        return None
