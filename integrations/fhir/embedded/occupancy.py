"""What plain writes of Appointments and Slots do to the time they speak of.

Staff have the last word over a hold: it is displaced. Over a booked time nobody has.
"""

from dataclasses import dataclass

from integrations.fhir.embedded import claims
from integrations.fhir.embedded.scheduling import clear_lapsed, expires_at, give_up_by_id
from integrations.fhir.embedded.slots import (
    EXCLUSIVE,
    Step,
    ids_of,
    index_slots,
    instant,
    references,
    reindex_slot,
    set_status,
    spans_of,
)
from integrations.ports.fhir import InvalidResource, Issue, Resource, SlotTaken, Stored
from integrations.ports.visits import DISPLACED

OCCUPYING = frozenset({"pending", "booked", "arrived", "checked-in", "fulfilled"})
OPEN = frozenset({"free", "entered-in-error"})
SLOT_TIME = ("status", "start", "end", "schedule")


@dataclass(frozen=True)
class Visit:
    """An Appointment about to be written, with its actors locked."""

    resource: Resource
    slot_ids: list[str]
    spans: list[claims.Span]


async def prepare_visit(step: Step, resource: Resource, id_: str | None) -> Visit:
    """Work out which time an Appointment takes, and lock its actors, old and new.

    Raises:
        InvalidResource: it names a Slot that does not exist.
    """
    slot_ids: list[str] = []
    spans: list[claims.Span] = []
    if resource["status"] in OCCUPYING:
        slot_ids = ids_of(resource, "slot", "Slot")
        spans = await claims.spans_of_slots(step.connection, slot_ids)
        if {span.slot_id for span in spans} != set(slot_ids):
            raise InvalidResource([Issue("not-found", "Appointment.slot", "No such Slot here.")])
        spans += await _participants_spans(step, resource, {span.actor for span in spans})
    before = await claims.spans_of_appointments(step.connection, [id_]) if id_ else []
    await claims.lock_actors(step.connection, (span.actor for span in [*spans, *before]))
    return Visit(resource, slot_ids, spans)


async def occupy(step: Step, visit: Visit, id_: str, *, displace: bool) -> tuple[str, ...]:
    """Take the visit's time in place of what it had; ids of the holds it displaced.

    Raises:
        SlotTaken: booked by another, or held and `displace` is false.
    """
    freed = await claims.drop(step.connection, id_)
    displaced = await _clear_way(step, visit.spans, displace=displace)
    status, patients = (
        visit.resource["status"],
        ids_of(visit.resource, "participant.actor", "Patient"),
    )
    is_hold = status == "pending"
    claim = claims.Claim(
        claims.HELD if is_hold else claims.BOOKED,
        id_,
        next(iter(patients), None),
        expires_at(visit.resource) if is_hold else None,
    )
    await claims.take(step.connection, visit.spans, claim)
    await set_status(step, (one for one in freed if one not in visit.slot_ids), "free")
    await set_status(step, visit.slot_ids, "busy-tentative" if is_hold else "busy")
    return displaced


async def open_slot(step: Step, slot: Resource, *, displace: bool) -> tuple[str, ...]:
    """Record a new Slot's time, and block it unless it is free; holds displaced."""
    await index_slots(step.connection, [slot])
    (spans,) = await spans_of(step.connection, [slot])
    await claims.lock_actors(step.connection, (span.actor for span in spans))
    return await _block(step, slot, spans, displace=displace)


async def lock_slot(step: Step, slot: Resource) -> list[claims.Span]:
    """Lock the actors of a Slot, as it was and as it will be; its new spans."""
    (spans,) = await spans_of(step.connection, [slot])
    before = await claims.spans_of_slots(step.connection, [slot["id"]])
    await claims.lock_actors(step.connection, (span.actor for span in [*spans, *before]))
    return spans


async def change_slot(
    step: Step, current: Stored, slot: Resource, *, spans: list[claims.Span], displace: bool
) -> tuple[str, ...]:
    """Move, block or free a locked Slot; ids of the holds displaced.

    Raises:
        SlotTaken: a visit is booked in it, or it is held and `displace` is false.
    """
    if all(current.body.get(key) == slot.get(key) for key in SLOT_TIME):
        return ()
    if await claims.appointments_of_slot(step.connection, current.id, claims.BOOKED):
        raise SlotTaken([current.reference])
    held = await claims.appointments_of_slot(step.connection, current.id, claims.HELD)
    if held and not displace:
        raise SlotTaken([current.reference])
    for id_ in held:
        await give_up_by_id(step, id_, DISPLACED)
    await claims.drop_block(step.connection, current.id)
    await reindex_slot(step.connection, slot)
    return (*held, *await _block(step, slot, spans, displace=displace))


async def _block(
    step: Step, slot: Resource, spans: list[claims.Span], *, displace: bool
) -> tuple[str, ...]:
    if slot["status"] in OPEN:
        return ()
    displaced = await _clear_way(step, spans, displace=displace)
    await claims.take(step.connection, spans, claims.Claim(claims.BOOKED))
    return displaced


async def _clear_way(step: Step, spans: list[claims.Span], *, displace: bool) -> tuple[str, ...]:
    await clear_lapsed(step, spans)
    if not displace:
        return ()
    held = await claims.appointments_in_the_way(step.connection, spans)
    for id_ in held:
        await give_up_by_id(step, id_, DISPLACED)
    return tuple(held)


async def _participants_spans(
    step: Step, resource: Resource, covered: set[int]
) -> list[claims.Span]:
    """The time of participants whom no slot of the visit covers."""
    actors = [one for one in references(resource, "participant.actor") if one.startswith(EXCLUSIVE)]
    keys = await claims.actor_keys(step.connection, actors)
    start, end = instant(resource["start"]), instant(resource["end"])
    return [claims.Span(key, start, end) for key in keys.values() if key not in covered]
