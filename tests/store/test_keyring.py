"""The keyring: how it is kept, and where it is refused."""

import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.domain.errors import Misconfigured
from assistant.store import keyring as keyrings
from assistant.store.keyring import Keyring, KeyringCommand, KeyringFile

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
WEEK, TWO_WEEKS = timedelta(days=7), timedelta(days=14)


@pytest.fixture
def cheap_passphrases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyrings, "COST", 2**4)


def _kept(path: Path, keyring: Keyring) -> KeyringFile:
    file = KeyringFile(path)
    file.create(keyring)
    return file


def test_what_is_kept_is_read_again_and_is_for_this_user_only(tmp_path: Path) -> None:
    keyring = Keyring.new(NOW).with_new_key(NOW + WEEK)
    file = _kept(tmp_path / "keyring.json", keyring)
    assert file.read() == keyring
    assert file.path.stat().st_mode & 0o077 == 0


def test_a_keyring_of_an_earlier_version_is_read_and_its_key_counts_as_old(tmp_path: Path) -> None:
    new = json.loads(Keyring.new(NOW).dump())
    (tmp_path / "keyring.json").write_text(
        json.dumps(
            {"version": 1, "active": 1, "lookup": new["lookup"], "keys": {"1": new["keys"]["1"]["key"]}}
        )
    )
    (tmp_path / "keyring.json").chmod(0o600)
    read = KeyringFile(tmp_path / "keyring.json").read()
    assert read.active(NOW).since + WEEK < NOW


def test_a_key_wraps_from_its_moment_on_and_is_over_some_time_after_the_next_one() -> None:
    keyring = Keyring.new(NOW).with_new_key(NOW + WEEK)
    first, second = keyring.wrapping
    assert keyring.active(NOW) == first
    assert keyring.active(NOW + WEEK) == second
    assert keyring.over(NOW + WEEK + TWO_WEEKS - timedelta(seconds=1), TWO_WEEKS) == ()
    assert keyring.over(NOW + WEEK + TWO_WEEKS, TWO_WEEKS) == (first,)
    assert keyring.without([first]).active(NOW) == second, "also before its moment: there is no other one"


def test_no_secret_is_shown_where_a_keyring_is() -> None:
    keyring = Keyring.new(NOW)
    assert repr(keyring.lookup)[2:10] not in repr(keyring)
    assert "secret" not in repr(keyring)


@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602, 0o666])
def test_a_keyring_that_everybody_can_read_or_write_is_refused(tmp_path: Path, mode: int) -> None:
    file = _kept(tmp_path / "keyring.json", Keyring.new(NOW))
    file.path.chmod(mode)
    with pytest.raises(Misconfigured, match="chmod 600"):
        file.read()


def test_a_keyring_is_replaced_whole_and_the_bytes_before_are_written_over(tmp_path: Path) -> None:
    file = _kept(tmp_path / "keyring.json", Keyring.new(NOW))
    secret = json.loads(file.path.read_bytes())["keys"]["1"]["key"]
    with file.path.open("rb") as before:
        file.replace(file.read().with_new_key(NOW).without(file.read().wrapping))
        assert secret.encode() not in before.read()
    assert secret.encode() not in file.path.read_bytes()
    assert [each.name for each in tmp_path.iterdir()] == ["keyring.json"]


def test_a_copy_under_another_name_is_left_as_it_is(tmp_path: Path) -> None:
    file = _kept(tmp_path / "keyring.json", Keyring.new(NOW))
    before = file.path.read_bytes()
    (tmp_path / "copy.json").hardlink_to(file.path)
    file.replace(file.read().with_new_key(NOW))
    assert (tmp_path / "copy.json").read_bytes() == before


def test_another_keyring_is_not_written_over(tmp_path: Path) -> None:
    file = _kept(tmp_path / "keyring.json", Keyring.new(NOW))
    before = file.path.read_bytes()
    with pytest.raises(FileExistsError):
        file.create(Keyring.new(NOW))
    assert file.path.read_bytes() == before


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_passphrase_locks_it_and_nothing_of_it_stays_readable(tmp_path: Path) -> None:
    file = _kept(tmp_path / "keyring.json", Keyring.new(NOW))
    keyring = file.read()
    file.lock("correct horse battery")
    assert b"lookup" not in file.path.read_bytes() and b"keys" not in file.path.read_bytes()
    asked: list[str] = []

    def ask() -> str:
        asked.append("asked")
        return "correct horse battery"

    again = KeyringFile(file.path, ask)
    assert again.read() == keyring == again.read()
    assert asked == ["asked"], "a person types it once"
    more = keyring.with_new_key(NOW)
    again.replace(more)
    assert b"lookup" not in file.path.read_bytes()
    assert KeyringFile(file.path, ask).read() == more
    with pytest.raises(Misconfigured, match="does not open the keyring"):
        KeyringFile(file.path, lambda: "wrong").read()
    with pytest.raises(Misconfigured, match="ASSISTANT_KEYRING_PASSPHRASE_FILE"):
        KeyringFile(file.path).read()
    again.lock(None)
    assert KeyringFile(file.path).read() == again.read()


@pytest.mark.usefixtures("cheap_passphrases")
def test_a_new_keyring_is_locked_from_the_start_where_a_passphrase_is_set(tmp_path: Path) -> None:
    file = KeyringFile(tmp_path / "keyring.json", lambda: "correct horse battery", locks_new=True)
    file.create(Keyring.new(NOW))
    assert b"lookup" not in file.path.read_bytes()
    assert file.read().active(NOW)


def _prints(text: str) -> KeyringCommand:
    return KeyringCommand(f'{sys.executable} -c "import sys; {text}"')


def test_a_command_can_print_the_keyring(tmp_path: Path) -> None:
    keyring = Keyring.new(NOW)
    (tmp_path / "printed").write_bytes(keyring.dump())
    assert KeyringCommand(f"cat '{tmp_path / 'printed'}'").read() == keyring


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("/no/such/command", "cannot be run: No such file or directory"),
        ("cat 'unended", "quotation mark"),
        (" ", "is empty"),
        ("true", "does not print a keyring"),
        ("false", "ended with 1"),
    ],
)
def test_a_command_that_prints_none_is_told(command: str, why: str) -> None:
    with pytest.raises(Misconfigured, match=why):
        KeyringCommand(command).read()


def test_what_such_a_command_complains_of_is_not_repeated() -> None:
    with pytest.raises(Misconfigured) as error:
        _prints("sys.exit('secret words')").read()
    assert "secret words" not in error.value.reason


def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyrings, "COMMAND_SECONDS", 0.2)
    with pytest.raises(Misconfigured, match="did not end"):
        KeyringCommand("sleep 60").read()
