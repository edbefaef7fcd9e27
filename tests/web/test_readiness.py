"""`/readyz` when something is really wrong: each part says what to do, and is well once it is mended."""

import asyncio
import os
import shutil
import sqlite3
from collections import deque
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
from aiohttp import ClientSession
from sqlalchemy import event
from sqlalchemy import text as sql

from assistant.carriers.base import Outcome, Parcel
from assistant.carriers.email.carrier import Email
from assistant.carriers.tray import Tray
from assistant.domain.errors import Busy, Failure, Misconfigured, ServerAway
from assistant.domain.lanes import LaneLost
from assistant.engine.embedded import EmbeddedEngine
from assistant.services import readiness
from assistant.services.letters import carrier_health
from assistant.services.letters.carrier_health import CarrierHealth
from assistant.services.readiness import Readiness
from assistant.store.crypto import Vault
from assistant.store.database import Store
from assistant.store.keyring import KeyringFile
from assistant.store.lanes import StoredLanes
from tests.support.carriers.email_parcels import FROM, SECRET, parcel
from tests.support.database_faults import database_unwritable
from tests.support.fakes.carrier import FakeCarrier
from tests.support.fakes.channel import FakeClock
from tests.support.fakes.mail_server import MailServer
from tests.support.harness import Harness
from tests.support.scripted_worker import ScriptedWorker
from tests.support.web_server import health_client

pytestmark = pytest.mark.chance
TIMEOUT = 20.0  # seconds
LIMIT = 5.0  # seconds that a part has to answer here


async def asked(client: ClientSession) -> tuple[int, dict[str, str]]:
    """What it says now, and its status."""
    async with client.get("/readyz") as answer:
        return answer.status, await answer.json()


async def until(client: ClientSession, part: str, said: str) -> int:
    """Return when that part says this, or begins so; with the status."""
    status, parts = 0, dict[str, str]()
    with suppress(TimeoutError):
        async with asyncio.timeout(TIMEOUT):
            while not parts.get(part, "").startswith(said):
                status, parts = await asked(client)
                await asyncio.sleep(0.02)
            return status
    raise AssertionError(parts)


