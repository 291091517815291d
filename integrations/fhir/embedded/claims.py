"""The authority on time: who has which span of an actor's day, held or booked.

Booking locks the actors' rows first, in the order of their keys, and resources after them, so
two bookings never wait for each other. The exclusion constraint is the last word.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, false, func, or_, select, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import tables
from integrations.ports.fhir import SlotTaken

HELD, BOOKED = "held", "booked"


@dataclass(frozen=True)
class Span:
    """A piece of one actor's time. `slot_id`: the Slot it comes from, if any."""

    actor: int
    start_at: datetime
    end_at: datetime
    slot_id: str | None = None


@dataclass(frozen=True)
class Claim:
    """Whose time it is. `expires_at` is None for good; a block by staff has no appointment."""

    state: str
    appointment_id: str | None = None
    patient_id: str | None = None
    expires_at: datetime | None = None


async def actor_keys(connection: AsyncConnection, references: Iterable[str]) -> dict[str, int]:
    """The number of each actor, made where it is new."""
    table = tables.actor
    wanted = sorted(set(references))
    found = select(table.c.reference, table.c.key).where(table.c.reference.in_(wanted))
    known = {row.reference: row.key for row in await connection.execute(found)}
    fresh = [{"reference": one} for one in wanted if one not in known]
    if fresh:
        await connection.execute(insert(table).on_conflict_do_nothing(), fresh)
        known = {row.reference: row.key for row in await connection.execute(found)}
    return known


async def lock_actors(connection: AsyncConnection, keys: Iterable[int]) -> None:
    """Wait until nobody else is booking these actors; kept to the end of the transaction."""
    key = tables.actor.c.key
    await connection.execute(select(key).where(key.in_(set(keys))).order_by(key).with_for_update())


async def lock_patient(connection: AsyncConnection, patient_id: str) -> None:
    """One hold at a time per patient. Taken before any actor."""
    number = func.hashtextextended(f"hold|{patient_id}", 0)
    await connection.execute(select(func.pg_advisory_xact_lock(number)))


async def spans_of_slots(connection: AsyncConnection, slot_ids: Sequence[str]) -> list[Span]:
    """The time of each slot, once per actor."""
    table = tables.slot_time
    rows = await connection.execute(select(table).where(table.c.slot_id.in_(slot_ids)))
    return [Span(row.actor, row.start_at, row.end_at, row.slot_id) for row in rows]


async def spans_of_appointments(connection: AsyncConnection, ids: Sequence[str]) -> list[Span]:
    """What appointments have now."""
    return await _spans(connection, tables.interval.c.appointment_id.in_(ids))


async def take(connection: AsyncConnection, spans: Sequence[Span], claim: Claim) -> None:
    """Claim all spans or none.

    Raises:
        SlotTaken: somebody has a part of the time.
    """
    rows = [
        {
            "actor": span.actor,
            "during": Range(span.start_at, span.end_at),
            "state": claim.state,
            "expires_at": claim.expires_at,
            "appointment_id": claim.appointment_id,
            "slot_id": span.slot_id,
            "patient_id": claim.patient_id,
        }
        for span in spans
    ]
    if not rows:
        return
    try:
        async with connection.begin_nested():
            await connection.execute(insert(tables.interval), rows)
    except IntegrityError:
        raise SlotTaken(await blocking_slots(connection, spans)) from None


async def keep(connection: AsyncConnection, appointment_id: str) -> int:
    """Turn a hold into a booking; how many spans it has."""
    own = tables.interval.c.appointment_id == appointment_id
    done = await connection.execute(
        update(tables.interval).where(own).values(state=BOOKED, expires_at=None)
    )
    return done.rowcount


async def drop(connection: AsyncConnection, appointment_id: str) -> list[str]:
    """Give an appointment's time back; the slots it had."""
    own = tables.interval.c.appointment_id == appointment_id
    rows = await connection.execute(delete(tables.interval).where(own).returning(tables.interval))
    return sorted({row.slot_id for row in rows if row.slot_id is not None})


async def drop_block(connection: AsyncConnection, slot_id: str) -> None:
    """Lift the block that staff put on a slot."""
    table = tables.interval
    own = and_(table.c.slot_id == slot_id, table.c.appointment_id.is_(None))
    await connection.execute(delete(table).where(own))


async def appointments_in_the_way(
    connection: AsyncConnection, spans: Sequence[Span], *, lapsed_at: datetime | None = None
) -> list[str]:
    """Appointments that hold a part of these spans; with `lapsed_at` the lapsed ones only."""
    table = tables.interval
    condition = and_(overlap(spans), table.c.state == HELD, table.c.appointment_id.is_not(None))
    if lapsed_at is not None:
        condition = and_(condition, table.c.expires_at <= lapsed_at)
    return await _appointment_ids(connection, condition)


async def appointments_of_slot(connection: AsyncConnection, slot_id: str, state: str) -> list[str]:
    """Appointments that hold or booked this very slot."""
    table = tables.interval
    return await _appointment_ids(
        connection, and_(table.c.slot_id == slot_id, table.c.state == state)
    )


async def holds_of_patient(connection: AsyncConnection, patient_id: str) -> list[str]:
    """Appointments by which a patient holds time, lapsed ones too."""
    table = tables.interval
    return await _appointment_ids(
        connection, and_(table.c.patient_id == patient_id, table.c.state == HELD)
    )


async def lapsed_holds(connection: AsyncConnection, now: datetime) -> list[str]:
    """Appointments whose hold has lapsed."""
    return await _appointment_ids(connection, tables.interval.c.expires_at <= now)


async def blocking_slots(connection: AsyncConnection, spans: Sequence[Span]) -> list[str]:
    """References of the slots that the claims in the way were made through."""
    slot_id = tables.interval.c.slot_id
    rows = await connection.execute(select(slot_id).distinct().where(overlap(spans)))
    return sorted(f"Slot/{row.slot_id}" for row in rows if row.slot_id is not None)


def overlap(spans: Sequence[Span]) -> ColumnElement[bool]:
    """Claims that overlap any of the spans."""
    table = tables.interval
    return or_(
        false(),
        *(
            and_(
                table.c.actor == span.actor,
                table.c.during.op("&&")(func.tstzrange(span.start_at, span.end_at)),
            )
            for span in spans
        ),
    )


async def _appointment_ids(connection: AsyncConnection, where: ColumnElement[bool]) -> list[str]:
    column = tables.interval.c.appointment_id
    rows = await connection.execute(select(column).distinct().where(where).order_by(column))
    return [row.appointment_id for row in rows if row.appointment_id is not None]


async def _spans(connection: AsyncConnection, where: ColumnElement[bool]) -> list[Span]:
    rows = await connection.execute(select(tables.interval).where(where))
    return [Span(row.actor, row.during.lower, row.during.upper, row.slot_id) for row in rows]
