"""A case folder gets several actions: letters of before are of the one that says so, and none is lost."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.carriers.post import Post
from assistant.dialogue.script import Script
from assistant.domain.letters import LetterRef
from assistant.domain.lifecycle import LetterStatus
from assistant.store import letters
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.tables import lanes
from tests.support.fakes.carrier import FakeCarrier
from tests.support.fakes.channel import FakeClock, MemoryChannel
from tests.support.harness import NAME, Harness
from tests.support.invented_cases import draft_of
from tests.support.publishing import CASE
from tests.support.store import before_print_runs


@pytest.fixture
async def renamed(
    empty_database_url: str, tmp_path: Path, script: Script, channel: MemoryChannel, clock: FakeClock
) -> AsyncIterator[Harness]:
    """A process of today over a database in which a case had one action, which had no name."""
    keyring = tmp_path / "keyring.json"
    draft = draft_of(script.cases[CASE], name=NAME, country="FI", personal_line=None)
    await before_print_runs.make(empty_database_url, keyring, channel.address("writer"), draft, clock())
    store = await Store.open(empty_database_url, KeyringFile(keyring))
    yield await Harness.open(store, script, channel, clock)
    await store.close()


async def test_every_letter_is_of_the_action_that_was_formerly_the_only_one(renamed: Harness) -> None:
    refs = {letter.ref for letter in await renamed.letters()}
    assert refs == {LetterRef(CASE, "fax-2012", "attorney-general")}
    (lane,) = await renamed.rows(
        select(lanes.c.id).where(lanes.c.name == letters.lane_name(CASE, "attorney-general"))
    )
    assert {letter.lane_id for letter in await renamed.letters()} == {lane["id"]}


async def test_what_waited_is_sent(renamed: Harness) -> None:
    fax = FakeCarrier()
    office = await renamed.with_office(routes=("fax:+50255500001",))
    office.clock.advance(minutes=10)
    await office.deliver_letters(fax, Post())
    assert f"case-{before_print_runs.QUEUED}" in [parcel.key for parcel in fax.taken]


async def test_its_writer_has_already_written_for_it_and_can_still_withdraw(renamed: Harness) -> None:
    writer = f"writer{before_print_runs.QUEUED}"
    await renamed.receive(writer, "letter")
    assert "You have already written" in renamed.last_text_to(writer)
    await renamed.receive_all(writer, ["withdraw", "yes"])
    assert "Your letter is withdrawn" in renamed.last_text_to(writer)
    assert (await renamed.letters())[before_print_runs.QUEUED - 1].status is LetterStatus.CANCELLED


async def test_a_second_start_changes_nothing(renamed: Harness) -> None:
    before = await renamed.letters()
    again = await renamed.restarted()
    assert await again.letters() == before
