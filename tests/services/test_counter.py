"""Letters that were delivered are counted once, in batches of whole days that anybody can check."""

from datetime import date, timedelta

import pytest
from sqlalchemy import delete, select, update

from assistant.carriers.base import Ref, Report
from assistant.domain.counter import Batch, findings, leaf_of, places_of, read_code
from assistant.domain.errors import Failure
from assistant.domain.lifecycle import LetterStatus
from assistant.services.counter import CounterDays, PublishedCounters
from assistant.services.keys import KeyRotation
from assistant.services.organisers import record
from assistant.store import audit, counter
from assistant.store.tables import action_counts, chats, counter_batches, counter_leaves
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import LETTER, Harness
from tests.support.publishing import CASE

pytestmark = pytest.mark.both_databases
ARRIVED = Ref(LetterStatus.DELIVERED, "job")
DAY = date(2012, 1, 24)


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """A harness whose office has a fax machine."""
    return await harness.with_office(routes=("fax:+50255500001",))


@pytest.fixture
def fax() -> FakeCarrier:
    return FakeCarrier()


async def deliver(office: Harness, fax: FakeCarrier, *people: str) -> None:
    await office.queue_letters(*people)
    fax.answers.extend(ARRIVED for _ in people)
    await office.deliver_letters(fax)


async def add(harness: Harness, count: int, *, case: str = CASE, day: date = DAY, first: int = 0) -> None:
    """So many letters were delivered on that day."""
    async with harness.store.write() as tx:
        await counter.add(tx, [(case, f"key-{first + each}") for each in range(count)], day)


async def next_day(harness: Harness, days: int = 1) -> None:
    harness.clock.advance(days=days)
    await harness.run_retention()


async def batches(harness: Harness, case: str = CASE) -> list[Batch]:
    return list((await PublishedCounters(harness.store).published(case)).batches)


async def codes(harness: Harness) -> list[str]:
    """Of all letters."""
    return [counter.code_of_letter(harness.store.vault, each.key) for each in await harness.letters()]


def code_in(text: str) -> str | None:
    return read_code(text.rpartition(": ")[2])


async def is_sound(harness: Harness, case: str = CASE) -> bool:
    """Whether who looks at what is published finds nothing wrong."""
    service = PublishedCounters(harness.store)
    found = await service.published(case)
    leaves = {}
    for batch in found.batches:
        own = await service.leaves(case, batch.number)
        assert own is not None
        leaves[batch.number] = own.leaves
    return findings(found, leaves, key=service.key) == []


# Days


async def test_the_letters_of_a_day_are_a_batch_once_the_day_is_over(
    office: Harness, fax: FakeCarrier
) -> None:
    await deliver(office, fax, *(f"person{each}" for each in range(10)))
    await office.run_retention()
    assert await batches(office) == [], "the day is not over"
    await next_day(office)
    (batch,) = await batches(office)
    assert (batch.case, batch.number, batch.day, batch.count, batch.total) == (CASE, 1, DAY, 10, 10)
    assert await is_sound(office)


async def test_every_writer_finds_their_letter_in_it_by_the_code_of_their_receipt(
    office: Harness, fax: FakeCarrier
) -> None:
    people = [f"person{each}" for each in range(10)]
    await deliver(office, fax, *people)
    told = [code_in(office.last_text_to(person)) for person in people]
    assert told == await codes(office)
    assert len(set(told)) == 10
    service = PublishedCounters(office.store)
    assert [await service.find(CASE, code or "") for code in told] == [None] * 10, (
        "not before the day is over"
    )
    await next_day(office)
    (batch,) = await batches(office)
    assert [await service.find(CASE, code or "") for code in told] == [batch] * 10
    leaves = await service.leaves(CASE, 1)
    assert leaves is not None
    assert [places_of(leaf_of(CASE, code or ""), {1: leaves.leaves}) for code in told] == [[1]] * 10


async def test_few_letters_wait_for_those_of_the_next_days_however_long_that_takes(harness: Harness) -> None:
    await add(harness, 6)
    await next_day(harness, days=400)
    assert await batches(harness) == []
    today = harness.clock().date()
    await add(harness, 4, day=today, first=6)
    await next_day(harness)
    (batch,) = await batches(harness)
    assert (batch.day, batch.count) == (today, 10)


async def test_after_days_without_us_the_batches_are_the_same(harness: Harness) -> None:
    for place, count in enumerate((10, 3, 12, 4)):
        await add(harness, count, day=DAY + timedelta(days=place), first=100 * place)
    await next_day(harness, days=30)
    assert [(each.day - DAY).days for each in await batches(harness)] == [0, 2]
    assert [each.count for each in await batches(harness)] == [10, 15]
    assert await is_sound(harness)


