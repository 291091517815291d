"""Opening and resolving escalations, and the FHIR Task that follows each."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring
from api.core.events import announce
from api.core.ids import ConversationId, EscalationId, PatientId, new_id
from api.escalations.kinds import EscalationState, Reason
from api.escalations.models import EscalationRow
from api.gateway.projection import Projection, project

INBOX_TOPIC = "escalations"
ESCALATION_SYSTEM = "https://careline.example/escalation"
REASON_SYSTEM = "https://careline.example/fhir/CodeSystem/escalation-reason"
CONVERSATION_SYSTEM = "https://careline.example/conversation"

# FHIR request-priority. Safety first, then what blocks a patient, then the rest.
_PRIORITY = {
    Reason.CRISIS: "stat",
    Reason.EMERGENCY: "stat",
    Reason.URGENT_SYMPTOM: "asap",
    Reason.CLINICAL_QUESTION: "urgent",
    Reason.SYSTEM_FAILURE: "urgent",
    Reason.ENGINE_DOWN: "urgent",
}
_TASK_STATUS = {
    EscalationState.OPEN: "requested",
    EscalationState.ACKNOWLEDGED: "accepted",
    EscalationState.RESOLVED: "completed",
}


@dataclass(frozen=True)
class Escalate:
    """Something a person must look at. `rule`: the safety rule that fired, never a diagnosis."""

    conversation: ConversationId
    turn: str
    reason: Reason
    patient: PatientId | None = None
    rule: str | None = None


async def open_escalation(
    session: AsyncSession, keyring: Keyring, wanted: Escalate, *, now: datetime
) -> EscalationId:
    """Open an escalation, tell the consoles, and let its FHIR Task follow; once per turn."""
    id_ = EscalationId(new_id())
    row = {
        "id": id_,
        "conversation_id": wanted.conversation,
        "turn_id": wanted.turn,
        "patient_id": wanted.patient,
        "reason": wanted.reason,
        "priority": _PRIORITY.get(wanted.reason, "routine"),
        "rule": wanted.rule,
        "state": EscalationState.OPEN,
        "opened_at": now,
        "changed_at": now,
    }
    opened = await session.scalar(
        insert(EscalationRow)
        .values(row)
        .on_conflict_do_nothing(index_elements=["conversation_id", "turn_id"])
        .returning(EscalationRow.id)
    )
    if opened is not None:
        await _follow(session, keyring, id_, now=now)
    return id_


async def resolve_all(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId, *, now: datetime
) -> int:
    """Resolve what is open in a conversation that a person gives back; how many there were."""
    resolved = await session.scalars(
        update(EscalationRow)
        .where(
            EscalationRow.conversation_id == conversation,
            EscalationRow.state != EscalationState.RESOLVED,
        )
        .values(state=EscalationState.RESOLVED, changed_at=now)
        .returning(EscalationRow.id)
    )
    ids = [EscalationId(each) for each in resolved]
    for id_ in ids:
        await _follow(session, keyring, id_, now=now)
    return len(ids)


async def open_in(session: AsyncSession, conversation: ConversationId) -> list[EscalationRow]:
    """The unresolved escalations of a conversation, oldest first."""
    found = await session.scalars(
        select(EscalationRow)
        .where(
            EscalationRow.conversation_id == conversation,
            EscalationRow.state != EscalationState.RESOLVED,
        )
        .order_by(EscalationRow.opened_at)
    )
    return list(found)


async def count_unacknowledged(session: AsyncSession) -> int:
    """How many escalations nobody has taken up yet."""
    statement = select(func.count()).where(EscalationRow.state == EscalationState.OPEN)
    return int(await session.scalar(statement) or 0)


async def _follow(
    session: AsyncSession, keyring: Keyring, id_: EscalationId, *, now: datetime
) -> None:
    row = await session.get_one(EscalationRow, id_, populate_existing=True)
    projection = Projection(key=f"escalation/{id_}", resource=as_task(row))
    await project(session, keyring, projection, now=now)
    await announce(session, INBOX_TOPIC)


def as_task(row: EscalationRow) -> dict[str, object]:
    """The FHIR R4 Task of an escalation; it names the reason, never the patient's words."""
    task: dict[str, object] = {
        "resourceType": "Task",
        "identifier": [{"system": ESCALATION_SYSTEM, "value": row.id}],
        "groupIdentifier": {"system": CONVERSATION_SYSTEM, "value": row.conversation_id},
        "status": _TASK_STATUS[EscalationState(row.state)],
        "intent": "order",
        "priority": row.priority,
        "code": {"coding": [{"system": REASON_SYSTEM, "code": row.reason}]},
        "reasonCode": {"coding": [{"system": REASON_SYSTEM, "code": row.rule or row.reason}]},
        "authoredOn": row.opened_at.isoformat(),
        "lastModified": row.changed_at.isoformat(),
    }
    if row.patient_id is not None:
        task["for"] = {"reference": f"Patient/{row.patient_id}"}
    return task
