"""What supporters, organisers, lanes and the housekeeping do: each of it at least once."""

from dataclasses import replace
from datetime import date, time

from assistant.carriers.base import Ref, Report
from assistant.channels.base import RateLimit
from assistant.domain.broadcasts import Announcement, Audience, Kind, Timing
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    Discard,
    Halt,
    PauseCase,
    Propose,
    RequestApproval,
    Resume,
    Save,
)
from assistant.domain.errors import Failure, Moved, Throttled, Unreachable
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from assistant.store import broadcasts, chats, fanout, lanes, letter_queue, letters, queue_sizes
from assistant.store.broadcasts import LANE as BULK
from tests.support.fakes.carrier import Machine
from tests.support.harness import LETTER, House
from tests.support.organisers import join, want
from tests.support.publishing import CASE

CHANGED = ("change", "edit", "name", "Ben Otherwise", "send")
READERS = ("eva", "ida", "leo", "mia", "noe", "pia")
AT_TEN = Timing(day=date(2012, 1, 25), hour=time(10), lasts=24)
AUDIENCES = (
    Audience(),
    Audience(CASE, countries=("GT", "FI"), languages=("en", "es")),
    Audience(CASE, wrote=True),
    Audience(wrote=False),
    Audience(CASE, received=1),
)


async def unfold(house: House) -> None:
    """All of it."""
    await _supporters(house)
    await _letters(house)
    await _team(house)
    await _update(house)
    await _alerts(house)
    await _case(house)
    await _seldom(house)
    await _years(house)


async def _supporters(house: House) -> None:
    """They write, change their mind, look at what is kept, and are forgotten."""
    await house.hear_all("ana", [*LETTER, "mydata", "forget", "yes", "hi"])
    await house.hear_all("ben", [*LETTER, *CHANGED, "withdraw", "yes"])
    await house.hear_all("eva", LETTER)
    await house.hear("eva", "help", quotes="1")
    await house.subscribe(*READERS)
    house.channel.faults["eva"].append(Moved("moved", "eva-moved"))
    house.channel.faults["leo"].append(Throttled("too many", 60, replies=True))
    for person in ("eva", "leo"):
        await house.hear(person, "help")
    await house.lift()
    house.clock.pass_by(minutes=1)
    await house.engine().run_until_idle()


async def _letters(house: House) -> None:
    """They leave by fax and by post."""
    office = await house.with_office(routes=("fax:+50255500001",))
    await office.queue("leo", "noe")
    fax = Machine()
    await office.deliver(fax)
    await office.desk(fax).settle(Report(Ref(LetterStatus.DELIVERED, "job"), key=await office.key(5)))
    house.clock.pass_by(minutes=20)
    await office.deliver(fax)
    now = house.clock()
    async with house.store.write() as tx:
        found = await letters.find(tx, 5)
        assert found is not None
        lane = await lanes.take(tx, Lane(found.lane_id, letters.LANE, CASE))
        await letter_queue.orphans(tx, lane)
        await letter_queue.look_later(tx, [found.id], now)
        await letter_queue.departed(tx, lane.id, now, 5)
        await letter_queue.queue_of(tx, CASE, now)
        await letters.by_key_or_reference(tx, reference="job")
        await letters.count_waits(tx, found)
        await letters.log(tx, found.id)
        await letters.unposted(tx, CASE, "post", None, 5)
        await letters.begin_print_run(tx, "a", [found.id])
        await letters.in_print_run(tx, CASE, "post", "a")
        await letters.print_runs(tx, CASE, "post")


async def _team(house: House) -> None:
    """Organisers join, and get other roles."""
    await join(house, "olga", Role.OWNER)
    await join(house, "abel", Role.OWNER)
    vera = str((await join(house, "vera", Role.VIEWER)).number)
    await house.hear("olga", "/team")
    await want(house, "olga", RequestApproval(ApprovalRequest(0, RequestKind.ROLE, vera, Role.APPROVER)))
    await want(house, "abel", AnswerRequest(1, agreed=True))
    await want(house, "olga", RequestApproval(ApprovalRequest(0, RequestKind.REMOVE, vera)))
    await want(house, "abel", AnswerRequest(2, agreed=True))
    await join(house, "vera", Role.VIEWER)
    await house.hear_all("vera", ["forget", "yes"])


async def _update(house: House) -> None:
    """One is drafted, edited and sent, with all that can happen meanwhile."""
    written = replace(house.written(), outcome=True)
    await want(house, "olga", Save(written))
    await want(house, "olga", Save(replace(written, timing=Timing(urgent=True)), replaces=1))
    await _begin(house, 1)
    house.channel.pace = RateLimit(bulk=4)
    house.channel.faults["ida"].append(Unreachable("blocked"))
    house.channel.faults["pia"].append(Failure("a short outage"))
    for _ in range(3):
        await house.step(BULK)
    await house.hear_all("mia", ["stop", "subscribe", "yes"])
    await want(house, "abel", Halt(1))
    await house.hear("noe", "stop")
    await want(house, "abel", Resume(1))
    await (await house.again()).engine().run_until_idle()
    house.clock.pass_by(minutes=1)
    await house.address()
    await house.engine().run_until_idle()
    await house.address()
    await house.hear_all("uma", ["subscribe", "yes"])


async def _begin(house: House, number: int) -> None:
    """Have the draft of that number begin to leave."""
    await house.address()
    digest = (await house.broadcast(number)).digest
    await want(house, "olga", Propose(number, digest))
    await want(house, "abel", Approve(number, digest))
    house.clock.pass_by(minutes=3)
    await house.address()


async def _alerts(house: House) -> None:
    """To every kind of audience; one is dropped, and what is left of others expires."""
    for number, audience in enumerate(AUDIENCES, 2):
        await want(house, "olga", Save(_alert(house, audience, AT_TEN)))
        await _begin(house, number)
    await want(house, "olga", Save(_alert(house, AUDIENCES[0], Timing(lasts=1))))
    await want(house, "olga", Discard(len(AUDIENCES) + 2))
    await house.engine().run_until_idle()
    house.clock.pass_by(days=3)
    await house.address()


def _alert(house: House, audience: Audience, timing: Timing) -> Announcement:
    kind = Kind.ALERT if audience.received is None else Kind.CORRECTION
    return replace(house.written(), kind=kind, update=None, audience=audience, timing=timing)


async def _case(house: House) -> None:
    """It is stopped, and goes on."""
    await want(house, "olga", PauseCase(CASE))
    await house.hear("uma", "letter")
    await house.deliver()
    await want(house, "olga", RequestApproval(ApprovalRequest(0, RequestKind.LIFT, CASE)))
    await want(house, "abel", AnswerRequest(3, agreed=True))


async def _seldom(house: House) -> None:
    """What the rest of the story has no occasion for."""
    async with house.store.write() as tx:
        await chats.by_source(tx)
        await queue_sizes.queue_sizes(tx)
        await fanout.expect_one_more(tx, 1)
        await lanes.next_due(tx, [BULK])
        await letters.write_log(tx, [5], LetterStatus.DELIVERED, "arrived", house.clock())
        await broadcasts.set_watched_reference(tx, 1, "another")


async def _years(house: House) -> None:
    """What is kept no longer goes."""
    for days in (8, 400):
        house.clock.pass_by(days=days)
        await house.sweep()
