"""Slots as spans of actors' time: which actors a slot takes, and its projected status."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import claims, store, tables
from integrations.fhir.embedded.dates import read_range
from integrations.fhir.embedded.paths import values
from integrations.ports.fhir import InvalidResource, Issue, Resource, Stored

# A clinic or a service is shared by many; a person and a machine are not.
EXCLUSIVE = ("Practitioner/", "PractitionerRole/", "Device/")


@dataclass
class Step:
    """One use of the store: its connection, its present, and what it has changed so far."""

    connection: AsyncConnection
    now: datetime
    changed: list[Stored] = field(default_factory=list)


def references(resource: Resource, path: str) -> list[str]:
    """Literal references at a path."""
    found = (value for value in values(resource, path) if isinstance(value, dict))
    return [str(value["reference"]) for value in found if "reference" in value]


def ids_of(resource: Resource, path: str, type_: str) -> list[str]:
    """Ids that a path refers to, of one type."""
    prefix = f"{type_}/"
    found = [one for one in references(resource, path) if one.startswith(prefix)]
    return list(dict.fromkeys(one.split("/")[1] for one in found))


async def index_slots(connection: AsyncConnection, slots: Sequence[Resource]) -> None:
    """Record each slot's time under its actors.

    Raises:
        InvalidResource: a Schedule that a slot names does not exist.
    """
    spans = await spans_of(connection, slots)
    rows = [
        (span.slot_id, span.actor, schedule_id(slot), span.start_at, span.end_at)
        for slot, own in zip(slots, spans, strict=True)
        for span in own
    ]
    await store.copy(connection, "booking_slot", rows)


async def reindex_slot(connection: AsyncConnection, slot: Resource) -> None:
    """Record a changed slot's time anew."""
    table = tables.slot_time
    await connection.execute(delete(table).where(table.c.slot_id == slot["id"]))
    await index_slots(connection, [slot])


async def spans_of(
    connection: AsyncConnection, slots: Sequence[Resource]
) -> list[list[claims.Span]]:
    """The spans that each slot takes, by what it says now."""
    takers = await _takers(connection, {schedule_id(slot) for slot in slots})
    every = {one for taken in takers.values() for one in taken}
    keys = await claims.actor_keys(connection, every)
    return [
        [
            claims.Span(keys[taker], instant(slot["start"]), instant(slot["end"]), slot["id"])
            for taker in takers[schedule_id(slot)]
        ]
        for slot in slots
    ]


async def set_status(step: Step, slot_ids: Iterable[str], status: str) -> None:
    """Write the projected status of slots; one entered in error stays so."""
    for slot_id in slot_ids:
        current = await store.load(step.connection, "Slot", slot_id, lock=True)
        if current.body["status"] in {status, "entered-in-error"}:
            continue
        body = {**current.body, "status": status}
        step.changed.append(await store.replace(step.connection, current, body, now=step.now))


def schedule_id(slot: Resource) -> str:
    """The id of a slot's Schedule."""
    return next(iter(ids_of(slot, "schedule", "Schedule")), "")


def instant(text: str) -> datetime:
    """A FHIR instant as a time."""
    return read_range(text).start_at


async def _takers(connection: AsyncConnection, ids: set[str]) -> dict[str, list[str]]:
    """Whose time each schedule's slots take; the schedule itself where nobody's alone."""
    schedules = await store.load_many(connection, "Schedule", sorted(ids))
    if set(schedules) != ids:
        raise InvalidResource([Issue("not-found", "Slot.schedule", "No such Schedule here.")])
    return {
        id_: [one for one in references(schedule.body, "actor") if one.startswith(EXCLUSIVE)]
        or [f"Schedule/{id_}"]
        for id_, schedule in schedules.items()
    }
