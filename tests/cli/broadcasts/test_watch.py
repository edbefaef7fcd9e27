"""`assistant broadcasts watch`: how far a broadcast is, in a pipe and in a terminal."""

import asyncio
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from assistant.domain.errors import Failure, Unreachable
from tests.support.cli_broadcasts import SENDING_TIME, prepare, proposed, run_at, start_broadcast
from tests.support.processes.installation import Installation, finish
from tests.support.processes.terminal import open_terminal


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    """A folder with a team and three readers."""
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(prepare(installation, script))
    return installation.data


def approved(installation: Installation, script: Script) -> str:
    """An alert that is about to leave."""
    number = proposed(installation, script)
    assert installation.call("broadcasts", "approve", number, "--yes").code == 0
    return number


def test_what_is_done_is_told_with_the_reasons_of_those_who_did_not_get_it(
    installation: Installation, script: Script
) -> None:
    number = approved(installation, script)

    async def send() -> None:
        async with installation.harness(script) as harness:
            harness.clock.now = SENDING_TIME
            harness.channel.faults["ana"].append(Failure("the invented platform refuses it", permanent=True))
            harness.channel.faults["ben"].append(Unreachable("they blocked us"))
            await harness.news.broadcast_worker.open()
            await harness.engine().run_until_idle()
            harness.clock.advance(seconds=2)
            await harness.engine().run_until_idle()

    asyncio.run(send())
    done = installation.call("broadcasts", "watch", number)
    assert (done.code, done.err) == (0, "")
    told = done.out.splitlines()
    assert told[0] == f"Broadcast {number} is done: sent <10, failed <10, blocked <10."
    rows = {tuple(line.split(maxsplit=2)) for line in told[2:]}
    assert ("failed", "<10", "the invented platform refuses it") in rows
    assert ("blocked", "<10", "they blocked us") in rows


@pytest.mark.parametrize("command", [["halt"], ["discard", "--yes"]], ids=" ".join)
def test_what_ended_before_everybody_had_it_ends_with_1(
    installation: Installation, script: Script, command: list[str]
) -> None:
    number = approved(installation, script)
    assert installation.call("broadcasts", *command, number).code == 0
    done = installation.call("broadcasts", "watch", number)
    assert done.code == 1
    assert ("assistant broadcasts resume" in done.out) is (command == ["halt"])


def test_a_pipe_gets_a_line_whenever_something_changes(installation: Installation, script: Script) -> None:
    number = approved(installation, script)
    with installation.start("broadcasts", "watch", number) as watching:
        assert watching.stdout
        first = watching.stdout.readline().decode()
        start_broadcast(installation, script, number)
        second = watching.stdout.readline().decode()
        run_at(installation, script)
        last = finish(watching)
    assert first.startswith(f"Broadcast {number}: 0%, is approved, begins at 2026-11-24T15:02:")
    assert second == f"Broadcast {number}: 0%, <10 of <10: sent <10\n"
    assert (last.code, last.out.splitlines()[-1].startswith("sent")) == (0, True)
    assert f"Broadcast {number} is done: sent <10." in last.out
    assert "Ctrl-C ends the watching only" in last.err


def test_a_terminal_gets_a_bar_and_ctrl_c_stops_nothing(installation: Installation, script: Script) -> None:
    number = approved(installation, script)
    start_broadcast(installation, script, number)
    installation.env |= {"TERM": "xterm", "COLUMNS": "100"}
    with open_terminal(installation, number, command=("broadcasts", "watch")) as organiser:
        shown = organiser.see("<10 of <10: sent <10")
        assert "0%" in shown and "━" in shown
        organiser.press("\x03")
        assert organiser.leave() in (1, 130)
        assert "Traceback" not in organiser.shown
    assert installation.call("broadcasts", "stop", number).code == 0  # it was still leaving
