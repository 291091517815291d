"""`careline migrate` and `careline revision`: the database's tables."""

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import typer

from api.core.db import Database
from api.core.settings import load_settings
from api.migrations.runner import upgrade, write_revision
from api.processes.environment import own_environment, without_postgres
from api.processes.postgres import EmbeddedPostgres
from api.processes.supervisor import Supervisor

commands = typer.Typer()


@commands.command()
def migrate() -> None:
    """Bring the database's tables to this version."""
    url = load_settings().database_url
    if not url:
        typer.echo("DATABASE_URL is missing: `careline up` migrates the embedded one.", err=True)
        raise typer.Exit(2)
    asyncio.run(_migrate(url))


@commands.command()
def revision(message: str) -> None:
    """Write the next version of the tables from the code, in a database of its own."""
    asyncio.run(_revise(message))


async def _migrate(url: str) -> None:
    database = Database(url)
    try:
        await upgrade(database)
    finally:
        await database.close()
    typer.echo("the database's tables are up to date")


async def _revise(message: str) -> None:
    async with _passing_database() as database:
        await upgrade(database)
        await write_revision(database, message)


@asynccontextmanager
async def _passing_database() -> AsyncIterator[Database]:
    with tempfile.TemporaryDirectory() as folder:
        supervisor = Supervisor(Path(folder), say=lambda line: typer.echo(line, file=sys.stderr))
        postgres = EmbeddedPostgres(Path(folder), environment=without_postgres(own_environment()))
        await postgres.make(supervisor)
        supervisor.keep(postgres.server())
        await postgres.create_databases()
        database = Database(postgres.url("careline"))
        try:
            yield database
        finally:
            await database.close()
            await supervisor.stop()
