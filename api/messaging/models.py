"""Tables of messaging: threads, inbox, outbox, delivery events, expectations."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant
from api.messaging.gate import Hours
from api.messaging.kinds import InboundState, OutboundState


class ThreadRow(Base):
    """One address on one channel; its id is the conversation's id."""

    __tablename__ = "thread"
    __table_args__ = (UniqueConstraint("channel", "address_lookup"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8))
    address_lookup: Mapped[bytes]
    address_sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Instant)


class InboundRow(Base):
    """One message that came in, stored once, before anybody thinks about it."""

    __tablename__ = "inbound"
    __table_args__ = (
        UniqueConstraint("channel", "provider_id"),
        Index("ix_inbound_open", "thread_id", "seq", postgresql_where="state = 'pending'"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    provider_id: Mapped[str] = mapped_column(String(128))
    text_sealed: Mapped[bytes]
    text_lookup: Mapped[bytes]
    """Keyed hash of the folded words: the loop guard counts repeats without opening them."""
    received_at: Mapped[datetime] = mapped_column(Instant)
    expected: Mapped[bool] = mapped_column(default=False)
    """Whether it answered an open question of ours; such messages are never a loop."""
    state: Mapped[str] = mapped_column(String(8), default=InboundState.PENDING)
    tries: Mapped[int] = mapped_column(default=0)
    replays: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    """Real time: back-off after a failure is machinery's, not care's."""


class OutboundRow(Base):
    """One message to go out, written together with the state it belongs to."""

    __tablename__ = "outbound"
    __table_args__ = (
        Index("ix_outbound_provider_id", "provider_id"),
        # What every sweep looks for, however long the history of what was sent.
        Index(
            "ix_outbound_unsettled",
            "thread_id",
            "seq",
            postgresql_where="state IN ('ready', 'held', 'sending', 'unknown')",
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, Identity(), unique=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    turn_id: Mapped[str | None] = mapped_column(String(64))
    patient_id: Mapped[str | None] = mapped_column(String(64))
    responses: Mapped[list[str]] = mapped_column(JSONB)
    purpose: Mapped[str] = mapped_column(String(16))
    text_sealed: Mapped[bytes]
    created_at: Mapped[datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(12), default=OutboundState.READY)
    reason: Mapped[str | None] = mapped_column(String(32))
    not_before: Mapped[datetime | None] = mapped_column(Instant)
    retry_at: Mapped[datetime | None] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    lease_holder: Mapped[int | None]
    """The worker that has it (`core.presence`): one that died need not be waited for."""
    tries: Mapped[int] = mapped_column(default=0)
    posted_at: Mapped[datetime | None] = mapped_column(Instant)
    provider_id: Mapped[str | None] = mapped_column(String(128))
    about: Mapped[str | None] = mapped_column(String(64))
    """What it speaks of, as `kind:id`, where that may have changed by the time it is sent."""
    useful_until: Mapped[datetime | None] = mapped_column(Instant)
    hours: Mapped[str] = mapped_column(String(8), default=Hours.DEFAULT)


class DeliveryEventRow(Base):
    """What the provider said of a message, in the order it came; append-only."""

    __tablename__ = "delivery_event"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    outbound_id: Mapped[str | None] = mapped_column(String(36), index=True)
    provider_id: Mapped[str] = mapped_column(String(128))
    state: Mapped[str] = mapped_column(String(16))
    error_code: Mapped[str | None] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)


class ExpectationRow(Base):
    """An open question of ours: what it waits for, until when, about what."""

    __tablename__ = "expectation"
    __table_args__ = (
        Index("ix_expectation_open", "thread_id", postgresql_where="closed_at IS NULL"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    thread_id: Mapped[str] = mapped_column(ForeignKey("thread.id"))
    outbound_id: Mapped[str | None] = mapped_column(String(36))
    kind: Mapped[str] = mapped_column(String(16))
    choices: Mapped[int] = mapped_column(default=0)
    ref: Mapped[str | None] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
