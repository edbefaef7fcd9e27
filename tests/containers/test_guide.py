"""docs/containers.md on a real engine: `make test-containers`. Its commands are run in the page's order.

The tests stand on each other, as the sections of the page do. They need an engine, the images that
docker-compose.yml names, and the ports 8080 to 8082 and 9090.
"""

import asyncio
import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from assistant.store.tables import REVISION
from tests.containers.engine import TIMEOUT, Operator, why_not
from tests.support.containers import ROOT, blocks, compose
from tests.support.fakes.signal.server import FakeSignal
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import CASE, LETTER, OFFICE_HOURS
from tests.support.processes.telegram_supporters import Supporter

ASKED = os.environ.get("ASSISTANT_TEST_CONTAINERS") == "1"
WHY_NOT = why_not() if ASKED else "containers take minutes and an engine: make test-containers"
LAST = "pass this on"
RECEIPT = "to the campaign, which passes it on"
NOT_FOLLOWED = {"Signal"}  # it needs a number, and Signal's own servers
SERVICES = compose()["services"]

pytestmark = [
    pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT)),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(1500),
]


def address_of_this_machine() -> str:
    """By which containers reach it: the way out of a container, on Linux."""
    command = [
        "docker",
        "run",
        "--rm",
        "--entrypoint",
        "cat",
        SERVICES["postgres"]["image"],
        "/proc/net/route",
    ]
    routes = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True).stdout
    [gateway] = re.findall(r"^\w+\t00000000\t([0-9A-F]{8})", routes, re.MULTILINE)
    return ".".join(str(int(gateway[each : each + 2], 16)) for each in (6, 4, 2, 0))


@pytest.fixture(scope="module")
def host() -> str:
    """The address of this machine."""
    return address_of_this_machine()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def telegram(host: str) -> AsyncIterator[FakeTelegram]:
    """A Telegram that containers reach."""
    async with FakeTelegram(host=host) as server:
        yield server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def operator(
    telegram: FakeTelegram, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Operator]:
    """Somebody who follows the page, with a bot, in office hours."""
    made = Operator(
        tmp_path_factory.mktemp("containers"), {"123456:the-token-from-BotFather": telegram.token}
    )
    made.set(
        ASSISTANT_TELEGRAM_API_URL=telegram.url, ASSISTANT_CLOCK=OFFICE_HOURS, ASSISTANT_UNDO_MINUTES="0"
    )
    yield made
    await asyncio.to_thread(made.give_up)


async def write_letter(telegram: FakeTelegram, name: str) -> None:
    """Somebody writes a letter, until they read that it is on its way."""
    person = Supporter(telegram, telegram.person(name, "en"), LETTER | {"name": name}, patience=TIMEOUT)
    await person.person.write(f"/start {CASE}")
    await person.until(LAST)
    await person.until(RECEIPT)


async def test_it_starts_and_a_letter_is_put_into_the_tray(
    operator: Operator, telegram: FakeTelegram
) -> None:
    *_, shown, _, _ = await operator.follow("Start")
    assert "telegram" in shown.screen and "wrong" not in shown.screen
    await operator.until_healthy(web=2, work=2)
    await write_letter(telegram, "Ana Example")
    await operator.follow("Start", -1)
    fetched = operator.home / "letters" / "tray"
    assert len(list(fetched.glob("*.pdf"))) == 1
    keyring = operator.home / "somewhere-safe" / "keyring.json"
    assert json.loads(keyring.read_text("utf-8"))
    assert f"{REVISION}." in operator.docker("compose", "logs", "--no-color", "migrate")


async def test_no_secret_and_no_name_stands_where_it_must_not(operator: Operator) -> None:
    secrets = [each.read_text("utf-8") for each in (operator.project / "var" / "secrets").iterdir()]
    for service in ("web", "work", "postgres"):
        [container, *_] = operator.containers(service)
        shown = operator.docker("inspect", container)
        log = operator.docker("compose", "logs", "--no-color", service)
        assert not [each for each in secrets if each in shown or each in log]
        assert "Example" not in log
    written = {each.name for each in operator.project.iterdir()}
    assert not written & {"keyring.json", "tray", "letters"}


