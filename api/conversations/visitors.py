"""What the web chat needs of a conversation beside its words: who answers, and whose it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, String, any_, cast, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import verification
from api.conversations.kinds import Owner
from api.conversations.models import ConversationRow
from api.core.ids import ConversationId, PatientId


async def patient_of(session: AsyncSession, conversation: ConversationId) -> PatientId | None:
    """Who was identified in a conversation, whether that still holds or not."""
    row = await session.get(ConversationRow, conversation)
    return PatientId(row.patient_id) if row and row.patient_id else None


@dataclass(frozen=True)
class Answering:
    """Who answers a conversation, where its transcript ends, and up to where it is hidden."""

    owner: Owner
    name: str | None
    last_position: int
    hidden_to: int


async def answering(
    session: AsyncSession, conversations: Sequence[ConversationId]
) -> Mapping[ConversationId, Answering]:
    """Who answers each of these conversations now, asked for all of them at once."""
    found = await session.execute(
        select(
            ConversationRow.id,
            ConversationRow.owner,
            ConversationRow.assignee_name,
            ConversationRow.last_position,
            ConversationRow.hidden_to,
        ).where(ConversationRow.id == any_(cast(conversations, ARRAY(String))))
    )
    return {
        ConversationId(id_): Answering(
            Owner(owner), name if owner == Owner.HUMAN else None, last, hidden
        )
        for id_, owner, name, last, hidden in found
    }


async def hidden_to(session: AsyncSession, conversation: ConversationId) -> int:
    """Up to which position the visitor is shown nothing."""
    wanted = select(ConversationRow.hidden_to).where(ConversationRow.id == conversation)
    return await session.scalar(wanted) or 0


async def identified_again(
    session: AsyncSession, conversation: ConversationId, *, now: datetime
) -> None:
    """The same patient has given the birth date anew: who it is holds from now on.

    Somebody else may sit there now, so what a one-time code proved does not hold any more.
    """
    await session.execute(
        update(ConversationRow)
        .where(ConversationRow.id == conversation, ConversationRow.patient_id.is_not(None))
        .values(verified_at=now, **verification.forgotten())
    )
