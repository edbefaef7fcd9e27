"""A backup that is put back sends nothing again that has left since; people decide, and nothing is lost."""

import asyncio
import json
import random
import shutil
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from filelock import FileLock
from markupsafe import Markup
from sqlalchemy import select, text, update

from assistant.dialogue.script import Script
from assistant.domain.clock import system_clock
from assistant.domain.letters import Transition
from assistant.domain.lifecycle import BroadcastStatus, LetterStatus, MessageStatus
from assistant.domain.messages import Reply
from assistant.services.databases.generation import GenerationWatch
from assistant.services.databases.tombstones import TombstoneFile
from assistant.store import backup, placing
from assistant.store import messages as message_store
from assistant.store.copying import in_silence
from assistant.store.database import parsed
from assistant.store.tables import REVISION, broadcasts, letters, messages
from assistant.wiring.stores import make_notifier
from tests.support.chance import budget
from tests.support.named_letters import called
from tests.support.organisers import alert, approve, drafted, join, propose
from tests.support.processes.installation import OFFICE_HOURS, Completed, Installation
from tests.support.store import fourth_version

pytestmark = pytest.mark.both_databases

PEOPLE = ["ana", "ben", "cleo"]
L = LetterStatus


@pytest.fixture
def installation(tmp_path: Path, empty_database_url: str) -> Installation:
    """An installation, on each kind of database."""
    return Installation(tmp_path, empty_database_url)


async def call(installation: Installation, *arguments: str) -> Completed:
    """A command that works."""
    done = await asyncio.to_thread(installation.call, *arguments)
    assert done.code == 0, done.err
    return done


async def statuses(installation: Installation) -> list[str]:
    """Where the letters are."""
    return [letter["status"] for letter in await asyncio.to_thread(installation.letters)]


@pytest.fixture
async def backed_up(installation: Installation, script: Script) -> Installation:
    """Three letters wait; a backup is taken."""
    async with installation.harness(script) as harness:
        await harness.queue_letters(*PEOPLE)
    await call(installation, "db", "backup", "backup.sqlite")
    return installation


async def leave(installation: Installation) -> None:
    """What is due is sent, to the tray."""
    done = await asyncio.to_thread(installation.run, "run", "--until-idle")
    assert done.code == 0, done.err


async def test_letters_that_left_since_the_backup_do_not_leave_again(backed_up: Installation) -> None:
    await leave(backed_up)
    assert await statuses(backed_up) == ["sent"] * 3
    tray = backed_up.tray
    done = await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    assert "Letters held: 3" in done.out
    for said in ("is kept: ", "release --restored", "resolve --restored --as sent", "organisers list"):
        assert said in done.out
    await leave(backed_up)
    assert backed_up.tray == tray, "nothing twice"
    assert await statuses(backed_up) == ["held"] * 3
    assert "put back" in backed_up.log(1)[-1]["reason"]
    assert "it may have been sent since" in backed_up.log(1)[-1]["reason"]
    await call(backed_up, "letters", "resolve", "1", "--as", "sent")
    await call(backed_up, "letters", "release", "2")
    await call(backed_up, "letters", "cancel", "--restored", "--yes")
    await leave(backed_up)
    assert await statuses(backed_up) == ["sent", "sent", "cancelled"]
    assert len(backed_up.tray) == len(tray), "an organiser wanted one again, under its own name"


async def test_all_of_them_can_be_released_or_settled_at_once(backed_up: Installation) -> None:
    await call(backed_up, "letters", "hold", "2")
    await call(backed_up, "db", "backup", "backup.sqlite", "--force")
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    assert "2 letters" in (await call(backed_up, "letters", "release", "--restored", "--yes")).out
    await leave(backed_up)
    assert await statuses(backed_up) == ["sent", "held", "sent"], "who held one lets it go"
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    refused = await asyncio.to_thread(backed_up.call, "letters", "resolve", "--restored", "--as", "again")
    assert refused.code == 2
    await call(backed_up, "letters", "resolve", "--restored", "--as", "sent", "--yes")
    await leave(backed_up)
    assert await statuses(backed_up) == ["sent", "held", "sent"]
    assert len(backed_up.tray) == 4


async def test_a_letter_that_nobody_put_back_does_not_count_as_sent(backed_up: Installation) -> None:
    await call(backed_up, "letters", "hold", "1")
    refused = await asyncio.to_thread(backed_up.call, "letters", "resolve", "1", "--as", "sent")
    assert refused.code == 1 and "Release it, or cancel it" in refused.err


