"""Tables of conversations: their state, the transcript, and what people did in them."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from api.conversations.kinds import Owner, State
from api.core.db import Base, Instant

# What the queue shows: whoever searches must say it in these very words to use the indexes.
QUEUED = "queue_rank IS NOT NULL AND state <> 'snoozed'"
PUT_OFF = "queue_rank IS NOT NULL AND state = 'snoozed'"


class ConversationRow(Base):
    """The state of one conversation; its id is its thread's."""

    __tablename__ = "conversation"
    __table_args__ = (
        # One for each view of the queue, in the queue's order, so that a page is a short read of
        # one index, however long the queue is.
        Index(
            "ix_conversation_queue",
            "queue_rank",
            "queue_due_at",
            "id",
            postgresql_where=QUEUED,
        ),
        Index(
            "ix_conversation_queue_mine",
            "assignee_id",
            "queue_rank",
            "queue_due_at",
            "id",
            postgresql_where=QUEUED,
        ),
        Index(
            "ix_conversation_queue_unassigned",
            "queue_rank",
            "queue_due_at",
            "id",
            postgresql_where=f"{QUEUED} AND assignee_id IS NULL",
        ),
        Index(
            "ix_conversation_snoozed",
            "queue_rank",
            "queue_due_at",
            "id",
            postgresql_where=PUT_OFF,
        ),
        Index("ix_conversation_wakes", "snoozed_until", postgresql_where="state = 'snoozed'"),
    )

    id: Mapped[str] = mapped_column(ForeignKey("thread.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str] = mapped_column(String(8), default=Owner.BOT)
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_position: Mapped[int] = mapped_column(default=0)
    hidden_to: Mapped[int] = mapped_column(default=0)
    """A visitor is shown nothing up to this position; a one-time code ends that."""

    patient_id: Mapped[str | None] = mapped_column(String(64))
    verified_at: Mapped[datetime | None] = mapped_column(Instant)
    phone_is_shared: Mapped[bool] = mapped_column(default=False)
    """Several people are on this number: who it is holds for one topic, and not for long."""
    identity_tries: Mapped[int] = mapped_column(default=0)
    identifier_sealed: Mapped[bytes | None]
    """What an unknown web visitor gave as number or MRN, until the birth date is checked."""

    level: Mapped[int] = mapped_column(SmallInteger, default=1)
    """How sure it is who it is (gateway's Assurance), while `verified_at` holds."""
    code_lookup: Mapped[bytes | None]
    """Keyed hash of the one-time code that may be typed here; bound to the patient."""
    code_expires_at: Mapped[datetime | None] = mapped_column(Instant)
    """Real time."""
    code_tries_left: Mapped[int] = mapped_column(SmallInteger, default=0)
    codes_failed: Mapped[int] = mapped_column(SmallInteger, default=0)
    """Codes in a row that were mistyped too often, or came too late."""

    episode: Mapped[int] = mapped_column(default=1)
    """The engine's sender is `<conversation>:<episode>`."""
    episode_turns: Mapped[int] = mapped_column(default=0)
    misses: Mapped[int] = mapped_column(default=0)
    holding_since: Mapped[datetime | None] = mapped_column(Instant)
    """Since when the engine could not be reached for this conversation."""

    lease_holder: Mapped[int | None]
    """The worker at it (`core.presence`); void when that worker is dead."""
    lease_token: Mapped[str | None] = mapped_column(String(36))
    lease_message: Mapped[str | None] = mapped_column(String(36))

    state: Mapped[str] = mapped_column(String(8), default=State.BOT)
    """`owner` follows from it (rules.owner_in) and is written with it."""
    assignee_id: Mapped[str | None] = mapped_column(String(64))
    assignee_name: Mapped[str | None] = mapped_column(String(80))
    name_sealed: Mapped[bytes | None]
    """The patient's display name, as it was when they were last identified."""
    patient_position: Mapped[int] = mapped_column(default=0)
    """Where the patient's latest message stands."""
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    """When the oldest message was written that nobody has answered."""
    read_position: Mapped[int] = mapped_column(default=0)
    """Up to here somebody of the team has read."""
    snoozed_until: Mapped[datetime | None] = mapped_column(Instant)
    """None while snoozed: until the patient writes."""

    queue_rank: Mapped[int | None] = mapped_column(SmallInteger)
    """How urgent, 0 first; None: not in the people's queue. attention.py keeps these four."""
    queue_due_at: Mapped[datetime | None] = mapped_column(Instant)
    queue_reason: Mapped[str | None] = mapped_column(String(24))
    queue_opened_at: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=0)
    """Counts every change that the queue shows."""


class CodeTextRow(Base):
    """That a one-time code was texted for a turn: what the limits count."""

    __tablename__ = "code_text"
    __table_args__ = (
        Index("ix_code_text_patient", "patient_id", "at"),
        Index("ix_code_text_conversation", "conversation_id", "at"),
    )

    turn_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(36))
    patient_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
    """Real time."""


