"""What was put off until a time comes back at that time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import attention
from api.conversations.hand import locked, remember
from api.conversations.kinds import Act, State
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.core.ids import ConversationId


async def wake_due(line: Line) -> None:
    """Open every conversation again whose time has come."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        due = await session.scalars(
            select(ConversationRow.id).where(
                ConversationRow.state == State.SNOOZED, ConversationRow.snoozed_until <= now
            )
        )
        found = [ConversationId(each) for each in due]
    for conversation in found:
        async with line.database.transaction() as session:
            await _wake(session, conversation, now)


async def _wake(session: AsyncSession, conversation: ConversationId, now: datetime) -> None:
    row = await locked(session, conversation)
    until = row.snoozed_until
    if until is not None and until <= now and attention.enter(row, Act.WAKE):
        remember(session, row, Act.WAKE, by=None, now=now)
        await attention.refresh(session, row, now=now)
