"""What the provider says of a message later, in any order: kept all, and states only go forward."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.events import announce
from api.core.ids import ConversationId
from api.messaging.kinds import OutboundState
from api.messaging.models import DeliveryEventRow, OutboundRow
from api.messaging.threads import topic_of
from integrations.ports.sms import SmsState, StatusReport

_ORDER = [
    OutboundState.READY,
    OutboundState.HELD,
    OutboundState.SENDING,
    OutboundState.UNKNOWN,
    OutboundState.SENT,
    OutboundState.FAILED,
    OutboundState.UNDELIVERED,
    OutboundState.DELIVERED,
]
_REPORTED = {
    SmsState.QUEUED: OutboundState.SENT,
    SmsState.SENT: OutboundState.SENT,
    SmsState.DELIVERED: OutboundState.DELIVERED,
    SmsState.UNDELIVERED: OutboundState.UNDELIVERED,
    SmsState.FAILED: OutboundState.FAILED,
}


def advance(row: OutboundRow, state: OutboundState) -> None:
    """Move a message's state forward, never back: reports come in any order."""
    if row.state in _ORDER and _ORDER.index(state) > _ORDER.index(OutboundState(row.state)):
        row.state = state


async def receive_status(
    session: AsyncSession, outbox_id: str | None, report: StatusReport, *, now: datetime
) -> None:
    """Append what the provider said; a report for a message that is not ours is kept too."""
    row = await session.get(OutboundRow, outbox_id, with_for_update=True) if outbox_id else None
    session.add(
        DeliveryEventRow(
            outbound_id=row.id if row else None,
            provider_id=report.provider_id,
            state=report.state,
            error_code=report.error_code,
            at=now,
        )
    )
    if row is None:
        return
    row.provider_id = row.provider_id or report.provider_id
    advance(row, _REPORTED[report.state])
    await announce(session, topic_of(ConversationId(row.thread_id)))
    if report.error_code:
        row.reason = f"provider_{report.error_code}"[:32]
