"""A database of an earlier version is brought up to date, and nothing in it is lost."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from markupsafe import Markup
from sqlalchemy import Connection, select

from assistant.carriers.base import Ref
from assistant.carriers.post import Post
from assistant.dialogue.script import Script
from assistant.domain.broadcasts import CallToAction, CopyStatus
from assistant.domain.counter import leaf_of
from assistant.domain.errors import Refused
from assistant.domain.letter_decisions import Decision
from assistant.domain.letters import Letter
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus
from assistant.domain.messages import Button, Handled
from assistant.domain.richtext import plain
from assistant.services.broadcasts.approval import SHELL
from assistant.services.letters.print_runs import PrintRuns
from assistant.store import broadcasts, counter, letters, pauses
from assistant.store import chats as chat_store
from assistant.store.crypto import Vault
from assistant.store.database import Store, _alembic, _engine  # what Store opens is brought up to date
from assistant.store.keyring import KeyringFile
from assistant.store.tables import chats, counter_leaves, messages, metadata
from assistant.store.tables import letters as letters_table
from tests.support.fakes.carrier import FakeCarrier
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import NAME, Harness
from tests.support.invented_cases import draft_of
from tests.support.publishing import CASE, SECOND_APPROVER
from tests.support.store import before_print_runs, first_version, fourth_version

BEFORE_TELLING = "0015"
EARLIER = [each.revision for each in ScriptDirectory.from_config(_alembic()).walk_revisions()][1:]


@pytest.mark.parametrize(
    "empty_database_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)
@pytest.mark.parametrize("revision", EARLIER)
async def test_tables_of_each_revision_become_those_of_today(
    empty_database_url: str, tmp_path: Path, revision: str
) -> None:
    engine = _engine(empty_database_url)
    async with engine.begin() as connection:
        await connection.run_sync(first_version.migrate, revision)
    await engine.dispose()
    store = await Store.open(empty_database_url, KeyringFile(tmp_path / "keyring.json"))
    async with store.read() as tx:
        differences = await tx.connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    await store.close()
    assert differences == []


@pytest.fixture
async def upgraded(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> AsyncIterator[Harness]:
    """A process of today over a database of the first version."""
    keyring = tmp_path / "keyring.json"
    await first_version.make(empty_database_url, keyring, channel.address("ana"), clock())
    store = await Store.open(empty_database_url, KeyringFile(keyring))
    yield await Harness.open(store, script, channel, clock)
    await store.close()


async def test_its_tables_become_those_of_today(upgraded: Harness) -> None:
    async with upgraded.store.read() as tx:
        differences = await tx.connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    assert differences == []


async def test_what_waited_is_sent(upgraded: Harness) -> None:
    await upgraded.engine().run_until_idle()
    assert sorted(upgraded.texts_to("ana")) == sorted([first_version.QUESTION, first_version.NEWS])
    (question,) = [reply for reply in upgraded.channel.sent["ana"] if reply.buttons]
    assert (question.mark, question.asks, question.conversation) == ("a-mark", "name", "letter")
    assert question.buttons == (Button("go", "Go"),)
    assert (question.first, question.attachment) == (False, None)
    assert {person for person, _ in upgraded.channel.order} == {"ana"}


async def test_what_became_of_its_news_is_counted(upgraded: Harness) -> None:
    counted = {CopyStatus.SENT: 1, CopyStatus.FAILED: 1, CopyStatus.UNKNOWN: 1, CopyStatus.CANCELLED: 2}
    assert await upgraded.tally(first_version.LATEST) == counted
    assert await upgraded.tally(first_version.OLDER) == {CopyStatus.SENT: 1}
    async with upgraded.store.read() as tx:
        found = (await broadcasts.tallies_of(tx, [first_version.LATEST]))[first_version.LATEST]
    reasons = {tally.reason for tally in found}
    assert reasons == {"", "expired", *filter(None, first_version.OTHERS.values())}


async def test_its_news_leave_and_come_to_their_end(upgraded: Harness) -> None:
    leaving = [await upgraded.broadcast(number) for number in (first_version.OLDER, first_version.LATEST)]
    assert [(each.status, each.recipients) for each in leaving] == [
        (BroadcastStatus.SENDING, 1),
        (BroadcastStatus.SENDING, len(first_version.OTHERS) + 1),
    ]
    upgraded.clock.advance(hours=4)
    await upgraded.engine().run_until_idle()
    await upgraded.address()
    for number in (first_version.OLDER, first_version.LATEST):
        assert (await upgraded.broadcast(number)).status is BroadcastStatus.DONE
    assert (await upgraded.tally(first_version.LATEST))[CopyStatus.SENT] == 2


async def test_its_news_can_be_halted(upgraded: Harness) -> None:
    async with upgraded.store.write() as tx:
        await upgraded.news.broadcast_service.halt(tx, SHELL, first_version.LATEST)
    upgraded.clock.advance(hours=4)
    await upgraded.engine().run_until_idle()
    assert first_version.NEWS not in upgraded.texts_to("ana")


async def test_its_latest_news_are_for_who_subscribes_now(upgraded: Harness) -> None:
    for said in ("subscribe", "yes"):
        await upgraded.receive("ben", said, language="en")
    assert upgraded.last_text_to("ben") == first_version.NEWS


async def test_nothing_in_it_is_in_doubt_or_has_a_reference_or_came_by_a_link(upgraded: Harness) -> None:
    for found in await upgraded.rows(select(messages)):
        assert (found["doubtful"], found["reference"], found["notice"]) == (False, None, False)
    for found in await upgraded.rows(select(chats)):
        assert found["crowd"] is False


async def test_the_person_is_known_and_can_go_on(upgraded: Harness) -> None:
    assert await upgraded.receive("ana", "hello", "m2") == Handled(accepted=False, replies=0)
    assert not (await upgraded.chat("ana")).new
    await upgraded.engine().run_until_idle()
    assert (await upgraded.data_of("ana", "new-1"))["subscriptions"] == ["norma-cruz"]
    await upgraded.receive("ana", "letter", "new-2")
    assert "Norma Cruz" in upgraded.texts_to("ana")[-1]


# An approval that waited


@pytest.fixture
async def waiting(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> AsyncIterator[Harness]:
    """A process of today over a database of the fourth version."""
    keyring = tmp_path / "keyring.json"
    await fourth_version.make(empty_database_url, keyring, clock())
    store = await Store.open(empty_database_url, KeyringFile(keyring))
    yield await Harness.open(store, script, channel, clock)
    await store.close()


async def test_what_waited_for_approval_reads_as_before(waiting: Harness) -> None:
    async with waiting.store.write() as tx:
        await broadcasts.set_outcome(tx, fourth_version.NUMBER, {"en": Markup("3 of 4 have arrived.")})
        version = (await broadcasts.versions(tx, [fourth_version.NUMBER]))[fourth_version.NUMBER]["en"]
    news, stop = fourth_version.HTML.rsplit("\n\n", 1)
    assert version.copy(wrote=False).html == fourth_version.HTML
    assert version.copy(wrote=True).html == f"{news}\n\n3 of 4 have arrived.\n\n{stop}"
    assert version.copy(wrote=True).buttons == (Button(*fourth_version.BUTTON),)


async def test_its_button_leads_to_the_same(waiting: Harness) -> None:
    announcement = (await waiting.broadcast(fourth_version.NUMBER)).announcement
    assert announcement.call_to_action is CallToAction.READ
    assert announcement.texts == fourth_version.ANNOUNCEMENT["texts"]


async def test_what_was_paused_stays_so(waiting: Harness) -> None:
    async with waiting.store.read() as tx:
        assert await pauses.is_paused(tx, "alma-rivas")
        assert not await pauses.is_paused(tx, CASE)


async def test_whoever_has_read_it_before_can_approve_it_now(waiting: Harness) -> None:
    await waiting.subscribe("ana")
    async with waiting.store.write() as tx:
        service = waiting.news.broadcast_service
        await service.approve(tx, SECOND_APPROVER, fourth_version.NUMBER, fourth_version.DIGEST)
    waiting.clock.advance(hours=1)
    await waiting.engine().run_until_idle()
    assert waiting.texts_to("ana") == [plain(fourth_version.HTML)]


# A database of revision 0004


@pytest.fixture
async def earlier(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> AsyncIterator[Harness]:
    """A process of today over a database that knew no print runs."""
    keyring = tmp_path / "keyring.json"
    draft = draft_of(script.cases[CASE], name=NAME, country="FI", personal_line=None)
    await before_print_runs.make(empty_database_url, keyring, channel.address("writer"), draft, clock())
    store = await Store.open(empty_database_url, KeyringFile(keyring))
    yield await Harness.open(store, script, channel, clock)
    await store.close()


async def test_a_letter_that_an_earlier_version_was_handing_over_may_be_there(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> None:
    keyring = tmp_path / "keyring.json"
    vault, engine = Vault.load_or_create(KeyringFile(keyring)), _engine(empty_database_url)
    at = round(clock().timestamp() * 1000)
    facts = {"lane_id": 1, "case_slug": CASE, "country": "FI", "language": "es", "route": "tray"}
    facts |= {"epoch": 1, "attempts": 1, "created_at": at}
    async with engine.begin() as connection:
        await connection.run_sync(first_version.migrate, BEFORE_TELLING)

        def fill(database: Connection) -> None:
            first_version.insert(database, "vault", proof=vault.proof(signed=False))
            first_version.insert(database, "lanes", id=1, kind="letters", name=CASE, epoch=1)
            for key, status in (("a", "submitting"), ("b", "queued")):
                first_version.insert(database, "letters", key=key, status=status, **facts)

        await connection.run_sync(fill)
    await engine.dispose()
    store = await Store.open(empty_database_url, KeyringFile(keyring))
    async with store.read() as tx:
        assert [each.telling for each in await letters.listed(tx)] == [True, False]
    await store.close()


async def _letter(harness: Harness, number: int) -> Letter:
    async with harness.store.read() as tx:
        found = await letters.find(tx, number)
    assert found is not None
    return found


async def test_no_letter_and_nothing_that_belongs_to_one_is_lost(earlier: Harness) -> None:
    statuses = ["queued", *["submitted"] * 3, *["sent"] * 2, "failed", "uncertain", "cancelled", "delivered"]
    assert await earlier.letter_statuses() == [LetterStatus(each) for each in statuses]
    for letter in await earlier.letters():
        (entry,) = await earlier.letter_log(letter.id)
        assert entry.reason == "of an earlier version"
    assert await earlier.tally(1) == {CopyStatus.SENT: 7}
    async with earlier.store.read() as tx:
        assert (await broadcasts.versions(tx, [1]))[1]["en"].body == "Invented news."
        (writer,) = await chat_store.open_chats(
            tx, [earlier.channel.address("writer2")], earlier.clock().date()
        )
        (written,) = await letters.of_chat(tx, writer)
    assert NAME in written.text


async def test_its_tables_with_rows_become_those_of_today(earlier: Harness) -> None:
    async with earlier.store.read() as tx:
        differences = await tx.connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    assert differences == []


async def test_what_it_had_delivered_is_counted_in_public(earlier: Harness) -> None:
    delivered = [each for each in await earlier.letters() if each.status is LetterStatus.DELIVERED]
    vault = earlier.store.vault
    leaves = [leaf_of(each.case, counter.code_of_letter(vault, each.key)) for each in delivered]
    assert leaves
    rows = await earlier.rows(
        select(counter_leaves.c.leaf, counter_leaves.c.case_slug, counter_leaves.c.batch)
    )
    assert rows == [{"leaf": each, "case_slug": CASE, "batch": None} for each in sorted(leaves)]
    async with earlier.store.read() as tx:
        ((_, days),) = (await counter.waiting(tx)).items()
    assert days == {earlier.clock().date() - timedelta(days=2): len(leaves)}


async def test_what_was_printed_is_a_run_that_can_be_reported_as_posted(earlier: Harness) -> None:
    runs = PrintRuns(earlier.store, earlier.printer, earlier.transitions, earlier.clock)
    assert await runs.waiting(CASE) == {"": 1, before_print_runs.RUN: 1}
    printed = await _letter(earlier, before_print_runs.PRINTED)
    assert (printed.print_run, printed.reference) == (before_print_runs.RUN, None)
    with pytest.raises(Refused, match="cannot call it back"):
        await earlier.decisions(Post()).decide(before_print_runs.PRINTED, Decision.CANCEL)
    assert await runs.posted(CASE, before_print_runs.RUN) == 1
    assert (await _letter(earlier, before_print_runs.PRINTED)).status is LetterStatus.SENT
    assert await runs.waiting(CASE) == {"": 1}


async def test_its_letters_leave_and_those_with_a_carrier_are_looked_after(earlier: Harness) -> None:
    fax = FakeCarrier(reports={f"case-{before_print_runs.FAXED}": Ref(LetterStatus.DELIVERED, "job-4")})
    office = await earlier.with_office(routes=("fax:+50255500001",))
    await office.deliver_letters(fax, Post())
    assert (await _letter(office, before_print_runs.FAXED)).status is LetterStatus.DELIVERED
    assert fax.taken == []
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax, Post())
    assert [parcel.key for parcel in fax.taken] == [f"case-{before_print_runs.QUEUED}"]


async def test_an_organiser_decides_about_its_letters(earlier: Harness) -> None:
    fax = FakeCarrier()
    decisions = earlier.decisions(fax)
    await decisions.decide(before_print_runs.FAILED, Decision.RETRY)
    await decisions.decide(before_print_runs.UNCERTAIN, Decision.ARRIVED)
    assert (await _letter(earlier, before_print_runs.FAILED)).due_at == earlier.clock()
    assert (await _letter(earlier, before_print_runs.UNCERTAIN)).due_at is None


async def test_what_was_written_in_it_goes_after_its_days(earlier: Harness) -> None:
    async def kept() -> set[int]:
        await earlier.run_retention()
        query = select(letters_table.c.id).where(letters_table.c.body.is_not(None))
        return {row["id"] for row in await earlier.rows(query)}

    b = before_print_runs
    gone = {b.LONG_SENT, b.CANCELLED, b.FORGOTTEN}
    assert await kept() == {each.id for each in await earlier.letters()} - gone
    earlier.clock.advance(days=7)
    assert await kept() == {b.QUEUED, b.PRINTED, b.UNPRINTED, b.FAXED, b.FAILED, b.UNCERTAIN}
    earlier.clock.advance(days=30)
    assert await kept() == {b.QUEUED, b.PRINTED, b.UNPRINTED, b.FAXED, b.UNCERTAIN}


async def test_an_update_that_was_sent_is_not_sent_again_and_one_that_was_dropped_can_be(
    earlier: Harness,
) -> None:
    async with earlier.store.read() as tx:
        assert await broadcasts.published(tx) == {CASE: {before_print_runs.TAKEN}}
    with pytest.raises(Refused, match="has a broadcast already"):
        await earlier.publish(before_print_runs.TAKEN)
    assert await earlier.publish(before_print_runs.FREE) > 3
    with pytest.raises(Refused, match="has a broadcast already"):
        await earlier.publish(before_print_runs.FREE)