async def test_when_a_reader_and_a_worker_die_the_others_go_on(
    operator: Operator, telegram: FakeTelegram
) -> None:
    person = Supporter(telegram, telegram.person("Ben Example", "en"), {"ready": "go"}, patience=TIMEOUT)
    await person.person.write(f"/start {CASE}")
    await person.until("Which country")
    held = json.loads(operator.assistant("status", "--json"))
    [reading] = next(lane["held"] for lane in held["lanes"] if lane["kind"] == "reading")
    reader = next(each for each in operator.containers("web") if reading.startswith(each[:12]))
    operator.docker("kill", reader)
    operator.docker("kill", operator.containers("work")[0])
    person.answers = LETTER | {"name": "Ben Example"}
    await person.person.write(LETTER["country"])
    await person.until(RECEIPT)
    await operator.follow("More processes, or fewer", -1)
    await operator.until_healthy(web=2, work=2)
    assert operator.letters().count("sent") == 2


async def test_there_are_as_many_processes_as_one_says(operator: Operator, telegram: FakeTelegram) -> None:
    await operator.follow("More processes, or fewer")
    await operator.until_healthy(web=3, work=3)
    await write_letter(telegram, "Cleo Example")
    await operator.follow("One process")
    await operator.until_healthy(web=1, work=0)
    await write_letter(telegram, "Dora Example")
    operator.unset("WEB", "WEB_ROLE", "WEB_PORTS", "WORK")
    await operator.follow("One process", -1)
    await operator.until_healthy(web=2, work=2)


async def test_a_backup_is_put_back_here_and_on_a_new_machine(
    operator: Operator, telegram: FakeTelegram
) -> None:
    await operator.follow("Backup and restore", 0)
    before = operator.letters()
    await write_letter(telegram, "Elsa Example")
    assert len(operator.letters()) == len(before) + 1
    await operator.follow("Backup and restore", 1)
    await operator.until_healthy(web=2, work=2)
    assert operator.letters() == before
    operator.docker("compose", "down", "--volumes")
    await operator.follow("Backup and restore", 2)
    await operator.follow("Backup and restore", 1)
    await operator.until_healthy(web=2, work=2)
    assert operator.letters() == before
    await write_letter(telegram, "Fay Example")


async def test_a_dump_of_postgresql_is_put_back_and_noticed(
    operator: Operator, telegram: FakeTelegram
) -> None:
    await operator.follow("With PostgreSQL's own tools", 0)
    before = operator.letters()
    await write_letter(telegram, "Gina Example")
    await operator.follow("With PostgreSQL's own tools", 1)
    await operator.until_healthy(web=2, work=2)
    assert operator.letters() == before
    assert "older than what was there" in operator.docker(
        "compose", "logs", "--no-color", "web", "work", "migrate"
    )


async def test_a_new_version_comes_and_goes(operator: Operator, telegram: FakeTelegram) -> None:
    old = json.loads(operator.assistant("status", "--json"))
    change_code_and_tables(operator.project)
    build = "docker compose build && docker compose up --detach"
    refused = await asyncio.to_thread(operator.type, f"docker tag {operator.env['IMAGE']} kept && {build}")
    assert refused.code != 0
    assert "Another assistant works on this database" in operator.log()
    operator.docker("tag", "kept", operator.env["IMAGE"])
    operator.docker("image", "rm", "kept")
    await operator.until_healthy(web=2, work=2)
    await operator.follow("New versions", 0)
    await operator.until_healthy(web=2, work=2)
    assert operator.assistant("--version") == "0.2.0\n"
    await write_letter(telegram, "Hana Example")
    await operator.follow("New versions", 1, may_fail=True)
    assert "newer version" in operator.docker("compose", "logs", "--no-color", "migrate")
    await operator.follow("New versions", 2)
    await operator.until_healthy(web=2, work=2)
    assert operator.assistant("--version") != "0.2.0\n"
    assert json.loads(operator.assistant("status", "--json"))["letters"] == old["letters"]
    await write_letter(telegram, "Ines Example")


