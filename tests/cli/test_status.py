"""`assistant status`: one look at everything, with a process at work and without one."""

import asyncio
import json
import platform
from datetime import timedelta
from pathlib import Path
from typing import Any

from assistant.channels.telegram.errors import UNKNOWN_TOKEN
from assistant.dialogue.script import Script
from assistant.domain.lifecycle import LetterStatus
from assistant.store import lanes
from assistant.store.tables import REVISION
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.harness import LETTER, NAME, PERSONAL_LINE
from tests.support.processes.installation import Installation
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import readiness_status, until_ready
from tests.support.processes.serving import serving, telegram_installation

Facts = dict[str, Any]  # Any: JSON


async def told(here: Installation) -> Facts:
    """What it says to programs."""
    done = await asyncio.to_thread(here.call, "status", "--json")
    assert (done.code, done.err) == (0, "")
    found: Facts = json.loads(done.out)
    return found


async def test_a_new_installation_is_told_with_its_versions(tmp_path: Path, empty_database_url: str) -> None:
    here = Installation(tmp_path, empty_database_url)
    await asyncio.to_thread(here.make)
    found = await told(here)
    assert (found["at_work"], found["unready"], found["channels"]) == (False, None, [])
    assert found["versions"]["tables"] == REVISION
    assert found["versions"]["python"] == platform.python_version()
    database, _, number = found["versions"]["database"].partition(" ")
    assert database.lower() == empty_database_url.partition(":")[0] and number
    assert found["keyring"] == {"file": str(here.data / "keyring.json"), "private": True}
    assert found["disk_free_bytes"] > 0
    assert found["letters"] == {} and found["broadcasts"] == []
    assert "Nobody is at work" in (await asyncio.to_thread(here.call, "status")).out


async def test_what_waits_is_told_and_nobody_is_named(tmp_path: Path, script: Script) -> None:
    here = Installation(tmp_path)
    async with here.harness(script) as harness:
        await harness.receive_all("ana", LETTER)
        await harness.subscribe("ben")
        await harness.publish()
        async with harness.store.write() as tx:
            until = harness.clock() + timedelta(days=36500)
            await lanes.pause(tx, "memory:1", ["replies"], until, "a token")
    found = await told(here)
    assert found["letters"] == {LetterStatus.QUEUED.value: 1}
    queues = {each["kind"]: each for each in found["queues"]}
    assert queues["letters"]["waiting"] == 1 and queues["letters"]["overdue_seconds"] > 0
    [paused] = found["paused"]
    assert (paused["account"], paused["kind"]) == ("memory:1", "replies")
    [broadcast] = found["broadcasts"]
    assert broadcast["number"] == 1 and broadcast["status"] in ("approved", "sending")
    kinds = {each["kind"]: each for each in found["lanes"]}
    assert kinds["letters"]["lanes"] == 1
    shown = (await asyncio.to_thread(here.call, "status")).out
    for words in ("queued", "memory:1", "replies", "Keyring: ", "Room on the disk: "):
        assert words in shown
    for secret in (NAME, PERSONAL_LINE, "a token"):
        assert secret not in shown + json.dumps(found)


async def test_beside_a_running_assistant_it_says_so_and_what_is_not_well(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        with reserved() as listen:
            here = telegram_installation(tmp_path, server, listen=listen)
            async with serving(here):
                await until_ready(listen, {"telegram": "ok", "database": "ok", "keyring": "ok"})
                found = await told(here)
                assert found["at_work"] is True and found["channels"] == ["telegram:123456"]
                assert found["unready"] == {}
                [process] = found["processes"]
                assert process["role"] == "all" and process["silent_seconds"] < 5
                held = [name for each in found["lanes"] for name in each["held"]]
                assert held and set(held) == {process["name"]}
                await server.revoke()
                assert await readiness_status(listen, {"telegram": UNKNOWN_TOKEN}) == 503
                found = await told(here)
                assert found["unready"] == {"telegram": UNKNOWN_TOKEN}
                assert server.token.partition(":")[2] not in json.dumps(found)
                shown = (await asyncio.to_thread(here.call, "status")).out
                assert "this is not well:" in shown and UNKNOWN_TOKEN in shown
            found = await told(here)
            assert (found["at_work"], found["processes"]) == (False, [])
            assert [each["held"] for each in found["lanes"]] == [{} for _ in found["lanes"]]
