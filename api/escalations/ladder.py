"""The ladder: who is told of an escalation, one after the other, until somebody takes it on.

It asks Postgres only. Engine, SMS provider and FHIR store may all be away.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.service import record_event
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import EscalationId
from api.escalations.events import Happening, happened
from api.escalations.kinds import EscalationState, Priority, Reason, Step
from api.escalations.models import EscalationRow
from api.escalations.notices import Notice, write
from api.escalations.recipients import StaffOf, addresses
from api.escalations.rules import TOLD, next_step, next_step_at
from api.escalations.words import Told, subject_of, text_of
from api.messaging.clinic import Clinic

AGENT = "service/ladder"


@dataclass(frozen=True)
class Ladder:
    """What climbing needs; built once in `bootstrap`."""

    database: Database
    keyring: Keyring
    clinic: Clinic
    staff: StaffOf
    base_url: str


async def due(session: AsyncSession, now: datetime) -> list[EscalationId]:
    """Escalations of which somebody must be told now, the one that waits longest first."""
    found = await session.scalars(
        select(EscalationRow.id)
        .where(EscalationRow.state == EscalationState.OPEN, EscalationRow.next_step_at <= now)
        .order_by(EscalationRow.next_step_at, EscalationRow.id)
    )
    return [EscalationId(each) for each in found]


async def climb(ladder: Ladder, escalation: EscalationId, *, now: datetime) -> int:
    """Take every step of one escalation that is due, in order; how many there were.

    Each step is one transaction: who is told, the event, the audit and the mails commit together
    or not at all. So a death in between neither loses a step nor tells anybody twice.
    """
    taken = 0
    while await _take_next(ladder, escalation, now):
        taken += 1
    return taken


async def _take_next(ladder: Ladder, escalation: EscalationId, now: datetime) -> bool:
    async with ladder.database.transaction() as session:
        row = await session.scalar(
            select(EscalationRow)
            .where(
                EscalationRow.id == escalation,
                EscalationRow.state == EscalationState.OPEN,
                EscalationRow.next_step_at <= now,
            )
            .with_for_update(skip_locked=True)
        )
        if row is None or row.next_step_at is None:
            return False
        await _take(ladder, session, row, due_at=row.next_step_at, now=now)
        return True


async def _take(
    ladder: Ladder, session: AsyncSession, row: EscalationRow, *, due_at: datetime, now: datetime
) -> None:
    last = Step(row.ladder_step) if row.ladder_step is not None else None
    step = next_step(Priority(row.priority), last, is_open=ladder.clinic.is_open(now))
    if step is None:
        row.next_step_at = None
        return
    row.ladder_step = step
    row.next_step_at = next_step_at(step, due=due_at, must_be_taken_by=row.due_at)
    await _tell(ladder, session, row, _told(ladder, row, step, is_first=last is None), now=now)
    await happened(session, ladder.keyring, row, Happening(TOLD[step]), now=now)
    await record_event(
        session, tag=f"escalation:ladder:{step}", agent=AGENT, patient=row.patient_id, now=now
    )


async def _tell(
    ladder: Ladder, session: AsyncSession, row: EscalationRow, told: Told, *, now: datetime
) -> None:
    staff = await ladder.staff(session)
    for address in addresses(told.step, ladder.clinic.facts.ladder, staff):
        notice = Notice(
            escalation=EscalationId(row.id),
            step=told.step,
            address=address,
            subject=subject_of(told),
            text=text_of(told, clinic=ladder.clinic.facts.name, zone=ladder.clinic.zone),
        )
        await write(session, notice, now=now)


def _told(ladder: Ladder, row: EscalationRow, step: Step, *, is_first: bool) -> Told:
    return Told(
        reason=Reason(row.reason),
        priority=Priority(row.priority),
        step=step,
        is_first=is_first,
        opened_at=row.opened_at,
        due_at=row.due_at,
        link=f"{ladder.base_url}/console/conversations/{row.conversation_id}",
    )
