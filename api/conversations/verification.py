"""For how long it holds who a conversation's patient is, and how sure that is."""

from datetime import datetime, timedelta
from typing import Final

from api.conversations.models import ConversationRow
from api.conversations.proof import Proof, SentCode
from api.core.ids import PatientId
from api.gateway.access import Assurance
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


def proof_of(row: ConversationRow, now: datetime) -> Proof:
    """How sure it is who it is: a code proves it no longer than number and birth date hold."""
    if verified_patient(row, now) is None:
        return Proof(failed=row.codes_failed)
    code = None
    if row.code_lookup is not None and row.code_expires_at is not None:
        code = SentCode(row.code_lookup, row.code_expires_at, row.code_tries_left)
    return Proof(Assurance(row.level), code, row.codes_failed)


def forgotten() -> dict[str, object]:
    """The columns of a conversation in which a code proves nothing, or nothing any more."""
    return {"level": Assurance.BIRTH_DATE.value, **no_code(), "codes_failed": 0}


def no_code() -> dict[str, object]:
    """The columns of a conversation in which no code may be typed."""
    return {"code_lookup": None, "code_expires_at": None, "code_tries_left": 0}
