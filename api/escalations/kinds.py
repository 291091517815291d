"""Why a person is needed, how far that is, and what has been done about it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from api.core.ids import EscalationId


class Reason(StrEnum):
    """Why a person is needed."""

    CRISIS = "crisis"
    EMERGENCY = "emergency"
    URGENT_SYMPTOM = "urgent_symptom"
    ASKED_FOR_PERSON = "asked_for_person"
    CLINICAL_QUESTION = "clinical_question"
    NOT_SERVED = "not_served"
    IDENTITY_FAILED = "identity_failed"
    ENGINE_DOWN = "engine_down"
    SYSTEM_FAILURE = "system_failure"
    LOOP = "loop"
    MAY_HAVE_MEANT_VISIT = "may_have_meant_visit"
    WRONG_NUMBER = "wrong_number"
    NO_FREE_TIME = "no_free_time"
    ANSWER_EXPIRED = "answer_expired"
    NOT_DELIVERED = "not_delivered"
    SIDE_EFFECT = "side_effect"
    REFILL = "refill"


class EscalationState(StrEnum):
    """open → acknowledged → resolved."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class Priority(StrEnum):
    """How soon. Source: FHIR R4 4.0.1, value set request-priority."""

    STAT = "stat"
    ASAP = "asap"
    URGENT = "urgent"
    ROUTINE = "routine"


class Step(StrEnum):
    """Who is told next, as long as nobody takes an escalation on."""

    PRIMARY = "primary"
    BACKUP = "backup"
    ON_CALL = "on_call"
    EVERYBODY = "everybody"
    COORDINATORS = "coordinators"
    SUPERVISORS = "supervisors"


class EventKind(StrEnum):
    """What can happen to an escalation."""

    OPENED = "opened"
    TOLD_PRIMARY = "told_primary"
    TOLD_BACKUP = "told_backup"
    TOLD_ON_CALL = "told_on_call"
    TOLD_EVERYBODY = "told_everybody"
    TOLD_COORDINATORS = "told_coordinators"
    OVERDUE = "overdue"
    MAIL_REFUSED = "mail_refused"
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    RELEASED = "released"
    WAITING = "waiting"
    REOPENED = "reopened"
    RESOLVED = "resolved"


class Outcome(StrEnum):
    """What came of it, in the words of who resolved it."""

    ANSWERED = "answered"
    CALLED = "called"
    SENT_TO_EMERGENCY = "sent_to_emergency"
    BOOKED = "booked"
    REFILL_REQUESTED = "refill_requested"
    NO_ANSWER = "no_answer"
    WRONG_PERSON = "wrong_person"
    OTHER = "other"


class NoticeState(StrEnum):
    """The life of an e-mail to staff. Moot: somebody had taken the matter on before it went."""

    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    MOOT = "moot"


@dataclass(frozen=True)
class Open:
    """An escalation as others see it. `turn`: whose words led to it."""

    id: EscalationId
    turn: str
    reason: Reason
    priority: Priority
    rule: str | None
    state: EscalationState
    opened_at: datetime
    due_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    assignee: str | None


@dataclass(frozen=True)
class Event:
    """One thing that happened to an escalation. `actor`: a staff member's id, or "system"."""

    escalation: EscalationId
    at: datetime
    kind: EventKind
    actor: str
    detail: str | None
