"""The log for programs: every line an object, what belongs together has one id, and nobody is named."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import get_contextvars

from assistant.dialogue.script import Script
from assistant.domain.messages import Address, File, Reply
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.harness import LETTER, NAME, Harness
from tests.support.processes.installation import OFFICE_HOURS, TIMEOUT, Installation
from tests.support.processes.serving import end, telegram_installation

Line = dict[str, Any]  # Any: JSON


def lines(err: str) -> list[Line]:
    """The log, each line of it."""
    return [json.loads(line) for line in err.splitlines()]


async def test_each_line_is_an_object_with_its_time_and_level(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        process = telegram_installation(tmp_path, server, log="json").start("run")
        await server.until(lambda: any(name == "getUpdates" for name, _ in server.calls), TIMEOUT)
        done = await end(process)
    said = lines(done.err)
    assert {"running", "listening"} <= {each["event"] for each in said}
    for each in said:
        assert each["level"] in ("info", "warning", "error") and each["timestamp"].endswith("Z")


async def test_what_goes_wrong_with_a_letter_names_it_its_lane_and_its_step(
    tmp_path: Path, script: Script
) -> None:
    here = Installation(tmp_path, log="json")
    async with here.harness(script) as harness:
        await harness.receive_all("ana", LETTER)
    await asyncio.to_thread((here.data / "tray").write_text, "a file in its place", "utf-8")
    done = await asyncio.to_thread(here.run, "run", "--until-idle")
    [told] = [each for each in lines(done.err) if each["event"] == "letter not handed over"]
    assert told["letter"] == 1 and "cannot be written" in told["reason"]
    assert isinstance(told["lane"], int) and len(told["step"]) == 8
    assert NAME not in done.err


async def test_what_is_logged_on_the_way_of_a_turn_has_its_id_up_to_its_reply(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []  # Any: structlog's own
    send = harness.channel.send

    async def noting(address: Address, reply: Reply, file: File | None = None) -> str | None:
        seen.append(get_contextvars())
        return await send(address, reply, file)

    monkeypatch.setattr(harness.channel, "send", noting)
    await harness.receive("ana", "hello")
    await harness.receive("ana", "English")
    ids = [each["turn"] for each in seen]
    assert len(set(ids)) == 2 and all(len(each) == 8 for each in ids)
    assert get_contextvars() == {}, "it stays with the turn"


def test_why_it_ends_is_a_line_too(tmp_path: Path) -> None:
    done = Installation(tmp_path, log="json").run("run")
    [told] = [each for each in lines(done.err) if each["event"] == "ended"]
    assert done.code == 1 and told["level"] == "error"
    assert "There is nothing to run" in told["reason"]
    assert OFFICE_HOURS not in told["reason"]


def test_any_other_word_is_refused(tmp_path: Path) -> None:
    done = Installation(tmp_path, log="xml").run("run")
    assert done.code == 1 and done.sentence.startswith("ASSISTANT_LOG: ")
    assert "'text'" in done.sentence and "'json'" in done.sentence
