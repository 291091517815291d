"""Guessing birth dates: counted per number or record number over all sessions, in the database.

Three tries a conversation mean nothing to somebody who opens a new chat for each; this does.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.people.models import IdentityFailureRow

MOST = 6
WITHIN = timedelta(hours=24)


async def record_failure(session: AsyncSession, typed_lookup: bytes, *, now: datetime) -> None:
    """Count one wrong answer."""
    session.add(IdentityFailureRow(typed_lookup=typed_lookup, at=now))


async def are_too_many(session: AsyncSession, typed_lookup: bytes, *, now: datetime) -> bool:
    """Whether so many answers were wrong lately that even a right one must go to a person."""
    statement = select(func.count()).where(
        IdentityFailureRow.typed_lookup == typed_lookup, IdentityFailureRow.at > now - WITHIN
    )
    return int(await session.scalar(statement) or 0) >= MOST
