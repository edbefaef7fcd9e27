"""`assistant keys`, `forget` and `retention`, as an operator calls them."""

import asyncio
import json
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.store.keyring import Keyring
from tests.support.processes.installation import Completed, Installation

pytestmark = pytest.mark.both_databases


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Installation:
    """Two people have written, and nothing has been sent."""
    return Installation(tmp_path, None if database_url.startswith("sqlite") else database_url)


@pytest.fixture
async def written(installation: Installation, script: Script) -> Installation:
    async with installation.harness(script) as harness:
        await harness.queue_letters("ana", "ben")
    return installation


async def _call(installation: Installation, *words: str, typed: str = "") -> Completed:
    done = installation.call(*words, typed=typed)
    assert done.code == 0, done.err
    return done


async def _status(installation: Installation) -> dict[str, object]:
    shown: dict[str, object] = json.loads((await _call(installation, "keys", "status", "--json")).out)
    return shown


async def _texts(installation: Installation, script: Script) -> int:
    """How many letters open."""
    async with installation.harness(script) as harness:
        return len(
            [each for person in ("ana", "ben") for each in (await harness.data_of(person))["letters"] if each]
        )


async def test_keys_are_rotated_and_destroyed_and_everything_still_opens(
    written: Installation, script: Script
) -> None:
    before = await _status(written)
    assert before["active"] == 1 and before["rotates_by_itself"] is True
    assert "Key 2 wraps" in (await _call(written, "keys", "rotate")).out
    found = await _status(written)
    assert [(key["key"], key["chats"]) for key in found["keys"]] == [(1, 0), (2, 2)]  # type: ignore[attr-defined]  # JSON
    assert "no key to destroy" in (await _call(written, "keys", "destroy")).out
    asked = written.call("keys", "destroy", "--at-once", typed="n\n")
    assert asked.code == 1 and (await _status(written))["active"] == 2
    assert "key 1" in (await _call(written, "keys", "destroy", "--at-once", "--yes")).out
    assert [key["key"] for key in (await _status(written))["keys"]] == [2]  # type: ignore[attr-defined]  # JSON
    assert await _texts(written, script) == 2
    shown = (await _call(written, "keys", "status")).out
    assert "14 to 21 days" in shown


async def test_a_backup_from_before_can_be_read_until_its_key_is_destroyed(written: Installation) -> None:
    await _call(written, "db", "backup", "before.sqlite")
    await _call(written, "keys", "rotate")
    await _call(written, "db", "check", "before.sqlite")
    await _call(written, "keys", "destroy", "--at-once", "--yes")
    done = written.call("db", "check", "before.sqlite")
    assert done.code == 1 and "nobody can read it any more" in done.out + done.err
    refused = written.call("db", "restore", "before.sqlite", "--yes")
    assert refused.code == 1 and "destroyed" in refused.sentence


async def test_a_person_who_asks_by_mail_is_forgotten(written: Installation, script: Script) -> None:
    assert "It is deleted" in (await _call(written, "forget", "memory", "-", "--yes", typed="ana\n")).out
    again = written.call("forget", "memory", "ana", "--yes")
    assert again.code == 1 and "no chat at that address" in again.sentence
    statuses = sorted(each["status"] for each in written.letters())
    assert statuses == ["cancelled", "queued"]
    stopped = written.call("forget", "memory", "ben", typed="n\n")
    assert stopped.code == 1 and len(written.letters()) == 2


async def test_what_is_due_is_told_before_it_is_deleted(written: Installation) -> None:
    written.set(clock="2028-06-01T12:00:00Z")
    shown = json.loads((await _call(written, "retention", "--dry-run", "--json")).out)
    assert shown["dry_run"] is True
    assert shown["due"]["inactive chats"] == 0, "their letters have not come to their end"
    for number in ("1", "2"):
        await _call(written, "letters", "cancel", number, "--yes")
    due = json.loads((await _call(written, "retention", "--dry-run", "--json")).out)["due"]
    assert due["inactive chats"] == 2
    await _call(written, "retention")
    after = json.loads((await _call(written, "retention", "--json")).out)["due"]
    assert {name: count for name, count in after.items() if count} == {}


