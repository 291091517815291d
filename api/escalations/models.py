"""The table of escalations."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant
from api.escalations.kinds import EscalationState


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
