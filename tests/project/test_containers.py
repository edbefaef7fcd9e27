"""What the container files promise, as far as it can be seen without an engine."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from assistant.settings import PREFIX, Settings
from tests.support.containers import ROOT, compose, compose_environment, environment, sources, stages, the

SERVICES: dict[str, Any] = compose()["services"]  # Any: JSON
ASSISTANT = SERVICES["assistant"]
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
    named = set(re.findall(r"ASSISTANT_[A-Z_]+", (ROOT / name).read_text("utf-8")))
    assert named
    assert named <= known


FIXED = {"ASSISTANT_LISTEN": "0.0.0.0:8080"}
SECRET_FILES = {
    "ASSISTANT_DATABASE_URL_FILE": f"{SECRETS}database_url",
    "ASSISTANT_TELEGRAM_TOKEN_FILE": f"{SECRETS}telegram_token",
}


def test_every_setting_is_passed_from_the_environment_of_compose() -> None:
    of_the_image = {"ASSISTANT_DATA_DIR"}
    settings = {PREFIX + field.upper() for field in Settings.model_fields} - of_the_image
    wanted = {name: f"${{{name}-{SECRET_FILES.get(name, '')}}}" for name in settings - FIXED.keys()}
    assert ASSISTANT["environment"] == wanted | FIXED


def test_what_is_unset_in_compose_is_unset_in_the_container(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in compose_environment("assistant", {}).items():
        monkeypatch.setenv(name, value)
    loaded, untouched = Settings(_env_file=None), Settings.model_construct()
    differing = {name for name in Settings.model_fields if getattr(loaded, name) != getattr(untouched, name)}
    assert {PREFIX + name.upper() for name in differing} == FIXED.keys() | SECRET_FILES.keys()


def test_a_misspelt_line_of_the_dotenv_file_reaches_the_assistant() -> None:
    assert ASSISTANT["env_file"] == [{"path": ".env", "required": False}]


def test_cases_of_ones_own_are_put_where_the_guide_says() -> None:
    guide = (ROOT / "docs" / "containers.md").read_text("utf-8")
    [target] = [volume.partition(":")[2] for volume in ASSISTANT["volumes"] if volume.startswith("cases:")]
    assert f"ASSISTANT_CASES_DIR={target}\n" in guide
    assert f"assistant:{target}/" in guide


@pytest.mark.parametrize("section", ["secrets", "networks", "volumes"])
def test_everything_named_is_declared_and_the_other_way_round(section: str) -> None:
    assert used(section) == set(compose()[section])


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


def test_no_port_is_published_but_ours_on_loopback() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    port = environment()["ASSISTANT_LISTEN"].rpartition(":")[2]
    assert published == {"assistant": [f"127.0.0.1:8080:{port}"]}
    assert ASSISTANT["environment"]["ASSISTANT_LISTEN"] == environment()["ASSISTANT_LISTEN"]
    assert the("EXPOSE").words == [port]
    assert not any("network_mode" in service for service in SERVICES.values())


def test_the_database_has_no_way_out_and_the_others_do() -> None:
    inside = {name for name, network in compose()["networks"].items() if (network or {}).get("internal")}
    ways_out = {name: set(service["networks"]) - inside for name, service in SERVICES.items()}
    assert {name for name, ways in ways_out.items() if not ways} == {"postgres"}
    assert set(SERVICES["postgres"]["networks"]) & set(ASSISTANT["networks"])


def test_nobody_but_the_assistant_reaches_signal() -> None:
    shared = set(SERVICES["signal"]["networks"])
    assert {name for name, service in SERVICES.items() if shared & set(service["networks"])} == {
        "signal",
        "assistant",
    }


def test_signal_starts_only_where_it_is_asked_for() -> None:
    assert SERVICES["signal"]["profiles"] == ["signal"]
    assert list(ASSISTANT["depends_on"]) == ["postgres"]
    assert {name for name, service in SERVICES.items() if "profiles" in service} == {"signal"}


def test_what_people_write_on_signal_is_kept_in_memory_only() -> None:
    signal = SERVICES["signal"]
    assert signal["tmpfs"] == ["/var/log/signal-cli-json-rpc-1"]
    assert signal["environment"]["MODE"] == "json-rpc"
    assert signal["environment"]["JSON_RPC_IGNORE_STORIES"] == "true"


def test_the_assistant_waits_for_a_healthy_database() -> None:
    assert ASSISTANT["depends_on"]["postgres"] == {"condition": "service_healthy"}
    assert SERVICES["postgres"]["healthcheck"]["test"][0] == "CMD"


def test_the_assistant_may_do_nothing_that_it_does_not_need() -> None:
    assert ASSISTANT["read_only"] is True
    assert ASSISTANT["cap_drop"] == ["ALL"]
    assert ASSISTANT["security_opt"] == ["no-new-privileges:true"]
    assert ASSISTANT["volumes"] == [f"data:{environment()['ASSISTANT_DATA_DIR']}", "cases:/cases"]
    assert the("VOLUME").words == [environment()["ASSISTANT_DATA_DIR"]]


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    images += [stage[0].words[0] for stage in stages()]
    assert len(images) == 4
    for image in images:
        name, _, tag = image.partition(":")
        assert tag not in ("", "latest")
        assert "." not in name  # a registry's address


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
    installs = [each.rest for each in instructions if "pip install" in each.rest]
    assert installs == [
        "pip install --require-hashes -r requirements/run.txt",
        "python -m hatchling build -t wheel && pip install --no-deps dist/*.whl",
    ]
    addresses = re.findall(r"\w+://[^/']+", "\n".join(each.rest for each in instructions))
    assert addresses == ["http://127.0.0.1:{port}"]


@pytest.mark.parametrize("word", ["ENTRYPOINT", "CMD", "HEALTHCHECK"])
def test_no_shell_stands_between_the_engine_and_us(word: str) -> None:
    assert "[" in the(word).rest
    assert all(isinstance(each, str) for each in the(word).words)
    assert the("STOPSIGNAL").rest == "SIGTERM"