async def test_what_was_there_is_kept(backed_up: Installation, tmp_path: Path) -> None:
    await leave(backed_up)
    done = await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    (place,) = [line.partition(": ")[2] for line in done.out.splitlines() if "is kept: " in line]
    query = "SELECT DISTINCT status FROM {}letters"
    if place.startswith("/"):
        connection = sqlite3.connect(place)
        assert connection.execute(query.format("")).fetchall() == [("sent",)]
        connection.close()
    else:
        assert rows_on_server(backed_up, query.format(f"{place}.")) == [("sent",)]


def rows_on_server(installation: Installation, query: str) -> list[tuple[object, ...]]:
    """What the PostgreSQL server says."""
    with psycopg.connect(installation.env["ASSISTANT_DATABASE_URL"]) as connection:
        return connection.execute(query.encode()).fetchall()


def lose_database(installation: Installation) -> None:
    """Nothing is left of it."""
    url = parsed(installation.env["ASSISTANT_DATABASE_URL"])
    if url.get_backend_name() == "sqlite":
        for file in Path(url.database or "").parent.glob("assistant.sqlite*"):
            file.unlink()
    else:
        with psycopg.connect(installation.env["ASSISTANT_DATABASE_URL"]) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


async def test_numbers_of_rows_go_on_above_all_that_were_given(
    backed_up: Installation, script: Script
) -> None:
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    async with backed_up.harness(script) as harness:
        await harness.queue_letters("dora")
    assert [letter["id"] for letter in backed_up.letters()] == [1, 2, 3, 4]


# What else stands still


async def test_broadcasts_and_messages_stand_still_and_the_owners_are_told(
    installation: Installation, script: Script
) -> None:
    async with installation.harness(script) as harness:
        author, second = await join(harness, "ona"), await join(harness, "second")
        await harness.subscribe("reader")
        for step in range(3):
            found = await drafted(harness, author, alert(harness, f"Please write, {step}!"))
            if step:
                await propose(harness, author, found)
            if step == 2:
                await approve(harness, second, found)
        await harness.engine().run_until_idle()
        harness.channel.sent.clear()
        chat = await harness.chat("reader")
        async with harness.store.write() as tx:
            said = [(chat, Reply(Markup("A message")))] * 2
            _queued, sending = await message_store.add_notifications(tx, said, harness.clock())
            await tx.connection.execute(
                update(messages).where(messages.c.id == sending).values(status=MessageStatus.SENDING)
            )
            await tx.connection.execute(
                update(broadcasts).where(broadcasts.c.id == 3).values(status=BroadcastStatus.SENDING)
            )
    await call(installation, "db", "backup", "backup.sqlite")
    done = await call(installation, "db", "restore", "backup.sqlite", "--yes")
    assert "Broadcasts halted: 3" in done.out and "drafts again: 2" in done.out
    assert "Replies and notices not sent again: 2" in done.out
    async with installation.harness(script) as harness:
        stored = await harness.rows(select(broadcasts.c.status, broadcasts.c.note).order_by(broadcasts.c.id))
        assert [each["status"] for each in stored] == ["draft", "draft", "halted"]
        assert "put back" in stored[2]["note"]
        unknown = await harness.rows(select(messages.c.reason).where(messages.c.status == "unknown"))
        assert len(unknown) == 2 and all("put back" in each["reason"] for each in unknown)
        harness.clock.now = datetime.fromisoformat(OFFICE_HOURS) + timedelta(hours=1)
        await harness.engine().run_until_idle()
        (told,) = [each for each in harness.texts_to("ona") if "The server's data was put back to" in each]
        assert "1 broadcast is halted" in told and "check who is in the team" in told
        assert harness.texts_to("reader") == []


async def test_who_wrote_a_letter_reads_that_it_may_have_been_sent(
    installation: Installation, script: Script
) -> None:
    async with installation.harness(script) as harness:
        await harness.queue_letters("ana")
    await call(installation, "db", "backup", "backup.sqlite")
    await call(installation, "db", "restore", "backup.sqlite", "--yes")
    async with installation.harness(script) as harness:
        await harness.receive("ana", "status")
        assert "We do not know yet whether your letter" in harness.last_text_to("ana")
        await harness.receive("ana", "withdraw")
        assert "may have been sent already" in harness.last_text_to("ana")
        assert await harness.letter_statuses() == [L.HELD]


async def test_a_letter_with_its_carrier_is_not_tried_again_by_itself(
    installation: Installation, script: Script
) -> None:
    """It may have failed, and gone by another way, since the backup."""
    async with installation.harness(script) as harness:
        await harness.queue_letters("ana")
        async with harness.store.write() as tx:
            await tx.connection.execute(
                update(letters).values(
                    status="submitted", due_at=None, look_at=harness.clock(), **called(tx, 1, "job")
                )
            )
    await call(installation, "db", "backup", "backup.sqlite")
    done = await call(installation, "db", "restore", "backup.sqlite", "--yes")
    assert "Letters held: 0" in done.out
    async with installation.harness(script) as harness:
        (letter,) = await harness.letters()
        assert letter.status is L.SUBMITTED and letter.restored_at is not None
        async with harness.store.write() as tx:
            step = Transition(letter=letter, status=L.RETRY_WAIT, reason="The line was busy.")
            await harness.transitions.enter(tx, [step], harness.clock())
        assert await harness.letter_statuses() == [L.HELD]


