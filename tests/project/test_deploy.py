"""What is handed to those who run it on a server: it names only what there is, and systemd takes it."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from assistant.domain.lifecycle import LetterStatus, MessageStatus
from assistant.domain.processes import EMBEDDED, ProcessRole
from assistant.domain.webhooks import Outcome
from assistant.services.metrics import Metrics
from assistant.services.presence import Presence
from assistant.store.database import Store
from assistant.store.queue_sizes import UNFINISHED
from tests.support.web_server import health_client

DEPLOY = Path(__file__).parent.parent.parent / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
DASHBOARD = DEPLOY / "grafana" / "assistant.json"
UNIT = DEPLOY / "systemd" / "assistant.service"
SCRAPED = {"up"}  # what Prometheus itself adds: https://prometheus.io/docs/concepts/jobs_instances/
METRIC = re.compile(r"\b(?:assistant|process|up)\b[a-z_]*|\b(?:assistant|process)_[a-z_]+")
LABEL = re.compile(r"(?P<metric>\b(?:assistant|process)_[a-z_]+)\{(?P<labels>[^}]*)\}")
COMMAND = re.compile(r"`assistant ([a-z]+)")
SYSTEMD = shutil.which("systemd-analyze")
EXPOSED_MOST = 20  # of 100, as `systemd-analyze security` counts; a service without any protection has 96

Json = dict[str, Any]  # Any: JSON


def alerts() -> list[Json]:
    """Every alert."""
    [group] = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    rules: list[Json] = group["rules"]
    return rules


def panels() -> list[Json]:
    """Every panel of the dashboard."""
    found: list[Json] = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    return found


def expressions() -> Iterator[str]:
    """All that Prometheus is asked."""
    yield from (rule["expr"] for rule in alerts())
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


async def told(store: Store) -> tuple[set[str], dict[str, set[str]]]:
    """What /metrics gives once everything has happened: names, and the labels of each."""
    metrics = Metrics()
    metrics.turn("telegram", 0.1, "failed")
    metrics.sent("telegram", MessageStatus.FAILED, bulk=True)
    metrics.letter("fax", LetterStatus.FAILED)
    metrics.latency(0.1)
    metrics.webhook(Outcome.BROKEN)
    presence = Presence(store, ProcessRole.ALL, EMBEDDED)
    await presence.open()
    async with health_client(store, metrics=metrics) as client, client.get("/metrics") as answer:
        said = await answer.text()
    await presence.close()
    labels: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(said):
        for sample in family.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return set(labels), labels


async def test_every_metric_that_is_asked_for_exists_with_its_labels(store: Store) -> None:
    names, labels = await told(store)
    asked = {name for each in expressions() for name in METRIC.findall(_bare(each))}
    assert asked - names - SCRAPED == set()
    assert {"assistant_ready", "assistant_letters_waiting", "assistant_turns_total"} <= asked
    for each in expressions():
        for found in LABEL.finditer(each):
            given = {part.partition("=")[0].rstrip("!~ ") for part in found["labels"].split(",")}
            assert given - {"job", "instance"} <= labels[found["metric"]], each


def _bare(expression: str) -> str:
    """Without what stands in quotes, and without the labels that are grouped by."""
    return re.sub(r'"[^"]*"|\b(?:by|on|without) \([^)]*\)|\{[^}]*\}', "", expression)


async def test_every_metric_of_ours_is_on_the_dashboard(store: Store) -> None:
    names, _ = await told(store)
    ours = {
        re.sub(r"_(bucket|sum|count|created)$", "", each) for each in names if each.startswith("assistant_")
    }
    shown = " ".join(target["expr"] for panel in panels() for target in panel["targets"])
    assert sorted(each for each in ours if each.removesuffix("_total") not in shown) == []


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_each_alert_says_what_is_wrong_and_what_to_do(rule: Json) -> None:
    assert rule.keys() - {"for"} == {"alert", "expr", "labels", "annotations"}
    assert rule["labels"]["severity"] in ("page", "ticket")
    assert rule["annotations"].keys() == {"summary", "description"}
    assert all(text.endswith(".") for text in rule["annotations"].values())
    for command in COMMAND.findall(rule["annotations"]["description"]):
        from assistant.cli import COMMANDS

        assert command in COMMANDS
    for status in re.findall(r'letters_waiting\{status="(\w+)"', rule["expr"]):
        assert status in {each.value for each in UNFINISHED}


def test_the_dashboard_is_one_that_grafana_takes() -> None:
    board = json.loads(DASHBOARD.read_text("utf-8"))
    assert board["title"] and board["uid"] and board["schemaVersion"] >= 36
    numbers = [panel["id"] for panel in panels()]
    assert len(numbers) == len(set(numbers))
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (column, row)
            for column in range(place["x"], place["x"] + place["w"])
            for row in range(place["y"], place["y"] + place["h"])
        }
        assert place["x"] + place["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells
        for target in panel["targets"]:
            assert target["datasource"]["uid"] == "${source}"
    assert [each["name"] for each in board["templating"]["list"]] == ["source", "job"]


@pytest.mark.skipif(SYSTEMD is None, reason="systemd-analyze is not on this machine")
def test_systemd_takes_the_unit_and_finds_it_well_protected(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("assistant")
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text("utf-8").replace("/opt/assistant/bin/assistant", str(command)), "utf-8")
    for arguments in (
        ["verify", "--man=no", str(unit)],
        ["security", "--offline=yes", "--no-pager", f"--threshold={EXPOSED_MOST}", str(unit)],
    ):
        done = subprocess.run([str(SYSTEMD), *arguments], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


def test_the_unit_ends_it_as_it_wants_to_be_ended() -> None:
    lines = UNIT.read_text("utf-8").splitlines()
    assert "ExecStart=/opt/assistant/bin/assistant run" in lines
    assert "Restart=on-failure" in lines and "UMask=0077" in lines
    [seconds] = [int(line.partition("=")[2]) for line in lines if line.startswith("TimeoutStopSec=")]
    assert seconds >= 30  # it may take 19, where a platform hangs
