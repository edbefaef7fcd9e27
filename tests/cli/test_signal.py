"""`assistant signal`: an organiser sets up a number, and gets it out of trouble."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.channels.signal.channel import account_of
from assistant.cli.signal import app
from assistant.domain.clock import system_clock
from assistant.domain.errors import Failure, Misconfigured
from assistant.settings import Settings
from assistant.store import lanes
from assistant.store.lanes import REPLIES
from assistant.wiring import stores
from tests.support.fakes.signal.accounts import CODE, IMAGE, LINK
from tests.support.fakes.signal.people import Network
from tests.support.fakes.signal.server import FakeSignal
from tests.support.processes.installation import Installation

CAPTCHA = "signalcaptcha://signal-hcaptcha.invented"
OTHER = "+15550123"


class Organiser:
    """Somebody at a command line with these settings."""

    def __init__(self, folder: Path, url: str | None) -> None:
        self.settings = {"ASSISTANT_DATA_DIR": str(folder), "ASSISTANT_SIGNAL_NUMBER": Network.number}
        if url:
            self.settings["ASSISTANT_SIGNAL_API_URL"] = url

    async def runs(self, *arguments: str) -> Result:
        """`assistant signal` with these arguments."""
        return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments), env=self.settings))

    async def succeeds(self, *arguments: str) -> str:
        """What it prints."""
        result = await self.runs(*arguments)
        assert result.exit_code == 0, (result.output, result.exception)
        return str(result.output)

    async def fails(self, *arguments: str) -> str:
        """The sentence that it ends with."""
        result = await self.runs(*arguments)
        assert isinstance(result.exception, Failure), (result.output, result.exception)
        return result.exception.reason

    async def is_corrected(self, *arguments: str) -> str:
        """What it says of wrong usage."""
        result = await self.runs(*arguments)
        assert result.exit_code == 2
        return " ".join(str(result.output).replace("│", " ").split())


@pytest.fixture
async def server() -> AsyncIterator[FakeSignal]:
    """The fake API."""
    async with FakeSignal() as fake:
        yield fake


@pytest.fixture
async def organiser(server: FakeSignal, tmp_path: Path) -> Organiser:
    """Somebody whose settings name it, and who has a database already."""
    somebody = Organiser(tmp_path / "data", server.url)
    async with stores.open_store(_settings(somebody), create=True):
        return somebody


async def test_a_new_number_from_the_captcha_to_the_code(organiser: Organiser, server: FakeSignal) -> None:
    server.accounts, server.wants_captcha = [], True
    assert "assistant signal register --help" in await organiser.fails("register")
    assert "sends an SMS" in await organiser.succeeds("register", "--captcha", CAPTCHA)
    assert "calls" in await organiser.succeeds("register", "--captcha", CAPTCHA, "--voice")
    assert "this code" in await organiser.fails("verify", "000-000")
    assert "is registered" in await organiser.succeeds("verify", CODE, "--pin", "1234")
    assert server.accounts == [server.number]
    bodies = [body for name, body in server.calls if name in ("register", "verify")]
    assert bodies[1:3] == [{"use_voice": voice, "captcha": CAPTCHA} for voice in (False, True)]
    assert bodies[-1] == {"pin": "1234"}


@pytest.mark.parametrize("command", ["register", "unblock"])
async def test_help_says_where_the_captcha_is_and_what_it_looks_like(
    organiser: Organiser, command: str
) -> None:
    text = await organiser.succeeds(command, "--help")
    page = "registration" if command == "register" else "challenge"
    assert f"https://signalcaptchas.org/{page}/generate.html" in text.replace("\n", "")
    assert "signalcaptcha://" in text


async def test_wrong_input_is_corrected_in_plain_words(organiser: Organiser, server: FakeSignal) -> None:
    assert "begin with signalcaptcha://" in await organiser.is_corrected("register", "--captcha", "03AF")
    assert "begin with signalcaptcha://" in await organiser.is_corrected("unblock", "token", "03AF")
    assert "six digits" in await organiser.is_corrected("verify", "hello")
    assert "sixty digits" in await organiser.is_corrected("trust", "12345 67890")
    assert server.calls == []


async def test_a_phone_scans_a_picture_or_gets_the_link_itself(organiser: Organiser, tmp_path: Path) -> None:
    picture = tmp_path / "link.png"
    assert "Linked" in await organiser.succeeds("link", "--image", str(picture))
    assert picture.read_bytes() == IMAGE
    assert (await organiser.succeeds("link", "--uri")).strip() == LINK
    nowhere = str(tmp_path / "no folder" / "link.png")
    assert "cannot be written" in await organiser.fails("link", "--image", nowhere)


async def test_a_stop_is_shown_and_ended_with_its_captcha(organiser: Organiser, server: FakeSignal) -> None:
    server.tokens = ["invented-token"]
    await _stop(organiser, "invented-token")
    [stop] = json.loads((await organiser.runs("status", "--json")).output)["stopped"]
    assert (stop["kind"], stop["note"]) == (REPLIES, "invented-token")
    assert "invented-token" in (await organiser.runs("status")).output
    assert "run: assistant signal unblock TOKEN" in await organiser.fails("status")

    assert "this token" in await organiser.fails("unblock", "another-token", CAPTCHA)
    assert len(json.loads((await organiser.runs("status", "--json")).output)["stopped"]) == 1
    await organiser.succeeds("unblock", "invented-token", CAPTCHA)
    assert server.tokens == []
    assert json.loads(await organiser.succeeds("status", "--json"))["stopped"] == []
    assert "nothing" in await organiser.succeeds("status")


async def test_status_says_what_is_wrong_and_fails(organiser: Organiser, server: FakeSignal) -> None:
    shown = json.loads(await organiser.succeeds("status", "--json"))
    assert shown == {
        "number": "...00",
        "server": "0.101",
        "mode": "json-rpc",
        "untrusted": 0,
        "stopped": [],
        "trouble": None,
    }
    server.accounts = [OTHER]
    assert "assistant signal register" in await organiser.fails("status")
    server.mode = "normal"
    assert "MODE=json-rpc" in await organiser.fails("status")
    organiser.settings["ASSISTANT_SIGNAL_API_URL"] = "http://127.0.0.1:9"
    assert "ASSISTANT_SIGNAL_API_URL" in await organiser.fails("status")


async def test_a_changed_safety_number_is_trusted_only_by_itself(
    organiser: Organiser, server: FakeSignal
) -> None:
    anna, rosa = server.person("Anna", OTHER), server.person("Rosa")
    anna.trusted = rosa.trusted = False
    listed = await organiser.succeeds("trust")
    assert "...23" in listed and "hidden" in listed
    assert OTHER not in listed and "Anna" not in listed and anna.uuid not in listed
    in_fives = " ".join(rosa.safety_number[at : at + 5] for at in range(0, 60, 5))
    assert in_fives in listed

    assert "Nobody" in await organiser.fails("trust", "0" * 60)
    await organiser.succeeds("trust", in_fives)
    assert (anna.trusted, rosa.trusted) == (False, True)
    await organiser.succeeds("trust", *(anna.safety_number[at : at + 5] for at in range(0, 60, 5)))
    assert (anna.trusted, rosa.trusted) == (True, True)
    assert "hidden" not in await organiser.succeeds("trust")
    assert "trusted_unverified" in await organiser.succeeds("trust", "--list")


async def test_it_is_a_command_of_ours(server: FakeSignal, tmp_path: Path) -> None:
    installation = Installation(tmp_path, signal_api_url=server.url, signal_number=server.number)
    fine = await asyncio.to_thread(installation.run, "signal", "status")
    assert (fine.code, fine.out.splitlines()[0].split()) == (0, ["fact", "value"])
    server.accounts = []
    wrong = await asyncio.to_thread(installation.run, "signal", "status")
    assert wrong.code == 1 and "assistant signal register" in wrong.sentence


async def test_missing_settings_are_named(tmp_path: Path) -> None:
    nowhere = Organiser(tmp_path / "data", None)
    for command in (["register"], ["link"], ["trust"], ["verify", CODE], ["unblock", "token", CAPTCHA]):
        assert "ASSISTANT_SIGNAL_API_URL" in await nowhere.fails(*command)
    nowhere.settings["ASSISTANT_SIGNAL_NUMBER"] = ""
    result = await nowhere.runs("status")
    assert isinstance(result.exception, Misconfigured)
    assert "ASSISTANT_SIGNAL_NUMBER" in result.exception.reason


async def _stop(organiser: Organiser, token: str) -> None:
    """What `Throttled` leaves behind."""
    line = str(account_of(Network.number))
    async with stores.open_store(_settings(organiser)) as store, store.write() as tx:
        await lanes.lane_ids(tx, REPLIES, [line])
        await lanes.pause(tx, line, [REPLIES], system_clock() + timedelta(hours=1), token)


def _settings(organiser: Organiser) -> Settings:
    return Settings(_env_file=None, data_dir=Path(organiser.settings["ASSISTANT_DATA_DIR"]))
