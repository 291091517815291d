"""Tables of reminders: plans with their next due time, prompts, and what each was about."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant
from api.reminders.kinds import PlanState

Wall = TIMESTAMP(timezone=False)
"""A local wall time; the zone stands beside it."""


class PlanRow(Base):
    """What somebody is reminded of, and when next. One per prescription or visit."""

    __tablename__ = "reminder_plan"
    __table_args__ = (
        UniqueConstraint("source"),
        # Only what can come due: plans that ended cost the sweep nothing.
        Index("ix_reminder_plan_due", "next_at", "id", postgresql_where="state = 'active'"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    patient_id: Mapped[str] = mapped_column(String(64), index=True)
    source: Mapped[str] = mapped_column(String(96))
    """`MedicationRequest/<id>` or `Appointment/<id>`."""
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    zone: Mapped[str] = mapped_column(String(64))
    schedule: Mapped[dict[str, object]] = mapped_column(JSONB)
    is_own: Mapped[bool] = mapped_column(default=False)
    """Whether the times are the person's own choice: a changed prescription leaves them alone."""
    facts_sealed: Mapped[bytes]
    """What the prompt says of it, as JSON: the medicine's name, or who the visit is with."""
    state: Mapped[str] = mapped_column(String(8), default=PlanState.ACTIVE)
    stopped_because: Mapped[str | None] = mapped_column(String(20))
    next_wall: Mapped[datetime | None] = mapped_column(Wall)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class PromptRow(Base):
    """One text that reminds; the medicines of one hour share it."""

    __tablename__ = "reminder_prompt"
    __table_args__ = (
        Index(
            "ix_reminder_prompt_open",
            "due_at",
            "id",
            postgresql_where="state IN ('waiting', 'due')",
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    patient_id: Mapped[str] = mapped_column(String(64), index=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    wall: Mapped[datetime] = mapped_column(Wall)
    """When the dose or the reminder is due by the person's clock; a put-off prompt keeps it."""
    due_at: Mapped[datetime] = mapped_column(Instant)
    useful_until: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str | None] = mapped_column(String(20))
    outbound_id: Mapped[str | None] = mapped_column(String(36))
    last_turn: Mapped[str | None] = mapped_column(String(64))
    """The turn that answered it last: the same turn again has the same effect, once."""
    changed_at: Mapped[datetime] = mapped_column(Instant)


class ItemRow(Base):
    """One dose, or one reminder of a visit: what a prompt asks about, and what was answered."""

    __tablename__ = "reminder_item"
    __table_args__ = (UniqueConstraint("plan_id", "wall"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    plan_id: Mapped[str] = mapped_column(ForeignKey("reminder_plan.id"))
    prompt_id: Mapped[str] = mapped_column(ForeignKey("reminder_prompt.id"), index=True)
    wall: Mapped[datetime] = mapped_column(Wall)
    due_at: Mapped[datetime] = mapped_column(Instant)
    answer: Mapped[str | None] = mapped_column(String(12))
    evidence: Mapped[str | None] = mapped_column(String(36))
    """The message in which it was answered."""
    skip_reason: Mapped[str | None] = mapped_column(String(12))
    answered_at: Mapped[datetime | None] = mapped_column(Instant)


class PreferenceRow(Base):
    """What a person agreed to, and their own hours."""

    __tablename__ = "reminder_preference"

    patient_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    wants_doses: Mapped[bool] = mapped_column(default=False)
    names_medicines: Mapped[bool] = mapped_column(default=False)
    """Whether a text may print a medicine's name: asked once, and recorded."""
    wants_visits: Mapped[bool] = mapped_column(default=True)
    day: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    """`{"breakfast": "07:30", …}`: their own hours, where they gave any."""
    changed_at: Mapped[datetime] = mapped_column(Instant)
