"""The one database: engine, transactions, the base of all tables."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import LargeBinary, MetaData, event
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection, IsolationLevel
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

# Beside the size that is asked for: for short peaks.
SPARE = 4

Instant = TIMESTAMP(timezone=True)
Sealed = LargeBinary


class Base(DeclarativeBase):
    """Parent of every table of `api`. Times are aware UTC; the database's clock is never asked."""

    metadata = MetaData(naming_convention=NAMING)


class Database:
    """One process's connections. Only edges (a request, a job) open transactions."""

    def __init__(self, url: str, *, pool_size: int = 12) -> None:
        self.url = driver_url(url)
        self.engine: AsyncEngine = _engine(self.url, pool_size, "READ COMMITTED")
        # Short reads that must not wait for the main pool while a caller holds one of its
        # connections: data keys and the sandbox clock. One pool for both could lock itself up.
        self.side_engine: AsyncEngine = _engine(self.url, 3, "AUTOCOMMIT")
        # Whoever needs a second connection while it holds one takes this first: were all of the
        # pool's connections held by such callers, each would wait for the others for ever.
        self.nesting = asyncio.Semaphore(max(1, pool_size // 4))

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session that commits at the end of the block, or rolls back when it raises."""
        async with AsyncSession(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    async def close(self) -> None:
        """Give every connection back."""
        await self.engine.dispose()
        await self.side_engine.dispose()


def driver_url(url: str) -> URL:
    """The same address, spoken through asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def plain_url(url: URL) -> str:
    """The address for asyncpg itself (LISTEN connections, the job engine)."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _engine(url: URL, pool_size: int, isolation: IsolationLevel) -> AsyncEngine:
    """`hide_parameters`: SQLAlchemy prints bound values, so PHI, in its exceptions otherwise.

    No overflow: its connections are closed as they are given back, and under load two new ones
    would be made for every message. The newest is given out first, so that only few are at work.
    """
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=pool_size + SPARE,
        max_overflow=0,
        pool_use_lifo=True,
        isolation_level=isolation,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(
    connection: DBAPIConnection, _record: ConnectionPoolEntry, _proxy: PoolProxiedConnection
) -> None:
    """A connection that Postgres has cut is not handed out; a ping would cost a round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError
