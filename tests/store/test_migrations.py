"""A database of an earlier version is brought up to date, and nothing in it is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from markupsafe import Markup
from sqlalchemy import select

from assistant.dialogue.script import Script
from assistant.domain.broadcasts import CopyStatus
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Button, Handled
from assistant.domain.richtext import plain
from assistant.services.broadcasts.approval import SHELL
from assistant.store import broadcasts
from assistant.store.database import Store
from assistant.store.tables import chats, messages, metadata
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import Harness
from tests.support.publishing import SECOND_APPROVER
from tests.support.store import first_version, fourth_version


@pytest.fixture
async def upgraded(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> AsyncIterator[Harness]:
    """A process of today over a database of the first version."""
    keyring = tmp_path / "keyring.json"
    await first_version.make(empty_database_url, keyring, channel.address("ana"), clock())
    store = await Store.open(empty_database_url, keyring)
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
    assert upgraded.texts_to("ana") == [first_version.QUESTION], "the news wait until it is day"
    (question,) = [reply for reply in upgraded.channel.sent["ana"] if reply.buttons]
    assert (question.mark, question.asks, question.conversation) == ("a-mark", "name", "letter")
    assert question.buttons == (Button("go", "Go"),)
    assert (question.first, question.paper) == (False, None)
    upgraded.clock.advance(hours=4)
    await upgraded.engine().run_until_idle()
    assert upgraded.texts_to("ana") == [first_version.QUESTION, first_version.NEWS]
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
        assert (found["crowd"], found["source"]) == (False, None)


async def test_the_person_is_known_and_can_go_on(upgraded: Harness) -> None:
    assert await upgraded.receive("ana", "hello", "m2") == Handled(accepted=False, replies=0)
    assert not (await upgraded.chat("ana")).new
    await upgraded.engine().run_until_idle()
    await upgraded.receive("ana", "mydata", "new-1")
    assert '"subscriptions": [\n  "norma-cruz"\n ]' in upgraded.texts_to("ana")[-1]
    await upgraded.receive("ana", "letter", "new-2")
    assert "Norma Cruz" in upgraded.texts_to("ana")[-2]


# An approval that waited


@pytest.fixture
async def waiting(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> AsyncIterator[Harness]:
    """A process of today over a database of the fourth version."""
    keyring = tmp_path / "keyring.json"
    await fourth_version.make(empty_database_url, keyring, clock())
    store = await Store.open(empty_database_url, keyring)
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


async def test_whoever_has_read_it_before_can_approve_it_now(waiting: Harness) -> None:
    await waiting.subscribe("ana")
    async with waiting.store.write() as tx:
        service = waiting.news.broadcast_service
        await service.approve(tx, SECOND_APPROVER, fourth_version.NUMBER, fourth_version.DIGEST)
    waiting.clock.advance(hours=1)
    await waiting.engine().run_until_idle()
    assert waiting.texts_to("ana") == [plain(fourth_version.HTML)]
