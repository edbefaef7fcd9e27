"""`assistant webhooks`: how endpoints are, and a test that a running assistant sends."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from assistant.cli import webhooks as command
from assistant.domain.webhooks import Event, EventType
from assistant.store import pauses, webhooks
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.fakes.webhook_receiver import PATH, SECRET, Receiver, receiving
from tests.support.processes.installation import CASE, OFFICE_HOURS, TIMEOUT, Installation
from tests.support.processes.serving import serving, telegram_installation


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as opened:
        yield opened


async def test_a_running_assistant_sends_a_test_and_what_is_done_in_the_shell(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PATIENCE", TIMEOUT)
    async with FakeTelegram() as server:
        here = telegram_installation(tmp_path, server, webhooks=receiver.setting)
        async with serving(here):
            await server.until(lambda: bool(server.calls), TIMEOUT)
            name = receiver.endpoint.name
            done = await asyncio.to_thread(here.call, "webhooks", "test", name)
            assert (done.code, done.err) == (0, "")
            assert "delivered (204). It took it." in done.out
            receiver.always = 401
            done = await asyncio.to_thread(here.call, "webhooks", "test", name)
            assert done.code == 1 and "refused (401). It refused it: see whether path and secret" in done.err
            receiver.always = 410
            done = await asyncio.to_thread(here.call, "webhooks", "test", name)
            assert done.code == 1 and "gone (410). It wants no more events, and gets none" in done.err
            done = await asyncio.to_thread(here.call, "webhooks", "list")
            assert done.code == 0 and f"{name} wants no more events, and gets none (" in done.err
            assert "wants no more events" in (await asyncio.to_thread(here.call, "status")).out
            receiver.always = 204
            done = await asyncio.to_thread(here.call, "webhooks", "test", name)
            assert done.code == 0 and (await asyncio.to_thread(here.call, "webhooks", "list")).err == ""
            async with here.store() as store, store.write() as tx:
                await pauses.pause(tx, CASE, datetime.fromisoformat(OFFICE_HOURS))
            done = await asyncio.to_thread(here.run, "cases", "resume", CASE, "--yes")
            assert done.code == 0, done.err
            await receiver.until(5)
    assert receiver.types == [*["test"] * 4, "case.resumed"]
    listed = await asyncio.to_thread(here.json, "webhooks", "list")
    assert [(each["name"], each["waiting"], each["fails"]) for each in listed] == [(name, 0, False)]
    assert (listed[0]["tested"]["status"], listed[0]["failed"]["status"]) == (204, 410)
    assert listed[0]["gone"] is None
    status = await asyncio.to_thread(here.json, "status")
    assert status["webhooks"] == listed
    shown = json.dumps([listed, status]) + (await asyncio.to_thread(here.call, "webhooks", "list")).out
    assert PATH not in shown and SECRET not in shown and name in shown


async def test_where_nobody_is_at_work_it_waits(
    tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "PATIENCE", 0.1)
    here = Installation(tmp_path, webhooks=receiver.setting)
    await asyncio.to_thread(here.make)
    done = await asyncio.to_thread(here.call, "webhooks", "test", receiver.endpoint.name)
    assert done.code == 1 and "`assistant run` sends it, after what" in done.sentence
    assert (await asyncio.to_thread(here.json, "webhooks", "list"))[0]["waiting"] == 1
    assert (await asyncio.to_thread(here.run, "run", "--until-idle")).code == 0
    assert receiver.types == ["test"]
    assert [each["what"] for each in await asyncio.to_thread(here.json, "audit", "list")] == [
        "tested webhook"
    ]


async def test_a_chat_in_a_terminal_waits_for_no_endpoint(tmp_path: Path, receiver: Receiver) -> None:
    receiver.hangs = True
    here = Installation(tmp_path, webhooks=receiver.setting)
    await asyncio.to_thread(here.make)
    async with here.store() as store, store.write() as tx:
        now = datetime.fromisoformat(OFFICE_HOURS)
        await webhooks.add(tx, [receiver.endpoint.name], Event(EventType.TEST, now, {}), now)
    done = await asyncio.to_thread(here.run, "chat", "--json")
    assert done.code == 0, done.err
    assert receiver.came == []
    assert (await asyncio.to_thread(here.json, "webhooks", "list"))[0]["waiting"] == 1


async def test_an_unknown_name_and_no_setting_are_told(tmp_path: Path, receiver: Receiver) -> None:
    here = Installation(tmp_path)
    await asyncio.to_thread(here.make)
    done = await asyncio.to_thread(here.call, "webhooks", "list")
    assert done.code == 0 and "docs/webhooks.md" in done.err
    done = await asyncio.to_thread(here.call, "webhooks", "test", receiver.endpoint.name)
    assert done.code == 1 and "There is no webhook" in done.sentence
    assert receiver.came == []


async def test_a_wrong_setting_stops_run_and_not_who_has_to_halt(tmp_path: Path) -> None:
    here = Installation(tmp_path)
    await asyncio.to_thread(here.make)
    file = tmp_path / "webhooks.json"
    file.write_text(json.dumps({"http://hooks.example.org/path-0417": "whsec_0417"}))
    here.set(webhooks_file=file)
    for words in (["run", "--until-idle"], ["webhooks", "list"]):
        done = await asyncio.to_thread(here.run, *words)
        assert done.code == 1 and "ASSISTANT_WEBHOOKS_FILE has an address of hooks.example.org" in done.err
        assert "0417" not in done.err + done.out
    done = await asyncio.to_thread(here.run, "broadcasts", "halt", "--all")
    assert done.code == 0 and "no webhook is told of anything" in done.err
    assert "0417" not in done.err + done.out
    doctor = (await asyncio.to_thread(here.run, "doctor")).out
    assert "webhooks" in doctor and "hooks.example.org" in doctor and "0417" not in doctor
