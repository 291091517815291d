"""The table of escalations."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


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


class EscalationState(StrEnum):
    """open → acknowledged → resolved."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class EscalationRow(Base):
    """One thing that a person must look at; one a turn at most."""

    __tablename__ = "escalation"
    __table_args__ = (UniqueConstraint("conversation_id", "turn_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    turn_id: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[str | None] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(24))
    priority: Mapped[str] = mapped_column(String(8))
    """FHIR request-priority: routine, urgent, asap, stat."""
    rule: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(12), default=EscalationState.OPEN)
    opened_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