def change_code_and_tables(project: Path) -> None:
    """What the next version may bring."""
    replace(project / "pyproject.toml", 'version = "0.1.0"', 'version = "0.2.0"')
    replace(project / "assistant" / "store" / "tables.py", f'REVISION = "{REVISION}"', 'REVISION = "9999"')
    (project / "assistant" / "store" / "migrations" / "versions" / "9999_next.py").write_text(
        f'"""What the next version needs."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n\n'
        f'revision = "9999"\ndown_revision = "{REVISION}"\n\n\n'
        "def upgrade() -> None:\n"
        '    op.create_table("next", sa.Column("id", sa.Integer, primary_key=True))\n',
        "utf-8",
    )


def replace(file: Path, old: str, new: str) -> None:
    """Change a file, which has to have that."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


async def test_secrets_are_changed(operator: Operator, telegram: FakeTelegram) -> None:
    database = operator.project / "var" / "secrets" / "database_url"
    before = database.read_text("utf-8")
    await operator.follow("Secrets")
    await operator.until_healthy(web=2, work=2)
    assert database.read_text("utf-8") != before
    await write_letter(telegram, "Jana Example")


async def test_cases_of_ones_own_are_served(operator: Operator) -> None:
    shutil.copytree(
        ROOT / "tests" / "support" / "cases" / "of-one-action",
        operator.project / "var" / "cases" / "of-one-action",
    )
    _, checked = await operator.follow("Cases")
    assert "of-one-action" in checked.screen
    await operator.until_healthy(web=2, work=2)
    assert "of-one-action" in operator.assistant("cases", "list")


async def test_with_signal_it_does_without_telegram(operator: Operator, host: str) -> None:
    async with FakeSignal(host=host) as server:
        operator.set(ASSISTANT_SIGNAL_API_URL=server.url, ASSISTANT_SIGNAL_NUMBER=server.number)
        await operator.follow("Without Telegram")
        await operator.until_healthy(web=2, work=2)
        channels = json.loads(operator.assistant("status", "--json"))["channels"]
        assert [each.partition(":")[0] for each in channels] == ["signal"]
        await operator.until(lambda: bool(server.listeners))
        person = server.person("Kim Example")
        await person.write("hello")
        await server.until(lambda: bool(person.inbox), TIMEOUT)
    operator.unset("ASSISTANT_SIGNAL_API_URL", "ASSISTANT_SIGNAL_NUMBER", "ASSISTANT_TELEGRAM_TOKEN_FILE")
    await operator.follow("Secrets", 0)
    await operator.until_healthy(web=2, work=2)


async def test_prometheus_asks_every_process(operator: Operator) -> None:
    pulled = operator.type("docker compose --profile monitoring pull prometheus grafana")
    images = [SERVICES[name]["image"] for name in ("prometheus", "grafana")]
    there = [bool(operator.docker("images", "--quiet", image).strip()) for image in images]
    if not there[0]:
        pytest.skip(f"{images[0]} cannot be had: {pulled.screen[-200:]}")
    if there[1]:
        await operator.follow("Prometheus and Grafana")
    else:  # what the page says, without Grafana
        operator.docker("compose", "--profile", "monitoring", "up", "--detach", "prometheus")
    await operator.until(lambda: sorted(targets()) == ["up"] * 4, targets)
    rules = asked("rules")["groups"]
    assert len(rules) == 1 and rules[0]["rules"]
    if not there[1]:
        pytest.skip(f"{images[1]} cannot be had; Prometheus asks all four processes")


def asked(what: str) -> dict[str, list[dict[str, object]]]:
    """What Prometheus answers."""
    with urllib.request.urlopen(f"http://127.0.0.1:9090/api/v1/{what}", timeout=10) as answer:
        read: dict[str, list[dict[str, object]]] = json.load(answer)["data"]
    return read


def targets() -> list[str]:
    """How each process is, as Prometheus sees it."""
    try:
        return [str(each["health"]) for each in asked("targets")["activeTargets"]]
    except OSError:
        return []


async def test_all_of_the_page_was_followed(operator: Operator) -> None:
    left = {(each.heading, each.text) for each in blocks() if each.kind in ("sh", "ini")} - {
        (each.heading, each.text) for each in operator.followed
    }
    assert {heading for heading, _ in left} <= NOT_FOLLOWED | {"Prometheus and Grafana"}
