"""Answers, and what nobody asked for: which conversations have some to send, each kind apart."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import real_now
from api.core.ids import ConversationId
from api.core.presence import is_dead
from api.messaging.gate import Purpose
from api.messaging.kinds import OutboundState
from api.messaging.models import OutboundRow

# Nobody waits for these: they keep to the sender's rate. Each of the two kinds keeps its own order
# in a conversation, so no answer waits for a reminder, whatever keeps that.
UNASKED = frozenset({Purpose.REMINDER, Purpose.NOTICE})
ANSWERS = frozenset(Purpose) - UNASKED

UNSETTLED = (
    OutboundState.READY,
    OutboundState.HELD,
    OutboundState.SENDING,
    OutboundState.UNKNOWN,
)


@dataclass(frozen=True)
class ToDeliver:
    """A conversation that has something to send, and the place of the first in the outbox."""

    conversation: ConversationId
    seq: int


def lease_is_void() -> ColumnElement[bool]:
    """For a query: whether whoever leased a message is dead, or has had it for too long."""
    return or_(OutboundRow.lease_until < real_now(), is_dead(OutboundRow.lease_holder))


async def conversations_to_deliver(
    session: AsyncSession,
    now: datetime,
    purposes: Collection[Purpose] = ANSWERS,
    *,
    after: int = 0,
    limit: int | None = None,
) -> list[ToDeliver]:
    """Conversations with a message of these that may be tried now, the longest waiting first.

    `after`: only those whose first comes after this place.
    """
    first = func.min(OutboundRow.seq)
    found = await session.execute(
        select(OutboundRow.thread_id, first)
        .where(
            OutboundRow.purpose.in_(purposes),
            or_(
                OutboundRow.state == OutboundState.READY,
                (OutboundRow.state == OutboundState.HELD) & (OutboundRow.not_before <= now),
                # Leased by somebody who died before the provider heard of it.
                (OutboundRow.state == OutboundState.SENDING)
                & OutboundRow.posted_at.is_(None)
                & lease_is_void(),
            ),
            or_(OutboundRow.retry_at.is_(None), OutboundRow.retry_at <= real_now()),
        )
        .group_by(OutboundRow.thread_id)
        .having(first > after)
        .order_by(first)
        .limit(limit)
    )
    return [ToDeliver(ConversationId(thread), seq) for thread, seq in found]
