"""What the container files promise, as far as it can be seen without an engine."""

import json
import re
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from assistant.settings import PREFIX, Settings
from tests.support.containers import (
    ROOT,
    bases,
    compose,
    compose_environment,
    environment,
    removed,
    shell_blocks,
    sources,
    stages,
    the,
)

SERVICES: dict[str, Any] = compose()["services"]  # Any: JSON
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
AT_WORK = {name: OURS[name] for name in ("web", "work")}
PROFILES = {"signal": "signal", "prometheus": "monitoring", "grafana": "monitoring"}
SECRETS = "/run/secrets/"


def used(section: str) -> set[str]:
    """The secrets, networks or volumes that services name."""
    return {str(name).partition(":")[0] for service in SERVICES.values() for name in service.get(section, ())}


def test_the_compose_file_is_one() -> None:
    schema = json.loads((Path(__file__).parent / "compose-spec.json").read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(compose())] == []


@pytest.mark.parametrize("name", ["docker-compose.yml", "Dockerfile", "docs/containers.md"])
def test_every_setting_that_is_named_exists(name: str) -> None:
    known = {PREFIX + field.upper() for field in Settings.model_fields}
    named = set(re.findall(r"ASSISTANT_[A-Z_]*[A-Z]", (ROOT / name).read_text("utf-8")))
    assert named
    assert named <= known


FIXED = {"ASSISTANT_LISTEN": "0.0.0.0:8080"}
SECRET_FILES = {
    "ASSISTANT_DATABASE_URL_FILE": f"{SECRETS}database_url",
    "ASSISTANT_KEYRING_PASSPHRASE_FILE": f"{SECRETS}keyring_passphrase",
    "ASSISTANT_TELEGRAM_TOKEN_FILE": f"{SECRETS}telegram_token",
}


DEFAULTS = SECRET_FILES | {
    "ASSISTANT_ENGINE": "procrastinate",
    "ASSISTANT_KEYRING": "/data/keys/keyring.json",
}


@pytest.mark.parametrize("service", OURS)
def test_every_setting_is_passed_from_the_environment_of_compose(service: str) -> None:
    of_the_image = {"ASSISTANT_DATA_DIR"}
    settings = {PREFIX + field.upper() for field in Settings.model_fields} - of_the_image
    wanted = {name: f"${{{name}-{DEFAULTS.get(name, '')}}}" for name in settings - FIXED.keys()}
    assert OURS[service]["environment"] == wanted | FIXED


def test_what_is_unset_in_compose_is_unset_in_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in compose_environment("web", {}).items():
        monkeypatch.setenv(name, value)
    loaded, untouched = Settings(_env_file=None), Settings.model_construct()
    differing = {name for name in Settings.model_fields if getattr(loaded, name) != getattr(untouched, name)}
    assert {PREFIX + name.upper() for name in differing} == FIXED.keys() | DEFAULTS.keys()


def test_compose_1_29_reads_the_file() -> None:
    """It knows no `name:`, no long form of `env_file:`, and no `--wait`, `cp` or `ps --format`."""
    assert compose().keys() - {"services", "networks", "volumes", "secrets"} == {"x-logging", "x-assistant"}
    assert all(isinstance(line, str) for each in OURS.values() for line in each["env_file"])
    guide = (ROOT / "docs" / "containers.md").read_text("utf-8")
    assert not re.search(r"docker compose (cp|.*--wait|ps --format)", guide)


@pytest.mark.parametrize("service", OURS)
def test_a_misspelt_line_of_the_dotenv_file_reaches_the_assistant(service: str) -> None:
    assert OURS[service]["env_file"] == [".env"]
    guide = (ROOT / "docs" / "containers.md").read_text("utf-8")
    assert "echo COMPOSE_PROJECT_NAME=assistant >> .env\n" in guide, "the file has to be there"


def test_cases_of_ones_own_are_put_where_the_guide_says() -> None:
    guide = (ROOT / "docs" / "containers.md").read_text("utf-8")
    for service in OURS.values():
        [(folder, target, mode)] = [
            each.split(":") for each in service["volumes"] if each.startswith("./var/cases:")
        ]
        assert f"ASSISTANT_CASES_DIR={target}\n" in guide
        assert f"mkdir -p {folder.removeprefix('./')}\n" in guide
        assert mode == "ro"


@pytest.mark.parametrize("section", ["secrets", "networks", "volumes"])
def test_everything_named_is_declared_and_the_other_way_round(section: str) -> None:
    folders = {each for each in used(section) if each.startswith("./")}
    assert used(section) - folders | ({"default"} if section == "networks" else set()) == set(
        compose()[section]
    )
    assert all((ROOT / each).exists() for each in folders if not each.startswith("./var/"))


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_given_every_secret_that_it_reads(service: str) -> None:
    text = json.dumps(SERVICES[service].get("environment", {}))
    assert set(re.findall(rf"{SECRETS}(\w+)", text)) == set(SERVICES[service].get("secrets", ()))


