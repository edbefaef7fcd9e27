"""The tables, the keyring and what an operator reads when one of them is wrong."""

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError

import assistant.store as package
from assistant.domain.errors import Misconfigured
from assistant.store.database import Store, explained
from assistant.store.keyring import KeyringFile
from assistant.store.tables import REVISION, metadata

pytestmark = pytest.mark.both_databases

MIGRATIONS = Path(package.__file__ or "").parent / "migrations"


async def test_the_migrations_lead_to_the_tables(store: Store) -> None:
    async with store.read() as tx:
        differences = await tx.connection.run_sync(
            lambda connection: compare_metadata(MigrationContext.configure(connection), metadata)
        )
    assert differences == []


def test_the_newest_migration_is_the_one_the_tables_name() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == REVISION


async def test_a_second_start_finds_everything_as_it_was(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    await store.close()
    again = await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    await again.close()


async def test_the_keyring_is_for_this_user_only(store: Store, tmp_path: Path) -> None:
    assert (tmp_path / "keyring.json").stat().st_mode & 0o777 == 0o600


async def test_a_missing_keyring_is_never_replaced_by_a_new_one(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "keyring.json").unlink()
    with pytest.raises(Misconfigured, match=r"keyring.json is missing"):
        await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))
    assert not (tmp_path / "keyring.json").exists()


async def test_the_keyring_of_another_database_is_refused(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    other = await Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}", KeyringFile(tmp_path / "other.json"))
    await other.close()
    with pytest.raises(Misconfigured, match="belongs to another database"):
        await Store.open(database_url, KeyringFile(tmp_path / "other.json"))


async def test_a_database_of_a_newer_version_is_left_alone(
    store: Store, database_url: str, tmp_path: Path
) -> None:
    async with store.write() as tx:
        await tx.connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Misconfigured, match="made by a newer version"):
        await Store.open(database_url, KeyringFile(tmp_path / "keyring.json"))


@pytest.mark.parametrize("address", ["mysql://nowhere/x", "not an address"])
async def test_an_unknown_kind_of_database_is_refused(address: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="ASSISTANT_DATABASE_URL"):
        await Store.open(address, KeyringFile(tmp_path / "keyring.json"))


@pytest.mark.parametrize(("free", "said"), [(0, "is full. Make room"), (10**9, "cannot be used: see")])
def test_a_disk_that_fails_is_told_from_one_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, said: str
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    failed = OperationalError("COMMIT", {}, sqlite3.OperationalError("disk I/O error"))
    told = explained(failed, make_url(f"sqlite:///{tmp_path / 'assistant.sqlite'}"))
    assert said in told.reason
    assert str(tmp_path / "assistant.sqlite") in told.reason
    assert not told.permanent
