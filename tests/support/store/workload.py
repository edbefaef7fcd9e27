"""What supporters, organisers, lanes and the housekeeping do: each of it at least once."""

import re
from dataclasses import replace
from datetime import date, time, timedelta

from markupsafe import Markup

from assistant.carriers.base import Ref, Report
from assistant.channels.base import Deletion, RateLimit
from assistant.domain.broadcasts import Announcement, Audience, Kind, Timing
from assistant.domain.effects import (
    AnswerRequest,
    Approve,
    Discard,
    Halt,
    Pause,
    Propose,
    RequestApproval,
    Resume,
    Save,
    SignOut,
)
from assistant.domain.errors import Failure, Moved, Throttled, Unreachable
from assistant.domain.lanes import Lane
from assistant.domain.letters import REMINDED_AFTER, TextStatus
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.likeness import LIKENESSES
from assistant.domain.messages import Reply
from assistant.domain.organisers import ApprovalRequest, RequestKind, Role
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.domain.review import ReviewDecision
from assistant.domain.webhooks import Answer, Event, EventType, Outcome
from assistant.services.counter import PublishedCounters
from assistant.services.keys import KeyRotation
from assistant.services.letters.answers import AnswerOverview, Settler
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.services.letters.review import ReviewOverview
from assistant.services.organisers import record
from assistant.services.organisers.dashboard import Dashboard
from assistant.services.organisers.sessions import Sessions
from assistant.services.presence import Presence
from assistant.services.retention import due
from assistant.services.transcripts import Transcripts
from assistant.store import (
    authenticity,
    barred_letters,
    broadcasts,
    chats,
    clock_errors,
    counter,
    fanout,
    forgetting,
    generation,
    lanes,
    letter_queue,
    letter_reviews,
    letter_versions,
    letters,
    messages,
    newcomers,
    office_routes,
    pauses,
    processes,
    queue_sizes,
    sources,
    steps,
    stranded_letters,
    uncertain_letters,
    unsettled_letters,
    webhooks,
)
from assistant.store import figures as figure_store
from assistant.store.broadcasts import LANE as BULK
from assistant.store.stranded_letters import Standing
from assistant.wiring.process import make_deletions, make_inactive_chats
from tests.support.answers import answer, mailed
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import LETTER, Harness
from tests.support.offices import OFFICE, REF
from tests.support.organisers import carry_out, join
from tests.support.publishing import CASE

CHANGED = ("change", "name", "Ben Otherwise", "send")
READERS = ("eva", "ida", "leo", "mia", "noe", "pia")
AT_TEN = Timing(day=date(2012, 1, 25), hour=time(10), lasts=24)
AUDIENCES = (
    Audience(),
    Audience(case=CASE, countries=("GT", "FI"), languages=("en", "es")),
    Audience(case=CASE, wrote=True),
    Audience(wrote=False),
    Audience(channel="memory"),
    Audience(received=1),
)


async def run_workload(harness: Harness) -> None:
    """All of it."""
    await _supporters(harness)
    await _web_page(harness)
    await _letters(harness)
    await _team(harness)
    await _answers(harness)
    await _reviews(harness)
    await _update(harness)
    await _alerts(harness)
    await _case(harness)
    await _moves(harness)
    await _rare_events(harness)
    await _after_years(harness)
    await _counter(harness)
    await _webhooks(harness)
    await _another_process(harness)


async def _counter(harness: Harness) -> None:
    """Days of the public counter are closed, and looked at."""
    for first in (0, 20):
        async with harness.store.write() as tx:
            keys = [(CASE, f"invented-{first + each}") for each in range(20)]
            await counter.add(tx, keys, harness.clock().date())
        harness.clock.advance(days=1)
        await harness.run_retention()
    published = PublishedCounters(harness.store)
    assert (await published.published(CASE)).total >= 40
    await published.leaves(CASE, 1)
    await published.find(CASE, counter.code_of_letter(harness.store.vault, "invented-1"))
    await record.verify(harness.store, "")
    await record.newest(harness.store, 50, before=100)


