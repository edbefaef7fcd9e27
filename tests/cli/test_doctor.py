"""`assistant doctor`: every other side is really asked, what is wrong is named, and nothing is sent."""

import asyncio
import json
import os
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from assistant import doctor
from assistant.domain.clock import system_clock
from assistant.store.crypto import Vault
from assistant.store.keyring import KeyringFile
from assistant.store.tables import REVISION
from tests.support.carriers.email_parcels import FROM
from tests.support.fakes.hylafax.server import FakeHfaxd
from tests.support.fakes.imap_server import ImapServer
from tests.support.fakes.mail_server import MailServer
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.fakes.telnyx.server import FakeTelnyx
from tests.support.processes.installation import Completed, Installation
from tests.support.processes.ports import reserved
from tests.support.processes.readiness import until_ready
from tests.support.processes.serving import serving, telegram_installation

Findings = dict[str, dict[str, Any]]  # Any: JSON


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of data as the first start makes it."""
    return Installation(tmp_path_factory.mktemp("prepared")).make().data


@dataclass
class World:
    """An installation with everything set, and whom it talks with."""

    here: Installation
    telegram: FakeTelegram
    signal: FakeSignal
    mail: MailServer
    fax: FakeHfaxd
    listen: str


@pytest.fixture
async def world(installation: Installation) -> AsyncIterator[World]:
    """All of them, well."""
    del installation.env["ASSISTANT_CLOCK"]  # with real carriers there is no rehearsal
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(FakeTelegram())
        signal = await stack.enter_async_context(FakeSignal())
        mail = await stack.enter_async_context(MailServer())
        fax = await stack.enter_async_context(FakeHfaxd())
        listen = stack.enter_context(reserved())
        installation.set(
            telegram_token=telegram.token,
            telegram_api_url=telegram.url,
            signal_api_url=signal.url,
            signal_number=signal.number,
            smtp_url=mail.url,
            mail_from=FROM,
            fax_url=fax.url,
            listen=listen,
        )
        yield World(installation, telegram, signal, mail, fax, listen)


async def examined(here: Installation) -> tuple[Completed, Findings]:
    """What it prints for programs; its secrets are in nothing of it."""
    done = await asyncio.to_thread(here.call, "doctor", "--json")
    for secret in (FakeTelegram.token.partition(":")[2], FakeSignal.number, FakeTelnyx.api_key, "hunter2"):
        assert secret not in done.out + done.err
    found = {each["check"]: each for each in json.loads(done.out)}
    for each in found.values():
        assert each.keys() == {"check", "ok", "says", "do"}
        assert each["says"].endswith("."), each
        assert bool(each["do"]) is not each["ok"], each
    assert done.code == (0 if all(each["ok"] for each in found.values()) else 1)
    return done, found


WELL = [
    *("settings", "database", "keyring", "disk", "cases", "web", "channels", "telegram", "signal"),
    *("carrier tray", "carrier post", "carrier email", "carrier fax", "clock"),
]


async def test_where_all_is_well_it_says_so_and_nothing_was_sent(world: World) -> None:
    kept = {file.name: file.read_bytes() for file in world.here.data.glob("keyring.json")}
    done, found = await examined(world.here)
    assert done.code == 0 and list(found) == WELL, found
    shown = await asyncio.to_thread(world.here.call, "doctor")
    assert shown.code == 0
    assert [line.partition(":")[0] for line in shown.out.splitlines()] == [f"ok    {name}" for name in WELL]
    assert world.mail.said["MAIL"] == 0 and world.fax.of("JNEW", "STOT") == []
    asked = {name for name, _ in world.telegram.calls}
    assert asked == {"getMe", "getWebhookInfo"}
    assert {file.name: file.read_bytes() for file in world.here.data.glob("keyring.json")} == kept
    assert world.here.tray == []


async def _revoked(world: World) -> None:
    await world.telegram.revoke()


async def _wrong_mode(world: World) -> None:
    world.signal.mode = "normal"


async def _other_number(world: World) -> None:
    world.signal.accounts = ["+15550199"]


async def _refusing_mail(world: World) -> None:
    world.mail.fail_next("EHLO", "554 not you")


async def _refusing_fax(world: World) -> None:
    world.fax.fail_next("USER", answer="530 User invented access denied.")


async def _file_as_tray(world: World) -> None:
    (world.here.data / "tray").write_text("a file in its place", "utf-8")


async def _no_sender(world: World) -> None:
    world.here.set(mail_from="")


async def _without_keyring(world: World) -> None:
    (world.here.data / "keyring.json").unlink()


async def _other_keyring(world: World) -> None:
    await _without_keyring(world)
    Vault.load_or_create(KeyringFile(world.here.data / "keyring.json"))


async def _open_keyring(world: World) -> None:
    (world.here.data / "keyring.json").chmod(0o644)


async def _misspelt(world: World) -> None:
    world.here.set(listn="127.0.0.1:1")


async def _strange_case(world: World) -> None:
    folder = world.here.folder / "cases"
    (folder / "rosa-example").mkdir(parents=True)
    world.here.set(cases_dir=folder)


async def _no_channel(world: World) -> None:
    for name in ("telegram_token", "signal_api_url", "signal_number"):
        world.here.set(**{name: ""})


async def _no_database(world: World) -> None:
    world.here.database.unlink()


async def _damaged(world: World) -> None:
    world.here.database.write_bytes(world.here.database.read_bytes()[:9000])


async def _newer(world: World) -> None:
    with closing(sqlite3.connect(world.here.database)) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")


WRONG: dict[str, tuple[Callable[[World], Awaitable[None]], str, str]] = {
    "a token that telegram does not know": (_revoked, "telegram", "ASSISTANT_TELEGRAM_TOKEN"),
    "a mode in which nobody can listen": (_wrong_mode, "signal", "MODE=json-rpc"),
    "a number that is not registered": (_other_number, "signal", "assistant signal register"),
    "a mail server that refuses us": (_refusing_mail, "carrier email", "The mail server"),
    "a fax server that refuses us": (_refusing_fax, "carrier fax", "refused our login"),
    "a file in place of the tray": (_file_as_tray, "carrier tray", "cannot be written"),
    "no address of ours": (_no_sender, "carriers", "ASSISTANT_MAIL_FROM is not set"),
    "no keyring": (_without_keyring, "keyring", "is missing"),
    "the keyring of another database": (_other_keyring, "keyring", "belongs to another database"),
    "a keyring that others can read": (_open_keyring, "keyring", "chmod 600"),
    "a setting that is misspelt": (_misspelt, "settings", "ASSISTANT_LISTN"),
    "a case without anything": (_strange_case, "cases", "rosa-example"),
    "nobody to talk with": (_no_channel, "channels", "None is set"),
    "no database": (_no_database, "database", "no database"),
    "half a database": (_damaged, "database", "is damaged"),
    "tables of a newer version": (_newer, "database", "made by a newer version"),
}


@pytest.mark.parametrize("wrong", WRONG)
async def test_what_is_wrong_is_named_and_nothing_else_is(world: World, wrong: str) -> None:
    break_it, check, words = WRONG[wrong]
    await break_it(world)
    done, found = await examined(world.here)
    assert done.code == 1
    assert [name for name, each in found.items() if not each["ok"]] == [check], found
    assert words in found[check]["says"]


async def test_a_misspelt_setting_is_told_with_the_one_that_is_meant(world: World) -> None:
    world.here.set(listn="127.0.0.1:1")
    _, found = await examined(world.here)
    assert found["settings"]["do"].startswith("Did you mean ASSISTANT_LISTEN?")


async def test_a_setting_that_cannot_be_read_hides_all_that_depends_on_it(installation: Installation) -> None:
    installation.set(undo_minutes="many")
    _, found = await examined(installation)
    assert list(found) == ["settings"]
    assert found["settings"]["says"].startswith("ASSISTANT_UNDO_MINUTES: write a number")


async def test_what_never_answers_is_not_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor._told, "__defaults__", (1.0,))
    world.mail.fail_next("start", hang=True)
    world.signal.fail_next("about", hang=60)
    _, found = await examined(world.here)
    assert [name for name, each in found.items() if not each["ok"]] == ["signal", "carrier email"]
    assert found["signal"]["says"] == "There was no answer within 1 seconds."


async def test_telnyx_and_a_mailbox_are_asked_where_they_are_set(world: World) -> None:
    async with FakeTelnyx() as telnyx:
        world.here.set(fax_url=telnyx.setting, mail_inbox="imap://rosa:hunter2@127.0.0.1:9/INBOX")
        _, found = await examined(world.here)
        assert found["carrier fax"]["ok"] and telnyx.calls == ["list"]
        assert not found["mailbox"]["ok"] and "ASSISTANT_MAIL_INBOX" in found["mailbox"]["says"]
    async with ImapServer() as mailbox:
        world.here.set(fax_url="", mail_inbox=f"{mailbox.url}?tls=none")
        _, found = await examined(world.here)
        assert found["mailbox"] == {"check": "mailbox", "ok": True, "says": "It can be opened.", "do": ""}
        assert "carrier fax" not in found


async def test_a_port_that_another_program_has_is_told(world: World) -> None:
    host, _, port = world.listen.partition(":")
    with socket.create_server((host, int(port)), reuse_port=False):
        _, found = await examined(world.here)
    assert not found["web"]["ok"] and "is taken by another program" in found["web"]["says"]


async def test_it_can_be_run_beside_the_assistant(tmp_path: Path) -> None:
    async with FakeTelegram() as server:
        with reserved() as listen:
            here = telegram_installation(tmp_path, server, listen=listen)
            async with serving(here):
                await until_ready(listen, {"telegram": "ok"})
                done, found = await examined(here)
                assert done.code == 0, found
                assert found["web"]["says"] == f"The assistant answers at {listen}."
                await until_ready(listen, {"telegram": "ok"})


async def test_little_room_and_a_clock_that_is_wrong_are_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "ROOM", 2**60)
    monkeypatch.setattr(doctor, "system_clock", lambda: system_clock() - timedelta(minutes=2))
    _, found = await examined(world.here)
    assert [name for name, each in found.items() if not each["ok"]] == ["disk", "clock"]
    assert found["disk"]["says"].startswith("Only ")
    assert "seconds behind Telegram's server" in found["clock"]["says"]


async def test_tables_that_are_old_are_left_for_the_next_start(installation: Installation) -> None:
    def revision(*change: str) -> str:
        with closing(sqlite3.connect(installation.database)) as database, database:
            for each in change:
                database.execute(each)
            return str(database.execute("SELECT version_num FROM alembic_version").fetchone()[0])

    old = revision("UPDATE alembic_version SET version_num = '0012'")
    _, found = await examined(installation)
    assert found["database"]["ok"] and "brought up to date at the next start" in found["database"]["says"]
    assert revision() == old != REVISION


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_server_is_asked_for_its_version_and_its_time(
    tmp_path: Path, database_url: str
) -> None:
    here = Installation(tmp_path, database_url).make()
    _, found = await examined(here)
    assert found["database"]["ok"] and found["database"]["says"].startswith("PostgreSQL ")
    assert found["clock"] == {
        "check": "clock",
        "ok": True,
        "says": "It goes as that of the database server.",
        "do": "",
    }
    name = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    _, found = await examined(here)
    assert not found["database"]["ok"] and "cannot be written" in found["database"]["says"]


@pytest.mark.skipif(os.getuid() != 0, reason="who is no administrator is refused anyway")
async def test_it_makes_nothing(tmp_path: Path) -> None:
    here = Installation(tmp_path)
    await examined(here)
    assert not here.data.exists()
