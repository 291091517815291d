"""Tables of reminders: plans with their next due time, prompts, what each was about, requests."""

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
        Index(
            "ix_reminder_plan_due",
            "next_at",
            "conversation_id",
            postgresql_where="state = 'active'",
        ),
        # What came to its end in bulk and is not shown so yet; a move to the next time is not here.
        Index(
            "ix_reminder_plan_unshown",
            "id",
            postgresql_where="shown = 'active' AND state <> 'active'",
        ),
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
    shown: Mapped[str | None] = mapped_column(String(8))
    """The state of which the record was told last."""
    next_wall: Mapped[datetime | None] = mapped_column(Wall)
    next_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class PromptRow(Base):
    """One text that reminds; the medicines of one hour share it."""

    __tablename__ = "reminder_prompt"
    __table_args__ = (
        # What somebody was asked of late: they answer in free words.
        Index("ix_reminder_prompt_conversation_id", "conversation_id", "due_at"),
        # Apart: with thousands due, each look for what was put off would pass them all.
        Index(
            "ix_reminder_prompt_due",
            "conversation_id",
            "due_at",
            "id",
            postgresql_where="state = 'due'",
        ),
        Index("ix_reminder_prompt_waiting", "due_at", postgresql_where="state = 'waiting'"),
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
    asked_names_at: Mapped[datetime | None] = mapped_column(Instant)
    """When they were asked that, or said it unasked; nobody is asked twice."""
    wants_visits: Mapped[bool] = mapped_column(default=True)
    day: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    """`{"breakfast": "07:30", …}`: their own hours, where they gave any."""
    changed_at: Mapped[datetime] = mapped_column(Instant)


class RequestRow(Base):
    """What somebody asked of their reminders last in a conversation, as far as it is understood."""

    __tablename__ = "reminder_request"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    patient_id: Mapped[str] = mapped_column(String(64))
    blank: Mapped[str | None] = mapped_column(String(8))
    """What is still to be said; None: it was done, or is a person's."""
    half_sealed: Mapped[bytes | None]
    last_turn: Mapped[str | None] = mapped_column(String(64))
    reply_sealed: Mapped[bytes | None]
    """What was said in that turn: the same turn again changes nothing, and says the same."""
    changed_at: Mapped[datetime] = mapped_column(Instant)