async def _webhooks(harness: Harness) -> None:
    """Two programs are told of something; one of them does not take it, and is not told any more."""
    names, now = ["one.example-1", "two.example-2"], harness.clock()
    async with harness.store.write() as tx:
        await webhooks.add(tx, names, Event(EventType.TEST, now, {}), now)
    for name in names:
        async with harness.store.write() as tx:
            number = (await lanes.lane_ids(tx, webhooks.LANE, [name]))[name]
            lane = await lanes.take(tx, Lane(number, webhooks.LANE, name))
            await webhooks.retry_broken_off(tx, lane, now)
            delivery = await webhooks.take_next(tx, lane, now)
            assert delivery is not None
            await webhooks.put_off(tx, delivery, Answer(Outcome.BROKEN, 500), now)
            await webhooks.remember(tx, name, [webhooks.Kind.FAILED], Answer(Outcome.BROKEN, 500), now)
            await webhooks.next_due(tx, lane, now)
            await webhooks.states(tx, names)
            if name == names[0]:
                await webhooks.end(tx, delivery)
            await webhooks.drop_waiting(tx, f"{name} that is gone")
    async with harness.store.write() as tx:
        await webhooks.forget_others(tx, [], now)
        await counter.batch(tx, CASE, 1)


async def _another_process(harness: Harness) -> None:
    """It begins, goes on for a while, and ends."""
    presence = Presence(harness.store, ProcessRole.ALL, EMBEDDED)
    await presence.open()
    async with harness.store.write() as tx:
        await processes.renew(tx)
        await lanes.renew(tx)
        await lanes.free_in(tx, [lanes.REPLIES])
        (lane_id,) = (await lanes.lane_ids(tx, BULK, [str(harness.channel.account)])).values()
        lane = await lanes.find(tx, lane_id)
        assert lane is not None
        await lanes.put_down(tx, lane, None)
    await presence.close()


async def _supporters(harness: Harness) -> None:
    """They write, change their mind, look at what is kept, and are forgotten."""
    await harness.receive_all("ana", [*LETTER, "mydata", "forget", "yes", "hi"])
    await harness.receive_all("ben", [*LETTER, *CHANGED, "withdraw", "yes"])
    await harness.receive_all("eva", LETTER)
    await harness.receive("eva", "help", quotes="1")
    await harness.subscribe(*READERS)
    harness.channel.faults["eva"].append(Moved("moved", "eva-moved"))
    harness.channel.faults["leo"].append(Throttled("too many", 60, replies=True))
    for person in ("eva", "leo"):
        await harness.receive(person, "help")
    await harness.end_pauses()
    harness.clock.advance(minutes=1)
    await harness.engine().run_until_idle()


