"""ASSISTANT_CLOCK: a rehearsal has a time of its own, shared by its processes, and nothing really leaves."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.dialogue.script import Script
from tests.support.harness import LETTER
from tests.support.processes.installation import CASE, Installation

START = datetime(2012, 1, 23, 14, 55, tzinfo=UTC)
MOMENT = "2012-01-23T14:55:00Z"
REAL = {
    "email": {"smtp_url": "smtp://rosa:hunter2@127.0.0.1:9", "mail_from": "letters@campaign.example"},
    "hylafax": {"fax_url": "hylafax://rosa:hunter2@127.0.0.1:9"},
    "telnyx": {"fax_url": "telnyx://hunter2@127.0.0.1:9/123?from=%2B12025550100"},
}


async def _write(installation: Installation, script: Script) -> None:
    async with installation.harness(script) as harness:
        await harness.receive_all("rosa", LETTER)


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Path:
    """A folder with a letter, in which no rehearsal has begun."""
    installation = Installation(tmp_path_factory.mktemp("prepared"))
    asyncio.run(_write(installation, script))
    return installation.data


def begin(installation: Installation, clock: str, *, ago: timedelta = timedelta()) -> None:
    """Have a rehearsal of that clock begin in one process, as if it had done so a while ago."""
    installation.set(clock=clock)
    assert installation.call("letters", "plan", CASE).code == 0
    file = installation.data / "rehearsal.json"
    stored = json.loads(file.read_text("utf-8"))
    since = datetime.fromisoformat(stored["since"]) - ago
    file.write_text(json.dumps(stored | {"since": since.isoformat()}), "utf-8")


def now(installation: Installation) -> datetime:
    """What time it is for the next process: that at which it decides about the letter."""
    decision = "hold" if installation.status(1) == "queued" else "release"
    assert installation.call("letters", decision, "1").code == 0
    return datetime.fromisoformat(installation.log(1)[-1]["at"])


@pytest.mark.parametrize(
    ("speed", "shown"),
    [("", timedelta(hours=2)), ("@600", timedelta(hours=1200)), ("@0.5", timedelta(hours=1))],
)
def test_the_time_goes_on_from_one_process_to_the_next_at_its_speed(
    installation: Installation, speed: str, shown: timedelta
) -> None:
    begin(installation, MOMENT + speed, ago=timedelta(hours=2))
    assert START + shown <= now(installation) < START + shown + timedelta(days=1)


def test_another_setting_begins_another_rehearsal(installation: Installation) -> None:
    begin(installation, MOMENT, ago=timedelta(days=300))
    begin(installation, "2012-06-01T08:00:00-06:00")
    assert now(installation).date().isoformat() == "2012-06-01"


@pytest.mark.parametrize("content", ["", "nonsense", "[]", "{}", '{"clock": "2012-01-23T14:55:00Z"}', "null"])
def test_a_file_that_cannot_be_read_begins_the_rehearsal_anew(
    installation: Installation, content: str
) -> None:
    (installation.data / "rehearsal.json").write_text(content)
    installation.set(clock=MOMENT)
    assert now(installation).date() == START.date()
    assert json.loads((installation.data / "rehearsal.json").read_text("utf-8"))["clock"] == MOMENT


def test_a_rehearsal_that_cannot_be_stored_is_told(installation: Installation) -> None:
    (installation.data / "rehearsal.json").mkdir()
    done = installation.call("letters", "hold", "1")
    assert done.code == 1
    assert f"{installation.data}/rehearsal.json cannot be written: Is a directory." in done.err


def test_without_a_rehearsal_nothing_of_it_is_stored(installation: Installation) -> None:
    installation.set(clock="")
    assert installation.call("letters", "plan", CASE).code == 0
    assert not (installation.data / "rehearsal.json").exists()


@pytest.mark.parametrize("carrier", REAL)
def test_letters_never_really_leave_in_a_rehearsal(installation: Installation, carrier: str) -> None:
    installation.set(**REAL[carrier])
    for command in (["letters", "hold", "1"], ["letters", "plan", CASE], ["cases", "check"], ["bounces"]):
        done = installation.call(*command)
        assert (done.code, done.out) == (1, "")
        for word in (
            "ASSISTANT_CLOCK",
            "ASSISTANT_SMTP_URL",
            "ASSISTANT_FAX_URL",
            "letters would really be sent",
        ):
            assert word in done.err
        assert "hunter2" not in done.err
    assert not (installation.data / "rehearsal.json").exists()
    installation.set(clock="")
    assert installation.call("letters", "plan", CASE).code == 0


def test_no_process_runs_with_a_real_carrier_in_a_rehearsal(installation: Installation) -> None:
    installation.set(**REAL["email"])
    done = installation.call("chat", "--json", typed="go\n")
    assert (done.code, done.out) == (1, "")
    assert done.sentence.startswith("ASSISTANT_CLOCK is set for a rehearsal")


@pytest.mark.parametrize(
    "clock",
    [
        "now",
        "tomorrow 09:00",
        "2012-01-23",
        "2012-01-23T14:55:00",
        "2012-13-45T00:00:00Z",
        "2012-01-23T14:55:00Z@",
        "2012-01-23T14:55:00Z@fast",
        "2012-01-23T14:55:00Z@-3",
        "2012-01-23T14:55:00Z@nan",
        "2012-01-23T14:55:00Z@600@600",
        "@600",
    ],
)
def test_what_is_no_moment_is_told_with_an_example(installation: Installation, clock: str) -> None:
    installation.set(clock=clock)
    done = installation.call("letters", "list")
    assert (done.code, done.out) == (1, "")
    assert "ASSISTANT_CLOCK: write a moment such as 2012-01-23T14:55:00Z" in done.err
    assert not (installation.data / "rehearsal.json").exists()


@pytest.mark.parametrize("speed", ["0", "0.0", "100001", "1" + "0" * 400])
def test_a_speed_that_cannot_be_is_told_with_its_limits(installation: Installation, speed: str) -> None:
    installation.set(clock=f"{MOMENT}@{speed}")
    done = installation.call("letters", "list")
    assert done.code == 1
    assert "ASSISTANT_CLOCK: the speed has to be above 0 and at most 100,000" in done.err
