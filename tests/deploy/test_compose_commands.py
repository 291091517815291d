"""The commands of docker-compose.yml, run as they stand there, without Docker."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path

import pytest
import yaml

from api.processes.ports import LOOPBACK, answers, status_of, unused_port
from api.processes.postgres import EmbeddedPostgres
from api.processes.program import Program, until
from api.processes.supervisor import Supervisor

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
CARELINE = str(Path(sys.executable).parent / "careline")
OPERATOR = {
    "PUBLIC_BASE_URL": "https://careline.example",
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_FROM": "+12125550199",
}
LIMIT_S = 120
FILLED_IN = re.compile(r"\$\{(\w+)(?::[-?][^}]*)?\}")


@pytest.fixture
async def supervisor(data_dir: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(data_dir, say=lambda _: None)
    yield made
    await made.stop()


@pytest.fixture
async def secrets(data_dir: Path, supervisor: Supervisor) -> Path:
    """The secrets as `deploy/make-secrets` makes them, with an embedded Postgres behind."""
    script = shutil.copy(ROOT / "deploy" / "make-secrets", data_dir)
    subprocess.run([script], check=True, capture_output=True)  # noqa: ASYNC221
    folder = data_dir / "secrets"
    postgres = EmbeddedPostgres(data_dir, environment={"PATH": os.environ["PATH"]})
    await postgres.make(supervisor)
    supervisor.keep(postgres.server())
    await postgres.create_databases()
    (folder / "database_url").write_text(postgres.url("careline"))
    (folder / "tracker_database_url").write_text(postgres.url("rasa", user="rasa"))
    (folder / "twilio_auth_token").write_text("t" * 32)
    (folder / "smtp_url").write_text("smtp://127.0.0.1/?from=careline@clinic.example")
    return folder


async def test_commands_of_production_run(supervisor: Supervisor, secrets: Path) -> None:
    printed: list[str] = []
    assert await supervisor.run(command("migrate", secrets), say=printed.append) == 0, printed

    ports = {"api": unused_port(), "actions": unused_port()}
    for name, port in ports.items():
        supervisor.keep(command(name, secrets, port=port))
    worker = supervisor.keep(command("worker", secrets))
    async with asyncio.timeout(LIMIT_S):
        for port in ports.values():
            await until(partial(answers, f"http://{LOOPBACK}:{port}/livez"))
            assert await status_of(f"http://{LOOPBACK}:{port}/livez") == 200
        await worker.is_up.wait()
    assert worker.status.restarts == 0


async def test_service_is_not_ready_without_its_engine(
    supervisor: Supervisor, secrets: Path
) -> None:
    await supervisor.run(command("migrate", secrets))
    port = unused_port()
    supervisor.keep(command("api", secrets, port=port))
    async with asyncio.timeout(LIMIT_S):
        await until(partial(answers, f"http://{LOOPBACK}:{port}/livez"))
    assert await status_of(f"http://{LOOPBACK}:{port}/readyz") == 503


def command(name: str, secrets: Path, *, port: int | None = None) -> Program:
    """A service's command and environment, with this machine's places for the containers'."""
    service = COMPOSE["services"][name]
    environment = {key: filled(str(value)) for key, value in service["environment"].items()}
    environment["CARELINE_SECRETS_DIR"] = str(secrets)
    word, *arguments = service["command"]
    assert word == "careline"
    if port is not None:
        arguments[arguments.index("--port") + 1] = str(port)
        arguments[arguments.index("--host") + 1] = LOOPBACK
    argv = (CARELINE, *arguments)
    return Program(name=name, argv=argv, cwd=ROOT, environment=environment | plain())


def filled(text: str, operator: Mapping[str, str] = OPERATOR) -> str:
    """What the operator's .env puts into a value."""
    return FILLED_IN.sub(lambda found: operator.get(found[1], ""), text)


def plain() -> dict[str, str]:
    return {"PATH": os.environ["PATH"]}