async def _letters(harness: Harness) -> None:
    """They leave by fax and by post."""
    office = await harness.with_office(routes=("fax:+50255500001",))
    await office.queue_letters("leo", "noe")
    fax = FakeCarrier()
    await office.deliver_letters(fax)
    await office.decisions(fax).settle(Report(Ref(LetterStatus.DELIVERED, "job"), key=await office.key(5)))
    harness.clock.advance(minutes=20)
    await office.deliver_letters(fax)
    now = harness.clock()
    async with harness.store.write() as tx:
        found = await letters.find(tx, 5)
        assert found is not None
        lane = await lanes.take(tx, Lane(found.lane_id, letters.LANE, OFFICE))
        await letter_queue.orphans(tx, lane)
        await letter_queue.tell(tx, lane, found.id)
        await uncertain_letters.count(tx)
        await uncertain_letters.mark_told(tx)
        await uncertain_letters.listed(tx)
        await unsettled_letters.to_decide(tx, 5)
        await letters.newest_entries(tx, [1, 2])
        await letter_queue.look_later(tx, [found.id], now)
        await letter_queue.departed(tx, lane.id, now, now, 5)
        await letter_queue.queue_of(tx, CASE, REF.target, now)
        await pauses.is_paused(tx, CASE)
        for paused in (found.ref.action, pauses.WHOLE):
            await letter_queue.untold(tx, lane, paused, now, 5)
            await letter_queue.next_untold(tx, lane, paused)
        await letter_queue.mark_told_paused(tx, [found.id])
        await letters.by_key_or_reference(tx, reference="job")
        await letters.count_waits(tx, found)
        await letters.log(tx, found.id)
        await letters.lock_offices(tx, {found.ref})
        await letter_versions.unposted(tx, CASE, "post", None, 5)
        await letter_versions.begin_print_run(tx, CASE, "a", [found.id])
        await letter_queue.unsent(tx, lane, [found.ref.action], 5)
        await letter_queue.waited_for(tx, lane, [found.ref.action])
        await generation.look(tx)
        await generation.current(tx)
        await generation.set_number(tx, 1, now)
        nowhere = Standing()
        await stranded_letters.lock(tx)
        await stranded_letters.waiting(tx, lane.id, nowhere, 5)
        await stranded_letters.any_waits(tx, CASE, nowhere)
        await stranded_letters.told_before(tx, [found], "a reason")
        await stranded_letters.held(tx, CASE, "a reason", nowhere, 5)
        await stranded_letters.count_held(tx, CASE, "a reason")
        await letter_versions.adopt(tx, found.ref, "new")
        await letter_versions.set_status(tx, found.ref, "old", TextStatus.REPLACED, now)
        await pauses.pause(tx, str(found.ref.of), now)
        barred = await barred_letters.of_case(tx, CASE, REF.target)
        await letter_queue.next_due(tx, lane, barred)
        await letter_queue.upcoming(tx, lane, now, 5, barred)
        await letter_queue.mark(tx, lane, [found.id], now, barred)
        await letter_versions.hold(tx, lane, barred, now, 5)
        await letter_versions.to_remind(tx, lane, now, 5, barred.paused)
        await letter_versions.next_reminder(tx, lane, REMINDED_AFTER, barred.paused)
        for reminded in (False, True):
            await letter_versions.asked_elsewhere(tx, [found], now, reminded=reminded)
        await pauses.resume(tx, str(found.ref.of))
        await letter_versions.waiting(tx, found.ref.of)
        await letter_versions.undecided(tx)
        await letter_versions.without_text(tx)
        await letter_versions.keep_text(tx, found.ref, "old", "Dear Madam")
        await letter_versions.undecided_texts(tx, found.ref.of)
        await letter_versions.known(tx)
        await letters.rename(tx, found.ref.of, found.ref.action, {}, {}, now)
        await letters.wake_offices(tx, CASE, now)
        await letters.in_print_run(tx, CASE, "post", "a")
        await letters.print_runs(tx, CASE, "post")


async def _answers(harness: Harness) -> None:
    """Offices answer, and an organiser looks at it."""
    await mailed(harness, "mia")
    letter = (await harness.letters())[-1].id
    for number, text in ((1, "Thank you."), (2, "Thank you."), (3, "No.")):
        await harness.mail_reader().read(answer(letter, text, number=number))
    await harness.receive_all("olga", ["/answers", "1", "pass", "/answers", "aside"])
    overview = AnswerOverview(harness.store)
    await overview.listed()
    await overview.find(1)
    await overview.counts()


async def _reviews(harness: Harness) -> None:
    """A letter is read before it is sent."""
    await harness.receive_all("zoe", [*LETTER[:5], "We will kill you.", "send", "yes"])
    await ReviewOverview(harness.store).listed()
    async with harness.store.write() as tx:
        (number,) = [each.number for each in await letter_reviews.waiting(tx, 5)]
        decided = harness.news.letter_review.decide
        await decided(tx, Settler("shell", Role.OWNER), [number], ReviewDecision.WITHOUT_LINE)
        await newcomers.has_passed(tx, CASE, range(LIKENESSES), harness.clock())
        await newcomers.let_pass(tx, number, harness.clock(), "repeated")


async def _team(harness: Harness) -> None:
    """Organisers join, and get other roles."""
    await join(harness, "olga", Role.OWNER)
    await join(harness, "abel", Role.OWNER)
    vera = str((await join(harness, "vera", Role.VIEWER)).number)
    await harness.receive("olga", "/team")
    await carry_out(
        harness,
        "olga",
        RequestApproval(ApprovalRequest(id=0, what=RequestKind.ROLE, subject=vera, value=Role.APPROVER)),
    )
    await carry_out(harness, "abel", AnswerRequest(1, agreed=True))
    await carry_out(
        harness, "olga", RequestApproval(ApprovalRequest(id=0, what=RequestKind.REMOVE, subject=vera))
    )
    await carry_out(harness, "abel", AnswerRequest(2, agreed=True))
    await join(harness, "vera", Role.VIEWER)
    harness.channel.deletion = Deletion(timedelta(hours=48), at_once=100)
    await harness.receive_all("vera", ["forget", "messages"])
    harness.channel.deletion = None


