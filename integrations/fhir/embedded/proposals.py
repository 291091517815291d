"""Free times as proposed Appointments. Follows IHE ITI.Scheduling, ITI-115 $find."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import store, tables
from integrations.fhir.embedded.slots import schedule_id
from integrations.ports.fhir import Found, Proposal, Resource, Wanted


async def find(connection: AsyncConnection, wanted: Wanted, *, now: datetime) -> Found:
    """Free times in order. See `FhirSession.find`."""
    free = _free_slots(wanted, now).subquery()
    statement = select(free, func.count().over().label("total"))
    ordered = (
        statement.order_by(free.c.start_at, free.c.slot_id)
        .limit(wanted.limit)
        .offset(wanted.offset)
    )
    rows = (await connection.execute(ordered)).all()
    slots = await store.load_many(connection, "Slot", [row.slot_id for row in rows])
    schedules = await _schedules_of(connection, [stored.body for stored in slots.values()])
    proposals = tuple(
        Proposal(
            (row.slot_id,),
            row.start_at,
            row.end_at,
            _proposed(slots[row.slot_id].body, schedules),
        )
        for row in rows
    )
    return Found(proposals, rows[0].total if rows else 0)


async def participants_of(connection: AsyncConnection, slots: Sequence[Resource]) -> list[Resource]:
    """The actors of the slots' schedules as participants who have not answered yet."""
    return _participants((await _schedules_of(connection, slots)).values())


async def _schedules_of(
    connection: AsyncConnection, slots: Sequence[Resource]
) -> dict[str, Resource]:
    ids = sorted({schedule_id(slot) for slot in slots})
    loaded = await store.load_many(connection, "Schedule", ids)
    return {id_: stored.body for id_, stored in loaded.items()}


def _participants(schedules: Iterable[Resource]) -> list[Resource]:
    actors: dict[str, Resource] = {}
    for schedule in schedules:
        for actor in schedule["actor"]:
            actors.setdefault(actor.get("reference", ""), actor)
    return [{"actor": actor, "status": "needs-action"} for actor in actors.values()]


def _free_slots(wanted: Wanted, now: datetime) -> Select[tuple[str, str, datetime, datetime]]:
    column = tables.slot_time.c
    statement = select(column.slot_id, column.schedule_id, column.start_at, column.end_at)
    statement = statement.distinct().where(
        column.start_at >= now,
        _has_token(column.slot_id, "service-type", wanted.service),
        ~_has_token(column.slot_id, "status", "entered-in-error"),
        ~_is_taken(now),
    )
    if wanted.exclude:
        statement = statement.where(column.slot_id.not_in(wanted.exclude))
    if wanted.windows:
        spans = [
            and_(column.start_at >= window.start_at, column.end_at <= window.end_at)
            for window in wanted.windows
        ]
        statement = statement.where(or_(*spans))
    if wanted.practitioner is not None:
        statement = statement.where(_is_of(wanted.practitioner))
    return statement


def _has_token(slot_id: ColumnElement[str], param: str, code: str) -> ColumnElement[bool]:
    token = tables.token.c
    return exists(
        select(1).where(
            token.type == "Slot", token.id == slot_id, token.param == param, token.code == code
        )
    )


def _is_taken(now: datetime) -> ColumnElement[bool]:
    """Whether any actor of the slot has a live claim then; lapsed holds count as free."""
    other, claim = tables.slot_time.alias("other"), tables.interval.c
    return exists(
        select(1).where(
            other.c.slot_id == tables.slot_time.c.slot_id,
            claim.actor == other.c.actor,
            claim.during.op("&&")(func.tstzrange(other.c.start_at, other.c.end_at)),
            or_(claim.expires_at.is_(None), claim.expires_at > now),
        )
    )


def _is_of(practitioner: str) -> ColumnElement[bool]:
    """Whether the slot's schedule is that practitioner's."""
    actor = tables.reference.c
    return exists(
        select(1).where(
            actor.type == "Schedule",
            actor.id == tables.slot_time.c.schedule_id,
            actor.param == "actor",
            actor.target_type == "Practitioner",
            actor.target_id == practitioner,
        )
    )


def _proposed(slot: Resource, schedules: Mapping[str, Resource]) -> Resource:
    """The Slot is contained under its own id, which is the proposal's too: $hold takes either."""
    contained = {key: value for key, value in slot.items() if key != "meta"}
    copied: Resource = {key: slot[key] for key in ("serviceCategory", "serviceType") if key in slot}
    return {
        "resourceType": "Appointment",
        "id": slot["id"],
        "contained": [contained],
        "status": "proposed",
        **copied,
        "start": slot["start"],
        "end": slot["end"],
        "slot": [{"reference": f"#{slot['id']}"}],
        "participant": _participants([schedules[schedule_id(slot)]]),
    }
