"""Moving a visit: the old time is given up first, and comes back whole where the new is not had.

As in booking, actors are locked before resources, and the claim on the time is the last word.
"""

from collections.abc import Sequence

from integrations.fhir.embedded import claims, store
from integrations.fhir.embedded.occupancy import occupy, prepare_visit
from integrations.fhir.embedded.proposals import participants_of
from integrations.fhir.embedded.scheduling import (
    UNSETTLED,
    expect_version,
    expires_at,
    give_up,
    is_patient,
    own,
    reason_of,
    slots_asked,
    time_of,
)
from integrations.fhir.embedded.slots import EXCLUSIVE, Step, ids_of, instant, references
from integrations.ports.fhir import (
    HoldExpired,
    InvalidResource,
    Issue,
    NotAllowedNow,
    NotFound,
    Resource,
    Stored,
    VersionConflict,
)
from integrations.ports.visits import DISPLACED, EXPIRED, USED, MoveRequest

# A hold that was lost may be won again; one that was given up may not.
LOST = frozenset({EXPIRED, DISPLACED})
OTHER_SERVICE = Issue("business-rule", "Appointment.slot", "The slot is for another service.")
OTHER_TIME = Issue("business-rule", "hold", "The hold is for another time.")
ITSELF = Issue("business-rule", "hold", "A hold cannot be moved by itself.")


async def reschedule(
    step: Step, request: MoveRequest, *, patient: str | None, displace: bool
) -> tuple[Stored, tuple[str, ...]]:
    """The visit, moved, and the ids of the holds displaced. See `FhirSession.reschedule`.

    A caller who goes on after a refusal, in the same transaction, finds the old time kept.
    """
    async with step.connection.begin_nested():
        before = await own(step.connection, request.appointment_id, patient)
        slot_ids = await _slot_ids(step, request)
        await _lock(step, slot_ids, before, request)
        current = await store.load(step.connection, "Appointment", before.id, lock=True)
        if current.body["status"] in UNSETTLED and set(_slots_of(current)) == set(slot_ids):
            return current, ()
        _may_move(step, current, before, request)
        slots = await _slots_for(step, current, slot_ids)
        if request.hold is not None:
            await _use_up(step, request.hold, slot_ids, {patient} if patient else current.patients)
        body = await _moved(step, current.body, slots, by=patient)
        visit = await prepare_visit(step, body, current.id)
        displaced = await occupy(step, visit, current.id, displace=displace)
        return await store.replace(step.connection, current, body, now=step.now), displaced


async def _slot_ids(step: Step, request: MoveRequest) -> Sequence[str]:
    if request.hold == request.appointment_id:
        raise InvalidResource([ITSELF])
    if request.slot_ids or request.hold is None:
        return request.slot_ids
    return _slots_of(await store.load(step.connection, "Appointment", request.hold))


async def _lock(step: Step, slot_ids: Sequence[str], before: Stored, request: MoveRequest) -> None:
    """Lock every actor concerned at once: of the new time, the old one, and the hold."""
    visits = [before.id] if request.hold is None else [before.id, request.hold]
    spans = [
        *await claims.spans_of_slots(step.connection, slot_ids),
        *await claims.spans_of_appointments(step.connection, visits),
    ]
    taking_part = [one for one in _actors_of(before) if one.startswith(EXCLUSIVE)]
    keys = await claims.actor_keys(step.connection, taking_part)
    await claims.lock_actors(step.connection, [*(span.actor for span in spans), *keys.values()])


def _may_move(step: Step, current: Stored, before: Stored, request: MoveRequest) -> None:
    """Return if the locked visit may be moved, and is the one whose actors were locked."""
    status, lapses_at = current.body["status"], expires_at(current.body)
    expect_version(current, request.if_match)
    if status not in UNSETTLED:
        raise NotAllowedNow(status)
    if _slots_of(current) != _slots_of(before) or _actors_of(current) != _actors_of(before):
        raise VersionConflict("Appointment")
    if lapses_at is not None and lapses_at <= step.now:
        raise HoldExpired
    if instant(current.body["start"]) < step.now:
        raise NotAllowedNow("past")


async def _slots_for(step: Step, current: Stored, slot_ids: Sequence[str]) -> list[Resource]:
    """The new slots, all for the visit's service where both say which."""
    slots, _ = await slots_asked(step, slot_ids)
    wanted = _services(current.body)
    for slot in slots:
        offered = _services(slot)
        if wanted and offered and not wanted & offered:
            raise InvalidResource([OTHER_SERVICE])
    return slots


async def _use_up(
    step: Step, hold_id: str, slot_ids: Sequence[str], patients: Sequence[str] | set[str]
) -> None:
    hold = await store.load(step.connection, "Appointment", hold_id, lock=True)
    if not set(hold.patients) & set(patients):
        raise NotFound("Appointment")
    if set(_slots_of(hold)) != set(slot_ids):
        raise InvalidResource([OTHER_TIME])
    match hold.body["status"]:
        case "pending":
            step.changed.append(await give_up(step, hold, USED))
        case "cancelled" if reason_of(hold.body) in LOST:
            return
        case "cancelled":
            raise HoldExpired
        case other:
            raise NotAllowedNow(other)


async def _moved(
    step: Step, appointment: Resource, slots: list[Resource], *, by: str | None
) -> Resource:
    body: Resource = {
        **appointment,
        **time_of(slots),
        "slot": [{"reference": f"Slot/{slot['id']}"} for slot in slots],
        "participant": await _participants(step, appointment, slots, by=by),
    }
    if "minutesDuration" in body:
        lasts = instant(body["end"]) - instant(body["start"])
        body["minutesDuration"] = int(lasts.total_seconds()) // 60
    return body


async def _participants(
    step: Step, appointment: Resource, slots: list[Resource], *, by: str | None
) -> list[Resource]:
    """Actors of the old schedules make way for those of the new; everybody else stays.

    The new actors have agreed where the visit is booked, as when it was booked first. A patient
    has agreed to no time but the one that the patient chose.
    """
    old_slots = await store.load_many(step.connection, "Slot", ids_of(appointment, "slot", "Slot"))
    leaving = await participants_of(step.connection, [one.body for one in old_slots.values()])
    coming = await participants_of(step.connection, slots)
    scheduled = {_key(one) for one in [*leaving, *coming]}
    known = {_key(one): one for one in appointment["participant"]}
    answer = {"status": "accepted"} if appointment["status"] == "booked" else {}
    return [
        *(
            _asked_again(one, by)
            for one in appointment["participant"]
            if _key(one) is None or _key(one) not in scheduled
        ),
        *({**known.get(_key(one), {}), **one, **answer} for one in coming),
    ]


def _asked_again(participant: Resource, by: str | None) -> Resource:
    if not is_patient(participant, None):
        return participant
    has_chosen = by is not None and is_patient(participant, by)
    return {**participant, "status": "accepted" if has_chosen else "needs-action"}


def _key(participant: Resource) -> str | None:
    """Who takes part: by reference, else by whatever names the actor; None for a mere role."""
    actor = participant.get("actor")
    return None if actor is None else str(actor.get("reference") or actor)


def _slots_of(stored: Stored) -> list[str]:
    return ids_of(stored.body, "slot", "Slot")


def _actors_of(stored: Stored) -> list[str]:
    return references(stored.body, "participant.actor")


def _services(resource: Resource) -> set[tuple[str, str]]:
    codings = [one for type_ in resource.get("serviceType", []) for one in type_.get("coding", [])]
    return {(one.get("system", ""), one["code"]) for one in codings if "code" in one}
