"""What organisers see and do in the dashboard: the same as in their chats, by the same rules."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from assistant.channels.base import Channel
from assistant.domain.actions import Action
from assistant.domain.audit import Entry, Verified
from assistant.domain.broadcasts import Announcement, Audience, Count, Problem, Progress, Version
from assistant.domain.cases import Case
from assistant.domain.clock import Clock
from assistant.domain.counter import Batch
from assistant.domain.effects import OrganiserEffect
from assistant.domain.figures import ShownDetails
from assistant.domain.lanes import LaneState
from assistant.domain.messages import Account, ChannelRest
from assistant.domain.office_pace import Portion
from assistant.domain.organisers import Permission
from assistant.domain.team import Team, TeamPart
from assistant.services.broadcasts.approval import BroadcastService
from assistant.services.broadcasts.overview import BroadcastDetails, BroadcastOverview
from assistant.services.counter import PublishedCounters
from assistant.services.figures import figures_of_case
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.services.letters.schedule import plan
from assistant.services.letters.versions import TextChange, changes
from assistant.services.organisers import record
from assistant.services.organisers.effects import OrganiserEffects
from assistant.services.organisers.sessions import SignedIn
from assistant.store import broadcasts, fanout, lanes, letter_reviews, pauses, uncertain_letters, webhooks
from assistant.store.database import Store

PORTIONS = 31  # of an office, a day each, that a plan shows
HOME = (
    TeamPart.MEMBERS,
    TeamPart.BROADCASTS,
    TeamPart.TALLIES,
    TeamPart.REQUESTS,
    TeamPart.ANSWERS,
    TeamPart.UNDECIDED,
)
"""The parts of the team that the first page shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How much waits for a person.

    `channels_at_rest`: those that are to wait. `programs_at_rest`: other programs that want to be left alone,
    and until when. `channels`, `carriers`: why those that do not work do not, in the words for operators.
    """

    held_letters: int
    uncertain_letters: int
    channels_at_rest: Sequence[ChannelRest]
    programs_at_rest: Mapping[str, datetime]
    channels: Sequence[tuple[str, str]]
    carriers: Mapping[str, str]
    paused: Sequence[str]  # cases and actions


class Dashboard:
    """Reads and acts for who is signed in."""

    def __init__(
        self,
        store: Store,
        effects: OrganiserEffects,
        broadcast_service: BroadcastService,
        carrier_health: CarrierHealth,
        channels: Sequence[Channel],
        clock: Clock,
    ) -> None:
        """`channels`: those of this process."""
        self._store = store
        self._broadcast_service = broadcast_service
        self._effects = effects
        self._carrier_health = carrier_health
        self._channels = channels
        self._broadcasts = BroadcastOverview(store)
        self._clock = clock

    async def team(self, me: SignedIn, *parts: TeamPart) -> Team:
        """The team as they see it, with these parts of it."""
        me.chat.organiser = me.member
        team = self._effects.team(me.chat)
        assert team is not None  # noqa: S101  for the type checker: they are an organiser
        async with self._store.read() as tx:
            for part in parts:
                team = await self._effects.read(tx, team, part)
        return team

    async def waiting(self, me: SignedIn) -> Waiting:
        """What waits besides. Letters that are held are for who may read them."""
        now = self._clock()
        carriers = {name: why for name, why in (await self._carrier_health.troubles()).items() if why}
        async with self._store.read() as tx:
            role = me.member.role
            stopped = [
                each for each in await lanes.listed(tx) if each.paused_until and each.paused_until > now
            ]
            return Waiting(
                held_letters=await letter_reviews.count(tx) if role.may(Permission.APPROVE) else 0,
                uncertain_letters=(await uncertain_letters.count(tx)).letters,
                channels_at_rest=self._channels_at_rest(stopped),
                programs_at_rest=_programs_at_rest(stopped) if role.may(Permission.MANAGE) else {},
                channels=[(each.called, each.trouble) for each in self._channels if each.trouble],
                carriers=carriers,
                paused=sorted(await pauses.everything(tx)),
            )

    def _channels_at_rest(self, stopped: Sequence[LaneState]) -> Sequence[ChannelRest]:
        """Each once, however many accounts and lanes it has, until the last of them goes on."""
        called = {str(each.account): each.called for each in self._channels}
        found: dict[tuple[str, str], datetime] = {}
        for each in stopped:
            kind, account = each.lane.kind, each.lane.name
            if kind in (broadcasts.LANE, lanes.REPLIES) and each.paused_until:
                name = called.get(account) or Account.parse(account).channel_name
                found[name, kind] = max(each.paused_until, found.get((name, kind), each.paused_until))
        return [ChannelRest(name, until, kind == lanes.REPLIES) for (name, kind), until in found.items()]

    @property
    def approvals(self) -> int:
        """How many persons it takes to start a broadcast."""
        return self._broadcast_service.approvals

    async def broadcasts(self) -> Sequence[Progress]:
        """Every broadcast with how far it is, the newest first."""
        return await self._broadcasts.listed(everything=True)

    async def broadcast(self, number: int) -> BroadcastDetails:
        """The broadcast of that number. Raises Refused where there is none."""
        return await self._broadcasts.details(number)

    async def figures(self, case: str) -> ShownDetails:
        """How far people come with a case, and its letters: see `figures_of_case`."""
        return await figures_of_case(self._store, case)

    async def arrived_by_day(self, case: str) -> Sequence[Batch]:
        """How many letters of it have arrived, by the days of its public counter."""
        return (await PublishedCounters(self._store).published(case)).batches

    async def plan(self, case: Case) -> Mapping[str, Sequence[Portion]]:
        """In which portions all that waits is sent, by office. Raises Misconfigured where one never opens."""
        now = self._clock()
        async with self._store.read() as tx:
            return {
                target.slug: list(islice(await plan(tx, case.slug, target, now), PORTIONS))
                for target in case.targets.values()
            }

    async def text_changes(self, action: Action) -> Sequence[TextChange]:
        """How its letters read otherwise, as far as somebody has to decide about that."""
        async with self._store.read() as tx:
            return await changes(tx, action)

    def versions(self, written: Announcement) -> Mapping[str, Version]:
        """What readers of each language would get of it."""
        return self._broadcast_service.versions(written)

    async def problems(self, written: Announcement) -> Sequence[Problem]:
        """What is wrong with it now."""
        async with self._store.read() as tx:
            return await self._broadcast_service.problems(tx, written)

    async def count(self, audience: Audience) -> Sequence[Count]:
        """How many people it would reach now, by account and language."""
        async with self._store.read() as tx:
            return await fanout.count(tx, audience)

    async def save(
        self, me: SignedIn, written: Announcement, replaces: int | None, digest: str | None = None
    ) -> int:
        """Keep it as a draft, which is counted and tested next; returns its number.

        `digest`: of what it replaces, as it was when it was read. Raises Refused.
        """
        async with self._store.write() as tx:
            return await self._effects.save(tx, me.chat, written, replaces, digest)

    async def recorded(self, limit: int, *, before: int | None = None) -> Sequence[Entry]:
        """What organisers did, the newest first: so many entries, of those before that number."""
        return (await record.newest(self._store, limit, before=before))[::-1]

    async def verify(self, noted: str) -> Verified:
        """Look through the whole record. `noted`: see `record.verify`. Raises RecordChanged."""
        return await record.verify(self._store, noted)

    async def carry_out(self, me: SignedIn, effect: OrganiserEffect) -> int | None:
        """Do what they want, if they may; returns with how many, see `OrganiserEffects`. Raises Refused."""
        async with self._store.write() as tx:
            return await self._effects.carry_out(tx, me.chat, effect)


def _programs_at_rest(stopped: Sequence[LaneState]) -> Mapping[str, datetime]:
    """Until when each wants to be told of nothing."""
    ours = [each for each in stopped if each.lane.kind == webhooks.LANE]
    return {each.lane.name: each.paused_until for each in ours if each.paused_until}
