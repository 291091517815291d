"""For how long it holds who a conversation's patient is."""

from datetime import datetime, timedelta
from typing import Final

from api.conversations.models import ConversationRow
from api.core.ids import PatientId
from api.messaging.kinds import Channel

# Phone and birth date hold for a conversation, not for ever: phones change hands.
SHARED_FOR: Final = timedelta(minutes=30)
VERIFIED_FOR: Final = {Channel.SMS: timedelta(hours=12), Channel.WEB: timedelta(hours=1)}


def verified_patient(row: ConversationRow, now: datetime) -> PatientId | None:
    """Who it is, as long as that holds."""
    if row.patient_id is None or row.verified_at is None:
        return None
    lasts = SHARED_FOR if row.phone_is_shared else VERIFIED_FOR[Channel(row.channel)]
    lapsed = now - row.verified_at > lasts
    return None if lapsed else PatientId(row.patient_id)
