"""Settings: from the environment, from a .env file, and the sentences where one is wrong."""

from pathlib import Path

import pytest

from assistant.domain.errors import Misconfigured
from assistant.domain.retention import Retention
from assistant.settings import FILE, Settings, variable
from assistant.wiring.content import make_script
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
    installation.make()
    assert sorted(path.name for path in tmp_path.iterdir()) == [".env", "elsewhere", "my.sqlite"]
    assert (tmp_path / "elsewhere" / "keyring.json").exists()
    installation.set(data_dir="from-the-environment", database_url=f"sqlite:///{tmp_path}/second.sqlite")
    installation.make()
    assert (tmp_path / "from-the-environment" / "keyring.json").exists()


def test_what_is_kept_is_readable_by_its_user_only(tmp_path: Path) -> None:
    data = Installation(tmp_path).make().data
    modes = {path.name: path.stat().st_mode & 0o777 for path in (data, *data.iterdir())}
    kept = {name: modes[name] for name in ("data", "assistant.sqlite", "keyring.json")}
    assert kept == {"data": 0o700, "assistant.sqlite": 0o600, "keyring.json": 0o600}
    assert not any(mode & 0o077 for mode in modes.values())


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


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("undo_minutes", "ten", "write a number from 0 to 1440, such as 10."),
        ("undo_minutes", "10,5", "write a number from 0 to 1440, such as 10."),
        ("undo_minutes", "nan", "write a number from 0 to 1440, such as 10."),
        ("undo_minutes", "-1", "write a number from 0 to 1440, such as 10."),
        ("approvals", "3", "write a whole number from 1 to 2, such as 2."),
        ("approvals", "1.5", "write a whole number from 1 to 2, such as 2."),
        ("telegram_paid_rate", "fast", "write a whole number from 0 to 1000, such as 0."),
        ("keep_letters", "0", "write a whole number from 1 to 28, such as 7."),
        ("keep_letters", "29", "write a whole number from 1 to 28, such as 7."),
        ("keep_failed", "6", "write a whole number from 7 to 90, such as 28."),
        ("keep_failed", "91", "write a whole number from 7 to 90, such as 28."),
        ("keep_drafts", "0", "write a whole number from 1 to 30, such as 14."),
        ("keep_drafts", "31", "write a whole number from 1 to 30, such as 14."),
        ("keep_inactive", "89", "write a whole number from 90 to 730, such as 365."),
        ("keep_inactive", "731", "write a whole number from 90 to 730, such as 365."),
        ("keep_blocked", "0", "write a whole number from 1 to 90, such as 30."),
        ("keep_blocked", "a month", "write a whole number from 1 to 90, such as 30."),
        ("signal_expiry", "a week", "write a whole number from 0 to 2419200, such as 604800."),
        (
            "routes",
            '{"norma-cruz": "tray"}',
            'write JSON, such as {"norma-cruz": ["fax:+50255550100", "tray"]}.',
        ),
        ("routes", "tray", 'write JSON, such as {"norma-cruz": ["fax:+50255550100", "tray"]}.'),
    ],
)
def test_what_cannot_be_read_is_told_in_a_sentence_with_an_example(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, sentence: str
) -> None:
    monkeypatch.setenv(variable(name), value)
    with pytest.raises(Misconfigured) as caught:
        Settings.load()
    assert caught.value.reason == f"{variable(name)}: {sentence}"


