"""The table of half-made bookings."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from api.core.db import Base, Instant


class BookingState(StrEnum):
    """Which question of a booking is open; CLOSED: none."""

    REASON = "reason"
    WHEN = "when"
    OFFERED = "offered"
    HELD = "held"
    CLOSED = "closed"


class BookingRow(Base):
    """One booking in the making: what for, with whom, when, what was offered, what is held."""

    __tablename__ = "booking"
    __table_args__ = (
        Index(
            "uq_booking_open", "conversation_id", unique=True, postgresql_where="state <> 'closed'"
        ),
        Index("ix_booking_appointment", "appointment_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(String(36), index=True)
    patient_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    words_sealed: Mapped[bytes]
    """`{"reason", "windows"}` as JSON: why and when, in the patient's words and as spans."""
    service: Mapped[str | None] = mapped_column(String(64))
    practitioner_id: Mapped[str | None] = mapped_column(String(64))
    patient_zone: Mapped[str | None] = mapped_column(String(64))
    offers: Mapped[list[dict[str, object]]] = mapped_column(JSONB, default=list)
    seen: Mapped[list[str]] = mapped_column(JSONB, default=list)
    notice: Mapped[str | None] = mapped_column(String(16))
    appointment_id: Mapped[str | None] = mapped_column(String(64))
    moves_id: Mapped[str | None] = mapped_column(String(64))
    """The visit that is to be moved; it keeps its time until the new one is won."""
    held: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    held_until: Mapped[datetime | None] = mapped_column(Instant)
    outcome: Mapped[str | None] = mapped_column(String(24))
    last_turn: Mapped[str] = mapped_column(String(64))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
