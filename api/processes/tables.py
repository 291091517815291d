"""Whether the database's tables are those of this version, without loading what changes them."""

from pathlib import Path

import asyncpg

from api.processes.postgres import connect, plain_scheme
from api.processes.services import ROOT

VERSIONS = ROOT / "api" / "migrations" / "versions"


async def are_current(url: str, *, versions: Path) -> bool:
    """Whether the newest file of `versions` is the one that was applied last.

    A version's number is the beginning of its file's name. When in doubt the answer is no, and
    migrating finds that there is nothing to do.
    """
    newest = _newest(versions)
    connection = await connect(plain_scheme(url))
    try:
        return bool(newest == await connection.fetchval("SELECT version_num FROM alembic_version"))
    except asyncpg.UndefinedTableError:
        return False
    finally:
        await connection.close()


def _newest(versions: Path) -> str:
    return max((file.stem.partition("_")[0] for file in versions.glob("[0-9]*.py")), default="")