def test_how_long_things_are_kept_is_what_is_set_and_else_what_is_usual(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings.load().retention == Retention()
    for name, days in (("letters", 1), ("failed", 7), ("drafts", 30), ("inactive", 730), ("blocked", 90)):
        monkeypatch.setenv(variable(f"keep_{name}"), str(days))
    retention = Settings.load().retention
    kept = (retention.letters, retention.failed, retention.drafts, retention.inactive, retention.blocked)
    assert [each.days for each in kept] == [1, 7, 30, 730, 90]
    assert retention.silent.days == 760, "a month after they were asked"
    assert make_script(Settings.load()).retention == retention


@pytest.mark.parametrize("ending", ["", "/", "/bot", "/bot/", "//bot", "/bot123456:TEST-invented"])
def test_the_bot_api_s_address_may_end_as_libraries_want_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setenv("ASSISTANT_TELEGRAM_API_URL", f"http://127.0.0.1:8081{ending}")
    assert Settings.load().telegram_api_url == "http://127.0.0.1:8081"


# Secrets


SECRETS = {
    "database_url": lambda settings: settings.database,
    "smtp_url": Settings.smtp,
    "mail_inbox": Settings.inbox,
    "fax_url": Settings.fax,
    "keyring_passphrase": Settings.passphrase,
    "telegram_token": Settings.telegram,
    "webhooks": Settings.webhooks_written,
}


def test_these_are_all_secrets_that_can_be_files() -> None:
    files = {name.removesuffix(FILE) for name in Settings.model_fields if name.endswith(FILE)}
    assert files == SECRETS.keys()


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("content", ["\ufeff{}", "{}\r\n", "\ufeff {}\n\n"])
def test_marks_and_ends_of_lines_are_no_part_of_a_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, content: str
) -> None:
    (folder / "secret").write_text(content.format("invented"), "utf-8")
    with monkeypatch.context() as file:
        file.setenv(variable(name + FILE), "secret")
        assert SECRETS[name](Settings.load()) == "invented"
    monkeypatch.setenv(variable(name), content.format("invented"))
    assert SECRETS[name](Settings.load()) == "invented"


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_is_there_twice_is_not_chosen_in_silence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    (folder / "secret").write_text("one")
    monkeypatch.setenv(variable(name + FILE), "secret")
    monkeypatch.setenv(variable(name), "another")
    settings = Settings.load()
    with pytest.raises(Misconfigured) as caught:
        SECRETS[name](settings)
    assert f"{variable(name)} and {variable(name + FILE)} are both set" in caught.value.reason
    assert "another" not in caught.value.reason


def test_a_dotenv_file_may_begin_with_a_mark(folder: Path) -> None:
    (folder / ".env").write_bytes(
        b"\xef\xbb\xbfASSISTANT_TELEGRAM_TOKEN=123456:TEST\r\nASSISTANT_APPROVALS=1\r\n"
    )
    settings = Settings.load()
    assert (settings.telegram(), settings.approvals) == ("123456:TEST", 1)


# Names that are none


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ASSISTANT_TELEGRAM_TOKN", "ASSISTANT_TELEGRAM_TOKEN"),
        ("ASSISTANT_TELEGRAM_TOKEN_FIEL", "ASSISTANT_TELEGRAM_TOKEN_FILE"),
        ("ASSISTANT_TOKEN", "ASSISTANT_TELEGRAM_TOKEN"),
        ("ASSISTANT_SMPT_URL", "ASSISTANT_SMTP_URL"),
        ("assistant_aprovals", "ASSISTANT_APPROVALS"),
        ("ASSISTANT_CASE_DIR", "ASSISTANT_CASES_DIR"),
        ("ASISTANT_DATA_DIR", "ASSISTANT_DATA_DIR"),
        ("ASSISTENT_FAX_URL", "ASSISTANT_FAX_URL"),
        ("ASSISTANT_COLOUR", None),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_name_that_is_none_is_told_with_the_nearest_that_is_one(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    written: str,
    meant: str | None,
    place: str,
) -> None:
    if place == ".env":
        (folder / ".env").write_text(f"{written}=hunter2\n")
    else:
        monkeypatch.setenv(written, "hunter2")
    Settings.load()
    out, err = capsys.readouterr()
    [told] = [line for line in err.splitlines() if f"There is no setting {written}: " in line]
    assert (f"Did you mean {meant}?" in told) if meant else ("docs/settings.md" in told)
    assert out == "" and "hunter2" not in err


def test_right_names_and_those_of_others_are_passed_over(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in Settings.model_fields:
        monkeypatch.setenv(variable(name), "")
    for name in ("ASSISTANT_TEST_SEED", "ANTHEM", "ASSISTED_BY", "TELEGRAM", "PATH"):
        monkeypatch.setenv(name, "x")
    Settings.load()
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["what?", "a#b", "100%", "50%41", "%3F", "two words", "a&b=c", "ñandú"])
def test_everything_is_in_the_data_folder_whatever_its_name(tmp_path: Path, name: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    installation = Installation(here, data_dir=tmp_path / name).make()
    assert [path.name for path in here.iterdir()] == []
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["here", name])
    kept = {path.name for path in (tmp_path / name).iterdir()}
    assert {"assistant.sqlite", "keyring.json"} <= kept
    assert installation.call("letters", "list").code == 0


def test_an_address_of_a_file_takes_no_options(tmp_path: Path) -> None:
    installation = Installation(tmp_path, database_url=f"sqlite:///{tmp_path}/a?b.sqlite")
    done = installation.call("letters", "list")
    assert done.code == 1 and "ASSISTANT_DATABASE_URL" in done.sentence
    assert [path.name for path in tmp_path.iterdir()] == []
