import os
import signal
import socket
import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from api.processes import up
from api.processes.claim import claimed
from api.processes.list import read_processes
from api.processes.ports import LOOPBACK, unused_port
from api.processes.program import Program
from api.processes.services import Services
from api.processes.up import run_up
from tests.api.processes.programs import BY_BEING_TOLD, a_program

SETTINGS = ("CARELINE_MODE", "DATABASE_URL", "CARELINE_KEK", "RASA_TOKEN", "FHIR_BASE_URL")


@pytest.fixture
def environment(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CARELINE_SECRETS_DIR", "")  # given back after the test, as it was
    monkeypatch.setenv("CARELINE_DATA_DIR", str(data_dir))
    monkeypatch.setenv("CARELINE_PORT", str(unused_port()))
    return {"PATH": os.environ["PATH"]}


@pytest.fixture
def fake_services(monkeypatch: pytest.MonkeyPatch) -> dict[str, Program]:
    """Every program of the machine but Postgres is a line of Python."""
    programs = {
        "migrate": a_program("print('tables are up to date')", name="migrate"),
        "train": a_program("print('train: up to date')", name="train"),
        **{name: a_program(BY_BEING_TOLD, name=name) for name in ("worker", "actions", "rasa")},
        "api": a_program(BY_BEING_TOLD, name="api"),
    }
    for method in tuple(programs):
        monkeypatch.setattr(Services, method, lambda _, name=method: programs[name])
    return programs


async def test_second_start_on_the_same_data_is_refused(
    environment: Mapping[str, str], data_dir: Path
) -> None:
    told: list[str] = []
    with claimed(data_dir):
        assert await run_up(environment, tell=told.append) == 1
    (sentence,) = told
    assert sentence.startswith(f"Careline runs on {data_dir} already (process {os.getpid()}).")
    assert "CARELINE_DATA_DIR" in sentence


async def test_taken_port_is_named(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(up, "PORT_PATIENCE_S", 0.01)
    told: list[str] = []
    with socket.create_server((LOOPBACK, 0)) as listening:
        port = listening.getsockname()[1]
        monkeypatch.setenv("CARELINE_PORT", str(port))
        assert await run_up(environment, tell=told.append) == 1
    assert f"Careline cannot start: port {port} is taken; set CARELINE_PORT to another." in told


async def test_setting_that_forbids_a_start_is_named(
    environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARELINE_MODE", "production")
    told: list[str] = []
    assert await run_up(environment, tell=told.append) == 1
    assert any("PUBLIC_BASE_URL" in line for line in told)


@pytest.mark.usefixtures("fake_services")
async def test_everything_starts_and_ends_in_order(
    environment: Mapping[str, str], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    seen: list[set[str]] = []

    async def ready_then_told_to_end(_settings: object) -> bool:
        listed = {one.name for one in read_processes(data_dir) if one.pid}
        if listed == {"postgres", "api", "worker", "actions", "rasa"}:
            seen.append(listed)
            os.kill(os.getpid(), signal.SIGTERM)
            return True
        return False

    monkeypatch.setattr(up, "_is_ready", ready_then_told_to_end)
    assert await run_up(environment, tell=told.append) == 0
    assert seen
    assert {one.pid for one in read_processes(data_dir)} == {None}
    assert [line for line in told if "Careline is ready: http://127.0.0.1:" in line]
    assert told[-1].endswith("everything is stopped")
    assert stat.S_IMODE((data_dir / "secrets").stat().st_mode) == 0o700


async def test_tables_that_cannot_be_changed_forbid_the_start(
    environment: Mapping[str, str], data_dir: Path, fake_services: dict[str, Program]
) -> None:
    fake_services["migrate"] = a_program("import sys; sys.exit(1)", name="migrate")
    told: list[str] = []
    assert await run_up(environment, tell=told.append) == 1
    assert any("tables could not be changed" in line for line in told), told
    assert {one.pid for one in read_processes(data_dir)} == {None}
