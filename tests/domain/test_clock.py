"""A clock that is moved for a rehearsal, and goes on from process to process."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.domain.clock import MovedClock, moved_clock, system_clock
from assistant.domain.errors import Misconfigured
from assistant.runtime import clock_of
from assistant.settings import Settings

START = datetime(2012, 1, 23, 14, 55, tzinfo=UTC)
TEXT = "2012-01-23T14:55:00Z"
HOUR = timedelta(hours=1)


def _runs(clock: MovedClock, start: datetime, since: datetime, speed: float = 1) -> bool:
    """Whether the clock shows what it has to, however long it takes to look."""
    before = datetime.now(UTC)
    shown = clock()
    return start + (before - since) * speed <= shown <= start + (datetime.now(UTC) - since) * speed


@pytest.mark.parametrize(
    ("text", "start", "speed"),
    [
        (TEXT, START, 1),
        ("2012-01-23T14:55:00+00:00", START, 1),
        ("2012-01-23T08:55:00-06:00", START, 1),
        (f"{TEXT}@600", START, 600),
        (f"{TEXT}@0.5", START, 0.5),
        (f"{TEXT}@100000", START, 100_000),
        (f"  {TEXT}@600\n", START, 600),
        ("2012-01-23T14:55:00.250Z", START + timedelta(milliseconds=250), 1),
    ],
)
def test_a_clock_begins_at_a_moment_and_runs_at_its_speed(text: str, start: datetime, speed: float) -> None:
    since = datetime.now(UTC) - HOUR
    clock = moved_clock(text, since)
    assert clock.speed == speed
    assert _runs(clock, start, since, speed)
    assert clock().utcoffset() == timedelta()


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "soon", "2012-01-23T14:55:00", "2012-13-01T00:00:00Z", "1327330500", "@600"),
        *(f"{TEXT}@{speed}" for speed in ("", "fast", "-1", "1@2", "inf", "1e3")),
    ],
)
def test_what_is_no_moment_is_told_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match=r"^write a moment such as 2012-01-23T14:55:00Z, or with a speed"):
        moved_clock(text, datetime.now(UTC))


@pytest.mark.parametrize("speed", ["0", "0.0", "100001", "100000.1"])
def test_a_speed_has_its_limits(speed: str) -> None:
    with pytest.raises(ValueError, match="the speed has to be above 0 and at most 100,000"):
        moved_clock(f"{TEXT}@{speed}", datetime.now(UTC))


# From process to process


def _settings(folder: Path, clock: str | None = TEXT) -> Settings:
    return Settings(_env_file=None, data_dir=folder, clock=clock)


def _moved(settings: Settings) -> MovedClock:
    clock = clock_of(settings)
    assert isinstance(clock, MovedClock)
    return clock


def _began(settings: Settings) -> datetime:
    return datetime.fromisoformat(json.loads(settings.rehearsal.read_text("utf-8"))["since"])


def test_without_a_setting_it_is_the_real_time_and_nothing_is_written(tmp_path: Path) -> None:
    settings = _settings(tmp_path, None)
    assert clock_of(settings) is system_clock
    assert not settings.rehearsal.exists()


def test_processes_after_the_first_go_on_with_its_time(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "new" / "data")
    _moved(settings)
    assert _runs(_moved(settings), START, _began(settings))
    earlier = datetime.now(UTC) - HOUR
    settings.rehearsal.write_text(json.dumps({"clock": TEXT, "since": earlier.isoformat()}))
    assert _moved(settings)() >= START + HOUR
    assert _began(settings) == earlier
    assert [file.name for file in settings.data_dir.iterdir()] == ["rehearsal.json"]


def test_another_setting_begins_anew(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    earlier = datetime.now(UTC) - HOUR
    settings.rehearsal.write_text(json.dumps({"clock": TEXT, "since": earlier.isoformat()}))
    other = _settings(tmp_path, f"{TEXT}@600")
    clock = _moved(other)
    assert clock.speed == 600
    assert _began(other) > earlier
    assert _runs(clock, START, _began(other), 600)


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"null", b"[]", b"7", b"\xff\xfe", b"{}", json.dumps({"clock": TEXT}).encode()]
    + [json.dumps({"clock": TEXT, "since": since}).encode() for since in ("soon", None, 7)],
)
def test_a_damaged_file_begins_anew(tmp_path: Path, damage: bytes) -> None:
    settings = _settings(tmp_path)
    settings.rehearsal.write_bytes(damage)
    before = datetime.now(UTC)
    clock = _moved(settings)
    assert before <= _began(settings) <= datetime.now(UTC)
    assert _runs(clock, START, _began(settings))


def test_where_it_cannot_be_written_a_sentence_says_so(tmp_path: Path) -> None:
    settings = _settings(tmp_path)
    settings.rehearsal.mkdir()
    with pytest.raises(Misconfigured, match=r"rehearsal.json cannot be written: Is a directory\."):
        clock_of(settings)
