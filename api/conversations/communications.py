"""The transcript as FHIR shows it: one Communication for the thread, and one for each message.

Written with the message; shown in the order of the conversation once the store is there.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.kinds import Speaker
from api.conversations.models import ConversationRow
from api.conversations.verification import verified_patient
from api.core.crypto import Keyring
from api.core.ids import MessageId
from api.core.jobs import Job, wake
from api.gateway.projection import Projection, project
from api.messaging.kinds import Channel
from integrations.ports.fhir import Resource

CONVERSATION_SYSTEM: Final = "https://careline.example/conversation"
MESSAGE_SYSTEM: Final = "https://careline.example/message"
STAFF_SYSTEM: Final = "https://careline.example/staff"
CATEGORY_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/communication-category"
CHANNEL_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/channel"
# Source: HL7 v3 ParticipationMode, the preferred binding of Communication.medium in FHIR R4 4.0.1.
MODE_SYSTEM: Final = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
ELECTRONIC: Final = "ELECTRONIC"
ASSISTANT: Final[Resource] = {"type": "Device", "display": "Careline assistant"}
CARE_TEAM: Final[Resource] = {"type": "Organization", "display": "Care team"}
SOMEBODY: Final[Resource] = {"type": "Patient", "display": "Not identified"}
# What FHIR's strings cannot hold; the transcript keeps it as it came.
_UNWRITABLE: Final = {
    code: "\N{REPLACEMENT CHARACTER}" for code in range(32) if code not in {9, 10, 13}
}


@dataclass(frozen=True)
class Told:
    """A message of the transcript, for FHIR. `answers`: the patient's message that it answers."""

    id: str
    speaker: Speaker
    text: str
    sender_id: str | None
    sender_name: str | None
    answers: MessageId | None


def key_of(row: ConversationRow) -> str:
    """What is shown of one conversation keeps its order by this key."""
    return f"conversation/{row.id}"


async def show_header(
    session: AsyncSession, keyring: Keyring, row: ConversationRow, *, now: datetime
) -> None:
    """Show the thread as it is now."""
    await project(session, keyring, Projection(key_of(row), as_header(row)), now=now, wakes=False)


async def show_message(
    session: AsyncSession, keyring: Keyring, row: ConversationRow, told: Told, *, now: datetime
) -> None:
    """Show a message, and the thread before its first one; not before somebody is woken."""
    if row.last_position == 1:
        await show_header(session, keyring, row, now=now)
    if told.speaker is not Speaker.SYSTEM:
        shown = Projection(key_of(row), as_communication(row, told, now=now))
        await project(session, keyring, shown, now=now, wakes=False)


async def wake_shower(session: AsyncSession, row: ConversationRow) -> None:
    """Let what was written be shown soon; once for a turn, after the patient has the answer."""
    await wake(session, Job.PROJECT_FHIR, key_of(row))


def as_header(row: ConversationRow) -> Resource:
    """The thread. On a shared phone it is nobody's: its messages name whose they are."""
    header: Resource = {
        "resourceType": "Communication",
        "identifier": [{"system": CONVERSATION_SYSTEM, "value": row.id}],
        "status": "in-progress",
        "category": [_coded(CATEGORY_SYSTEM, "conversation")],
        "medium": _medium(row),
    }
    if row.patient_id is not None and not row.phone_is_shared:
        header["subject"] = _patient(row.patient_id)
    return header


def as_communication(row: ConversationRow, told: Told, *, now: datetime) -> Resource:
    """One message. It is in somebody's record only while it is known who writes."""
    known = verified_patient(row, now)
    writer = _patient(known) if known is not None else SOMEBODY
    is_patients = told.speaker is Speaker.PATIENT
    message: Resource = {
        "resourceType": "Communication",
        "identifier": [{"system": MESSAGE_SYSTEM, "value": told.id}],
        "partOf": [_found_by(CONVERSATION_SYSTEM, row.id)],
        "status": "completed",
        "category": [_coded(CATEGORY_SYSTEM, "message")],
        "medium": _medium(row),
        "sent": now.isoformat(),
        "sender": writer if is_patients else _team(told),
        "recipient": [CARE_TEAM if is_patients else writer],
    }
    text = told.text.encode("utf-8", "replace").decode().translate(_UNWRITABLE)
    if text.strip():
        message["payload"] = [{"contentString": text}]
    if known is not None:
        message["subject"] = _patient(known)
    if told.answers is not None:
        message["inResponseTo"] = [_found_by(MESSAGE_SYSTEM, told.answers)]
    return message


def _team(told: Told) -> Resource:
    """A logical reference for staff, who are no resources of the store."""
    if told.speaker is not Speaker.COORDINATOR:
        return ASSISTANT
    identifier = {"system": STAFF_SYSTEM, "value": told.sender_id}
    return {"type": "Practitioner", "identifier": identifier, "display": told.sender_name}


def _patient(id_: str) -> Resource:
    return {"reference": f"Patient/{id_}"}


def _found_by(system: str, value: str) -> Resource:
    """The gateway's projection puts the literal reference in its place."""
    return {"reference": f"Communication?identifier={system}|{value}"}


def _medium(row: ConversationRow) -> list[Resource]:
    coding = [
        {"system": MODE_SYSTEM, "code": ELECTRONIC},
        {"system": CHANNEL_SYSTEM, "code": Channel(row.channel).value},
    ]
    return [{"coding": coding}]


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
