"""What the sandbox shows of the tables."""

from collections.abc import Sequence

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.sandbox.models import SandboxMailRow


async def inbox_by_state(session: AsyncSession) -> dict[str, int]:
    """How many messages that came in are in which state."""
    return await _by_state(session, "SELECT state, count(*) FROM inbound GROUP BY state")


async def outbox_by_state(session: AsyncSession) -> dict[str, int]:
    """How many messages to go out are in which state."""
    return await _by_state(session, "SELECT state, count(*) FROM outbound GROUP BY state")


async def unacknowledged_escalations(session: AsyncSession) -> int:
    """How many escalations nobody has taken on."""
    found = await session.scalar(text("SELECT count(*) FROM escalation WHERE state = 'open'"))
    return int(found or 0)


async def mails(session: AsyncSession) -> Sequence[SandboxMailRow]:
    """What would have gone out by mail, in order."""
    return (await session.scalars(select(SandboxMailRow).order_by(SandboxMailRow.id))).all()


async def _by_state(session: AsyncSession, query: str) -> dict[str, int]:
    rows = await session.execute(text(query))
    return {str(state): int(count) for state, count in rows.all()}
