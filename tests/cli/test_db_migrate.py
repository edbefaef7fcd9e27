"""The tables are brought up to date by a command that ends, before several processes are started."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import text

from assistant.domain.processes import ProcessRole
from assistant.services.presence import Presence
from assistant.store.crypto import Vault
from assistant.store.database import Store, _alembic
from assistant.store.keyring import KeyringFile
from assistant.store.tables import REVISION
from tests.support.processes.installation import Completed, Installation
from tests.support.store import fourth_version

pytestmark = pytest.mark.both_databases


@pytest.fixture
def installation(tmp_path: Path, empty_database_url: str) -> Installation:
    """A folder with nothing in it, on each kind of database."""
    return Installation(tmp_path, empty_database_url)


async def migrate(installation: Installation) -> Completed:
    return await asyncio.to_thread(installation.run, "db", "migrate")


async def test_it_makes_the_tables_and_the_keyring_and_then_finds_them(installation: Installation) -> None:
    made = await migrate(installation)
    assert (made.code, made.out) == (0, f"The tables are made: {REVISION}.\n"), made.err
    assert f"file={installation.data}/keyring.json" in made.err
    again = await migrate(installation)
    assert (again.code, again.out) == (0, f"The tables are up to date: {REVISION}.\n")
    assert "keyring" not in again.err
    assert installation.call("letters", "list").code == 0


async def test_it_brings_tables_of_an_earlier_version_up_to_date(
    installation: Installation, empty_database_url: str
) -> None:
    installation.data.mkdir()
    await fourth_version.make(
        empty_database_url, installation.data / "keyring.json", datetime(2012, 1, 20, tzinfo=UTC)
    )
    done = await migrate(installation)
    said = f"The tables are brought up to date: from 0004 to {REVISION}.\n"
    assert (done.code, done.out) == (0, said), done.err
    assert str(fourth_version.NUMBER) in installation.call("broadcasts", "list", "--all").out


async def test_tables_that_change_change_while_nobody_works_on_them(
    installation: Installation, empty_database_url: str
) -> None:
    assert (await migrate(installation)).code == 0
    keyring = installation.data / "keyring.json"
    before = ScriptDirectory.from_config(_alembic()).get_revision(REVISION).down_revision
    async with Store.as_it_is(empty_database_url, Vault(KeyringFile(keyring))) as store:
        presence = Presence(store, ProcessRole.WORK, "procrastinate")
        await presence.open()
        assert (await migrate(installation)).code == 0, "nothing has to change"
        async with store.write() as tx:
            await tx.connection.execute(text("UPDATE alembic_version SET version_num = :it"), {"it": before})
        refused = await migrate(installation)
        assert refused.code == 1 and "Another assistant works on this database" in refused.sentence
        for command in (["letters", "list"], ["db", "backup", "backup.sqlite"]):
            other = await asyncio.to_thread(installation.run, *command)
            assert other.code == 1 and f"{store.process}, of version" in other.sentence, other.err
        async with store.read() as tx:
            assert await tx.connection.scalar(text("SELECT version_num FROM alembic_version")) == before
        await presence.close()


def test_a_server_that_never_comes_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assistant.cli.db.PATIENCE", 0.0)
    installation = Installation(tmp_path, "postgresql://assistant:invented@127.0.0.1:9/assistant")
    done = installation.call("db", "migrate")
    assert done.code == 1 and "127.0.0.1:9 cannot be reached" in done.sentence
