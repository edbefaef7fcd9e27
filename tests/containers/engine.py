"""docs/containers.md, followed by somebody who types in what it says, on whatever engine this machine has."""

import asyncio
import os
import pty
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.support.containers import ROOT, Block, blocks

LONGEST = 900.0  # seconds that one block may take: the first one builds the image
TIMEOUT = 120.0  # seconds until something comes that has to come
FILES = ("assistant", "conversations", "deploy", "locales", "requirements")
PROJECT = "assistant-test"


@dataclass(frozen=True)
class Typed:
    """What came of a block: its exit code, and all that stood on the terminal."""

    code: int
    screen: str


def why_not() -> str | None:
    """Why this machine cannot run containers; None: it can."""
    for command in (["docker", "version"], ["docker", "compose", "version"]):
        try:
            done = subprocess.run(command, capture_output=True, timeout=60, check=False)
        except FileNotFoundError:
            return "there is no container engine: the command docker is not on this machine"
        if done.returncode:
            return f"there is no container engine: `{' '.join(command)}` fails"
    return None


class Operator:
    """Has a copy of the project and a home of their own, and follows the page."""

    def __init__(self, folder: Path, replaced: Mapping[str, str]) -> None:
        """`replaced`: what stands on the page, and what this operator writes instead of it."""
        self.project = folder / "project"
        self.home = folder / "home"
        self.home.mkdir()
        self.replaced = {
            "docker tag assistant assistant:before": f"docker tag {PROJECT} {PROJECT}:before",
            "docker tag assistant:before assistant": f"docker tag {PROJECT}:before {PROJECT}",
        } | dict(replaced)
        self.env = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
        self.env |= {"COMPOSE_PROJECT_NAME": PROJECT, "IMAGE": PROJECT, "HOME": str(self.home)}
        self.env.setdefault("DOCKER_CONFIG", str(Path.home() / ".docker"))
        self.followed: list[Block] = []
        self._copy()

    def _copy(self) -> None:
        unwanted = shutil.ignore_patterns("__pycache__", "*.mo")
        self.project.mkdir()
        for name in FILES:
            shutil.copytree(ROOT / name, self.project / name, ignore=unwanted)
        for file in ROOT.iterdir():
            if file.is_file() and file.name not in (".env", ".coverage", ".git"):
                shutil.copy(file, self.project / file.name)

    def set(self, **lines: str) -> None:
        """Write lines of `.env`, in the place of those with the same names."""
        file = self.project / ".env"
        written = file.read_text("utf-8").splitlines() if file.exists() else []
        kept = [line for line in written if line.partition("=")[0] not in lines]
        file.write_text(
            "".join(f"{line}\n" for line in [*kept, *(f"{n}={v}" for n, v in lines.items())]), "utf-8"
        )

    def unset(self, *names: str) -> None:
        """Take lines out of `.env`."""
        self.set(**dict.fromkeys(names, ""))
        file = self.project / ".env"
        kept = [line for line in file.read_text("utf-8").splitlines() if line.partition("=")[0] not in names]
        file.write_text("".join(f"{line}\n" for line in kept), "utf-8")

    async def follow(self, heading: str, *numbers: int, may_fail: bool = False) -> list[Typed]:
        """Do what the blocks under that heading say, in their order: those of the numbers, from 0, or all."""
        under = [block for block in blocks() if block.heading == heading]
        assert under, f"the page has no {heading}"
        done = []
        for block in [under[number] for number in numbers] if numbers else under:
            self.followed.append(block)
            done.append(await self._do(block, may_fail=may_fail))
        return done

    async def _do(self, block: Block, *, may_fail: bool) -> Typed:
        text = block.text
        for written, instead in self.replaced.items():
            text = text.replace(written, instead)
        if block.kind == "ini":
            self.set(**dict(line.split("=", 1) for line in text.splitlines()))
            return Typed(0, "")
        typed = await asyncio.to_thread(self.type, text)
        assert may_fail or typed.code == 0, f"{text}\n{typed.screen}"
        return typed

    def type(self, text: str) -> Typed:
        """Have a shell do that on a terminal, until something fails."""
        ours, theirs = pty.openpty()
        shell = subprocess.Popen(
            ["sh", "-e", "-c", text],
            cwd=self.project,
            env=self.env,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        with shell, os.fdopen(ours, "rb", buffering=0) as terminal:
            screen = b""
            ends = time.monotonic() + LONGEST
            with suppress(OSError):  # the end of a terminal
                while part := terminal.read(65536):
                    screen += part
                    if time.monotonic() > ends:
                        os.killpg(shell.pid, signal.SIGKILL)
        return Typed(shell.wait(), screen.decode("utf-8", "replace"))

    def docker(self, *arguments: str) -> str:
        """What the engine answers, which has to be well."""
        done = subprocess.run(
            ["docker", *arguments],
            cwd=self.project,
            env=self.env,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def containers(self, service: str) -> list[str]:
        """The containers of that service that run, by id."""
        labels = (f"com.docker.compose.project={PROJECT}", f"com.docker.compose.service={service}")
        filters = [part for label in labels for part in ("--filter", f"label={label}")]
        return self.docker("ps", "--quiet", *filters).split()

    def states(self, *services: str) -> list[str]:
        """What the health check says of each container of them."""
        found = [each for service in services for each in self.containers(service)]
        return [self.docker("inspect", "-f", "{{.State.Health.Status}}", each).strip() for each in found]

    async def until(self, what: Callable[[], bool], told: Callable[[], object] = lambda: "") -> None:
        """Wait for that."""
        ends = time.monotonic() + TIMEOUT
        while not await asyncio.to_thread(what):
            assert time.monotonic() < ends, f"it never came: {await asyncio.to_thread(told)}"
            await asyncio.sleep(0.5)

    async def until_healthy(self, web: int, work: int) -> None:
        """Wait until so many processes of each role are at work, and well."""
        await self.until(
            lambda: (
                (len(self.containers("web")), len(self.containers("work"))) == (web, work)
                and set(self.states("web", "work")) == {"healthy"}
            ),
            lambda: (self.states("web", "work"), self.log()),
        )

    def log(self) -> str:
        """The last lines of the assistant's processes."""
        return self.docker("compose", "logs", "--no-color", "--tail=15", "web", "work", "migrate")

    def assistant(self, *arguments: str) -> str:
        """What a command of the assistant says."""
        return self.docker("compose", "exec", "-T", "web", "assistant", *arguments)

    def letters(self) -> Sequence[str]:
        """The states of all letters."""
        return re.findall(r'"status": "(\w+)"', self.assistant("letters", "list", "--json"))

    def give_up(self) -> None:
        """Remove everything."""
        services = ["--profile", "signal", "--profile", "monitoring"]
        with suppress(AssertionError):
            self.docker("compose", *services, "down", "--volumes", "--remove-orphans")
        for image in (PROJECT, f"{PROJECT}:before"):
            with suppress(AssertionError):
                self.docker("image", "rm", image)
