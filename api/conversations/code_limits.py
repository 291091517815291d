"""How many codes may be texted: so few that nobody can be pestered with them, or guess one."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.models import CodeTextRow
from api.core.ids import ConversationId, PatientId

IN_CONVERSATION: Final = 3
IN_CONVERSATION_WITHIN: Final = timedelta(hours=1)
FOR_PATIENT: Final = 5
FOR_PATIENT_WITHIN: Final = timedelta(days=1)
# Two chats that ask for one patient at once are counted one after the other.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(hashtextextended('code|' || :patient, 0))")


async def reserve(
    session: AsyncSession,
    conversation: ConversationId,
    patient: PatientId,
    *,
    turn: str,
    now: datetime,
) -> bool:
    """Count one more text with a code; False where that would be too many.

    The same turn again counts once. `now`: the real time, which no set clock moves.
    """
    await session.execute(_LOCK, {"patient": patient})
    if await session.get(CodeTextRow, turn) is not None:
        return True
    here = CodeTextRow.conversation_id == conversation
    if await _count(session, here, now - IN_CONVERSATION_WITHIN) >= IN_CONVERSATION:
        return False
    theirs = CodeTextRow.patient_id == patient
    if await _count(session, theirs, now - FOR_PATIENT_WITHIN) >= FOR_PATIENT:
        return False
    session.add(CodeTextRow(turn_id=turn, conversation_id=conversation, patient_id=patient, at=now))
    return True


async def _count(session: AsyncSession, whose: ColumnElement[bool], since: datetime) -> int:
    statement = select(func.count()).where(whose, CodeTextRow.at > since)
    return int(await session.scalar(statement) or 0)
