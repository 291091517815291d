"""Who of the team has a conversation before them, and how far they have read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import attention
from api.conversations.hand import taken_in_hand
from api.conversations.line import Line
from api.conversations.models import WatcherRow
from api.core.clock import real_now
from api.core.events import announce
from api.core.ids import ConversationId
from api.messaging.threads import topic_of
from api.staff.kinds import Member

# A browser says every few seconds that it is still there.
LASTS: Final = timedelta(seconds=15)


@dataclass(frozen=True)
class Watcher:
    """A colleague who looks at the conversation now, or writes in it."""

    name: str
    writing: bool


async def look(
    line: Line, conversation: ConversationId, *, writing: bool, by: Member
) -> tuple[Watcher, ...]:
    """Say that one has it before oneself, for the next 15 s; who else has, writers first.

    Only news is announced: that somebody came, or began or ceased to write.
    """
    now = real_now()
    async with line.database.transaction() as session:
        before = await session.get(WatcherRow, (conversation, by.id), with_for_update=True)
        is_news = before is None or before.expires_at <= now or before.is_writing != writing
        await _put(session, conversation, by, writing=writing, until=now + LASTS)
        if is_news:
            await announce(session, topic_of(conversation))
        return await watchers(session, conversation, now=now, but=by)


async def watchers(
    session: AsyncSession, conversation: ConversationId, *, now: datetime, but: Member
) -> tuple[Watcher, ...]:
    """Everybody but one who has it before them at that instant of real time."""
    rows = await session.scalars(
        select(WatcherRow)
        .where(
            WatcherRow.conversation_id == conversation,
            WatcherRow.staff_id != but.id,
            WatcherRow.expires_at > now,
        )
        .order_by(WatcherRow.is_writing.desc(), WatcherRow.name)
    )
    return tuple(Watcher(row.name, row.is_writing) for row in rows)


async def mark_read(line: Line, conversation: ConversationId, *, position: int, by: Member) -> None:
    """Say that the team has read up to there; never back.

    Raises:
        UnknownConversation: there is none.
    """
    async with taken_in_hand(line, conversation, by) as hand:
        reached = min(position, hand.row.last_position)
        if reached > hand.row.read_position:
            hand.row.read_position = reached
            await attention.tell(hand.session, hand.row)


async def drop_gone(session: AsyncSession) -> None:
    """Forget who is no longer there."""
    await session.execute(delete(WatcherRow).where(WatcherRow.expires_at < real_now()))


async def _put(
    session: AsyncSession,
    conversation: ConversationId,
    by: Member,
    *,
    writing: bool,
    until: datetime,
) -> None:
    changing = {"name": by.name, "is_writing": writing, "expires_at": until}
    values = {"conversation_id": conversation, "staff_id": by.id, **changing}
    await session.execute(
        insert(WatcherRow)
        .values(values)
        .on_conflict_do_update(index_elements=["conversation_id", "staff_id"], set_=changing)
    )
