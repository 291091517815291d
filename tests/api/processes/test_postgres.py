import os
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from api.processes.child import Child
from api.processes.list import read_processes
from api.processes.postgres import EmbeddedPostgres, connect, next_to
from api.processes.rules import BackOff
from api.processes.supervisor import Supervisor
from tests.api.processes.programs import happens

AT_ONCE = BackOff(first_s=0.05, most_s=0.5)
ENVIRONMENT = {"PATH": os.environ["PATH"]}


@pytest.fixture
async def supervisor(data_dir: Path) -> AsyncIterator[Supervisor]:
    made = Supervisor(data_dir, say=lambda _: None, back_off=AT_ONCE)
    yield made
    await made.stop()


@pytest.fixture
async def postgres(supervisor: Supervisor, data_dir: Path) -> EmbeddedPostgres:
    made = EmbeddedPostgres(data_dir, environment=ENVIRONMENT)
    await made.make(supervisor)
    return made


@pytest.fixture
async def server(supervisor: Supervisor, postgres: EmbeddedPostgres) -> Child:
    child = supervisor.keep(postgres.server())
    await postgres.create_databases()
    return child


@pytest.mark.usefixtures("server")
async def test_databases_are_made_once(postgres: EmbeddedPostgres) -> None:
    await postgres.create_databases()
    connection = await connect(postgres.url("careline"))
    assert await connection.fetchval("SELECT current_user") == "postgres"
    await connection.close()


@pytest.mark.usefixtures("server")
async def test_engine_has_its_own_database_and_cannot_open_ours(
    postgres: EmbeddedPostgres,
) -> None:
    connection = await connect(postgres.url("rasa", user="rasa"))
    await connection.execute("CREATE TABLE tracker (id int)")
    await connection.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(postgres.url("careline", user="rasa"))


@pytest.mark.usefixtures("server")
async def test_only_the_owner_can_open_the_socket(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE(postgres.socket_folder.stat().st_mode) == 0o700
    connection = await connect(postgres.url("careline"))
    assert await connection.fetchval("SHOW listen_addresses") == ""
    await connection.close()


async def test_killed_server_comes_back_with_what_was_committed(
    postgres: EmbeddedPostgres, server: Child, data_dir: Path
) -> None:
    connection = await connect(postgres.url("careline"))
    await connection.execute("CREATE TABLE kept (id int)")
    await connection.execute("INSERT INTO kept VALUES (1)")
    pid = server.status.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await happens(lambda: read_processes(data_dir)[0].restarts >= 1)
    again = await connect(postgres.url("careline"))
    assert await again.fetchval("SELECT count(*) FROM kept") == 1
    await again.close()
    await connection.close()


@pytest.mark.usefixtures("server")
async def test_log_names_errors_without_their_values(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    connection = await connect(postgres.url("careline"))
    await connection.execute("CREATE TABLE told (secret text UNIQUE)")
    await connection.execute("INSERT INTO told VALUES ('hush')")
    with pytest.raises(asyncpg.UniqueViolationError):
        await connection.execute("INSERT INTO told VALUES ('hush')")
    await connection.close()
    log = (data_dir / "log" / "postgres.log").read_text()
    assert "duplicate key value" in log
    assert "hush" not in log


async def test_second_start_finds_the_cluster_made(
    supervisor: Supervisor, postgres: EmbeddedPostgres
) -> None:
    made = (postgres.folder / "PG_VERSION").stat().st_mtime_ns
    await postgres.make(supervisor)
    assert (postgres.folder / "PG_VERSION").stat().st_mtime_ns == made


async def test_interrupted_making_is_begun_again(data_dir: Path, supervisor: Supervisor) -> None:
    half_made = data_dir / "postgres.new"
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("18\n")
    postgres = EmbeddedPostgres(data_dir, environment=ENVIRONMENT)
    await postgres.make(supervisor)
    assert (postgres.folder / "global").is_dir()


def test_pid_file_that_names_another_process_is_removed(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, environment=ENVIRONMENT)
    postgres.folder.mkdir()
    pid_file = postgres.folder / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    postgres.clear_stale_pid()
    assert not pid_file.exists()


def test_pid_file_of_our_own_server_stays(data_dir: Path) -> None:
    postgres = EmbeddedPostgres(data_dir, environment=ENVIRONMENT)
    postgres.folder.mkdir()
    pid_file = postgres.folder / "postmaster.pid"
    argv = [sys.executable, "-c", "import time; time.sleep(9999)", str(postgres.folder)]
    with subprocess.Popen(argv) as running:
        pid_file.write_text(f"{running.pid}\n")
        postgres.clear_stale_pid()
        running.kill()
    assert pid_file.exists()


async def test_path_too_long_for_a_socket_gets_a_short_private_one(
    data_dir: Path, supervisor: Supervisor
) -> None:
    deep = data_dir / ("d" * 100)
    deep.mkdir()
    postgres = EmbeddedPostgres(deep, environment=ENVIRONMENT)
    await postgres.make(supervisor)
    supervisor.keep(postgres.server())
    await postgres.create_databases()
    assert len(str(postgres.socket_folder)) < 60
    assert stat.S_IMODE(postgres.socket_folder.stat().st_mode) == 0o700
    await supervisor.stop()
    postgres.socket_folder.rmdir()


def test_neighbouring_database_has_the_same_server() -> None:
    assert (
        next_to("postgresql://u:p@host:5432/careline?sslmode=verify-full", "rasa")
        == "postgresql://u:p@host:5432/rasa?sslmode=verify-full"
    )
    assert next_to("postgresql://host", "rasa") == "postgresql://host/rasa"
