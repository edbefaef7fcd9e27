"""Case folders are changed, broken and taken away under a running assistant, which goes on."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import ClientSession

from assistant.wiring.content import CASES
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import TIMEOUT, Completed, Installation
from tests.support.processes.ports import reserved
from tests.support.processes.serving import serving, telegram_installation
from tests.support.processes.telegram_supporters import Supporter

ROSA = "rosa-example"


async def until(holds: Callable[[], Awaitable[bool]], pause: float = 0.3) -> None:
    """Return when it is so, looking again and again: it is another process's doing."""
    async with asyncio.timeout(TIMEOUT):
        while not await holds():  # noqa: ASYNC110
            await asyncio.sleep(pause)


async def said_of_rosa(listen: str) -> str:
    """What /readyz says of the case."""
    async with ClientSession() as client, client.get(f"http://{listen}/readyz") as answer:
        said: dict[str, str] = await answer.json()
        return said.get(f"case {ROSA}", "")


def release(here: Installation) -> Completed:
    """The operator lets the letters of the case go."""
    return here.call("letters", "release", "--case", ROSA)


async def test_it_takes_over_what_is_good_and_holds_letters_of_what_is_gone(tmp_path: Path) -> None:
    folder, aside = tmp_path / "cases" / ROSA, tmp_path / "aside"
    for slug in (ROSA, "berta-example"):
        shutil.copytree(CASES / "norma-cruz", folder.parent / slug)
    facts = (folder / "case.toml").read_text("utf-8")
    async with FakeTelegram() as server:
        ana = Supporter(server, server.person("Ana", "en"))
        ben = server.person("Ben", "en")

        async def is_taken_over() -> bool:
            await ben.write(f"/start {ROSA}")
            return any("in danger" in each.text for each in ben.inbox)

        async def is_broken() -> bool:
            return (await said_of_rosa(listen)).startswith("Its last good version goes on. case.toml: ")

        async def is_good() -> bool:
            return not await said_of_rosa(listen)

        async def is_back() -> bool:
            return release(here).out == f"1 letter of {ROSA} can go.\n"

        with reserved() as listen:
            here = telegram_installation(
                tmp_path, server, cases_dir=str(folder.parent), undo_minutes="60", listen=listen
            )
            async with serving(here):
                await ana.person.write(f"/start {ROSA}")
                await ana.until("You will hear from us")

                (folder / "briefing.en.md").write_text("Rosa Example is in danger.", "utf-8")
                await until(is_taken_over, pause=1)

                (folder / "case.toml").write_text("person = ", "utf-8")
                await until(is_broken)
                (folder / "case.toml").write_text(facts, "utf-8")
                await until(is_good)

                shutil.move(folder, aside)
                await ana.until("It waits, because we cannot send it now.")
                assert here.status(1) == "held"
                assert release(here).sentence.startswith(f"There is no case '{ROSA}'")
                shutil.move(aside, folder)
                await until(is_back)
                assert here.status(1) == "queued"
