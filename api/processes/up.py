"""Bringing the whole of Careline up on one machine, and down again."""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from api.core.settings import Settings, load_settings, problems
from api.processes.claim import AlreadyRunning, claimed
from api.processes.environment import use_secrets_folder, without_postgres
from api.processes.keys import make_missing_keys, read_key
from api.processes.ports import LOOPBACK, becomes_free, kept_port, status_of
from api.processes.postgres import (
    EmbeddedPostgres,
    PostgresUnavailable,
    connect,
    create_database,
    next_to,
    plain_scheme,
)
from api.processes.program import until
from api.processes.services import Services
from api.processes.supervisor import Supervisor
from api.processes.tables import VERSIONS, are_current

RASA_PORT = 5005
ACTIONS_PORT = 5055
PORT_PATIENCE_S = 5.0
READY = 200
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Say = Callable[[str], None]


class CannotStart(Exception):
    """A start that cannot succeed; its text is for the operator."""


@dataclass(frozen=True)
class Databases:
    """The addresses of our database and of the engine's."""

    url: str
    tracker_url: str


@dataclass
class Bringup:
    """One start: where its data are, what it was told, whom it tells of its progress."""

    environment: Mapping[str, str]
    data_dir: Path
    tell: Say
    began: float = field(default_factory=time.monotonic)

    def say(self, line: str) -> None:
        """Tell of progress, with the seconds since the start."""
        self.tell(f"{time.monotonic() - self.began:6.1f} s  {line}")


async def run_up(environment: Mapping[str, str], *, tell: Say) -> int:
    """Run Careline until it is told to end; 0 when it ended in order, 1 when it cannot start."""
    data_dir = load_settings().careline_data_dir.absolute()
    up = Bringup(environment=environment, data_dir=data_dir, tell=tell)
    ending = asyncio.Event()
    for number in ENDING:
        asyncio.get_running_loop().add_signal_handler(number, ending.set)
    try:
        with claimed(data_dir):
            await _run_until(ending, up)
    except AlreadyRunning as running:
        tell(
            f"Careline runs on {data_dir} already (process {running.pid}). Stop it first, or "
            "set CARELINE_DATA_DIR and CARELINE_PORT to run another one."
        )
        return 1
    except CannotStart as reason:
        tell(f"Careline cannot start: {reason}")
        return 1
    return 0


async def _run_until(ending: asyncio.Event, up: Bringup) -> None:
    supervisor = Supervisor(up.data_dir, say=up.say)
    bringing = asyncio.create_task(_bring_up(supervisor, up))
    asked = asyncio.create_task(ending.wait())
    try:
        await asyncio.wait((bringing, asked), return_when=asyncio.FIRST_COMPLETED)
        if bringing.done():
            bringing.result()
        await asked
    finally:
        up.say("stopping")
        asked.cancel()
        bringing.cancel()
        await asyncio.gather(bringing, asked, return_exceptions=True)
        await supervisor.stop()
        up.say("everything is stopped")


async def _bring_up(supervisor: Supervisor, up: Bringup) -> None:
    settings = _fit_settings(up)
    if not await becomes_free(settings.careline_port, within_s=PORT_PATIENCE_S):
        reason = f"port {settings.careline_port} is taken; set CARELINE_PORT to another."
        raise CannotStart(reason)
    try:
        databases = await _databases(supervisor, up, settings)
    except PostgresUnavailable:
        raise CannotStart(
            "Postgres does not answer; see log/initdb.log and log/postgres.log."
        ) from None
    services = _services(up, settings, databases)
    training = asyncio.create_task(_train(supervisor, services, up))
    try:
        await _start_service(supervisor, services, up)
        await training
    finally:
        training.cancel()
    _start_engine(supervisor, services, up)
    await until(partial(_is_ready, settings))
    up.tell(f"Careline is ready: http://{LOOPBACK}:{settings.careline_port}/")


