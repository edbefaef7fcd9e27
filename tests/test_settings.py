"""Settings: from the environment, from a .env file, and the sentences where one is wrong."""

from pathlib import Path

import pytest

from assistant.domain.errors import Misconfigured
from assistant.settings import Settings
from tests.support.processes.installation import Installation


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to be in, and no settings."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ASSISTANT_{name.upper()}", raising=False)
    return tmp_path


def test_a_dotenv_file_serves_as_well_as_variables(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    del installation.env["ASSISTANT_DATA_DIR"]
    (tmp_path / ".env").write_text(
        f"ASSISTANT_DATA_DIR=elsewhere\nASSISTANT_DATABASE_URL=sqlite:///{tmp_path}/my.sqlite\n"
    )
    assert installation.call("letters", "list").code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "elsewhere", "my.sqlite"]
    assert [path.name for path in (tmp_path / "elsewhere").iterdir()] == ["keyring.json"]
    installation.set(data_dir="from-the-environment", database_url=f"sqlite:///{tmp_path}/second.sqlite")
    assert installation.call("letters", "list").code == 0
    assert (tmp_path / "from-the-environment" / "keyring.json").exists()


def test_what_is_kept_is_readable_by_its_user_only(tmp_path: Path) -> None:
    installation = Installation(tmp_path)
    assert installation.run("letters", "list").code == 0
    modes = {
        path.name: path.stat().st_mode & 0o777 for path in (installation.data, *installation.data.iterdir())
    }
    assert modes == {"data": 0o700, "assistant.sqlite": 0o600, "keyring.json": 0o600}


def test_everything_is_in_var_by_default(folder: Path) -> None:
    settings = Settings.load()
    assert settings.database == "sqlite:///var/assistant.sqlite"
    assert (settings.keyring_path, settings.tray) == (Path("var/keyring.json"), Path("var/tray"))
    assert settings.telegram() is None


def test_an_empty_variable_is_as_good_as_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TELEGRAM_TOKEN", "")
    monkeypatch.setenv("ASSISTANT_DATA_DIR", "")
    assert (Settings.load().telegram(), Settings.load().data_dir) == (None, Path("var"))


def test_the_token_may_be_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TELEGRAM_TOKEN_FILE", "token")
    (folder / "token").write_text("123456:TEST-invented\n")
    assert Settings.load().telegram() == "123456:TEST-invented"
    assert "invented" not in repr(Settings(telegram_token="123456:TEST-invented"))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (None, "ASSISTANT_TELEGRAM_TOKEN_FILE cannot be read: No such file or directory."),
        (b"\xff\xfe", "ASSISTANT_TELEGRAM_TOKEN_FILE cannot be read: save it as UTF-8."),
        (b"\n", "ASSISTANT_TELEGRAM_TOKEN_FILE names an empty file."),
    ],
)
def test_a_token_file_that_does_not_serve(
    folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None, sentence: str
) -> None:
    monkeypatch.setenv("ASSISTANT_TELEGRAM_TOKEN_FILE", "token")
    if content is not None:
        (folder / "token").write_bytes(content)
    with pytest.raises(Misconfigured) as caught:
        Settings.load().telegram()
    assert caught.value.reason == sentence


def test_a_dotenv_file_that_is_not_text_is_named(folder: Path) -> None:
    (folder / ".env").write_bytes(b"ASSISTANT_DATA_DIR=\xff\xfe")
    with pytest.raises(Misconfigured, match=r"The file .env cannot be read: save it as UTF-8."):
        Settings.load()


def test_a_wrong_value_is_told_with_its_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_TELEGRAM_API_URL", "localhost:8081")
    with pytest.raises(Misconfigured, match="ASSISTANT_TELEGRAM_API_URL: it has to begin with http"):
        Settings.load()
