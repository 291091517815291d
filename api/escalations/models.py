"""The tables of escalations, of what happened to them, and of the e-mail that tells staff."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant
from api.escalations.kinds import EscalationState, NoticeState


class EscalationRow(Base):
    """One thing that a person must look at; one a turn at most."""

    __tablename__ = "escalation"
    __table_args__ = (
        UniqueConstraint("conversation_id", "turn_id"),
        Index("ix_escalation_due", "next_step_at", postgresql_where="state = 'open'"),
        # Asked before every reminder.
        Index("ix_escalation_crisis", "patient_id", postgresql_where="reason = 'crisis'"),
    )

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
    due_at: Mapped[datetime] = mapped_column(Instant)
    """When somebody must have taken it on."""
    ladder_step: Mapped[str | None] = mapped_column(String(16))
    """Who was told last; nobody yet, if none."""
    next_step_at: Mapped[datetime | None] = mapped_column(Instant)
    """When the next one is told, as long as it is open; never, if none."""
    assignee_id: Mapped[str | None] = mapped_column(String(36))
    assignee_name: Mapped[str | None]
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(String(36))
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[str | None] = mapped_column(String(36))
    outcome: Mapped[str | None] = mapped_column(String(24))


class EscalationEventRow(Base):
    """One thing that happened to an escalation; never changed."""

    __tablename__ = "escalation_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    escalation_id: Mapped[str] = mapped_column(ForeignKey("escalation.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(24))
    actor: Mapped[str] = mapped_column(String(36))
    """A staff member's id, or "system"."""
    detail: Mapped[str | None] = mapped_column(String(64))
    """A code: the rule that fired, the outcome, the refusal."""


class StaffNoticeRow(Base):
    """One e-mail that tells one address of one step. It names no patient, so it is not sealed."""

    __tablename__ = "staff_notice"
    __table_args__ = (
        UniqueConstraint("escalation_id", "step", "address"),
        Index("ix_staff_notice_open", "retry_at", postgresql_where="state IN ('ready', 'sending')"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    """The Message-ID, by which a reader knows a second delivery of the same."""
    escalation_id: Mapped[str] = mapped_column(ForeignKey("escalation.id"))
    step: Mapped[str] = mapped_column(String(16))
    address: Mapped[str] = mapped_column(String(254))
    subject: Mapped[str]
    text: Mapped[str]
    written_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8), default=NoticeState.READY)
    tries: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    """Real time, as the lease: back-off and leases are the machine's."""
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    code: Mapped[str | None] = mapped_column(String(32))
