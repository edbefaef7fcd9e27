"""What the writer of a letter is told of it: once, in their language, and not at night."""

import re
from datetime import datetime

import pytest
from sqlalchemy import func, insert, select

from assistant.carriers.base import Outcome, Ref, Report
from assistant.domain.errors import Failure
from assistant.domain.lanes import Lane
from assistant.domain.letter_decisions import Decision
from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.store import lanes as lane_store
from assistant.store import message_queue
from assistant.store.broadcasts import LANE as BULK
from assistant.store.tables import action_counts, lanes, messages
from tests.support.fakes.carrier import FakeCarrier
from tests.support.harness import Harness
from tests.support.offices import REF

L = LetterStatus
FAX, MAIL = "fax:+50255500001", "email:office@example.org"
ARRIVED = Ref(L.DELIVERED, "job-1")
REFUSED = Failure("the number is not in service", permanent=True)
FAXED = "Your letter was faxed to the Attorney General of Guatemala on January 24, 2012 at {} in Guatemala."
CODE = re.compile(r"\s+(We count it in public\. )?Soon this code shows that: [\w-]+$")
NIGHT = datetime.fromisoformat("2012-01-24T20:30:00Z")  # half past ten in the evening in Finland
MORNING = datetime.fromisoformat("2012-01-25T06:00:00Z")  # eight
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # where rows are not the point


@pytest.fixture
def fax() -> FakeCarrier:
    return FakeCarrier()


@pytest.fixture
async def office(harness: Harness) -> Harness:
    """A harness whose office has a fax machine and an address for mail."""
    return await harness.with_office(routes=(FAX, MAIL))


async def _arrives(harness: Harness, fax: FakeCarrier, *people: str, language: str = "en") -> None:
    await harness.queue_letters(*people, language=language)
    fax.answers.extend(ARRIVED for _ in people)
    await harness.deliver_letters(fax)


def _told(harness: Harness) -> list[str]:
    """What Ana has read, without what is said of the letter's code, which is another one in each test."""
    return [CODE.sub("", text) for text in harness.texts_to("ana")]


async def _notices(harness: Harness) -> list[MessageStatus]:
    found = await harness.rows(select(messages.c.status).where(messages.c.notice).order_by(messages.c.id))
    return [MessageStatus(row["status"]) for row in found]


async def test_the_writer_hears_how_and_when_their_letter_arrived(office: Harness, fax: FakeCarrier) -> None:
    office.clock.advance(minutes=12)
    await _arrives(office, fax, "ana")
    assert _told(office) == [FAXED.format("9:12\u202fAM")]


@ON_SQLITE
@pytest.mark.parametrize(
    ("route", "status", "text"),
    [
        ("email:office@example.org", L.SENT, "Your letter was emailed to {}, and nothing came back."),
        ("post:Street 1;Town", L.SENT, "Your letter to {} was posted on January 24, 2012."),
        ("tray", L.SENT, "We gave your letter to the campaign, which passes it on to {}."),
        ("pigeon:1", L.DELIVERED, "Your letter to {} has been sent."),
    ],
)
async def test_each_way_has_its_own_words(
    harness: Harness, route: str, status: LetterStatus, text: str
) -> None:
    office = await harness.with_office(routes=(route,))
    carrier = FakeCarrier(route.partition(":")[0])
    carrier.answers.append(Ref(status, "1"))
    await office.queue_letters("ana")
    await office.deliver_letters(carrier)
    assert _told(office) == [text.format("the Attorney General of Guatemala")]


@ON_SQLITE
async def test_a_receipt_is_in_the_language_of_the_chat(office: Harness, fax: FakeCarrier) -> None:
    await _arrives(office, fax, "ana", language="es")
    (read,) = office.texts_to("ana")
    assert "fax" in read
    assert "24 de enero de 2012" in read
    assert "Attorney" not in read


