"""What production is made of: compose file and images keep their promises."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from api.cli import MODULES

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILES = sorted((ROOT / "deploy").glob("*Dockerfile"))
PINNED = re.compile(r"^[\w./-]+:v?\d+\.\d+(\.\d+)?[\w.-]*$")
OUR_COMMANDS = frozenset(word for words in MODULES.values() for word in words)
LONG_RUNNING_WITHOUT_A_DOOR = {"worker"}  # it listens nowhere; the restart policy watches it
MUST_REACH_OUTSIDE = {"caddy", "api", "worker", "grafana"}


def _compose() -> dict[str, dict[str, dict[str, object]]]:
    loaded: dict[str, dict[str, dict[str, object]]] = yaml.safe_load(
        (ROOT / "docker-compose.yml").read_text("utf-8")
    )
    return loaded


COMPOSE = _compose()
SERVICES = COMPOSE["services"]
each_service = pytest.mark.parametrize("name", sorted(SERVICES))
each_image = pytest.mark.parametrize("file", DOCKERFILES, ids=lambda file: file.name)


def test_every_part_of_production_is_there() -> None:
    assert set(SERVICES) >= {
        *("caddy", "api", "worker", "actions", "rasa", "postgres", "redis"),
        *("prometheus", "grafana", "hapi"),
    }
    assert SERVICES["hapi"]["profiles"] == ["fhir"]


@each_service
def test_image_is_ours_or_pinned(name: str) -> None:
    service = SERVICES[name]
    if "build" in service:
        build = service["build"]
        assert isinstance(build, dict)
        assert (ROOT / str(build["context"]) / str(build["dockerfile"])).is_file()
    else:
        assert PINNED.match(str(service["image"]))


@each_service
def test_service_has_no_more_power_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert "privileged" not in service
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_add", []) in ([], ["NET_BIND_SERVICE"])
    assert service.get("network_mode", "none") == "none"
    assert "pid" not in service


@each_service
def test_service_that_stays_has_a_health_check(name: str) -> None:
    service = SERVICES[name]
    stays = service.get("restart") == "unless-stopped" and "profiles" not in service
    assert ("healthcheck" in service) == (stays and name not in LONG_RUNNING_WITHOUT_A_DOOR)


@each_service
def test_command_of_ours_exists(name: str) -> None:
    command = SERVICES[name].get("command", [])
    assert isinstance(command, list)
    if command[:1] == ["careline"]:
        assert command[1] in OUR_COMMANDS
    else:
        assert "build" not in SERVICES[name] or name == "rasa"


def test_engine_reaches_its_neighbours_and_nothing_else() -> None:
    assert SERVICES["rasa"]["networks"] == ["engine"]
    assert COMPOSE["networks"]["engine"] == {"internal": True}


def test_database_is_on_no_network() -> None:
    assert SERVICES["postgres"]["network_mode"] == "none"


def test_only_the_front_door_is_open_to_the_world() -> None:
    open_doors = {
        name
        for name, service in SERVICES.items()
        for port in _listed(service, "ports")
        if not str(port).startswith("127.0.0.1:")
    }
    assert open_doors == {"caddy"}


def test_only_those_that_must_can_reach_the_outside() -> None:
    outside = {name for name, one in SERVICES.items() if "outside" in _listed(one, "networks")}
    assert outside == MUST_REACH_OUTSIDE


def test_every_secret_comes_as_a_file() -> None:
    secrets = COMPOSE["secrets"]
    used = {str(one) for service in SERVICES.values() for one in _listed(service, "secrets")}
    assert used == set(secrets)
    assert {str(one["file"]) for one in secrets.values()} == {
        f"./deploy/secrets/{name}" for name in secrets
    }


@each_service
def test_no_secret_stands_in_the_environment(name: str) -> None:
    environment = SERVICES[name].get("environment", {})
    assert isinstance(environment, dict)
    for key, value in environment.items():
        if re.search("PASSWORD|TOKEN|SECRET|KEK|_KEY", key):
            assert str(value).startswith("/run/secrets"), key


def test_engine_and_actions_see_no_key_of_the_service() -> None:
    keys = {"careline_kek", "careline_lookup_key", "careline_token_key", "database_url"}
    assert not keys & set(map(str, _listed(SERVICES["rasa"], "secrets")))
    assert not keys & set(map(str, _listed(SERVICES["actions"], "secrets")))


def test_files_that_are_mounted_exist() -> None:
    mounted = [
        str(volume).split(":", 1)[0]
        for service in SERVICES.values()
        for volume in _listed(service, "volumes")
        if str(volume).startswith("./")
    ]
    assert mounted
    assert [path for path in mounted if not (ROOT / path).exists()] == []


@each_image
def test_image_stands_on_a_pinned_one_and_runs_without_root(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    stages = [line.split()[1] for line in lines if line.startswith("FROM ")]
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert all(PINNED.match(stage) for stage in stages)
    assert int(users[-1]) > 0
    assert lines.index(f"USER {users[-1]}") > max(
        number for number, line in enumerate(lines) if line.startswith("FROM ")
    )


@each_image
def test_image_installs_what_is_locked_and_copies_what_exists(file: Path) -> None:
    lines = file.read_text("utf-8").splitlines()
    syncs = [line for line in lines if "uv sync" in line]
    assert syncs
    assert all("--locked" in line for line in syncs)
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ")]
    paths = [path for line in copied if "--from=build" not in line for path in line]
    assert [path for path in paths if path[0] != "-" and not (ROOT / path).exists()] == []


def test_images_use_the_uv_that_set_up_uses() -> None:
    setup = (ROOT / ".ci" / "setup").read_text("utf-8")
    version = re.search(r"^UV_VERSION=(\S+)$", setup, re.MULTILINE)
    assert version is not None
    for file in DOCKERFILES:
        assert f"uv=={version[1]}" in file.read_text("utf-8")


def test_secrets_are_made_whole_once_and_nothing_is_missing(tmp_path: Path) -> None:
    script = shutil.copy(ROOT / "deploy" / "make-secrets", tmp_path)
    subprocess.run([script], check=True, capture_output=True)
    made = {file.name: file.read_text("ascii") for file in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(COMPOSE["secrets"]) - {"twilio_auth_token", "smtp_url"}
    assert min(map(len, made.values())) >= 32
    assert len(set(made.values())) == len(made)
    assert made["careline_database_password"] in made["database_url"]
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run([script], check=True, capture_output=True)
    assert made == {f.name: f.read_text("ascii") for f in (tmp_path / "secrets").iterdir()}


def _listed(service: dict[str, object], key: str) -> list[object]:
    value = service.get(key, [])
    assert isinstance(value, list)
    return value


def test_service_believes_the_proxy_about_who_asks() -> None:
    """Otherwise all patients together would be one address to the limits of the web chat."""
    environment = SERVICES["api"].get("environment")
    assert isinstance(environment, dict)
    assert environment["FORWARDED_ALLOW_IPS"] == "*"
    assert "ports" not in SERVICES["api"]  # nobody but the proxy can name an address
    caddyfile = (ROOT / "deploy" / "Caddyfile").read_text("utf-8")
    assert "trusted_proxies" not in caddyfile  # Caddy itself believes nobody
