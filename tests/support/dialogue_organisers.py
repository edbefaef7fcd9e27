"""Organisers in a dialogue, with whatever they may know: what they want done comes out as data."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from assistant.dialogue.script import Script
from assistant.dialogue.talk import Person
from assistant.domain.answers import AnswerGroup
from assistant.domain.broadcasts import Announcement, Broadcast, CallToAction, Count, Kind, Timing
from assistant.domain.letters import SEPARATOR
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.domain.organisers import ApprovalRequest, Organiser, Role
from assistant.domain.team import Team
from assistant.domain.texts import CaseDate
from tests.support.transcript import Chat

NOW = datetime(2012, 1, 24, 15, 0, tzinfo=UTC)
CASE = "norma-cruz"
SELF = 1  # whoever is talking
OTHER_ORGANISER = 2
DIGEST = "0123456789abcdef"
_ALERT = Announcement(
    kind=Kind.ALERT,
    texts={"en": "Please write."},
    dated=CaseDate(2012, 1, 24),
    case=CASE,
    update=None,
    fallbacks={"es": "en"},
)
_BEGUN = (BroadcastStatus.SENDING, BroadcastStatus.DONE)


def alert(
    number: int,
    status: BroadcastStatus,
    author: int = OTHER_ORGANISER,
    people: int = 3,
    *,
    urgent: bool = False,
) -> Broadcast:
    """An alert about the shipped case that stands there, and would reach so many people."""
    written = replace(_ALERT, timing=Timing(urgent=urgent), call_to_action=CallToAction.LETTER)
    begun = NOW if status in _BEGUN else None
    counts = (Count(Account("memory", "1"), "en", people),)
    return Broadcast(
        id=number,
        status=status,
        digest=DIGEST,
        announcement=written,
        author=author,
        approver=None,
        starts_at=NOW,
        started_at=begun,
        expires_at=None,
        counts=counts,
        recipients=people,
        note=None,
    )


def _paused(broadcast: Broadcast, paused: Collection[str]) -> str | None:
    case, action = broadcast.announcement.case, broadcast.announcement.action
    return next((each for each in (case, f"{case}{SEPARATOR}{action}") if each in paused), None)


def organiser(
    script: Script,
    role: Role = Role.OWNER,
    *broadcasts: Broadcast,
    requests: Iterable[ApprovalRequest] = (),
    paused: Iterable[str] = (),
    approvals: int = 2,
    language: str = "en",
    answers: Sequence[AnswerGroup] = (),
) -> Chat:
    """A chat with somebody of that role, who is number 1; number 2 is an owner, too."""
    me = Organiser(SELF, role, "Olga")
    held = frozenset(paused)
    broadcasts = tuple(replace(each, paused=_paused(each, held)) for each in broadcasts)
    over = {each.id: each for each in broadcasts if each.status is BroadcastStatus.DONE}
    team = Team(
        me=me,
        now=NOW,
        approvals=approvals,
        members=(me, Organiser(OTHER_ORGANISER, Role.OWNER, "Abel")),
        broadcasts={each.id: each for each in broadcasts if each.id not in over},
        sent=over,
        requests={each.id: each for each in requests},
        answers=answers,
    )
    return Chat(script, Person(language=language, paused=held, team=team))


def send_all(chat: Chat, *typed: str) -> None:
    """One message after the other."""
    for each in typed:
        chat.send(each)
