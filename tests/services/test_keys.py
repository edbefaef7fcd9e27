"""Keys of the keyring over time: another one wraps every week, and later the old one is destroyed."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from assistant.domain.errors import Failure, Misconfigured, Refused
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.domain.retention import KEEP_KEY, USE_KEY
from assistant.services.databases.check import check
from assistant.services.keys import KeyRotation, KeysWorker
from assistant.services.presence import Presence
from assistant.store import keys
from assistant.store.database import Store, file_address
from assistant.store.keyring import KeyringFile
from assistant.store.tables import audit, chats
from tests.support.harness import LETTER, NAME, PERSONAL_LINE, Harness

pytestmark = pytest.mark.both_databases
HOUR = timedelta(hours=1)


class Calendar:
    """The real clock, moved by hand."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def calendar(store: Store) -> Calendar:
    store.vault.now = Calendar()
    return store.vault.now


@pytest.fixture
def rotation(store: Store, calendar: Calendar) -> KeyRotation:
    return KeyRotation(store)


async def _advance(rotation: KeyRotation) -> None:
    """All that is due now."""
    for _ in range(50):
        if await rotation.advance() is None:
            return
    raise AssertionError("there is always more to do")


async def _wrapping(store: Store) -> set[int]:
    async with store.read() as tx:
        return set(await keys.chats_by_key(tx))


async def _talk(harness: Harness, *people: str) -> None:
    for person in people:
        await harness.receive_all(person, LETTER)


async def test_a_key_wraps_for_a_week_and_is_destroyed_two_weeks_later(
    harness: Harness, rotation: KeyRotation, calendar: Calendar
) -> None:
    await _talk(harness, "ana", "ben")
    await _advance(rotation)
    assert await _wrapping(harness.store) == {1}
    calendar.now += USE_KEY
    await _advance(rotation)
    assert await _wrapping(harness.store) == {2}
    calendar.now += KEEP_KEY - HOUR
    await _advance(rotation)
    assert [each.id for each in (await rotation.status()).keys] == [1, 2, 3], "one more week has passed"
    calendar.now += HOUR
    await _advance(rotation)
    found = await rotation.status()
    assert [(each.id, each.chats) for each in found.keys] == [(2, 0), (3, 2)]
    assert found.active == 3
    await harness.receive("ana", "mydata")
    assert NAME in str(harness.channel.sent), "everything still opens"
    done = [row["action"] for row in await harness.rows(select(audit).order_by(audit.c.id))]
    assert done == ["rotated", "rotated", "destroyed"]


async def test_every_value_of_everybody_still_opens_and_the_old_key_opens_none_of_it(
    harness: Harness, rotation: KeyRotation, calendar: Calendar, tmp_path: Path
) -> None:
    await _talk(harness, *map(str, range(7)))
    old = harness.store.vault.keyring.wrapping[0]
    before = {row["id"]: row["key"] for row in await harness.rows(select(chats))}
    await rotation.rotate("shell")
    await rotation.destroy("shell", timedelta(0))
    after = {row["id"]: row["key"] for row in await harness.rows(select(chats))}
    assert before.keys() == after.keys() and not set(before.values()) & set(after.values())
    assert old.id not in {each.id for each in KeyringFile(tmp_path / "keyring.json").read().wrapping}
    for person in map(str, range(7)):
        await harness.receive(person, "mydata")
    assert str(harness.channel.sent).count(PERSONAL_LINE) >= 7
    with pytest.raises(Misconfigured, match="lacks key 1"):
        harness.store.vault.open_key(before[min(before)], min(before))


