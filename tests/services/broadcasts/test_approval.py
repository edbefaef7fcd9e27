"""From a draft to its readers: what is approved, by whom, to whom it goes, and that nothing else leaves."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from assistant.domain.broadcasts import (
    UNDO,
    UNDO_ALONE,
    Announcement,
    Audience,
    Broadcast,
    CallToAction,
    CopyStatus,
    Kind,
    Timing,
)
from assistant.domain.effects import Approve
from assistant.domain.errors import Failure, Refused, Unreachable
from assistant.domain.lanes import Lane
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.organisers import Role
from assistant.domain.texts import CaseDate
from assistant.services.broadcasts.approval import SHELL, Actor
from assistant.services.broadcasts.worker import BroadcastWorker
from assistant.store.tables import chats, copies
from tests.support.harness import Harness
from tests.support.organisers import (
    URGENT,
    add_subscribers,
    alert,
    approve,
    audit_entries,
    carry_out,
    drafted,
    in_transaction,
    join,
    propose,
)
from tests.support.publishing import CASE

B = BroadcastStatus
AUTHOR, OTHER = Actor(101, Role.DRAFTER), Actor(102, Role.APPROVER)
SOMETHING_ELSE: list[Callable[[Announcement], Announcement]] = [
    lambda a: replace(a, texts={**a.texts, "es": "¡Escriban hoy!"}),
    lambda a: replace(a, kind=Kind.UPDATE),
    lambda a: replace(a, dated=CaseDate(2012, 1, 23)),
    lambda a: replace(a, texts={"en": a.texts["en"]}, fallbacks={"es": "en"}),
    lambda a: replace(a, audience=Audience(case=CASE, countries=("FI",))),
    lambda a: replace(a, audience=Audience()),
    lambda a: replace(a, timing=Timing(lasts=24)),
    lambda a: replace(a, timing=Timing(lasts=6, urgent=True)),
    lambda a: replace(a, timing=Timing(at=datetime(2012, 1, 25, tzinfo=UTC), lasts=24, urgent=True)),
    lambda a: replace(a, call_to_action=CallToAction.LETTER),
    lambda a: replace(a, outcome=True),
]


async def proposed(harness: Harness, written: Announcement | None = None) -> Broadcast:
    """An alert that waits for approval."""
    found = await drafted(harness, AUTHOR, written or alert(harness))
    await propose(harness, AUTHOR, found)
    return await harness.broadcast(found.id)


# What is approved


async def test_an_approval_of_what_it_was_before_any_edit_changes_nothing(harness: Harness) -> None:
    before = await proposed(harness)
    for change in SOMETHING_ELSE:
        edited = await drafted(harness, AUTHOR, change(before.announcement), replaces=before.id)
        assert (edited.status, edited.digest == before.digest) == (B.DRAFT, False)
        with pytest.raises(Refused, match="does not wait for approval"):
            await approve(harness, OTHER, before)
        await propose(harness, AUTHOR, edited)
        with pytest.raises(Refused, match="has changed since you read it"):
            await approve(harness, OTHER, before)
        before = await harness.broadcast()
        assert before.status is B.PROPOSED
    await approve(harness, OTHER, before)


async def test_an_edit_after_the_approval_voids_it(harness: Harness) -> None:
    await harness.subscribe("ana")
    before = await proposed(harness)
    await approve(harness, OTHER, before)
    edited = await drafted(harness, AUTHOR, alert(harness, "Write tomorrow!"), replaces=before.id)
    assert (edited.status, edited.approver, edited.starts_at) == (B.DRAFT, None, None)
    harness.clock.advance(hours=1)
    await harness.engine().run_until_idle()
    assert harness.texts_to("ana") == []


async def test_an_approval_cannot_be_used_again(harness: Harness) -> None:
    found = await proposed(harness)
    await approve(harness, OTHER, found)
    with pytest.raises(Refused, match="does not wait for approval"):
        await approve(harness, OTHER, found)
    assert [each.action for each in await audit_entries(harness)].count("approved") == 1


@pytest.mark.parametrize("role", [Role.VIEWER, Role.DRAFTER])
async def test_who_is_not_trusted_with_it_approves_nothing(harness: Harness, role: Role) -> None:
    found = await proposed(harness)
    await join(harness, "vera", role)
    before = await audit_entries(harness)
    for who in ("vera", "somebody"):
        with pytest.raises(Refused):
            await carry_out(harness, who, Approve(found.id, found.digest))
    assert (await harness.broadcast(), await audit_entries(harness)) == (found, before)


async def test_nor_does_its_author_however_trusted(harness: Harness) -> None:
    author = replace(AUTHOR, role=Role.OWNER)
    found = await proposed(harness)
    with pytest.raises(Refused, match="you wrote it"):
        await approve(harness, author, found)


async def test_who_changes_it_is_its_author_from_then_on(harness: Harness) -> None:
    found = await proposed(harness)
    changed = await drafted(harness, OTHER, alert(harness, "Write tomorrow!"), replaces=found.id)
    with pytest.raises(Refused, match="Only who wrote"):
        await propose(harness, AUTHOR, changed)
    await propose(harness, OTHER, changed)
    with pytest.raises(Refused, match="you wrote it"):
        await approve(harness, OTHER, changed)


async def test_what_is_not_counted_and_tested_yet_cannot_be_proposed(harness: Harness) -> None:
    async with harness.store.write() as tx:
        number = await harness.news.broadcast_service.save(tx, AUTHOR, alert(harness))
    with pytest.raises(Refused, match="still being counted and tested"):
        await propose(harness, AUTHOR, await harness.broadcast(number))


async def test_a_language_without_text_and_fallback_blocks_it(harness: Harness) -> None:
    with pytest.raises(Refused, match="neither text nor fallback in es"):
        await drafted(harness, AUTHOR, replace(alert(harness), texts={"en": "Write!"}))


async def test_a_language_that_came_after_the_draft_blocks_it(harness: Harness) -> None:
    found = await drafted(harness, AUTHOR, alert(harness))
    script = copy.copy(harness.script)
    script.locales = {**script.locales, "fr": script.locales["en"]}
    with_french = await Harness.open(harness.store, script, harness.channel, harness.clock)
    with pytest.raises(Refused, match="neither text nor fallback in fr"):
        await propose(with_french, AUTHOR, found)


# When it begins


async def test_it_begins_two_minutes_after_the_approval(harness: Harness) -> None:
    await harness.subscribe("ana")
    await approve(harness, OTHER, await proposed(harness))
    for passed, got in ((UNDO - timedelta(seconds=1), 0), (timedelta(seconds=1), 1)):
        harness.clock.now += passed
        await harness.engine().run_until_idle()
        assert len(harness.texts_to("ana")) == got


async def test_where_one_person_is_enough_ten_minutes_after_it(harness: Harness) -> None:
    alone = await Harness.open(harness.store, harness.script, harness.channel, harness.clock, approvals=1)
    author = replace(AUTHOR, role=Role.OWNER)
    found = await drafted(alone, author, alert(alone))
    await propose(alone, author, found)
    await approve(alone, author, found)
    assert (await alone.broadcast()).starts_at == harness.clock() + UNDO_ALONE
    assert [each.action for each in await audit_entries(alone)][-1] == "approved alone"


async def test_at_a_moment_that_was_chosen(harness: Harness) -> None:
    at = harness.clock() + timedelta(hours=5)
    found = await proposed(harness, alert(harness, timing=replace(URGENT, at=at)))
    await approve(harness, OTHER, found)
    now = await harness.broadcast()
    assert (now.starts_at, now.expires_at) == (at, at + timedelta(hours=24))


async def test_what_is_too_late_is_neither_proposed_nor_approved_nor_sent(harness: Harness) -> None:
    at = harness.clock() + timedelta(hours=1)
    timing = replace(URGENT, at=at, lasts=6)
    waiting = await proposed(harness, alert(harness, "First!", timing))
    draft = await drafted(harness, AUTHOR, alert(harness, "Second!", timing))
    harness.clock.advance(hours=7)
    with pytest.raises(Refused, match="The time of broadcast 1 is over"):
        await approve(harness, OTHER, waiting)
    with pytest.raises(Refused, match="The time of broadcast 2 is over"):
        await propose(harness, AUTHOR, draft)
    await harness.address()
    assert (await harness.broadcast(waiting.id)).status is B.EXPIRED


# To whom it goes

READERS = {  # where they live, and what they read
    "ana": ("FI", "en"),
    "ben": ("GT", "es"),
    "eva": ("GT", "en"),
    "ida": (None, "es"),
    "leo": (None, None),
}


async def readers(harness: Harness) -> None:
    for person, (country, language) in READERS.items():
        await add_subscribers(harness, [person], country=country, language=language)


def who_got(harness: Harness, text: str = "Please write") -> set[str]:
    """Who has read that."""
    return {person for person in READERS if any(text in each for each in harness.texts_to(person))}


AUDIENCES = [
    (Audience(case=CASE), set(READERS)),
    (Audience(), set(READERS)),
    (Audience(case="another-case"), set()),
    (Audience(case=CASE, countries=("GT",)), {"ben", "eva"}),
    (Audience(case=CASE, countries=("GT", "FI")), {"ana", "ben", "eva"}),
    (Audience(case=CASE, languages=("es",)), {"ben", "ida"}),
    (Audience(case=CASE, countries=("GT",), languages=("en",)), {"eva"}),
    (Audience(case=CASE, wrote=True), {"ana", "ben"}),
    (Audience(case=CASE, wrote=False), {"eva", "ida", "leo"}),
    (Audience(channel="memory"), set(READERS)),
    (Audience(channel="signal"), set()),
]


async def test_to_the_audience_and_nobody_else_as_it_was_counted(harness: Harness) -> None:
    await harness.queue_letters("ana", "ben")
    await readers(harness)
    for audience, people in AUDIENCES:
        text = f"For {len(people)} in {audience}."
        number = await harness.send(replace(alert(harness, text), audience=audience))
        await harness.engine().run_until_idle()
        assert who_got(harness, text) == people
        sent = await harness.broadcast(number)
        assert (sent.reach, sent.recipients) == (len(people), len(people))


async def test_a_correction_goes_to_exactly_those_who_got_it_and_still_read_us(harness: Harness) -> None:
    await readers(harness)
    harness.channel.faults["ben"].append(Unreachable("they shut us out"))
    harness.channel.faults["eva"].append(Failure("no answer came", uncertain=True))
    harness.channel.faults["ida"].append(Failure("it is refused", permanent=True))
    wrong = await harness.send(alert(harness))
    await harness.engine().run_until_idle()
    await harness.receive("leo", "stop")
    await add_subscribers(harness, ["new"], language="en")
    correction = replace(
        alert(harness, "It is on Tuesday."), kind=Kind.CORRECTION, audience=Audience(received=wrong)
    )
    number = await harness.send(correction)
    await harness.engine().run_until_idle()
    assert who_got(harness, "It is on Tuesday") == {"ana", "eva"}
    assert harness.texts_to("new") == []
    assert await harness.tally(number) == {CopyStatus.SENT: 2}


async def test_who_wrote_lately_gets_it_first(harness: Harness) -> None:
    await readers(harness)
    for days, person in enumerate(READERS):
        seen = harness.clock().date() - timedelta(days=20 * days)
        chat = (await harness.chat(person)).id
        async with harness.store.write() as tx:
            await tx.connection.execute(update(chats).where(chats.c.id == chat).values(active_on=seen))
    await harness.publish()
    rows = await harness.rows(
        select(copies.c.chat_id).where(copies.c.broadcast_id == 1).order_by(copies.c.due_at)
    )
    assert [row["chat_id"] for row in rows] == [(await harness.chat(person)).id for person in READERS]


async def test_a_broken_broadcast_holds_up_no_other(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin, begun = BroadcastWorker._begin, 0

    async def broken(self: BroadcastWorker, lane: Lane, found: Broadcast) -> None:
        nonlocal begun
        begun += 1
        if found.id == 1:
            raise ZeroDivisionError
        await begin(self, lane, found)

    monkeypatch.setattr(BroadcastWorker, "_begin", broken)
    await harness.subscribe("ana")
    await harness.approved(alert(harness, "First!"))
    await harness.approved(alert(harness, "Second!"))
    await harness.engine().run_until_idle()
    assert ["Second!" in each for each in harness.texts_to("ana")] == [True]
    assert (await harness.broadcast(1)).status is B.APPROVED
    assert begun < 10, "it is tried a second later"


async def test_dropping_it_frees_the_update_that_it_was_made_of(harness: Harness) -> None:
    found = await drafted(harness, SHELL, harness.written())
    await in_transaction(harness, lambda tx: harness.news.broadcast_service.discard(tx, SHELL, found.id))
    again = await drafted(harness, SHELL, harness.written())
    assert ((await harness.broadcast(found.id)).status, again.status) == (B.CANCELLED, B.DRAFT)
    await harness.publish("2011-thanks")
    with pytest.raises(Refused, match="is being sent"):
        await in_transaction(
            harness, lambda tx: harness.news.broadcast_service.discard(tx, SHELL, again.id + 1)
        )