async def test_a_backup_of_an_earlier_version_is_sound_and_put_back(
    installation: Installation, tmp_path: Path
) -> None:
    installation.data.mkdir()
    file = tmp_path / "earlier.sqlite"
    await fourth_version.make(f"sqlite:///{file}", installation.data / "keyring.json", system_clock())
    checked = await call(installation, "db", "check", str(file))
    assert f"are 0004; `assistant db restore` brings them up to date ({REVISION})" in checked.out
    await call(installation, "db", "restore", str(file), "--yes")
    assert str(fourth_version.NUMBER) in (await call(installation, "broadcasts", "list", "--all")).out
    assert f"are of this version ({REVISION})" in (await call(installation, "db", "check")).out


async def test_a_database_of_an_earlier_version_is_looked_at_as_it_is(
    installation: Installation, empty_database_url: str
) -> None:
    installation.data.mkdir()
    await fourth_version.make(empty_database_url, installation.data / "keyring.json", system_clock())
    checked = await call(installation, "db", "check")
    assert f"are 0004; `assistant run` brings them up to date ({REVISION})" in checked.out


# What is refused


async def test_it_is_refused_while_an_assistant_is_at_work(backed_up: Installation) -> None:
    with FileLock(backed_up.data / "engine.lock"):
        done = await asyncio.to_thread(backed_up.call, "db", "restore", "backup.sqlite", "--yes")
    assert done.code == 1 and "Another assistant is at work" in done.sentence
    assert await statuses(backed_up) == ["queued"] * 3


async def test_it_is_refused_while_somebody_works_elsewhere_or_chats(backed_up: Installation) -> None:
    """On another machine with a folder of its own, say: no lock of this folder tells of it."""
    with backed_up.chat("--as", "ana") as chat:
        chat.question()
        done = await asyncio.to_thread(backed_up.call, "db", "restore", "backup.sqlite", "--yes")
        assert done.code == 1 and "Another assistant works on this database" in done.sentence
        assert "End it first" in done.sentence
        assert chat.end().code == 0
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")


@pytest.mark.parametrize("empty_database_url", ["sqlite"], indirect=True)
async def test_it_is_refused_while_another_program_has_the_file_open(
    backed_up: Installation, tmp_path: Path
) -> None:
    connection = sqlite3.connect(tmp_path / "assistant.sqlite")
    connection.execute("SELECT count(*) FROM letters").fetchall()
    done = await asyncio.to_thread(backed_up.call, "db", "restore", "backup.sqlite", "--yes")
    connection.close()
    assert done.code == 1 and "Another program has the database" in done.sentence
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")


async def test_a_file_that_is_no_backup_of_this_installation_is_refused(
    backed_up: Installation, tmp_path: Path
) -> None:
    file = tmp_path / "backup.sqlite"
    (tmp_path / "letter.txt").write_text("Dear Madam Attorney General, " * 100)
    sqlite3.connect(tmp_path / "empty.sqlite").execute("CREATE TABLE something (id)").connection.close()
    newer = sqlite3.connect(shutil.copy(file, tmp_path / "newer.sqlite"))
    with newer:
        newer.execute("UPDATE alembic_version SET version_num = '9999'")
    newer.close()
    for name, said in (
        ("nowhere.sqlite", "There is no file"),
        ("letter.txt", "is not a database of ours"),
        ("empty.sqlite", "no backup of ours"),
        ("newer.sqlite", "newer version of the assistant made it"),
    ):
        done = await asyncio.to_thread(backed_up.call, "db", "restore", name, "--yes")
        assert done.code == 1 and said in done.sentence, name
    other = Installation(tmp_path / "other")
    other.folder.mkdir()
    other.make()
    keyring = backed_up.data / "keyring.json"
    kept = keyring.read_bytes()
    shutil.copy(other.data / "keyring.json", keyring)
    done = await asyncio.to_thread(backed_up.call, "db", "restore", "backup.sqlite", "--yes")
    assert done.code == 1 and "belongs to another database" in done.sentence
    keyring.write_bytes(kept)
    assert await statuses(backed_up) == ["queued"] * 3