@pytest.mark.parametrize("done", range(6))
async def test_killed_between_any_two_steps_another_process_goes_on(
    store: Store, harness: Harness, calendar: Calendar, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    monkeypatch.setattr(keys, "PIECE", 2)
    await _talk(harness, *map(str, range(5)))
    calendar.now += USE_KEY
    killed = KeyRotation(store)
    for _ in range(done):
        await killed.advance()
    await _advance(KeyRotation(store))
    assert await _wrapping(store) == {2}
    assert [each.id for each in store.vault.keyring.wrapping] == [1, 2]
    for person in map(str, range(5)):
        await harness.receive(person, "mydata")
    assert str(harness.channel.sent).count(PERSONAL_LINE) >= 5


@pytest.fixture
async def other(database_url: str, store: Store, calendar: Calendar, tmp_path: Path) -> AsyncIterator[Store]:
    """Another process, on another machine: its keyring is a copy."""
    (tmp_path / "copy.json").write_bytes((tmp_path / "keyring.json").read_bytes())
    (tmp_path / "copy.json").chmod(0o600)
    opened = await Store.open(database_url, KeyringFile(tmp_path / "copy.json"))
    opened.vault.now = calendar
    presence = Presence(opened, ProcessRole.CHAT, EMBEDDED)
    await presence.open()
    yield opened
    await presence.close()
    await opened.close()


async def test_nothing_is_wrapped_by_a_key_that_another_process_does_not_have(
    harness: Harness, rotation: KeyRotation, other: Store
) -> None:
    await _talk(harness, "ana")
    with pytest.raises(Refused, match="does not have it"):
        await rotation.rotate("shell", timedelta(0))
    assert await _wrapping(harness.store) == {1}
    assert [each.id for each in harness.store.vault.keyring.wrapping] == [1], "the key is taken back"


async def test_by_itself_a_key_is_taken_back_that_another_process_will_not_have(
    harness: Harness, rotation: KeyRotation, calendar: Calendar, other: Store
) -> None:
    await _talk(harness, "ana")
    calendar.now += USE_KEY
    assert await rotation.advance() is not None
    assert await rotation.advance() is not None, "it is waited for"
    calendar.now += timedelta(minutes=2)
    assert await rotation.advance() is None
    assert [each.id for each in harness.store.vault.keyring.wrapping] == [1]


async def test_no_key_is_destroyed_that_another_process_still_wraps_with(
    harness: Harness, rotation: KeyRotation, calendar: Calendar, other: Store, tmp_path: Path
) -> None:
    await _talk(harness, "ana")
    await rotation.begin()
    (tmp_path / "copy.json").write_bytes((tmp_path / "keyring.json").read_bytes())
    other.refresh_keyring()
    await rotation.use("shell")  # the other has the key, and does not know that it is used
    calendar.now += KEEP_KEY
    with pytest.raises(Refused):
        await rotation.destroy()
    assert [each.id for each in harness.store.vault.keyring.wrapping] == [1, 2]


async def test_what_a_process_wraps_that_has_not_seen_the_new_key_yet_is_wrapped_anew(
    store: Store, harness: Harness, rotation: KeyRotation, calendar: Calendar
) -> None:
    await _talk(harness, "ana")
    before = store.vault.keyring
    await rotation.rotate("shell")
    now = store.vault.keyring
    store.vault._use(before)
    await _talk(harness, "ben")
    store.vault._use(now)
    assert await _wrapping(store) == {1, 2}
    calendar.now += KEEP_KEY
    assert await rotation.destroy() == [1]
    assert await _wrapping(store) == {2}
    await harness.receive("ben", "mydata")
    assert PERSONAL_LINE in str(harness.channel.sent)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_copy_from_before_cannot_be_read_once_its_key_is_destroyed(
    harness: Harness, rotation: KeyRotation, tmp_path: Path
) -> None:
    await _talk(harness, "ana")
    with (
        closing(sqlite3.connect(tmp_path / "assistant.sqlite")) as source,
        closing(sqlite3.connect(tmp_path / "copy.sqlite")) as copy,
    ):
        source.backup(copy)
    keyring = KeyringFile(tmp_path / "keyring.json")
    await rotation.rotate("shell")
    assert (await check(file_address(tmp_path / "copy.sqlite"), keyring, is_kept=True)).is_usable
    await rotation.destroy("shell", timedelta(0))
    found = await check(file_address(tmp_path / "copy.sqlite"), keyring, is_kept=True)
    assert not found.is_usable
    assert "key was destroyed" in " ".join(found.faults)


async def test_the_worker_looks_every_hour(store: Store, harness: Harness, calendar: Calendar) -> None:
    worker = KeysWorker(store, harness.clock)
    await worker.open()
    calendar.now += USE_KEY
    await harness.engine(worker).run_until_idle()
    assert [each.id for each in store.vault.keyring.wrapping] == [1, 2]


async def test_a_keyring_that_cannot_be_written_changes_nothing(
    harness: Harness, rotation: KeyRotation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _talk(harness, "ana")

    def fails(*_: object) -> None:
        raise Misconfigured("The keyring cannot be written: No space left on device.")

    with monkeypatch.context() as patched:
        patched.setattr(harness.store.vault.source, "replace", fails)
        with pytest.raises(Failure, match="No space left"):
            await rotation.rotate("shell")
    assert await _wrapping(harness.store) == {1}
    await rotation.rotate("shell")
    assert await _wrapping(harness.store) == {2}
