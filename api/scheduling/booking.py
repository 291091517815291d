"""A booking in the making, in memory, and how it is kept."""

import json
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring, Place
from api.core.ids import BookingId, ConversationId, PatientId
from api.scheduling.desk import Asker
from api.scheduling.models import BookingRow, BookingState
from integrations.ports.fhir import Window


@dataclass(frozen=True)
class Offer:
    """A free time as it was offered. `practitioner` is None for a visit without one."""

    slot_ids: tuple[str, ...]
    start_at: datetime
    practitioner: str | None
    with_name: str
    with_short: str

    def as_json(self) -> dict[str, object]:
        """The shape in the row and in a response's arguments."""
        return {
            "slots": list(self.slot_ids),
            "start": self.start_at.isoformat(),
            "practitioner": self.practitioner,
            "with_name": self.with_name,
            "with_short": self.with_short,
        }

    @staticmethod
    def from_json(read: dict[str, object]) -> "Offer":
        """The reverse of `as_json`."""
        slots = read["slots"]
        practitioner = read["practitioner"]
        return Offer(
            slot_ids=tuple(str(each) for each in slots) if isinstance(slots, list) else (),
            start_at=datetime.fromisoformat(str(read["start"])),
            practitioner=str(practitioner) if practitioner else None,
            with_name=str(read["with_name"]),
            with_short=str(read["with_short"]),
        )


@dataclass
class Booking:
    """A booking while a turn works on it."""

    id: BookingId
    conversation: ConversationId
    patient: PatientId
    state: BookingState
    opened_at: datetime
    changed_at: datetime
    last_turn: str
    reason: str | None = None
    windows: tuple[Window, ...] | None = None
    service: str | None = None
    practitioner: str | None = None
    patient_zone: str | None = None
    offers: tuple[Offer, ...] = ()
    seen: tuple[str, ...] = ()
    notice: str | None = None
    appointment_id: str | None = None
    moves: str | None = None
    held: Offer | None = None
    held_until: datetime | None = None
    outcome: str | None = None
    is_new: bool = field(default=False, compare=False)

    @property
    def is_open(self) -> bool:
        """Whether a question of it is still to be answered."""
        return self.state is not BookingState.CLOSED


async def load_open(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId
) -> Booking | None:
    """The booking that is being made in this conversation."""
    row = await session.scalar(
        select(BookingRow).where(
            BookingRow.conversation_id == conversation, BookingRow.state != BookingState.CLOSED
        )
    )
    return await _opened(keyring, row) if row is not None else None


async def load_latest(session: AsyncSession, keyring: Keyring, asker: Asker) -> Booking | None:
    """The newest booking of this patient in this conversation, open or not."""
    row = await session.scalar(
        select(BookingRow)
        .where(
            BookingRow.conversation_id == asker.conversation,
            BookingRow.patient_id == asker.patient,
        )
        .order_by(BookingRow.id.desc())
        .limit(1)
    )
    return await _opened(keyring, row) if row is not None else None


async def load_displaced(
    session: AsyncSession, keyring: Keyring, appointment_id: str, turn: str
) -> Booking | None:
    """The open booking that holds this Appointment, or lost it in that turn."""
    row = await session.scalar(
        select(BookingRow).where(
            (BookingRow.appointment_id == appointment_id) | (BookingRow.last_turn == turn),
            BookingRow.state != BookingState.CLOSED,
        )
    )
    return await _opened(keyring, row) if row is not None else None


async def save(session: AsyncSession, keyring: Keyring, booking: Booking, *, now: datetime) -> None:
    """Write a booking as it is now."""
    row = (
        BookingRow(id=booking.id)
        if booking.is_new
        else await session.get_one(BookingRow, booking.id, with_for_update=True)
    )
    for column, value in (await _columns(keyring, booking, now)).items():
        setattr(row, column, value)
    session.add(row)


async def _columns(keyring: Keyring, booking: Booking, now: datetime) -> dict[str, object]:
    windows = [
        [each.start_at.isoformat(), each.end_at.isoformat()] for each in booking.windows or ()
    ]
    words = {"reason": booking.reason, "windows": None if booking.windows is None else windows}
    return {
        "conversation_id": booking.conversation,
        "patient_id": booking.patient,
        "state": booking.state,
        "words_sealed": await keyring.seal(
            json.dumps(words), owner=f"patient/{booking.patient}", place=_place(booking.id)
        ),
        "service": booking.service,
        "practitioner_id": booking.practitioner,
        "patient_zone": booking.patient_zone,
        "offers": [each.as_json() for each in booking.offers],
        "seen": list(booking.seen),
        "notice": booking.notice,
        "appointment_id": booking.appointment_id,
        "moves_id": booking.moves,
        "held": booking.held.as_json() if booking.held else None,
        "held_until": booking.held_until,
        "outcome": booking.outcome,
        "last_turn": booking.last_turn,
        "opened_at": booking.opened_at,
        "changed_at": now,
    }


async def _opened(keyring: Keyring, row: BookingRow) -> Booking:
    owner = f"patient/{row.patient_id}"
    words = json.loads(await keyring.unseal(row.words_sealed, owner=owner, place=_place(row.id)))
    return Booking(
        id=BookingId(row.id),
        conversation=ConversationId(row.conversation_id),
        patient=PatientId(row.patient_id),
        state=BookingState(row.state),
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        last_turn=row.last_turn,
        reason=words["reason"],
        windows=_windows(words["windows"]),
        service=row.service,
        practitioner=row.practitioner_id,
        patient_zone=row.patient_zone,
        offers=tuple(Offer.from_json(each) for each in row.offers),
        seen=tuple(row.seen),
        notice=row.notice,
        appointment_id=row.appointment_id,
        moves=row.moves_id,
        held=Offer.from_json(row.held) if row.held else None,
        held_until=row.held_until,
        outcome=row.outcome,
    )


def _windows(read: list[list[str]] | None) -> tuple[Window, ...] | None:
    if read is None:
        return None
    return tuple(
        Window(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in read
    )


def _place(id_: str) -> Place:
    return Place("booking", "words", id_)
