"""The container files as their readers see them, and what the image holds, made without an engine."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parent.parent.parent

Json = dict[str, Any]  # Any: JSON


def compose() -> Json:
    """docker-compose.yml."""
    read: Json = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return read


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile: `COPY`, and what follows it."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows, as a list: the exec form where it is one."""
        begins = self.rest.find("[")
        if begins < 0:
            return self.rest.split()
        read: list[str] = json.loads(self.rest[begins:])
        return read


def stages() -> list[list[Instruction]]:
    """The Dockerfile: the instructions of each stage."""
    text = (ROOT / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[list[Instruction]] = []
    for line in joined.splitlines():
        word, _, rest = line.partition(" ")
        if word == "FROM":
            found.append([])
        found[-1].append(Instruction(word, rest))
    return found


def the(word: str) -> Instruction:
    """The one such instruction of the image."""
    (found,) = [each for each in stages()[-1] if each.word == word]
    return found


def environment() -> dict[str, str]:
    """What the image sets."""
    pairs = [pair.partition("=") for each in stages()[-1] if each.word == "ENV" for pair in each.words]
    return {name: value for name, _, value in pairs}


def sources() -> list[tuple[Path, Path]]:
    """What is copied out of the project: from where in it, to where in the folder where it is built."""
    copied: list[tuple[Path, Path]] = []
    for each in (instruction for stage in stages() for instruction in stage):
        if each.word == "COPY" and "--from" not in each.rest:
            *names, target = each.words
            inside = target.removeprefix("/src/")
            copied += [(Path(name), _place(Path(name), inside)) for name in names]
    return copied


def bases() -> list[str]:
    """The images that the Dockerfile begins with, without its own stages."""
    names = {stage[0].words[2] for stage in stages() if "AS" in stage[0].words}
    return [stage[0].words[0] for stage in stages() if stage[0].words[0] not in names]


def removed() -> set[str]:
    """The packages of the lock that build ours, and are not left in the image."""
    runs = [each.rest for stage in stages() for each in stage if each.word == "RUN"]
    (names,) = [found[1] for each in runs if (found := re.search(r"uninstall --yes (.+)$", each))]
    return set(names.split())


def _place(source: Path, target: str) -> Path:
    """A folder's content goes into the target, a file goes beneath it."""
    return Path(target) if (ROOT / source).is_dir() else Path(target) / source.name


def build(folder: Path) -> Path:
    """What the Dockerfile makes in /opt/assistant, made in `folder`. Returns its bin/.

    What the lock names is taken from this environment, which has it, and nothing else is; the programs of
    other packages are left out.
    """
    wheel = _wheel(folder / "src")
    installed = folder / "installed"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", installed], check=True)
    (packages,) = installed.glob("lib/python*/site-packages")
    _lay_out_lock(packages)
    pip = [sys.executable, "-m", "pip", "--python", str(installed / "bin" / "python")]
    subprocess.run([*pip, "install", "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    return installed / "bin"


def _wheel(src: Path) -> Path:
    src.mkdir()
    for source, target in sources():
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        (src / target).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / source, src / target)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel"]
    subprocess.run(command, cwd=src, check=True, capture_output=True)
    (wheel,) = src.glob("dist/*.whl")
    return wheel


def _lay_out_lock(packages: Path) -> None:
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    for name, version in re.findall(r"^([a-z0-9.-]+)==(\S+)", lock, re.MULTILINE):
        if name in removed():
            continue
        found = metadata.distribution(name)
        assert found.version == version, f"{name} {found.version} is installed, the lock has {version}"
        for top in {file.parts[0] for file in found.files or []} - {"..", "__pycache__"}:
            (packages / top).symlink_to(Path(str(found.locate_file(top))))


def compose_environment(service: str, dotenv: Mapping[str, str]) -> dict[str, str]:
    """What Compose gives a service, with `.env` as it is here."""

    def value(found: re.Match[str]) -> str:
        return dotenv.get(found["name"], found["default"])

    given: dict[str, str] = compose()["services"][service]["environment"]
    variable = re.compile(r"\$\{(?P<name>\w+)-(?P<default>[^}]*)\}")
    return {name: variable.sub(value, text) for name, text in given.items()}


@dataclass(frozen=True)
class Block:
    """A part of docs/containers.md that somebody types in. `kind`: sh, or ini for lines of `.env`."""

    heading: str
    kind: str
    text: str


def blocks() -> list[Block]:
    """All of them, in the order of the page."""
    guide = (ROOT / "docs" / "containers.md").read_text("utf-8")
    found: list[Block] = []
    heading = ""
    for title, kind, text in re.findall(
        r"^#+ ([^\n]+)$|^```(\w+)\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL
    ):
        heading = title or heading
        if kind:
            found.append(Block(heading, kind, text))
    return found


def shell_blocks() -> list[Block]:
    """Those with commands."""
    return [block for block in blocks() if block.kind == "sh"]
