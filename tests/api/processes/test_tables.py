from pathlib import Path

import asyncpg

from api.processes.tables import are_current


async def test_empty_database_is_not_current(postgres_url: str, tmp_path: Path) -> None:
    (tmp_path / "0001_first.py").touch()
    assert not await are_current(postgres_url, versions=tmp_path)


async def test_database_at_the_newest_version_is_current(database_url: str, tmp_path: Path) -> None:
    await _stamp(database_url, "0002")
    (tmp_path / "0001_first.py").touch()
    (tmp_path / "0002_second.py").touch()
    assert await are_current(database_url, versions=tmp_path)
    (tmp_path / "0003_third.py").touch()
    assert not await are_current(database_url, versions=tmp_path)


async def test_driver_in_the_address_does_no_harm(database_url: str, tmp_path: Path) -> None:
    await _stamp(database_url, "0001")
    (tmp_path / "0001_first.py").touch()
    spoken = database_url.replace("postgresql://", "postgresql+asyncpg://")
    assert await are_current(spoken, versions=tmp_path)


async def _stamp(url: str, version: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
    await connection.execute("INSERT INTO alembic_version VALUES ($1)", version)
    await connection.close()
