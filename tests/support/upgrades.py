"""A database without any table, moved from version to version."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

from api import migrations
from api.core.db import Database

FOLDER = Path(str(migrations.__file__)).parent


@pytest.fixture
async def empty(database: Database) -> AsyncIterator[AsyncConnection]:
    """A database without any table."""
    async with database.engine.connect() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
        await connection.commit()
        yield connection
        await connection.rollback()


async def move(connection: AsyncConnection, version: str, *, up: bool) -> None:
    """Change the tables to those of a version."""

    def run(raw: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(FOLDER))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = raw
        (command.upgrade if up else command.downgrade)(config, version)

    await connection.run_sync(run)
    await connection.commit()