def test_secrets_are_files_that_neither_git_nor_an_image_gets() -> None:
    folders = {Path(secret["file"]).parts[0] for secret in compose()["secrets"].values()}
    assert folders == {"var"}
    assert "var/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    assert not any(line.startswith("!var") for line in ignored)


def test_ports_are_published_on_loopback_only() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    port = environment()["ASSISTANT_LISTEN"].rpartition(":")[2]
    assert published == {
        "web": [f"127.0.0.1:${{WEB_PORTS:-8080-8081}}:{port}"],
        "prometheus": ["127.0.0.1:9090:9090"],
        "grafana": ["127.0.0.1:3000:3000"],
    }
    assert FIXED["ASSISTANT_LISTEN"] == environment()["ASSISTANT_LISTEN"]
    assert the("EXPOSE").words == [port]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_the_database_has_no_way_out_and_the_others_do() -> None:
    inside = {name for name, network in compose()["networks"].items() if (network or {}).get("internal")}
    ways_out = {
        name: set(service.get("networks", ["default"])) - inside for name, service in SERVICES.items()
    }
    assert {name for name, ways in ways_out.items() if not ways} == {"postgres", "migrate"}
    for service in OURS.values():
        assert set(SERVICES["postgres"]["networks"]) & set(service["networks"])


def test_nobody_but_the_assistant_reaches_signal() -> None:
    shared = set(SERVICES["signal"]["networks"])
    reaching = {name for name, service in SERVICES.items() if shared & set(service.get("networks", ()))}
    assert reaching == {"signal", *AT_WORK}


def test_what_not_everybody_needs_starts_only_where_it_is_asked_for() -> None:
    profiles = {name: service["profiles"] for name, service in SERVICES.items() if "profiles" in service}
    assert profiles == {name: [profile] for name, profile in PROFILES.items()}


def test_what_people_write_on_signal_is_kept_in_memory_only() -> None:
    signal = SERVICES["signal"]
    assert signal["tmpfs"] == ["/var/log/signal-cli-json-rpc-1"]
    assert signal["environment"]["MODE"] == "json-rpc"
    assert signal["environment"]["JSON_RPC_IGNORE_STORIES"] == "true"


def test_the_tables_are_brought_up_to_date_before_anybody_works_on_them() -> None:
    healthy = {"postgres": {"condition": "service_healthy"}}
    done = {"migrate": {"condition": "service_completed_successfully"}}
    assert SERVICES["migrate"]["depends_on"] == healthy
    assert SERVICES["migrate"]["command"] == ["db", "migrate"] and SERVICES["migrate"]["restart"] == "no"
    for service in AT_WORK.values():
        assert service["depends_on"] == healthy | done
    assert SERVICES["postgres"]["healthcheck"]["test"][0] == "CMD"


def test_each_role_has_two_processes_unless_somebody_says_otherwise() -> None:
    assert {name: service["scale"] for name, service in AT_WORK.items()} == {
        "web": "${WEB:-2}",
        "work": "${WORK:-2}",
    }
    assert SERVICES["web"]["command"] == ["run", "--role", "${WEB_ROLE:-web}"]
    assert SERVICES["work"]["command"] == ["run", "--role", "work"]


@pytest.mark.parametrize("service", SERVICES)
def test_no_service_takes_the_machine_for_itself(service: str) -> None:
    limits = SERVICES[service]
    assert limits["mem_limit"] and limits["pids_limit"]
    assert limits["logging"] == {"driver": "json-file", "options": {"max-size": "10m", "max-file": "5"}}


@pytest.mark.parametrize("service", OURS)
def test_the_assistant_may_do_nothing_that_it_does_not_need(service: str) -> None:
    ours = OURS[service]
    assert ours["read_only"] is True
    assert ours["cap_drop"] == ["ALL"]
    assert ours["security_opt"] == ["no-new-privileges:true"]
    data = environment()["ASSISTANT_DATA_DIR"]
    assert ours["volumes"] == [f"data:{data}", f"keys:{data}/keys", "./var/cases:/cases:ro"]
    assert ours["stop_grace_period"] == "30s"  # it may take 19, where a platform hangs
    assert the("VOLUME").words == [environment()["ASSISTANT_DATA_DIR"]]


