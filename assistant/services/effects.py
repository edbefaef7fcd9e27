"""A turn's effects, carried out in the turn's own transaction."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import assert_never

from markupsafe import Markup

from assistant.dialogue.router import Turn
from assistant.domain.cases import Case, target_of
from assistant.domain.effects import (
    Effect,
    Forget,
    Invite,
    Join,
    MarkGroupChat,
    OfferMove,
    OpenDashboard,
    OrganiserEffect,
    Postpone,
    QueueLetter,
    SetLanguage,
    ShowData,
    ShowMenu,
    Subscribe,
    TakeChat,
    Unsubscribe,
    Withdraw,
)
from assistant.domain.errors import Failure, Refused
from assistant.domain.letters import ActionRef, Draft, ExpectedDeparture, LetterRef
from assistant.domain.messages import Document, Erasure, Reply
from assistant.domain.team import Team, TeamPart
from assistant.services.chat_moves import Busy, ChatMoves
from assistant.services.counter import code_for_writer
from assistant.services.letters.review import LetterReview
from assistant.services.letters.schedule import DepartureSchedule
from assistant.services.organisers.effects import OrganiserEffects
from assistant.services.retention import KIND as HOUSEKEEPING
from assistant.store import answers, forgetting, lanes, letters, messages, subscriptions
from assistant.store.chats import Chat
from assistant.store.database import Tx


class Overtaken(Failure):
    """What the turn stands on has changed meanwhile: it has to be taken again."""


class Effects:
    """Turns effects into rows."""

    def __init__(
        self,
        cases: Mapping[str, Case],
        schedule: DepartureSchedule,
        team: OrganiserEffects,
        review: LetterReview,
        moves: ChatMoves,
    ) -> None:
        self._cases = cases
        self._schedule = schedule
        self._team = team
        self._review = review
        self._moves = moves

    def foreseen(self, now: datetime) -> Mapping[LetterRef, ExpectedDeparture]:
        """When each letter would be sent, were it queued now."""
        return self._schedule.leaving(now)

    def is_read_first(self, draft: Draft) -> bool:
        """Whether somebody reads the letter before it is sent, as far as it can be told by it alone."""
        return bool(self._review.found(draft))

    async def look(self, now: datetime) -> None:
        """Bring up to date what is foreseen; call it outside of any transaction."""
        await self._schedule.look(now)

    async def apply(self, tx: Tx, chat: Chat, taken: Turn, now: datetime) -> tuple[Chat, tuple[Reply, ...]]:
        """Carry out the turn's effects. Returns the chat as it is now, and all there is to say.

        Raises Overtaken.
        """
        replies = taken.replies
        for effect in taken.effects:
            if isinstance(effect, TakeChat):
                chat, refused = await self._take(tx, chat, effect, now)
                replies = replies if refused is None else (*replies, refused)
                continue
            said = await self._answer(tx, chat, effect, now)
            if said is not None and said not in replies:  # of several letters that are held it is said once
                asking = next((place for place, reply in enumerate(replies) if reply.asks), len(replies))
                replies = (*replies[:asking], said, *replies[asking:])
            if (menu := _menu(chat, effect)) is not None and replies:
                replies = (*replies[:-1], replace(replies[-1], menu=menu))
            if isinstance(effect, Forget):
                young = effect.messages_of
                named = await messages.references(tx, chat.id, now - young) if young is not None else ()
                replies = (*replies, Reply(Markup(), erasure=Erasure(tuple(named))))  # our last word stays
            chat = await self._carry_out(tx, chat, effect, now)
        return chat, replies

    def team(self, chat: Chat) -> Team | None:
        """What the chat's person may know as an organiser, not read yet; None where they are none."""
        return self._team.team(chat)

    async def read(self, tx: Tx, team: Team, part: TeamPart) -> Team:
        """The team with that part of it."""
        return await self._team.read(tx, team, part)

    async def _answer(self, tx: Tx, chat: Chat, effect: Effect, now: datetime) -> Reply | None:
        """What an effect itself has to say, which the conversation could not know."""
        match effect:
            case ShowData():
                return await self._data(tx, chat)
            case QueueLetter(draft):
                return await self._queue(tx, chat, draft, now)
            case Join():
                return await self._team.join(tx, chat, effect)
            case Invite():
                try:
                    return await self._team.invite(tx, chat, effect)
                except Refused as refused:
                    raise Overtaken(refused.reason) from None
            case OpenDashboard():
                return await self._team.open_dashboard(tx, chat)
            case OfferMove():
                return await self._moves.offer(tx, chat, now)
            case Subscribe(case) if case not in chat.paused:
                return await self._team.latest_news(tx, chat, case, now)
        return None

    async def _carry_out(self, tx: Tx, chat: Chat, effect: Effect, now: datetime) -> Chat:
        match effect:
            case SetLanguage(language):
                chat.language = language
            case Postpone(action):
                if not await letters.postpone(tx, chat, action, self._schedule.kept_until(now)):
                    raise Overtaken("A letter left just before it was to be changed.")
            case Withdraw(action, target_slug):
                await self._take_back(tx, chat, action, "withdrawn by the supporter", now, target_slug)
            case Subscribe(case):
                await subscriptions.subscribe(tx, chat, case, now.date())
            case Unsubscribe():
                chat.ends += await subscriptions.unsubscribe(tx, [chat.id])
            case Forget():
                await self._team.leave(tx, chat)
                lanes.wake(tx, [(HOUSEKEEPING, HOUSEKEEPING)], now)  # for files of their letters
                return await forgetting.forget(tx, chat, now)
            case MarkGroupChat():
                chat.group_chat = True
            case ShowData() | ShowMenu() | QueueLetter() | OfferMove() | TakeChat():
                pass  # it was done when it was answered
            case Join() | Invite() | OpenDashboard():
                pass  # so was that
            case _:
                if not isinstance(effect, OrganiserEffect):
                    assert_never(effect)
                await self._for_the_team(tx, chat, effect)
        return chat

    async def _take(self, tx: Tx, chat: Chat, effect: TakeChat, now: datetime) -> tuple[Chat, Reply | None]:
        try:
            return await self._moves.take(tx, chat, effect.code, now)
        except Busy:
            raise Overtaken("A chat that was to be moved is being talked with.") from None

    async def _queue(self, tx: Tx, chat: Chat, draft: Draft, now: datetime) -> Reply | None:
        """Queue the letter, or hold it until somebody has read it, which its writer is told."""
        about = self._cases.get(draft.case)
        if about is None or about.closed:
            raise Overtaken("The case of a letter was closed just before it was to be queued.")
        target = target_of(self._cases, draft.ref)
        if target is None:
            raise Overtaken("An office is not written to any more.")
        chat.country = draft.lives_in
        if any(each.ref == draft.ref for each in chat.letters):
            await letters.lock_offices(tx, [draft.ref])
            await self._take_back(tx, chat, draft.ref.of, "replaced by the supporter", now, draft.target)
        earliest = self._schedule.earliest(draft.ref, now)
        closes_at = about.actions[draft.ref.action].closes_at
        seen = await self._review.look(tx, chat, draft, now)
        said = await self._review.held(tx, chat, seen, now) if seen.found else None
        number = await letters.queue(
            tx,
            chat,
            draft,
            target.routes[0],
            now,
            earliest,
            closes_at,
            review=seen.stored,
            behind=seen.behind,
        )
        await self._review.note(tx, draft, number, seen, now)
        if not seen.found:
            self._schedule.queued(draft.ref, now)
        if seen.behind and not seen.found:
            said = self._review.behind(chat, draft)
        return said

    async def _for_the_team(self, tx: Tx, chat: Chat, effect: OrganiserEffect) -> None:
        try:
            await self._team.carry_out(tx, chat, effect)
        except Refused as refused:
            raise Overtaken(refused.reason) from None

    async def _take_back(
        self,
        tx: Tx,
        chat: Chat,
        action: ActionRef,
        reason: str,
        now: datetime,
        target: str | None = None,
    ) -> None:
        if not await letters.withdraw(tx, chat, action, reason, now, target):
            raise Overtaken("A letter left just before it was to be taken back.")

    async def _data(self, tx: Tx, chat: Chat) -> Reply:
        """Everything stored about the chat, as a file."""
        signed = await letters.of_chat(tx, chat)
        answered = await answers.of_chat(tx, chat)
        me = chat.organiser
        stored = {
            "channel": chat.address.account.channel,
            "address": chat.address.person,
            "language": chat.language,
            "country": chat.country,
            "careful": chat.careful,
            "active_on": chat.active_on.isoformat(),
            "subscriptions": sorted(chat.subscriptions),
            "organiser": me and {"number": me.number, "role": me.role, "name": me.name},
            "talk": chat.state,
            "letters": [
                {
                    "case": each.letter.case,
                    "action": each.letter.ref.action,
                    "target": each.letter.ref.target,
                    "status": each.letter.status,
                    "written_at": each.letter.created_at.isoformat(),
                    "name": each.name,
                    "line": each.personal_line,
                    "text": each.text,
                    "code": code_for_writer(
                        tx.vault, each.letter, self._cases.get(each.letter.case), careful=chat.careful
                    ),
                }
                for each in signed
            ],
            "answers": [
                {
                    "case": each.case,
                    "action": each.ref.action,
                    "target": each.ref.target,
                    "received_at": each.received_at.isoformat(),
                    "kind": each.kind,
                    "status": each.status,
                    **(asdict(each.content) if each.content else {}),
                }
                for each in answered
            ],
        }
        text = json.dumps(stored, ensure_ascii=False, indent=1)
        return Reply(Markup(), attachment=Document("my-data.json", "application/json", text))


def _menu(chat: Chat, effect: Effect) -> tuple[tuple[str, str], ...] | None:
    """The words that the platform offers in this chat from now on. No trace of the team stays after it."""
    match effect:
        case ShowMenu(words):
            return words
        case Forget():
            return ()
        case SetLanguage() if chat.organiser is not None:  # it is in the other language
            return ()
    return None
