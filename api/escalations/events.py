"""What happens to an escalation: written down, shown in its FHIR Task, told to the consoles."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring
from api.core.events import announce
from api.core.ids import EscalationId
from api.escalations.kinds import Event, EventKind
from api.escalations.models import EscalationEventRow, EscalationRow
from api.escalations.task import SYSTEM_ACTOR, as_task
from api.gateway.projection import Projection, project

INBOX_TOPIC = "inbox"


@dataclass(frozen=True)
class Happening:
    """Something to write down. `detail`: a code, never words of a person."""

    kind: EventKind
    actor: str = SYSTEM_ACTOR
    detail: str | None = None


async def happened(
    session: AsyncSession,
    keyring: Keyring,
    row: EscalationRow,
    happening: Happening,
    *,
    now: datetime,
) -> None:
    """Write an event down, with the version of the FHIR Task that shows it.

    The store may be away: the version is delivered when it is back, in order with everything
    else of the conversation.
    """
    row.changed_at = now
    session.add(
        EscalationEventRow(
            escalation_id=row.id,
            at=now,
            kind=happening.kind,
            actor=happening.actor,
            detail=happening.detail,
        )
    )
    await session.flush()
    task = as_task(row, await events_of(session, EscalationId(row.id)))
    key = f"conversation/{row.conversation_id}"  # its order in FHIR, and its topic
    await project(session, keyring, Projection(key=key, resource=task), now=now)
    await announce(session, INBOX_TOPIC)
    await announce(session, key)


async def events_of(session: AsyncSession, escalation: EscalationId) -> list[Event]:
    """What happened to one escalation, the oldest first."""
    found = await session.scalars(
        select(EscalationEventRow)
        .where(EscalationEventRow.escalation_id == escalation)
        .order_by(EscalationEventRow.id)
    )
    return [as_event(row) for row in found]


def as_event(row: EscalationEventRow) -> Event:
    """The row as others see it."""
    kind = EventKind(row.kind)
    return Event(EscalationId(row.escalation_id), row.at, kind, row.actor, row.detail)
