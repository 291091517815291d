"""The FHIR R4 Task of an escalation: what it is, where it stands, and what was done about it.

It names the reason and the steps, never the patient's words.
"""

from collections.abc import Sequence
from typing import Final

from api.escalations.kinds import EscalationState, Event, EventKind, Outcome
from api.escalations.models import EscalationRow
from api.escalations.rules import TOLD
from integrations.ports.fhir import Resource

ESCALATION_SYSTEM: Final = "https://careline.example/escalation"
REASON_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/escalation-reason"
STANDING_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/escalation-standing"
OUTCOME_SYSTEM: Final = "https://careline.example/fhir/CodeSystem/escalation-outcome"
CONVERSATION_SYSTEM: Final = "https://careline.example/conversation"
STAFF_SYSTEM: Final = "https://careline.example/staff"
SYSTEM_ACTOR: Final = "system"

NOTES: Final = {
    EventKind.OPENED: "Opened.",
    EventKind.TOLD_PRIMARY: "Told the primary nurse by e-mail.",
    EventKind.TOLD_BACKUP: "Not acknowledged in time. Told the backup nurse by e-mail.",
    EventKind.TOLD_ON_CALL: "Told the nurse on call by e-mail.",
    EventKind.TOLD_EVERYBODY: "Not acknowledged in time. Told everybody by e-mail.",
    EventKind.TOLD_COORDINATORS: "Told the coordinators by e-mail.",
    EventKind.OVERDUE: "Not acknowledged in time. Told the supervisor by e-mail.",
    EventKind.MAIL_REFUSED: "An e-mail was refused by its receiver.",
    EventKind.ACKNOWLEDGED: "Acknowledged.",
    EventKind.ASSIGNED: "Assigned.",
    EventKind.RELEASED: "Released; nobody has it now.",
    EventKind.WAITING: "Set aside for a while.",
    EventKind.REOPENED: "Reopened.",
    EventKind.RESOLVED: "Resolved.",
}
OUTCOMES: Final = {
    Outcome.ANSWERED: "Answered.",
    Outcome.CALLED: "The patient was called.",
    Outcome.SENT_TO_EMERGENCY: "Sent to emergency care.",
    Outcome.BOOKED: "A visit was booked.",
    Outcome.REFILL_REQUESTED: "A refill was requested.",
    Outcome.NO_ANSWER: "The patient did not answer.",
    Outcome.WRONG_PERSON: "It was the wrong person.",
    Outcome.OTHER: "Something else.",
}
_HANDLING: Final = frozenset(
    {EventKind.ACKNOWLEDGED, EventKind.ASSIGNED, EventKind.RELEASED, EventKind.WAITING}
    | {EventKind.REOPENED}
)


def as_task(row: EscalationRow, events: Sequence[Event]) -> Resource:
    """The Task as it should be after these events, the oldest first."""
    task: Resource = {
        "resourceType": "Task",
        "identifier": [{"system": ESCALATION_SYSTEM, "value": row.id}],
        "focus": {"reference": _thread_of(row)},
        "groupIdentifier": {"system": CONVERSATION_SYSTEM, "value": row.conversation_id},
        "status": _status(row),
        "businessStatus": _coded(STANDING_SYSTEM, _standing(row, events)),
        "intent": "order",
        "priority": row.priority,
        "code": _coded(REASON_SYSTEM, row.reason),
        "reasonCode": _coded(REASON_SYSTEM, row.rule or row.reason),
        "authoredOn": row.opened_at.isoformat(),
        "lastModified": row.changed_at.isoformat(),
        "restriction": {"period": {"end": row.due_at.isoformat()}},
        "note": [_note(event) for event in events],
    }
    if row.patient_id is not None:
        task["for"] = {"reference": f"Patient/{row.patient_id}"}
    if row.assignee_id is not None:
        task["owner"] = _member(row.assignee_id, row.assignee_name)
    if row.outcome is not None:
        text = OUTCOMES[Outcome(row.outcome)]
        task["statusReason"] = {**_coded(OUTCOME_SYSTEM, row.outcome), "text": text}
    return task


def _thread_of(row: EscalationRow) -> str:
    """The Communication of the conversation, by its identifier: see `gateway.projection`."""
    return f"Communication?identifier={CONVERSATION_SYSTEM}|{row.conversation_id}"


def _status(row: EscalationRow) -> str:
    """Source: FHIR R4 4.0.1, value set task-status."""
    if row.state == EscalationState.RESOLVED:
        return "completed"
    if row.state == EscalationState.OPEN:
        return "requested"
    return "in-progress" if row.assignee_id is not None else "accepted"


def _standing(row: EscalationRow, events: Sequence[Event]) -> str:
    """What the status does not say: unassigned, escalated, claimed, waiting."""
    if row.state == EscalationState.OPEN:
        told = [event for event in events if event.kind in TOLD.values()]
        return "escalated" if len(told) > 1 else "unassigned"
    handling = [event.kind for event in events if event.kind in _HANDLING]
    if handling and handling[-1] is EventKind.WAITING:
        return "waiting"
    return "claimed" if row.assignee_id is not None else "unassigned"


def _note(event: Event) -> Resource:
    note: Resource = {"time": event.at.isoformat(), "text": NOTES[event.kind]}
    if event.actor == SYSTEM_ACTOR:
        return {"authorString": "Careline", **note}
    return {"authorReference": _member(event.actor, None), **note}


def _member(id_: str, name: str | None) -> Resource:
    """A logical reference: staff are no resources of the store."""
    shown = {"display": name} if name else {}
    return {
        "type": "Practitioner",
        "identifier": {"system": STAFF_SYSTEM, "value": id_},
        **shown,
    }


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