async def test_what_was_closed_is_not_made_again(harness: Harness) -> None:
    await add(harness, 10)
    await next_day(harness)
    before = await batches(harness)
    for _ in range(3):
        await next_day(harness)
    assert await batches(harness) == before
    assert len([each for each in await record.newest(harness.store, 50) if each.action == "counted"]) == 1


async def test_what_fails_in_the_middle_of_closing_a_day_leaves_all_as_it_was(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(harness, 10)
    await add(harness, 10, case="another-case")

    async def fails(*_: object) -> None:
        raise Failure("the disk is full")

    harness.clock.advance(days=1)
    with monkeypatch.context() as patch:
        patch.setattr(audit, "add", fails)
        with pytest.raises(Failure, match="disk is full"):
            async with harness.store.write() as tx:
                await CounterDays(harness.clock).close(tx)
    assert await batches(harness) == []
    async with harness.store.read() as tx:
        assert await counter.waiting(tx) == {CASE: {DAY: 10}, "another-case": {DAY: 10}}
    await harness.run_retention()
    assert [each.count for each in await batches(harness)] == [10]


async def test_a_letter_that_comes_late_with_a_day_that_is_closed_is_in_the_next_batch(
    harness: Harness,
) -> None:
    await add(harness, 10)
    await next_day(harness)
    await add(harness, 10, first=50)
    await next_day(harness)
    assert [(each.number, each.day, each.total) for each in await batches(harness)] == [
        (1, DAY, 10),
        (2, DAY, 20),
    ]
    assert await is_sound(harness)


async def test_a_letter_that_was_delivered_while_the_clock_was_ahead_does_not_wait_for_that_day(
    harness: Harness,
) -> None:
    await add(harness, 10, day=DAY + timedelta(days=365))
    await harness.run_retention()
    await next_day(harness)
    assert [(each.day, each.count) for each in await batches(harness)] == [(DAY, 10)]


async def test_each_case_has_a_counter_of_its_own(harness: Harness) -> None:
    await add(harness, 11)
    await add(harness, 12, case="a-case-that-is-gone")
    await next_day(harness)
    assert [each.count for each in await batches(harness)] == [11]
    assert [each.count for each in await batches(harness, "a-case-that-is-gone")] == [12]
    assert await is_sound(harness, "a-case-that-is-gone")
    service = PublishedCounters(harness.store)
    code = counter.code_of_letter(harness.store.vault, "key-0")
    (found,) = [await service.find(CASE, code)]
    assert found is not None and found.case == CASE


# What is counted


async def test_only_what_was_delivered_is_counted_and_as_often_as_elsewhere(
    office: Harness, fax: FakeCarrier
) -> None:
    fax.answers.extend(
        [
            Ref(LetterStatus.SENT, "1"),
            Failure("unclear", uncertain=True),
            Ref(LetterStatus.SUBMITTED, "3"),
            ARRIVED,
        ]
    )
    await office.queue_letters("ana", "ben", "eva", "ida")
    await office.deliver_letters(fax)
    assert await office.rows(select(action_counts.c.arrived)) == [{"arrived": 1}]
    (row,) = await office.rows(select(counter_leaves))
    assert row["leaf"] == leaf_of(CASE, (await codes(office))[3])
    assert [bool(code_in(office.last_text_to(each))) for each in ("ana", "ida")] == [False, True]


async def test_a_letter_of_which_two_reports_say_that_it_arrived_is_counted_once(
    office: Harness, fax: FakeCarrier
) -> None:
    await office.queue_letters("ana")
    fax.answers.append(Ref(LetterStatus.SUBMITTED, "job"))
    await office.deliver_letters(fax)
    for _ in range(2):
        await office.decisions(fax).settle(Report(ARRIVED, key=await office.key()))
    assert len(await office.rows(select(counter_leaves))) == 1


async def test_a_letter_that_is_delivered_again_after_a_restore_is_counted_once(harness: Harness) -> None:
    await add(harness, 10)
    await next_day(harness)
    await add(harness, 10, day=harness.clock().date())
    await next_day(harness)
    assert [each.count for each in await batches(harness)] == [10]


async def test_who_is_forgotten_stays_counted_and_nothing_leads_there(
    office: Harness, fax: FakeCarrier
) -> None:
    await deliver(office, fax, *(f"person{each}" for each in range(10)))
    for said in ("forget", "yes"):
        await office.receive("person0", said)
    await next_day(office)
    assert [each.count for each in await batches(office)] == [10]


async def test_a_code_can_be_read_again_among_all_that_is_kept(office: Harness, fax: FakeCarrier) -> None:
    await office.receive_all("ana", LETTER)
    assert [each["code"] for each in (await office.data_of("ana", "before"))["letters"]] == [""]
    fax.answers.append(ARRIVED)
    await office.deliver_letters(fax)
    assert [each["code"] for each in (await office.data_of("ana", "after"))["letters"]] == await codes(office)


# Who may be in danger


async def test_where_it_is_dangerous_to_write_the_chat_has_no_code_and_the_letter_counts(
    office: Harness, fax: FakeCarrier
) -> None:
    await office.receive_all("ana", [*LETTER[:3], "Guatemala", *LETTER[4:]])
    await office.receive_all("ben", LETTER)
    fax.answers.extend([ARRIVED, ARRIVED])
    await office.deliver_letters(fax)
    said = " ".join([*office.texts_to("ana"), *office.texts_to("ben")])
    assert [each["code"] for each in (await office.data_of("ana"))["letters"]] == [""]
    known = await codes(office)
    assert [code in said for code in known] == [False, True]
    assert len(await office.rows(select(counter_leaves))) == 2


@pytest.mark.parametrize(("wrote_from", "lives_there_now"), [("Finland", True), ("Guatemala", False)])
async def test_who_has_moved_gets_no_code_if_it_is_or_was_dangerous(
    office: Harness, fax: FakeCarrier, wrote_from: str, lives_there_now: bool
) -> None:
    await office.receive_all("ana", [*LETTER[:3], wrote_from, *LETTER[4:]])
    async with office.store.write() as tx:
        await tx.connection.execute(update(chats).values(careful=lives_there_now))
    fax.answers.append(ARRIVED)
    await office.deliver_letters(fax)
    assert "was faxed" in office.last_text_to("ana")
    assert (await codes(office))[0] not in " ".join(office.texts_to("ana"))


# What stands in the database


async def test_nothing_in_the_database_leads_from_a_leaf_to_its_letter(
    office: Harness, fax: FakeCarrier
) -> None:
    await deliver(office, fax, *(f"person{each}" for each in range(10)))
    stored = str(await office.rows(select(counter_leaves)))
    keys = [each.key for each in await office.letters()]
    assert not [each for each in [*keys, *await codes(office)] if each in stored]
    assert {row["day"] for row in await office.rows(select(counter_leaves))} == {DAY}
    await next_day(office)
    assert {(row["day"], row["batch"]) for row in await office.rows(select(counter_leaves))} == {(None, 1)}


async def test_the_rows_of_a_batch_lie_in_the_order_of_their_hashes_not_of_time(harness: Harness) -> None:
    for each in range(40):
        await add(harness, 1, first=each)
    await next_day(harness)
    lie = [row["leaf"] for row in await harness.rows(select(counter_leaves.c.leaf))]
    assert lie == sorted(lie)


async def test_the_key_stays_when_the_keys_that_wrap_change(harness: Harness) -> None:
    key = PublishedCounters(harness.store).key
    await add(harness, 10)
    await next_day(harness)
    rotation = KeyRotation(harness.store)
    await rotation.rotate("shell")
    await rotation.destroy("shell", timedelta(0))
    await add(harness, 10, day=harness.clock().date(), first=10)
    await next_day(harness)
    assert PublishedCounters(harness.store).key == key
    assert await is_sound(harness)


# The record


async def test_each_batch_is_an_entry_of_the_audit(harness: Harness) -> None:
    await add(harness, 10)
    await next_day(harness)
    (batch,) = await batches(harness)
    (entry,) = [each for each in await record.newest(harness.store, 9) if each.action == "counted"]
    assert (entry.actor, entry.subject) == ("assistant", f"{CASE} 1")
    assert entry.detail == f"10 up to 2012-01-24, {batch.digest.hex()}"
    await record.verify(harness.store, "")


@pytest.mark.parametrize(
    ("values", "said"),
    [({"count": 99}, "is not as the audit says"), (None, "is not there"), ({"number": 2}, "has no entry")],
)
async def test_whoever_changes_a_batch_in_the_database_is_found(
    harness: Harness, values: dict[str, object] | None, said: str
) -> None:
    await add(harness, 10)
    await next_day(harness)
    async with harness.store.write() as tx:
        changed = update(counter_batches).values(values) if values else delete(counter_batches)
        await tx.connection.execute(changed)
    with pytest.raises(Failure, match=f"of the counter of {CASE} .*{said}"):
        await record.verify(harness.store, "")


async def test_no_batch_follows_one_that_somebody_has_changed(harness: Harness) -> None:
    await add(harness, 10)
    await next_day(harness)
    async with harness.store.write() as tx:
        await tx.connection.execute(update(counter_batches).values(total=5000))
    await add(harness, 10, day=harness.clock().date(), first=10)
    await next_day(harness)
    assert [each.number for each in await batches(harness)] == [1]
    async with harness.store.write() as tx:
        await tx.connection.execute(update(counter_batches).values(total=10))
    await next_day(harness)
    assert [each.total for each in await batches(harness)] == [10, 20], "nothing was lost meanwhile"