@pytest.mark.timeout(300)
async def test_killed_at_any_moment_it_is_the_one_database_or_the_other(
    backed_up: Installation, rng: random.Random
) -> None:
    await leave(backed_up)
    tray, outcomes = backed_up.tray, set()
    for _ in range(budget(6, 30)):
        process = backed_up.start("db", "restore", "backup.sqlite", "--yes")
        with process:
            await asyncio.sleep(rng.uniform(0, 2.5))
            process.kill()
        outcomes.add(tuple(await statuses(backed_up)))
        assert outcomes <= {("sent",) * 3, ("held",) * 3}
        await leave(backed_up)
        assert backed_up.tray == tray
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    assert await statuses(backed_up) == ["held"] * 3
    assert list(backed_up.data.glob(".*.part*")) == []


# Put back by other means


def put_back_by_hand(installation: Installation, kept: Path) -> None:
    """As `cp` or `pg_restore` does: nothing is held, nobody is told."""
    url = parsed(installation.env.get("ASSISTANT_DATABASE_URL") or f"sqlite:///{installation.database}")
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "")
        for ending in ("", "-wal", "-shm"):
            file.with_name(file.name + ending).unlink(missing_ok=True)
        shutil.copy(kept, file)
    else:
        placing.replace_tables(kept, url, system_clock(), in_silence)


def keep_by_hand(installation: Installation, to: Path) -> None:
    """A snapshot that we know nothing of."""
    to.unlink(missing_ok=True)
    to.touch(0o600)
    url = parsed(installation.env.get("ASSISTANT_DATABASE_URL") or f"sqlite:///{installation.database}")
    backup.write_backup(url, to, in_silence)


@pytest.mark.parametrize("noticed_by", ["run --until-idle", "letters list"])
async def test_a_database_that_is_put_back_by_hand_is_noticed(
    installation: Installation, script: Script, tmp_path: Path, noticed_by: str
) -> None:
    await leave(installation)
    async with installation.harness(script) as harness:
        await harness.queue_letters(*PEOPLE)
    keep_by_hand(installation, tmp_path / "kept.sqlite")
    await leave(installation)
    tray = installation.tray
    assert len(tray) == 6
    put_back_by_hand(installation, tmp_path / "kept.sqlite")
    done = await asyncio.to_thread(installation.run, *noticed_by.split())
    assert "the database is older than what was there" in done.err
    assert "letters=3" in done.err
    assert await statuses(installation) == ["held"] * 3
    await leave(installation)
    assert installation.tray == tray
    assert await statuses(installation) == ["held"] * 3
    assert "may have been sent since" in installation.log(1)[-1]["reason"]


async def test_it_is_noticed_while_an_assistant_runs(
    installation: Installation, script: Script, tmp_path: Path
) -> None:
    async with installation.harness(script) as harness:
        await harness.queue_letters(*PEOPLE)
        stones = TombstoneFile(tmp_path / "noted.tombstones")
        watch = GenerationWatch(
            harness.store, tmp_path / "noted.json", stones, make_notifier(), harness.clock
        )
        assert await watch.raise_() is None
        async with harness.store.write() as tx:
            await tx.connection.execute(text("UPDATE generation SET number = 0"))
        (tmp_path / "noted.json").unlink()  # it knows by itself
        stood = await watch.raise_()
        assert stood is not None and stood.letters == 3
        assert await watch.raise_() is None
        assert await watch.look() is None
        assert json.loads((tmp_path / "noted.json").read_text())["generation"] == 3


async def test_the_file_never_says_more_than_the_database(
    installation: Installation, rng: random.Random
) -> None:
    """Killed at any moment of a start, nothing is taken for an older database."""
    file = installation.data / "keyring.generation.json"
    for _ in range(budget(5, 30)):
        process = installation.start("run", "--until-idle")
        with process:
            await asyncio.sleep(rng.uniform(0, 2.5))
            process.kill()
    done = await asyncio.to_thread(installation.run, "run", "--until-idle")
    assert done.code == 0, done.err
    assert "older" not in done.err
    assert json.loads(file.read_text())["generation"] > 0


async def test_a_database_that_is_gone_is_not_replaced_by_an_empty_one(
    backed_up: Installation, tmp_path: Path
) -> None:
    lose_database(backed_up)
    for command in (
        ["run", "--until-idle"],
        ["chat", "--json"],
        ["letters", "list"],
        ["db", "backup", "new"],
    ):
        done = await asyncio.to_thread(backed_up.run, *command)
        assert done.code == 1, command
        assert "is gone or empty" in done.sentence and "assistant db restore FILE" in done.sentence
        assert "keyring.json away" in done.sentence
    await call(backed_up, "db", "restore", "backup.sqlite", "--yes")
    assert await statuses(backed_up) == ["held"] * 3


async def test_a_keyring_of_a_first_start_that_was_killed_is_used(installation: Installation) -> None:
    await leave(installation)
    keyring = (installation.data / "keyring.json").read_bytes()
    (installation.data / "keyring.generation.json").unlink()
    lose_database(installation)
    await leave(installation)
    assert (installation.data / "keyring.json").read_bytes() == keyring