class FormLinkRow(Base):
    """The newest one-time link to a form's private question; gone once it was used."""

    __tablename__ = "form_link"

    form_id: Mapped[str] = mapped_column(ForeignKey("intake_form.id"), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    """Where it was sent."""
    patient_id: Mapped[str] = mapped_column(String(64))
    lookup: Mapped[bytes] = mapped_column(unique=True)
    """Keyed hash of its token."""
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """Real time."""
    tries_left: Mapped[int] = mapped_column(SmallInteger)


class MessageRow(Base):
    """One message of the transcript. Positions count up by one within a conversation."""

    __tablename__ = "message"
    __table_args__ = (
        UniqueConstraint("conversation_id", "position"),
        Index(
            "uq_message_client_id",
            "conversation_id",
            "client_id",
            unique=True,
            postgresql_where="client_id IS NOT NULL",
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    position: Mapped[int]
    speaker: Mapped[str] = mapped_column(String(12))
    name: Mapped[str | None] = mapped_column(String(80))
    body_sealed: Mapped[bytes]
    """`{"text", "choices", "input"}` as JSON, sealed under the conversation's key."""
    at: Mapped[datetime] = mapped_column(Instant)
    inbound_id: Mapped[str | None] = mapped_column(String(36), unique=True)
    outbound_id: Mapped[str | None] = mapped_column(String(36))
    sender_id: Mapped[str | None] = mapped_column(String(64))
    """Which member of the team wrote it."""
    client_id: Mapped[str | None] = mapped_column(String(64))
    """The writer's own id of a person's reply: sent twice, it is one message."""


class NoteRow(Base):
    """What the team tells itself of a conversation. No way leads from here to the patient."""

    __tablename__ = "note"
    __table_args__ = (UniqueConstraint("conversation_id", "client_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"))
    client_id: Mapped[str | None] = mapped_column(String(64))
    staff_id: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    body_sealed: Mapped[bytes]
    at: Mapped[datetime] = mapped_column(Instant)


class ConversationEventRow(Base):
    """What people, or time, did to a conversation; append-only."""

    __tablename__ = "conversation_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversation.id"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    act: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[str | None] = mapped_column(String(64))
    name: Mapped[str | None] = mapped_column(String(80))
    detail: Mapped[str | None] = mapped_column(String(40))
    """A code: an outcome, a reason, an assignee's id; never words of anybody."""
    position: Mapped[int]
    """Where the transcript ended then: what stands behind it was said after it."""


class InboxEventRow(Base):
    """That a conversation changed in the queue, numbered in the order of commit."""

    __tablename__ = "inbox_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(Instant)
    """Real time: old ones are dropped by it."""


class WatcherRow(Base):
    """Somebody of the team who has a conversation before them now."""

    __tablename__ = "watcher"

    conversation_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    staff_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80))
    is_writing: Mapped[bool]
    expires_at: Mapped[datetime] = mapped_column(Instant)
    """Real time."""