async def test_what_is_due_goes_by_the_settings(written: Installation) -> None:
    await _call(written, "letters", "cancel", "1", "--yes")
    written.set(clock="2026-12-10T12:00:00Z")
    left = "texts of letters that failed or were cancelled"
    for days, due in (("20", 0), ("9", 1)):
        written.set(keep_failed=days)
        shown = json.loads((await _call(written, "retention", "--json")).out)
        assert shown["due"][left] == due
    after = json.loads((await _call(written, "retention", "--dry-run", "--json")).out)
    assert after["due"][left] == 0
    written.set(keep_failed="3")
    refused = written.call("retention")
    assert refused.sentence == "ASSISTANT_KEEP_FAILED: write a whole number from 7 to 90, such as 28."


async def test_a_running_assistant_goes_by_the_settings_too(written: Installation) -> None:
    await _call(written, "letters", "cancel", "1", "--yes")
    written.set(clock="2026-12-10T12:00:00Z", keep_failed="9")
    left = "texts of letters that failed or were cancelled"
    look = ("retention", "--dry-run", "--json")
    assert json.loads((await _call(written, *look)).out)["due"][left] == 1
    assert (await asyncio.to_thread(written.run, "run", "--until-idle")).code == 0
    assert json.loads((await _call(written, *look)).out)["due"][left] == 0


async def test_a_command_can_print_the_keyring_and_the_operator_keeps_it(
    written: Installation, script: Script, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.json"
    shutil.move(written.env.get("ASSISTANT_KEYRING") or written.data / "keyring.json", kept)
    written.env.pop("ASSISTANT_KEYRING", None)
    written.set(keyring_command=f"cat '{kept}'")
    assert (await _status(written))["rotates_by_itself"] is False
    refused = written.call("keys", "rotate")
    assert refused.code == 1 and "--print" in refused.sentence
    for words in (("rotate",), ("destroy", "--at-once")):
        kept.write_text((await _call(written, "keys", *words, "--print")).out, "utf-8")
        await _call(written, "keys", "status")
    assert [key["key"] for key in (await _status(written))["keys"]] == [2]  # type: ignore[attr-defined]  # JSON
    assert "locked" not in written.call("keys", "passphrase").out


def test_a_new_keyring_can_be_printed(installation: Installation) -> None:
    done = installation.call("keys", "new")
    assert Keyring.parse(done.out.encode()).active(datetime.now(UTC)).id == 1


async def test_a_passphrase_is_asked_for_by_nothing_but_a_terminal(written: Installation) -> None:
    short = written.call("keys", "passphrase", typed="short\nshort\n")
    assert short.code == 1 and "too short" in short.sentence
    await _call(written, "keys", "passphrase", typed="correct horse battery\ncorrect horse battery\n")
    locked = written.call("letters", "list")
    assert locked.code == 1 and "ASSISTANT_KEYRING_PASSPHRASE_FILE" in locked.sentence
    written.set(keyring_passphrase="a wrong one, invented")
    assert "does not open" in written.call("letters", "list").sentence
    written.set(keyring_passphrase="correct horse battery")
    await _call(written, "letters", "list")
    await _call(written, "keys", "rotate")
    await _call(written, "keys", "passphrase", "--remove")
    written.env.pop("ASSISTANT_KEYRING_PASSPHRASE")
    await _call(written, "letters", "list")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_with_postgresql_it_has_to_be_said_where_the_keyring_is(written: Installation) -> None:
    keyring = written.env.pop("ASSISTANT_KEYRING")
    done = written.call("letters", "list")
    assert done.code == 1
    assert "ASSISTANT_KEYRING is not set" in done.sentence and keyring in done.sentence