def test_prometheus_asks_every_process_and_grafana_asks_prometheus() -> None:
    deploy = ROOT / "deploy"
    asked = yaml.safe_load((deploy / "prometheus" / "prometheus.yml").read_text("utf-8"))
    [job] = asked["scrape_configs"]
    [names] = job["dns_sd_configs"]
    assert job["job_name"] == "assistant" and set(names["names"]) == set(AT_WORK)
    assert FIXED["ASSISTANT_LISTEN"].endswith(f":{names['port']}")
    assert [(deploy / "prometheus" / each).is_file() for each in asked["rule_files"]] == [True]
    [source] = yaml.safe_load((deploy / "grafana" / "datasources.yml").read_text("utf-8"))["datasources"]
    assert source["url"] == "http://prometheus:9090"
    [boards] = yaml.safe_load((deploy / "grafana" / "dashboards.yml").read_text("utf-8"))["providers"]
    mounted = [each.split(":")[:2] for each in SERVICES["grafana"]["volumes"]]
    assert ["./deploy/grafana", boards["options"]["path"]] in mounted


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += bases()
    assert len(images) == 6
    for image in images:
        name, _, tag = image.partition(":")
        assert tag not in ("", "latest")
        assert "." not in name  # a registry's address
    assert {service["image"] for service in OURS.values()} == {"${IMAGE:-assistant}"}


def test_the_image_runs_as_nobody_special_whose_number_is_fixed() -> None:
    user, _, group = the("USER").rest.partition(":")
    assert (int(user), int(group)) == (10001, 10001)
    assert f"--uid {user} " in next(each.rest for each in stages()[-1] if each.word == "RUN")


def test_the_image_is_made_of_the_project_and_the_lock_only() -> None:
    instructions = [each for stage in stages() for each in stage]
    assert not any(each.word == "ADD" for each in instructions)
    for source, _ in sources():
        assert (ROOT / source).exists()
        assert f"!{source}" in (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    python = "/opt/assistant/bin/python"
    pip = f"python -m pip --python {python}"
    installs = [each.rest for each in instructions if "pip" in each.rest and each.word == "RUN"]
    assert installs == [
        "python -m venv --without-pip /opt/assistant",
        f"{pip} install --require-hashes -r /src/requirements/run.txt",
        f"{python} -m hatchling build -t wheel && {pip} install --no-deps --root /code dist/*.whl",
        f"{pip} uninstall --yes editables hatchling pathspec pluggy trove-classifiers",
    ]
    addresses = re.findall(r"\w+://[^/']+", "\n".join(each.rest for each in instructions))
    assert addresses == ["http://127.0.0.1:{port}"]


def test_a_change_of_code_makes_one_small_layer() -> None:
    copied = [each.rest for each in stages()[-1] if each.word == "COPY"]
    assert copied == [
        "--from=packages-to-run /opt/assistant /opt/assistant",
        "--from=code /code/opt/assistant /opt/assistant",
    ]
    by_name = {stage[0].words[2]: stage for stage in stages() if "AS" in stage[0].words}
    for name in ("packages", "packages-to-run"):
        assert [each.words[:-1] for each in by_name[name] if each.word == "COPY"] in (
            [],
            [["requirements/run.txt"]],
        )


def test_what_only_builds_is_not_left_in_the_image() -> None:
    assert removed() == needed("build", "scale") - needed("scale")


def needed(*extras: str) -> set[str]:
    """The names of all packages that the assistant needs with those extras."""
    found: set[str] = set()
    todo = [Requirement(f"letters-assistant[{','.join(extras)}]")]
    seen: set[tuple[str, str]] = set()
    while todo:
        wanted = todo.pop()
        for extra in {"", *wanted.extras}:
            key = (canonicalize_name(wanted.name), extra)
            if key in seen:
                continue
            seen.add(key)
            found.add(key[0])
            requirements = map(Requirement, metadata.requires(wanted.name) or [])
            todo += [
                each for each in requirements if each.marker is None or each.marker.evaluate({"extra": extra})
            ]
    return found


def test_what_the_guide_takes_out_of_the_volumes_is_ignored_by_git() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {"keyring.json", "keyring.generation.json", "tray/", "*.sqlite", "*.dump", ".env"} <= set(ignored)


def test_the_guide_copies_nothing_of_ours_into_the_work_tree() -> None:
    typed = "".join(block.text for block in shell_blocks())
    targets = re.findall(r"> (\S+)|tar -x -C (\S+)", typed)
    outside = [a or b for a, b in targets if not (a or b).startswith(("var/secrets/", "/data/"))]
    assert len(outside) >= 4
    assert all(each.startswith("~/") or each == ".env" for each in outside), outside


@pytest.mark.parametrize("word", ["ENTRYPOINT", "CMD", "HEALTHCHECK"])
def test_no_shell_stands_between_the_engine_and_us(word: str) -> None:
    assert "[" in the(word).rest
    assert all(isinstance(each, str) for each in the(word).words)
    assert the("STOPSIGNAL").rest == "SIGTERM"