def _fit_settings(up: Bringup) -> Settings:
    """The settings, with the secrets that were made where none were given."""
    folder = up.environment.get("CARELINE_SECRETS_DIR")
    if not folder:
        make_missing_keys(_secrets_folder(up), environment=up.environment)
        use_secrets_folder(_secrets_folder(up))
    settings = load_settings()
    if found := problems(settings):
        raise CannotStart(" ".join(found))
    return settings


def _secrets_folder(up: Bringup) -> Path:
    return Path(up.environment.get("CARELINE_SECRETS_DIR") or up.data_dir / "secrets").absolute()


async def _databases(supervisor: Supervisor, up: Bringup, settings: Settings) -> Databases:
    if settings.database_url:
        return await _given_databases(settings)
    postgres = EmbeddedPostgres(up.data_dir, environment=without_postgres(up.environment))
    await postgres.make(supervisor)
    supervisor.keep(postgres.server())
    await postgres.create_databases()
    return Databases(postgres.url("careline"), postgres.url("rasa", user="rasa"))


async def _given_databases(settings: Settings) -> Databases:
    """The operator's own; the engine's is made beside ours where none is named."""
    if settings.tracker_database_url:
        return Databases(settings.database_url, settings.tracker_database_url)
    connection = await connect(plain_scheme(settings.database_url))
    try:
        owner = str(await connection.fetchval("SELECT current_user"))
        await create_database(connection, "rasa", owner=owner)
    finally:
        await connection.close()
    tracker_url = next_to(plain_scheme(settings.database_url), "rasa")
    return Databases(settings.database_url, tracker_url)


def _services(up: Bringup, settings: Settings, databases: Databases) -> Services:
    secrets_folder = _secrets_folder(up)
    rasa_port, actions_port = kept_port(RASA_PORT), kept_port(ACTIONS_PORT)
    environment = without_postgres(up.environment) | {
        "CARELINE_DATA_DIR": str(up.data_dir),
        "CARELINE_SECRETS_DIR": str(secrets_folder),
        "CARELINE_PORT": str(settings.careline_port),
        "DATABASE_URL": databases.url,
        "TRACKER_DATABASE_URL": databases.tracker_url,
        "RASA_URL": f"http://{LOOPBACK}:{rasa_port}",
        "ACTIONS_URL": f"http://{LOOPBACK}:{actions_port}",
    }
    return Services(
        environment=environment,
        api_port=settings.careline_port,
        rasa_port=rasa_port,
        actions_port=actions_port,
        tracker_url=databases.tracker_url,
        rasa_token=read_key(secrets_folder, "rasa_token", environment=up.environment),
        internal_token=read_key(secrets_folder, "internal_token", environment=up.environment),
    )


async def _start_service(supervisor: Supervisor, services: Services, up: Bringup) -> None:
    """The pages come first and get the whole machine until they answer."""
    if not await are_current(services.environment["DATABASE_URL"], versions=VERSIONS):
        up.say("bringing the database's tables to this version")
        if await supervisor.run(services.migrate(), say=up.say) != 0:
            raise CannotStart("the database's tables could not be changed; see above.")
    api = supervisor.keep(services.api())
    await api.is_up.wait()
    supervisor.keep(services.worker())
    supervisor.keep(services.actions())


async def _train(supervisor: Supervisor, services: Services, up: Bringup) -> None:
    if await supervisor.run(services.train(), say=up.say) != 0:
        up.say("the engine's model cannot be trained; see log/train.log")


def _start_engine(supervisor: Supervisor, services: Services, up: Bringup) -> None:
    """Without an engine patients still reach a person, so a missing model stops nothing else."""
    try:
        engine = services.rasa()
    except FileNotFoundError:
        up.say("there is no model: Careline runs without its engine and will not get ready")
        return
    supervisor.keep(engine)


async def _is_ready(settings: Settings) -> bool:
    return await status_of(f"http://{LOOPBACK}:{settings.careline_port}/readyz") == READY