async def _update(harness: Harness) -> None:
    """One is drafted, edited and sent, with all that can happen meanwhile."""
    written = replace(harness.written(), outcome=True)
    await carry_out(harness, "olga", Save(written))
    await carry_out(harness, "olga", Save(replace(written, timing=Timing(urgent=True)), replaces=1))
    await _begin(harness, 1)
    harness.channel.pace = RateLimit(bulk=4)
    harness.channel.faults["ida"].append(Unreachable("blocked"))
    harness.channel.faults["pia"].append(Failure("a short outage"))
    for _ in range(3):
        await harness.work_once(BULK)
    await harness.receive_all("mia", ["stop", "subscribe", "yes"])
    await carry_out(harness, "abel", Halt(1))
    await harness.receive("noe", "stop")
    await carry_out(harness, "abel", Resume(1))
    await (await harness.restarted()).engine().run_until_idle()
    harness.clock.advance(minutes=1)
    await harness.address()
    await harness.engine().run_until_idle()
    await harness.address()
    await harness.receive_all("uma", ["subscribe", "yes"])


async def _begin(harness: Harness, number: int) -> None:
    """Have the draft of that number begin to leave."""
    await harness.address()
    digest = (await harness.broadcast(number)).digest
    await carry_out(harness, "olga", Propose(number, digest))
    await carry_out(harness, "abel", Approve(number, digest))
    harness.clock.advance(minutes=3)
    await harness.address()


async def _alerts(harness: Harness) -> None:
    """To every kind of audience; one is dropped, and what is left of others expires."""
    for number, audience in enumerate(AUDIENCES, 2):
        await carry_out(harness, "olga", Save(_alert(harness, audience, AT_TEN)))
        await _begin(harness, number)
    await carry_out(harness, "olga", Save(_alert(harness, AUDIENCES[0], Timing(lasts=1))))
    await carry_out(harness, "olga", Discard(len(AUDIENCES) + 2))
    await harness.receive_all("olga", ["/broadcasts", "/correct", "cancel", "/update", "cancel", "/stats"])
    await _sign_in(harness)
    await harness.engine().run_until_idle()
    harness.clock.advance(days=3)
    await harness.address()


async def _sign_in(harness: Harness) -> None:
    """To the dashboard, and out again."""
    sessions = Sessions(harness.store, harness.news.notifier, harness.clock, "https://example.org")
    me = (await harness.chat("olga")).organiser
    assert me is not None
    async with harness.store.write() as tx:
        link = await sessions.offer(tx, me.number)
    assert link is not None
    secret = await sessions.enter(link.rpartition("/")[2])
    assert secret is not None
    harness.clock.advance(minutes=2)
    signed_in = await sessions.who(secret)
    assert signed_in is not None
    dashboard = Dashboard(
        harness.store,
        harness.news.effects,
        harness.news.broadcast_service,
        CarrierHealth({}),
        [],
        harness.clock,
    )
    await dashboard.waiting(signed_in)
    await dashboard.arrived_by_day(CASE)
    await dashboard.plan(harness.script.cases[CASE])
    await sessions.listed(me.number)
    await sessions.end(me.number, signed_in.session.id)
    await carry_out(harness, "olga", SignOut())


def _alert(harness: Harness, audience: Audience, timing: Timing) -> Announcement:
    kind = Kind.ALERT if audience.received is None else Kind.CORRECTION
    return replace(harness.written(), kind=kind, update=None, audience=audience, timing=timing)


async def _case(harness: Harness) -> None:
    """It is stopped, and goes on."""
    await carry_out(harness, "olga", Pause(CASE))
    await harness.receive("uma", "letter")
    await harness.deliver_letters()
    await carry_out(
        harness, "olga", RequestApproval(ApprovalRequest(id=0, what=RequestKind.RESUME, subject=CASE))
    )
    await carry_out(harness, "abel", AnswerRequest(3, agreed=True))


