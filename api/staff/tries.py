"""Wrong tries in a row, counted in the database so that it holds over all processes.

A try is counted before it is judged, and taken back when it was right: of many at the same moment
none slips through. Unknown accounts are counted like known ones, so that a refusal tells nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.staff.models import TriesRow

SWEPT_AT_ONCE: Final = 100


@dataclass(frozen=True)
class Patience:
    """How many wrong tries are free, and how long the wait is after that.

    Attributes:
        free: wrong tries without a wait.
        first: the wait after the first that is not free; it doubles with each.
        longest: the wait doubles up to this.
        forgets: after this long without a try the count begins anew.
        alarm: the count at which somebody must be told.
    """

    free: int
    first: timedelta
    longest: timedelta
    forgets: timedelta
    alarm: int

    def wait_after(self, wrong: int) -> timedelta:
        """The wait that the last of so many wrong tries costs."""
        if wrong <= self.free:
            return timedelta()
        doublings = min(wrong - self.free - 1, 30)
        return min(self.first * (1 << doublings), self.longest)


# Nobody is locked out for good: else a stranger could lock out the whole care team.
ACCOUNT: Final = Patience(
    free=3,
    first=timedelta(seconds=15),
    longest=timedelta(minutes=15),
    forgets=timedelta(days=1),
    alarm=5,
)
# A clinic is one address to us, with all of its people behind it.
ADDRESS: Final = Patience(
    free=20,
    first=timedelta(seconds=30),
    longest=timedelta(hours=1),
    forgets=timedelta(hours=12),
    alarm=25,
)
# Who is wrong here knows the password. Three codes of a million count at a time: at one try a day
# a guess is a matter of centuries.
CODE: Final = Patience(
    free=4,
    first=timedelta(minutes=5),
    longest=timedelta(days=1),
    forgets=timedelta(days=30),
    alarm=5,
)


async def count(
    session: AsyncSession, key: bytes, patience: Patience, *, now: datetime
) -> int | None:
    """Count a try as wrong and say the how manieth; None, and not counted, during a wait."""
    # The row is locked from here on, so that tries at the same moment are one after the other.
    fresh = insert(TriesRow).values(key=key, wrong=0, last_at=now, forget_at=now)
    await session.execute(fresh.on_conflict_do_nothing())
    row = await session.get_one(TriesRow, key, with_for_update=True, populate_existing=True)
    if row.blocked_until is not None and now < row.blocked_until:
        return None
    row.wrong = 1 if now >= row.forget_at else row.wrong + 1
    row.last_at, row.forget_at = now, now + patience.forgets
    row.blocked_until = now + patience.wait_after(row.wrong)
    await session.flush()
    return row.wrong


async def take_back(session: AsyncSession, key: bytes, *, now: datetime) -> None:
    """One try was right: it does not count. Wrong ones of others at the same place still do."""
    row = update(TriesRow).where(TriesRow.key == key, TriesRow.wrong > 0)
    await session.execute(row.values(wrong=TriesRow.wrong - 1, blocked_until=now))


async def forget(session: AsyncSession, keys: Sequence[bytes]) -> None:
    """The right person came: what was wrong before no longer counts."""
    await session.execute(delete(TriesRow).where(TriesRow.key.in_(keys)))


async def sweep(session: AsyncSession, *, now: datetime) -> None:
    """Drop counts that are past: a stranger fills the table with invented accounts.

    What another try holds is left to it; waiting for it here could be a deadlock.
    """
    past = select(TriesRow.key).where(TriesRow.forget_at < now).limit(SWEPT_AT_ONCE)
    past = past.with_for_update(skip_locked=True)
    await session.execute(delete(TriesRow).where(TriesRow.key.in_(past)))
