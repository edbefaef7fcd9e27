"""A database of an earlier version is brought up to date, and nothing in it is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import select

from assistant.dialogue.script import Script
from assistant.domain.lifecycle import MessageStatus
from assistant.domain.messages import Button, Handled
from assistant.store.database import Store
from assistant.store.tables import chats, messages, metadata
from tests.fakes.channel import MemoryChannel, StillClock
from tests.services.house import House
from tests.store import first_version


@pytest.fixture
async def upgraded(
    database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: StillClock
) -> AsyncIterator[House]:
    """A process of today over a database of the first version."""
    keyring = tmp_path / "keyring.json"
    await first_version.make(database_url, keyring, channel.address("ana"), clock())
    store = await Store.open(database_url, keyring)
    yield await House.open(store, script, channel, clock)
    await store.close()


async def test_its_tables_become_those_of_today(upgraded: House) -> None:
    async with upgraded.store.read() as tx:
        differences = await tx.connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    assert differences == []


async def test_what_waited_is_sent(upgraded: House) -> None:
    await upgraded.engine().run_until_idle()
    assert sorted(upgraded.read("ana")) == sorted([first_version.QUESTION, first_version.NEWS])
    (question,) = [reply for reply in upgraded.channel.sent["ana"] if reply.buttons]
    assert (question.mark, question.asks, question.conversation) == ("a-mark", "name", "letter")
    assert question.buttons == (Button("go", "Go"),)
    assert (question.first, question.paper) == (False, None)
    assert set(await upgraded.message_statuses()) == {MessageStatus.SENT}


async def test_nothing_in_it_is_in_doubt_or_has_a_reference_or_came_by_a_link(upgraded: House) -> None:
    found = await upgraded.rows(select(messages.c.doubtful, messages.c.reference))
    assert found == [{"doubtful": False, "reference": None}] * 3
    assert await upgraded.rows(select(chats.c.crowd, chats.c.source)) == [{"crowd": False, "source": None}]


async def test_the_person_is_known_and_can_go_on(upgraded: House) -> None:
    assert await upgraded.hear("ana", "hello", "m2") == Handled(accepted=False, replies=0)
    assert not (await upgraded.chat("ana")).new
    await upgraded.engine().run_until_idle()
    await upgraded.hear("ana", "mydata", "new-1")
    assert '"subscriptions": [\n  "norma-cruz"\n ]' in upgraded.read("ana")[-1]
    await upgraded.hear("ana", "letter", "new-2")
    assert "Norma Cruz" in upgraded.read("ana")[-2]