async def _rare_events(harness: Harness) -> None:
    """What the rest of the story has no occasion for."""
    async with harness.store.write() as tx:
        await sources.counts(tx)
        await steps.of_case(tx, CASE)
        await chats.accounts(tx)
        await chats.find(tx, [harness.channel.address("eva")])
        stones = [digest for _, digest in await forgetting.tombstones_after(tx, 0)]
        await forgetting.replay(tx, stones, harness.clock())
        await sources.count(tx, ["flyer"], harness.clock().date())
        await queue_sizes.queue_sizes(tx)
        await queue_sizes.unfinished_letters(tx)
        await letters.by_status(tx)
        await figure_store.by_country(tx)
        await figure_store.of_case(tx, CASE)
        await lanes.listed(tx)
        await lanes.abandoned(tx, harness.clock())
        await processes.heartbeats(tx)
        await lanes.overdue(tx, harness.clock())
        await fanout.expect_one_more(tx, 1)
        await lanes.next_due(tx, [BULK])
        await letters.write_log(tx, [5], LetterStatus.DELIVERED, "arrived", harness.clock())
        await broadcasts.set_watched_reference(tx, 1, "another")
        await messages.being_sent(tx, [_reply(harness)])
        await office_routes.note_told(tx, CASE, REF.target, "")
        await authenticity.sign_all(tx.connection, tx.vault)
    await record.verify(harness.store, "")
    await _clock_errors(harness)


def _reply(harness: Harness) -> messages.Ready:
    address, lane = harness.channel.address("eva"), harness.outbox.reply_lane(harness.channel.account)
    return messages.Ready(id=1, chat_id=1, lane=lane, address=address, reply=Reply(Markup("Invented.")))


async def _web_page(harness: Harness) -> None:
    """Somebody looks at a page, on which something was said that is seen, changed and taken out."""
    pages, ana = Transcripts(harness.store, harness.clock), harness.channel.address("ana")
    first = await pages.add(ana, Reply(Markup("Hello.")))
    assert first is not None and await pages.read(ana) is not None
    assert (await pages.newest([ana]))[ana] == first
    await pages.change(ana, first, Reply(Markup("Good morning.")))
    assert await pages.entry(ana, first) is not None
    await pages.remove(ana, first)
    async with harness.store.read() as tx:
        await sources.letters_by_source(tx)


async def _moves(harness: Harness) -> None:
    """Somebody with a letter takes their chat to where they have another one with a letter."""
    await harness.receive_all("flo", LETTER)
    await harness.receive_all("flo-elsewhere", LETTER)
    await harness.receive("flo", "move")
    code = re.findall(r"/move [2-9A-Z-]+", "\n".join(harness.texts_to("flo")))[-1]
    await harness.receive_all("flo-elsewhere", [code, "yes"])


async def _clock_errors(harness: Harness) -> None:
    """The clock was wrong by a year, and is right again."""
    now = harness.clock() - timedelta(days=365)
    async with harness.store.write() as tx:
        await clock_errors.resting_lanes(tx, now)
        await clock_errors.retry_messages(tx, now, timedelta(), now)
        await clock_errors.unsleeping_messages(tx, now, [1])
        await clock_errors.retry_letters(tx, now, timedelta())
        await clock_errors.write_afresh(
            tx, [(each, now) for each in await clock_errors.written_ahead(tx, now)], now
        )
        await clock_errors.look_sooner(tx, now)
        await clock_errors.keep_no_longer(tx, now, timedelta())
        await clock_errors.settle_happened(tx, now)


async def _after_years(harness: Harness) -> None:
    """Keys change, and what is kept no longer goes."""
    rotation = KeyRotation(harness.store)
    await rotation.rotate("shell")
    await rotation.destroy("shell", timedelta(0))
    for days in (8, 400):
        harness.clock.advance(days=days)
        await harness.run_retention()
    inactive = make_inactive_chats(harness.script, harness.clock, harness.script.retention)
    _, end_some = make_deletions(harness.script, harness.transitions, harness.clock, harness.script.retention)
    await due(harness.store, harness.clock(), harness.script.retention)
    async with harness.store.write() as tx:
        await unsettled_letters.delete_texts(tx, [0])
        await unsettled_letters.handed_over_before(tx, [0], harness.clock())
        await end_some(tx)
    async with harness.store.write() as tx:
        await inactive.ask_and_forget(tx)
    harness.clock.advance(days=40)
    async with harness.store.write() as tx:
        await inactive.ask_and_forget(tx)
        await letters.has_text(tx, ["invented"])
