"""Whether others may read along in a conversation: what is sensitive is not put in words there."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.models import ConversationRow
from api.conversations.verification import verified_patient
from api.core.ids import ConversationId, PatientId
from api.messaging.kinds import Channel


def withholds(channel: str | None, patient: PatientId | None, *, is_shared: bool) -> bool:
    """Whether sensitive questions are withheld: on a phone that is not the patient's alone.

    `patient`: who is known to write; None: nobody is, so whose hands the phone is in is not known.
    """
    return channel == Channel.SMS and (is_shared or patient is None)


def withholds_in(row: ConversationRow, now: datetime) -> bool:
    """The same of a conversation as it stands."""
    return withholds(row.channel, verified_patient(row, now), is_shared=row.phone_is_shared)


async def is_withheld(session: AsyncSession, conversation: ConversationId, now: datetime) -> bool:
    """The same of a conversation by its id; where it is not known, too."""
    row = await session.get(ConversationRow, conversation)
    return row is None or withholds_in(row, now)
