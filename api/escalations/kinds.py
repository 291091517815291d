"""Why a person is needed, and how far that is."""

from enum import StrEnum


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


class EscalationState(StrEnum):
    """open → acknowledged → resolved."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
