"""Everything that may not happen to broadcasts, looked for after every step: from outside, as people see it.

What the platform got is held against what was approved, as the audit and the texts stood at that moment.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from sqlalchemy import func, select

from assistant.domain.audit import Entry
from assistant.domain.broadcasts import Broadcast, CopyStatus
from assistant.domain.errors import Failure, Unreachable
from assistant.domain.lifecycle import BroadcastStatus, MessageStatus
from assistant.domain.messages import Address, File, Reply
from assistant.domain.organisers import Permission
from assistant.services.broadcasts.approval import Actor
from assistant.store import broadcasts as broadcast_store
from assistant.store.tables import audit, chats, copies, pauses, subscriptions
from tests.support.fakes.channel import MemoryChannel
from tests.support.harness import Harness

B = BroadcastStatus
_MARK = re.compile(r"Text (\d+)\.")  # what every text of these tests begins with


def marked(number: int) -> str:
    """A text that no other one is like."""
    return f"Text {number}."


def mark_of(html: str) -> str | None:
    """By which a copy is known again; None for any other message."""
    found = _MARK.search(html)
    return found[0] if found else None


@dataclass(frozen=True)
class SendAttempt:
    """A copy that was to be sent. `failure`: what the platform said."""

    person: str
    html: str
    bulk: bool
    failure: Exception | None


class RecordingChannel(MemoryChannel):
    """Remembers what became of each try to send a copy."""

    def __init__(self) -> None:
        super().__init__()
        self.tries: list[SendAttempt] = []

    async def send(self, address: Address, reply: Reply, file: File | None = None) -> str | None:
        failure: Exception | None = None
        try:
            return await super().send(address, reply, file)
        except Exception as error:
            failure = error
            raise
        finally:
            if mark_of(reply.html):
                self.tries.append(SendAttempt(address.person, reply.html, reply.bulk, failure))


@dataclass(frozen=True)
class Snapshot:
    """What stood in the database before a step."""

    broadcasts: dict[int, Broadcast]
    paused: set[str]
    people: dict[str, int]  # chats, by who is behind them
    subscribers: set[int]


NOTHING = Snapshot({}, set(), {}, set())


@dataclass
class InvariantChecker:
    """Looks at a harness after every step. `team`: organisers by how the audit calls them."""

    harness: Harness
    channel: RecordingChannel
    team: dict[str, Actor]
    approved: dict[str, int] = field(default_factory=dict)  # the broadcast, by the exact text of a copy
    expected: dict[int, set[int]] = field(default_factory=dict)  # chats that have to get it, by broadcast
    got: Counter[tuple[int, int]] = field(default_factory=Counter)  # by broadcast and chat
    ends: defaultdict[int, Counter[CopyStatus]] = field(default_factory=lambda: defaultdict(Counter))
    before: Snapshot = NOTHING
    now: Snapshot = NOTHING
    _entries: int = 0
    _tries: int = 0

    async def _snapshot(self) -> Snapshot:
        async with self.harness.store.read() as tx:
            found = {each.id: each for each in await broadcast_store.listed(tx, 1000)}
            paused = set(await tx.connection.scalars(select(pauses.c.subject)))
            subscribers = set(await tx.connection.scalars(select(subscriptions.c.chat_id)))
            people = {}
            for row in await tx.connection.execute(select(chats)):
                sealer = tx.vault.open_key(row.key, row.id)
                people[sealer.open("chats.address", row.id, row.address)] = row.id
        return Snapshot(found, paused, people, subscribers)

    async def check(self) -> None:
        """Raise AssertionError where something happened that may not, in the one step since the last look."""
        self.before, self.now = self.now, await self._snapshot()
        query = select(audit).where(audit.c.id > self._entries).order_by(audit.c.id)
        for row in await self.harness.rows(query):
            del row["mac"]
            self._entries = row["id"]
            await self._check_audit_entry(Entry(**row))
        tries = self.channel.tries[self._tries :]
        self._tries += len(tries)
        for each in tries:
            self._check_attempt(each)
        for number, chat_ids in self.expected.items():
            chat_ids &= self.now.subscribers
            assert self.now.broadcasts[number].status is not B.DONE or await self._all_had_it(number), (
                "skipped"
            )
        await self._check_tallies()

    async def _check_audit_entry(self, entry: Entry) -> None:
        """What an organiser did, by the audit."""
        number = int(entry.subject.removeprefix("broadcast ")) if "broadcast " in entry.subject else 0
        if entry.action == "approved":
            old, new = self.before.broadcasts[number], self.now.broadcasts[number]
            actor = self.team[entry.actor]
            assert actor.role.may(Permission.APPROVE)
            assert actor.number != new.author, "approved by its author"
            assert (old.status, old.digest, new.digest) == (B.PROPOSED, entry.detail, entry.detail)
            assert new.announcement.case not in self.before.paused
            async with self.harness.store.read() as tx:
                versions = (await broadcast_store.versions(tx, [number]))[number]
            self.approved |= {each.html: number for each in versions.values()}
        elif entry.action == "edited":
            self.approved = {html: each for html, each in self.approved.items() if each != number}
        elif entry.action == "began":
            assert self.before.broadcasts[number].status is B.APPROVED
            case = self.now.broadcasts[number].announcement.audience.case
            self.expected[number] = set(await self._subscribers(case))
        elif entry.action in ("resumed", "drafted", "proposed", "discarded"):
            assert self.team[entry.actor].role.may(
                Permission.APPROVE if entry.action == "resumed" else Permission.DRAFT
            )

    async def _subscribers(self, case: str | None) -> list[int]:
        query = select(subscriptions.c.chat_id).distinct()
        query = query if case is None else query.where(subscriptions.c.case_slug == case)
        return [int(row["chat_id"]) for row in await self.harness.rows(query)]

    def _check_attempt(self, each: SendAttempt) -> None:
        """What the platform got, or refused."""
        if each.person.startswith("organiser"):
            return  # tests, and texts to be approved
        number = self.approved.get(each.html)
        assert number is not None, "nobody has approved that text"
        found, clock = self.before.broadcasts[number], self.harness.clock()
        assert found.announcement.case not in self.before.paused, "it left while its case was stopped"
        assert found.expires_at is None or clock < found.expires_at, "it left when it was worthless"
        if each.bulk:
            assert found.status is B.SENDING, "it left while it was not to"
            if (outcome := _outcome(each.failure)) is not None:
                self.ends[number][outcome] += 1
        if each.failure is None:
            chat = self.before.people.get(each.person) or self.now.people[each.person]
            self.got[number, chat] += 1
            assert self.got[number, chat] == 1, "somebody got it twice"

    async def _all_had_it(self, number: int) -> bool:
        """Whether it has come to an end for everyone who was to get it."""
        query = select(copies.c.chat_id, copies.c.status).where(copies.c.broadcast_id == number)
        now = {row["chat_id"]: row["status"] for row in await self.harness.rows(query)}
        for chat in self.expected[number]:
            assert (self.got[number, chat] == 1) == (now.get(chat) == MessageStatus.SENT)
        over = (MessageStatus.SENT, MessageStatus.FAILED, MessageStatus.UNKNOWN)
        return all(now.get(chat) in over for chat in self.expected[number])

    async def _check_tallies(self) -> None:
        """The tallies say what happened, and with what is still open they are all there are."""
        query = select(copies.c.broadcast_id, copies.c.status, func.count().label("count"))
        rows = await self.harness.rows(query.group_by(copies.c.broadcast_id, copies.c.status))
        waiting: Counter[int] = Counter()
        for row in rows:
            assert row["status"] != MessageStatus.SENDING, "nothing is under way between two steps"
            if row["status"] in (MessageStatus.QUEUED, MessageStatus.EXPIRED):
                waiting[row["broadcast_id"]] += row["count"]
        for number, found in self.now.broadcasts.items():
            tally = await self.harness.tally(number)
            ended = {each: count for each, count in tally.items() if each is not CopyStatus.CANCELLED}
            assert ended == self.ends[number], "the tallies are what happened"
            accounted = sum(tally.values()) + waiting[number]
            if found.status is B.EXPIRED:  # who is forgotten takes along a copy that is in nobody's way
                assert accounted <= found.recipients
            else:
                assert accounted == found.recipients
            assert found.started_at is not None or not waiting[number]


def _outcome(failure: Exception | None) -> CopyStatus | None:
    """What becomes of a copy; None where it is tried again."""
    if failure is None:
        return CopyStatus.SENT
    if isinstance(failure, Unreachable):
        return CopyStatus.BLOCKED
    if isinstance(failure, Failure) and failure.uncertain:
        return CopyStatus.UNKNOWN
    if isinstance(failure, Failure) and not failure.permanent:
        return None
    return CopyStatus.FAILED
