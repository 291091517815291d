"""Bringing a database to this version of the service, and writing the next version down."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from api.core.db import Database
from api.core.jobs import install_engine

FOLDER = Path(__file__).resolve().parent
# Several processes may start at once; one migrates and the others wait for it.
LOCK = 4_021_950_322


async def upgrade(database: Database) -> None:
    """Bring every table to the newest version; does nothing where it is there already."""
    async with database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": LOCK})
        await connection.commit()
        try:
            await connection.run_sync(_upgrade)
            await connection.commit()
            await install_engine(database)
        finally:
            await connection.rollback()
            await connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": LOCK})
            await connection.commit()


async def write_revision(database: Database, message: str) -> None:
    """Write a new version: what the tables in the code have and the database has not.

    The result is a draft. Constraints that Alembic does not see (exclusion, triggers) are added by
    hand, and what it drops is checked by a person.
    """
    async with database.engine.connect() as connection:
        await connection.run_sync(lambda raw: _revise(raw, message))


def _upgrade(connection: Connection) -> None:
    command.upgrade(_config(connection), "head")


def _revise(connection: Connection, message: str) -> None:
    count = len(list((FOLDER / "versions").glob("[0-9]*.py")))
    command.revision(_config(connection), message, autogenerate=True, rev_id=f"{count + 1:04d}")


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