# The database


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_database_that_another_program_keeps_locked_is_told_and_is_well_afterwards(
    store: Store, tmp_path: Path
) -> None:
    async with health_client(store, limit=LIMIT) as client:
        with closing(sqlite3.connect(tmp_path / "assistant.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            status, parts = await asked(client)
            assert status == 503
            assert parts["database"].startswith(f"Another program keeps the database {tmp_path}/assistant")
        assert await until(client, "database", "ok") == 200


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("by", ["removal", "another file"])
async def test_a_database_whose_file_is_gone_is_told(store: Store, tmp_path: Path, by: str) -> None:
    file = tmp_path / "assistant.sqlite"
    async with health_client(store) as client:
        assert (await asked(client))[0] == 200
        shutil.copy(file, tmp_path / "other")
        file.unlink()
        if by == "another file":
            (tmp_path / "other").rename(file)
        status, parts = await asked(client)
        assert status == 503
        assert parts["database"].startswith(f"The database {file} was removed or replaced while we use it")
    assert file.exists() is (by == "another file"), "asking has made an empty database"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_being_well_means_that_something_reached_the_disk(store: Store, tmp_path: Path) -> None:
    log = tmp_path / "assistant.sqlite-wal"
    with closing(sqlite3.connect(tmp_path / "assistant.sqlite", isolation_level=None)) as other:
        other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert _size(log) == 0
        async with health_client(store) as client:
            assert (await asked(client))[0] == 200
        assert _size(log) > 0


def _size(file: Path) -> int:
    return file.stat().st_size


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_server_that_takes_no_writes_is_told(store: Store, database_url: str) -> None:
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    async with health_client(store, limit=LIMIT) as client:
        assert (await asked(client))[0] == 200
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as other:
            await other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
            await store.close()  # who connects anew finds it so
            status, parts = await asked(client)
            assert status == 503 and "cannot be written" in parts["database"]
            await other.execute("SET default_transaction_read_only = off")
            await other.execute(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'.encode())
            await store.close()
        assert (await asked(client))[0] == 200


@pytest.mark.both_databases
async def test_however_often_it_is_asked_it_is_written_to_once_in_a_while(
    store: Store, clock: FakeClock
) -> None:
    seen: list[str] = []
    engine = store._engine.sync_engine
    event.listen(engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    async with health_client(store, readiness=Readiness(store, clock, fresh=3600, limit=LIMIT)) as client:
        for _ in range(20):
            assert (await asked(client))[0] == 200
    assert len([each for each in seen if "lanes" in each]) == 1


# The keyring


@pytest.mark.parametrize("damage", ["missing", "another", "broken"])
async def test_a_keyring_that_is_not_on_the_disk_any_more_is_to_be_put_back_first(
    store: Store, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "keyring.json"
    kept = file.read_bytes()
    async with health_client(store) as client:
        file.unlink()
        if damage == "another":
            Vault.load_or_create(KeyringFile(file))
        elif damage == "broken":
            file.write_bytes(kept[:-20])
        status, parts = await asked(client)
        assert status == 503
        assert parts["keyring"].startswith(f"The keyring {file} is ")
        assert ("before you stop this process" in parts["keyring"]) is (damage != "broken")
        assert parts["database"] == "ok"
        file.write_bytes(kept)
        file.chmod(0o600)
        assert await asked(client) == (200, {**parts, "keyring": "ok"})


# Turns


async def test_turns_that_failed_are_counted_for_a_minute(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = Readiness(harness.store, harness.clock, failed_turns=harness.turns.failed_lately)
    async with health_client(harness.store, readiness=ready) as client:
        async with database_unwritable(harness.store):
            for person in ("ana", "ben"):
                with pytest.raises(Failure):
                    await harness.turns.handle(harness.incoming(person, "hello"))
        status, parts = await asked(client)
        assert status == 503
        assert parts["turns"].startswith(
            "Messages of people that could not be handled in the last minute: 2."
        )
        monkeypatch.setattr("assistant.services.turns.LATELY", 0.0)
        assert (await asked(client))[1]["turns"] == "ok"


async def test_turns_that_failed_while_the_server_was_away_are_over_when_it_is_back(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready = Readiness(harness.store, harness.clock, failed_turns=harness.turns.failed_lately)

    def server_away(_now: object) -> None:
        raise ServerAway("The database server cannot be reached.")

    async with health_client(harness.store, readiness=ready) as client:
        with monkeypatch.context() as away:
            away.setattr(harness.schedule, "look", server_away)
            with pytest.raises(ServerAway):
                await harness.turns.handle(harness.incoming("ana", "hello"))
        assert (await asked(client))[0] == 200


# Lanes


def engine_of(store: Store, clock: FakeClock, *works: ScriptedWorker) -> EmbeddedEngine:
    return EmbeddedEngine(StoredLanes(store), list(works), clock)


async def test_a_lane_that_failed_says_why_until_it_runs(store: Store, clock: FakeClock) -> None:
    work = ScriptedWorker(store, "first", fault=Failure("It is closed: see the door.", retry_after=0.01))
    await work.open(clock)
    engine = engine_of(store, clock, work)
    async with health_client(store, readiness=Readiness(store, clock, runners=[engine], fresh=0)) as client:
        with pytest.raises(Failure):
            await asyncio.wait_for(engine.run_until_idle(), TIMEOUT)
        assert await asked(client) == (
            503,
            {**(await asked(client))[1], "lanes": "A lane of first rests: It is closed: see the door."},
        )
        work.fault = None
        await asyncio.sleep(0.02)
        await engine.run_until_idle()
        assert (await asked(client))[0] == 200


async def test_a_lane_that_rests_because_the_server_was_away_is_no_trouble_when_it_is_back(
    store: Store, clock: FakeClock
) -> None:
    """Another process may have run it meanwhile, and this one will not."""
    work = ScriptedWorker(store, "first", fault=ServerAway("The database server cannot be reached."))
    await work.open(clock)
    engine = engine_of(store, clock, work)
    async with health_client(store, readiness=Readiness(store, clock, runners=[engine], fresh=0)) as client:
        with pytest.raises(ServerAway):
            await asyncio.wait_for(engine.run_until_idle(), TIMEOUT)
        assert (await asked(client))[0] == 200


async def test_a_lane_that_another_process_took_is_its_own_to_run(store: Store, clock: FakeClock) -> None:
    work = ScriptedWorker(store, "first", steps=5)
    await work.open(clock)
    engine = engine_of(store, clock, work)
    work.gate.clear()
    async with health_client(store, readiness=Readiness(store, clock, runners=[engine], fresh=0)) as client:
        running = asyncio.create_task(engine.run_until_idle())
        await asyncio.wait_for(work.begun.wait(), TIMEOUT)
        async with store.write() as tx:
            await tx.connection.execute(sql("UPDATE lanes SET epoch = epoch + 1"))
        work.gate.set()
        (ended,) = await asyncio.gather(running, return_exceptions=True)
        assert isinstance(ended, LaneLost)
        assert (await asked(client))[0] == 200


async def test_old_work_of_a_process_that_has_just_begun_is_no_trouble(
    store: Store, clock: FakeClock
) -> None:
    work = ScriptedWorker(store, "first", steps=1)
    await work.open(clock)
    clock.advance(days=1)
    engine = engine_of(store, clock, work)
    async with health_client(store, readiness=Readiness(store, clock, runners=[engine], fresh=0)) as client:
        assert (await asked(client))[0] == 200


async def test_lanes_that_nobody_works_on_are_told_once_they_are_overdue(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "GRACE", 0.0)
    work = ScriptedWorker(store, "first", steps=1)
    await work.open(clock)
    await work.open(clock, name="elsewhere")  # nobody here could work on that one
    engine = engine_of(store, clock, work)
    async with health_client(store, readiness=Readiness(store, clock, runners=[engine], fresh=0)) as client:
        assert (await asked(client))[0] == 200
        clock.advance(seconds=61)
        status, parts = await asked(client)
        assert status == 503
        assert parts["lanes"].startswith("Nobody has worked for a minute on lanes that are due (1 of first)")
        await engine.run_until_idle()
        assert (await asked(client))[0] == 200


async def test_a_lane_that_is_worked_on_is_not_overdue_however_long_that_takes(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "GRACE", 0.0)
    work = ScriptedWorker(store, "first", steps=1)
    await work.open(clock)
    engine = engine_of(store, clock, work)
    work.gate.clear()
    async with health_client(store, readiness=Readiness(store, clock, runners=[engine], fresh=0)) as client:
        running = asyncio.create_task(engine.run_until_idle())
        await asyncio.wait_for(work.begun.wait(), TIMEOUT)
        clock.advance(hours=1)
        assert (await asked(client))[0] == 200
        work.gate.set()
        await running


# Carriers


async def tried(health: CarrierHealth, carrier: Email, letter: Parcel) -> Outcome:
    """Hand a letter over, and note what that shows of the carrier, as `CarrierDelivery` does."""
    try:
        taken = await carrier.submit(letter)
    except Failure as failure:
        health.failed(carrier.name, failure)
        return failure
    health.worked(carrier.name)
    return taken


async def test_a_mail_server_that_refuses_us_is_told_until_it_takes_a_letter(
    store: Store, clock: FakeClock
) -> None:
    async with MailServer() as server:
        carrier = Email.from_url(server.url, FROM, SECRET)
        health = CarrierHealth({carrier.name: carrier})
        ready = Readiness(store, clock, carriers=health, fresh=0)
        async with health_client(store, readiness=ready) as client:
            assert (await asked(client))[1]["carrier email"] == "ok"
            assert server.sessions == 0, "a carrier elsewhere is not bothered"
            server.fail_next("EHLO", "554 not you")
            failed = await tried(health, carrier, parcel())
            assert isinstance(failed, Failure)
            status, parts = await asked(client)
            assert (status, parts["carrier email"]) == (503, failed.reason)
            await tried(health, carrier, parcel())
            assert (await asked(client))[0] == 200
        await carrier.close()


async def test_one_that_was_mended_while_no_letter_was_due_is_noticed(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_health, "AGAIN", 0.0)
    async with MailServer() as server:
        carrier = Email.from_url(server.url, FROM, SECRET)
        health = CarrierHealth({carrier.name: carrier})
        health.failed(carrier.name, (await refused_by_nobody()))
        async with health_client(store, readiness=Readiness(store, clock, carriers=health)) as client:
            assert (await asked(client))[0] == 503
            assert await until(client, "carrier email", "ok") == 200
        assert server.said["MAIL"] == 0


async def refused_by_nobody() -> Failure:
    """How it fails where no server is."""
    carrier = Email.from_url("smtp://127.0.0.1:9", FROM, SECRET)
    with pytest.raises(Failure) as caught:
        await carrier.submit(parcel())
    return caught.value


async def test_a_busy_line_is_no_trouble_of_the_carrier() -> None:
    carrier = Email.from_url("smtp://127.0.0.1:9", FROM, SECRET)
    health = CarrierHealth({carrier.name: carrier})
    for harmless in (Busy("busy"), Failure("broke off"), Failure("not theirs", permanent=True)):
        health.failed(carrier.name, harmless)
    assert await health.troubles() == {"email": None}


async def test_a_tray_that_cannot_be_written_is_told_before_any_letter(
    store: Store, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrier_health, "FRESH", 0.0)
    tray = tmp_path / "tray"
    health = CarrierHealth({"tray": Tray(tray)})
    async with health_client(store, readiness=Readiness(store, clock, carriers=health)) as client:
        assert (await asked(client))[1]["carrier tray"] == "ok"
        await asyncio.to_thread(tray.write_text, "in its place", "utf-8")
        status, parts = await asked(client)
        assert status == 503 and parts["carrier tray"].startswith(f"The tray {tray} cannot be written")
        await asyncio.to_thread(os.unlink, tray)
        assert (await asked(client))[0] == 200


async def test_what_letters_show_of_their_carrier_is_kept_until_it_takes_one(harness: Harness) -> None:
    office = await harness.with_office(routes=("fax:+50255500001",))
    await office.queue_letters("leo")
    fax = FakeCarrier(answers=deque([Misconfigured("The key is wrong: see the setting.")]))
    worker = office.letter_worker(fax)
    health = worker._delivery.health
    assert await health.troubles() == {"fax": None}
    await office.engine(worker).run_until_idle()
    assert await health.troubles() == {"fax": "The key is wrong: see the setting."}
    harness.clock.advance(minutes=6)
    await office.engine(worker).run_until_idle()
    assert len(fax.taken) == 1
    assert await health.troubles() == {"fax": None}