@ON_SQLITE
async def test_a_letter_is_told_of_once_whatever_happens_to_it(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.append(Ref(L.SENT, "job-1"))
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    for _ in range(2):
        await office.decisions().settle(Report(ARRIVED, reference="job-1"))
        await office.deliver_letters(fax)
    assert await office.letter_statuses() == [L.DELIVERED]
    assert len(office.texts_to("ana")) == 1


@ON_SQLITE
async def test_a_failure_is_told_and_nothing_more_even_where_it_is_tried_again(
    harness: Harness, fax: FakeCarrier
) -> None:
    office = await harness.with_office(routes=(FAX,))
    fax.answers.append(REFUSED)
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    failed = (
        "Your letter to the Attorney General of Guatemala could not be delivered. "
        "The campaign decides what happens next. You do not need to do anything."
    )
    assert office.texts_to("ana") == [failed]
    await office.decisions().decide(1, Decision.RETRY)
    fax.answers.append(ARRIVED)
    await office.deliver_letters(fax)
    assert (await office.letter_statuses(), office.texts_to("ana")) == ([L.DELIVERED], [failed])


@ON_SQLITE
async def test_a_detour_is_told_of_where_it_led_somewhere(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.append(REFUSED)
    mail = FakeCarrier("email")
    mail.answers.append(Ref(L.SENT, "<1@example.org>"))
    await office.queue_letters("ana")
    await office.deliver_letters(fax, mail)
    assert office.last_text_to("ana") == (
        "Your letter was emailed to the Attorney General of Guatemala, and nothing came back.\n\n"
        "The first way that we tried did not work, so we sent it this way."
    )


@ON_SQLITE
@pytest.mark.parametrize("status", [L.SUBMITTED, L.UNCERTAIN, L.RETRY_WAIT, L.HELD])
async def test_nothing_is_told_before_it_is_known(
    office: Harness, fax: FakeCarrier, status: LetterStatus
) -> None:
    outcomes: dict[LetterStatus, Outcome] = {
        L.SUBMITTED: Ref(L.SUBMITTED, "job-1"),
        L.UNCERTAIN: Failure("unclear", uncertain=True),
        L.RETRY_WAIT: Failure("cut off"),
    }
    await office.queue_letters("ana")
    if status is L.HELD:
        await office.decisions().decide(1, Decision.HOLD)
    else:
        fax.answers.append(outcomes[status])
    await office.deliver_letters(fax)
    assert (await office.letter_statuses(), office.texts_to("ana")) == ([status], [])


@ON_SQLITE
async def test_what_an_organiser_found_out_is_told(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.append(Failure("unclear", uncertain=True))
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    await office.decisions().decide(1, Decision.ARRIVED)
    await office.deliver_letters(fax)
    assert _told(office) == [FAXED.format("9:00\u202fAM")]


# Counts


async def _count_before(harness: Harness, arrived: int, action: str = REF.action) -> None:
    async with harness.store.write() as tx:
        counted = {"case_slug": REF.case, "action_slug": action, "arrived": arrived}
        await tx.connection.execute(insert(action_counts).values(counted))


@ON_SQLITE
@pytest.mark.parametrize(("before", "told"), [(8, ""), (9, "10"), (4311, "4,312")])
async def test_it_is_one_of_those_that_have_arrived_unless_these_are_few(
    office: Harness, fax: FakeCarrier, before: int, told: str
) -> None:
    await office.queue_letters("ana")
    await _count_before(office, before)
    fax.answers.append(ARRIVED)
    await office.deliver_letters(fax)
    sentence = f"\n\nIt is one of {told} that have arrived." if told else ""
    assert _told(office) == [FAXED.format("9:00\u202fAM") + sentence]


@ON_SQLITE
async def test_letters_of_all_actions_are_counted_as_the_public_counter_does(
    office: Harness, fax: FakeCarrier
) -> None:
    await office.queue_letters("ana")
    await _count_before(office, 4000)
    await _count_before(office, 311, "an-older-one")
    fax.answers.append(ARRIVED)
    await office.deliver_letters(fax)
    assert "It is one of 4,312 that have arrived." in _told(office)[0]


@ON_SQLITE
async def test_only_what_was_delivered_is_counted(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.extend([Ref(L.SENT, "1"), Failure("unclear", uncertain=True), Ref(L.SUBMITTED, "3"), ARRIVED])
    await office.queue_letters("ana", "ben", "eva", "ida")
    await office.deliver_letters(fax)
    assert await office.rows(select(action_counts.c.arrived)) == [{"arrived": 1}]


# At night


@pytest.mark.parametrize("awake", [False, True])
async def test_by_night_only_who_wrote_within_the_hour_is_told_at_once(
    office: Harness, fax: FakeCarrier, awake: bool
) -> None:
    office.clock.now = NIGHT
    if awake:
        await office.receive("ana", "hello", language="en")
        office.clock.advance(minutes=59)
    before = len(office.texts_to("ana"))
    await _arrives(office, fax, "ana")
    assert len(office.texts_to("ana")) - before == awake
    office.clock.now = MORNING
    await office.deliver_letters(fax)
    assert len(office.texts_to("ana")) - before == 1


@ON_SQLITE
async def test_who_wrote_more_than_an_hour_ago_sleeps(office: Harness, fax: FakeCarrier) -> None:
    office.clock.now = NIGHT
    await office.receive("ana", "hello", language="en")
    before = len(office.texts_to("ana"))
    office.clock.advance(minutes=61)
    await _arrives(office, fax, "ana")
    assert len(office.texts_to("ana")) == before
    assert await _notices(office) == [MessageStatus.QUEUED]


async def test_a_notice_that_waits_holds_up_neither_replies_nor_news(
    office: Harness, fax: FakeCarrier
) -> None:
    await office.subscribe("ana")
    office.clock.now = NIGHT
    await _arrives(office, fax, "ana")
    assert office.texts_to("ana") == []
    await office.receive("ana", "help")
    assert len(office.texts_to("ana")) == 1
    await office.publish()
    await office.engine().run_until_idle()
    assert "convicted" in office.last_text_to("ana")
    office.clock.now = MORNING
    await office.engine().run_until_idle()
    assert len(office.texts_to("ana")) == 3
    assert _told(office)[-1] == FAXED.format("2:30\u202fPM")


@ON_SQLITE
async def test_the_notices_of_many_wait_each_for_its_own_morning(office: Harness, fax: FakeCarrier) -> None:
    await office.receive("ana", "hello", language="en")
    office.clock.now = NIGHT
    await _arrives(office, fax, "ana", "ben")
    (row,) = await office.rows(select(lanes.c.next_at).where(lanes.c.kind == BULK))
    assert row["next_at"] == MORNING
    assert await _notices(office) == [MessageStatus.QUEUED] * 2


# Forgotten, and crashes


async def test_who_is_forgotten_is_told_nothing(office: Harness, fax: FakeCarrier) -> None:
    fax.answers.append(Ref(L.SUBMITTED, "job-1"))
    await office.queue_letters("ana")
    await office.deliver_letters(fax)
    await office.receive_all("ana", ["forget", "yes"])
    before = office.texts_to("ana")
    await office.decisions().settle(Report(ARRIVED, reference="job-1"))
    await office.deliver_letters(fax)
    assert (await office.letter_statuses(), office.texts_to("ana")) == ([L.DELIVERED], before)


@ON_SQLITE
async def test_a_notice_that_waits_goes_with_the_person_who_is_forgotten(
    office: Harness, fax: FakeCarrier
) -> None:
    office.clock.now = NIGHT
    await _arrives(office, fax, "ana")
    await office.receive_all("ana", ["forget", "yes"])
    before = office.texts_to("ana")
    office.clock.now = MORNING
    await office.deliver_letters(fax)
    assert (await _notices(office), office.texts_to("ana")) == ([], before)


async def test_a_notice_that_was_being_sent_at_a_crash_is_sent_again_once(
    office: Harness, fax: FakeCarrier
) -> None:
    office.clock.now = NIGHT
    await _arrives(office, fax, "ana")
    office.clock.now = MORNING
    (row,) = await office.rows(select(lanes).where(lanes.c.kind == BULK))
    async with office.store.write() as tx:
        lane = await lane_store.take(tx, Lane(row["id"], BULK, row["name"]))
        claimed = await message_queue.claim(tx, lane, office.clock(), 10, lambda _country, _language: None)
    assert len(claimed) == 1
    await (await office.restarted()).engine().run_until_idle()
    assert (await _notices(office), len(office.texts_to("ana"))) == ([MessageStatus.SENT], 1)
    await office.engine().run_until_idle()
    assert len(office.texts_to("ana")) == 1


@ON_SQLITE
async def test_a_notice_that_could_not_be_sent_is_tried_again(office: Harness, fax: FakeCarrier) -> None:
    office.channel.faults["ana"].append(Failure("no line"))
    await _arrives(office, fax, "ana")
    assert await _notices(office) == [MessageStatus.QUEUED]
    office.clock.advance(hours=1)
    await office.engine().run_until_idle()
    assert (await _notices(office), len(office.texts_to("ana"))) == ([MessageStatus.SENT], 1)


@ON_SQLITE
async def test_a_batch_that_arrives_together_is_told_each_once(office: Harness, fax: FakeCarrier) -> None:
    fax.in_flight = 5
    await _arrives(office, fax, "ana", "ben", "eva", "ida", "leo")
    assert {person: len(office.texts_to(person)) for person in office.channel.sent} == dict.fromkeys(
        ("ana", "ben", "eva", "ida", "leo"), 1
    )
    assert await office.rows(select(func.count().label("n")).where(messages.c.notice)) == [{"n": 5}]
