"""What time it is for care: the system's clock, or the sandbox's that can be set.

Durations of machinery (leases, tokens, back-off) use real time, not this clock.
"""

from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import Interval, SmallInteger, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Database


class Clock(Protocol):
    """The one door to the present."""

    async def now(self) -> datetime:
        """The present as an aware UTC datetime."""
        ...


class SandboxClockRow(Base):
    """How far the sandbox's clock is from the system's; one row or none."""

    __tablename__ = "sandbox_clock"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    ahead_by: Mapped[timedelta] = mapped_column(Interval)


def real_now() -> datetime:
    """The system's time, for tokens, leases and back-off."""
    return datetime.now(UTC)  # noqa: TID251 -- this is the one door


class SystemClock:
    """The real time."""

    async def now(self) -> datetime:
        """The system's present."""
        return real_now()


class SandboxClock:
    """The system's time plus an offset kept in a row, so that every process agrees at once."""

    def __init__(self, database: Database) -> None:
        self._engine = database.side_engine

    async def now(self) -> datetime:
        """The set time; it goes on ticking from there."""
        async with self._engine.connect() as connection:
            ahead = await connection.scalar(select(SandboxClockRow.ahead_by))
        return real_now() + (ahead or timedelta())


async def set_ahead(session: AsyncSession, ahead_by: timedelta) -> None:
    """Put the sandbox's clock that far ahead of the system's."""
    row = {"id": 1, "ahead_by": ahead_by}
    statement = insert(SandboxClockRow).values(row)
    await session.execute(
        statement.on_conflict_do_update(index_elements=["id"], set_={"ahead_by": ahead_by})
    )
