"""What people agree to by message: to be reminded, and that a text may name a medicine.

Each is recorded with an audit event in the same commit.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.core.ids import ConversationId
from api.reminders import half_made
from api.reminders.desk import Asking, Desk
from api.reminders.models import PreferenceRow
from api.reminders.planning import Preferences, agree, preferences_of
from integrations.ports.dialogue import EngineReply


async def to_doses(
    session: AsyncSession, asking: Asking, *, wants: bool, now: datetime
) -> Preferences:
    """Record whether they want to be reminded of doses; what they agreed to by then."""
    before = await preferences_of(session, asking.patient)
    if before.wants_doses is wants:
        return before
    wanted = replace(before, wants_doses=wants)
    await agree(session, asking.patient, wanted, now=now)
    await _audit(session, asking, "doses", "agree" if wants else "end", now=now)
    return wanted


async def asks_names(
    session: AsyncSession, asking: Asking, wanted: Preferences, *, now: datetime
) -> bool:
    """Whether they are to be asked now if a text may name their medicine: nobody is asked twice."""
    row = await session.get_one(PreferenceRow, asking.patient)
    if wanted.names_medicines or row.asked_names_at is not None:
        return False
    row.asked_names_at = now
    return True


async def to_names(
    desk: Desk, conversation: ConversationId, turn: str, *, allows: bool
) -> EngineReply:
    """Record whether a text may name the medicines of whoever was asked in a conversation."""
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        patient = await half_made.asker_in(session, conversation)
        if patient is not None:
            asking = Asking(patient, conversation, turn)
            await _allow(session, asking, allows=allows, now=now)
    return EngineReply("medicine_named" if allows else "medicine_not_named", {})


async def wish_names(desk: Desk, asking: Asking, *, allows: bool) -> EngineReply:
    """Record the same of who says it unasked: nobody need ask them any more."""
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        await _allow(session, asking, allows=allows, now=now)
        row = await session.get(PreferenceRow, asking.patient)
        if row is not None:
            row.asked_names_at = row.asked_names_at or now
    return EngineReply("medicine_named" if allows else "medicine_not_named", {})


async def _allow(session: AsyncSession, asking: Asking, *, allows: bool, now: datetime) -> None:
    wanted = replace(await preferences_of(session, asking.patient), names_medicines=allows)
    await agree(session, asking.patient, wanted, now=now)
    await _audit(session, asking, "names", "allow" if allows else "refuse", now=now)


async def _audit(
    session: AsyncSession, asking: Asking, subject: str, action: str, *, now: datetime
) -> None:
    await audit.record_event(
        session,
        tag=f"reminders:{subject}:{action}",
        agent=f"conversation/{asking.conversation}",
        patient=asking.patient,
        now=now,
    )
