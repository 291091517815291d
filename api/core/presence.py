"""Which worker processes are alive, as the database knows it: leases of dead ones are void.

A worker holds a session-level advisory lock for its lifetime; the lock goes with its connection,
also on kill -9. So a lease need not run out before the work of a dead worker is taken up.
"""

import secrets

from sqlalchemy import BigInteger, ColumnElement, cast, column, select, table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from api.core.db import Database

# The first of the two keys of Postgres' advisory locks: ours, against other uses of them.
SPACE = 0x0CA2E
_LOCKS = table(
    "pg_locks", column("locktype"), column("classid"), column("objid"), column("granted")
)


class Presence:
    """One process's sign of life."""

    def __init__(self, database: Database) -> None:
        self._engine = database.side_engine
        self._connection: AsyncConnection | None = None
        self.number = secrets.randbelow(2**31 - 1)

    async def start(self) -> None:
        """Become known as alive."""
        self._connection = await self._engine.connect()
        await self._connection.execute(
            text("SELECT pg_advisory_lock(:space, :number)"),
            {"space": SPACE, "number": self.number},
        )
        await self._connection.commit()

    async def is_kept(self) -> bool:
        """Whether this process still counts as alive; false after its connection was cut."""
        if self._connection is None or self._connection.invalidated:
            return False
        return await is_alive(self._connection, self.number)

    async def stop(self) -> None:
        """Give the sign back."""
        if self._connection is not None:
            # The lock is the connection's: given back to the pool, it would go on holding it.
            await self._connection.invalidate()
            await self._connection.close()


async def is_alive(session: AsyncSession | AsyncConnection, number: int) -> bool:
    """Whether the process with that number lives."""
    held = await session.scalar(
        text(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            " AND classid = :space AND objid = :number AND granted"
        ),
        {"space": SPACE, "number": number},
    )
    return bool(held)


def is_dead(holder: InstrumentedAttribute[int | None]) -> ColumnElement[bool]:
    """For a query: whether the process that a row names is known to be dead."""
    living = select(cast(_LOCKS.c.objid, BigInteger)).where(
        _LOCKS.c.locktype == "advisory",
        cast(_LOCKS.c.classid, BigInteger) == SPACE,
        _LOCKS.c.granted,
    )
    return holder.is_not(None) & cast(holder, BigInteger).not_in(living)
