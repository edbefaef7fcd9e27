"""A process that starts together with its database waits for it, and for nothing that does not come."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, TIMEOUT, Program
from tests.support.processes.late_postgres import forwarding, through
from tests.support.processes.ports import reserved
from tests.support.processes.serving import end, telegram_installation

pytestmark = [
    pytest.mark.chance,
    pytest.mark.parametrize("database_url", ["postgresql"], indirect=True),
]
NOT_YET = "the database is not there yet; it is tried again"


async def test_a_server_that_comes_late_is_waited_for_and_that_is_said_at_once(
    tmp_path: Path, database_url: str
) -> None:
    async with FakeTelegram() as telegram:
        with reserved() as listen:
            process = telegram_installation(tmp_path, telegram, through(listen, database_url)).start("run")
            try:
                told = await asyncio.to_thread(_line_with, NOT_YET, process)
                assert "127.0.0.1" in told and "cannot be reached" in told
                async with forwarding(listen, database_url, refusals=2) as came:
                    anna = telegram.person("Anna")
                    await anna.write(f"/start {CASE}")
                    await anna.receives(timeout=TIMEOUT)
                    assert len(came) > 2, "it has not met the refusals"
                    done = await end(process)
            finally:
                process.kill()
                with process:
                    pass
    assert done.code == 0
    assert NOT_YET not in done.err, "once is enough"
    assert "the database works again after " in done.err


def _line_with(words: str, process: Program) -> str:
    """The first line of its log with these words."""
    assert process.stderr
    return next(line.decode() for line in process.stderr if words.encode() in line)


async def test_a_command_that_does_something_once_does_not_wait(tmp_path: Path, database_url: str) -> None:
    with reserved() as listen:
        installation = telegram_installation(tmp_path, FakeTelegram(), through(listen, database_url))
        began = time.monotonic()
        done = await asyncio.to_thread(installation.call, "letters", "list")
    assert done.code == 1 and "cannot be reached" in done.sentence
    assert time.monotonic() - began < TIMEOUT


@pytest.mark.parametrize("wrong", ["user", "database"])
def test_what_waiting_does_not_mend_ends_it_at_once(tmp_path: Path, database_url: str, wrong: str) -> None:
    url = make_url(database_url)
    url = url.set(username="nobody_we_know") if wrong == "user" else url.set(database="nothing_of_ours")
    installation = telegram_installation(tmp_path, FakeTelegram(), url.render_as_string(hide_password=False))
    done = installation.run("run")
    assert done.code == 1
    assert "refuses us: see the user, the password and the name of the database" in done.err
    assert NOT_YET not in done.err and "nobody_we_know" not in done.err
