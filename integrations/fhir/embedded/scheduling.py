"""Hold, book, cancel, release: steps on a visit's time and its Appointment and Slots.

The claim on the time comes first; Appointment and Slot are written after it, in the same
transaction. Follows IHE ITI.Scheduling: ITI-116 $hold, ITI-117 $book.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from integrations.fhir.embedded import claims, store, tables
from integrations.fhir.embedded.proposals import participants_of
from integrations.fhir.embedded.slots import Step, ids_of, instant, set_status
from integrations.ports.fhir import (
    HOLD_EXPIRES,
    HOLD_IDENTIFIER,
    HoldExpired,
    HoldRequest,
    InvalidResource,
    Issue,
    NotAllowedNow,
    NotFound,
    Resource,
    SlotTaken,
    Stored,
    VersionConflict,
)
from integrations.ports.visits import (
    BY_PATIENT,
    CANCELATION_REASONS,
    DISPLACED,
    EXPIRED,
    OWN_REASONS,
    REPLACED,
    CancelRequest,
)

SETTLED = frozenset({"booked", "arrived", "checked-in", "fulfilled"})
UNSETTLED = frozenset({"pending", "booked"})
NOT_ADJOINING = Issue("business-rule", "Appointment.slot", "The slots must adjoin.")
NOT_YOURS_TO_SAY = Issue("business-rule", "reason", "This reason is the store's own.")


async def hold(step: Step, request: HoldRequest, appointment_id: str) -> tuple[Stored, bool]:
    """Hold slots for a patient; whether it is a new hold. See `FhirSession.hold`."""
    await claims.lock_patient(step.connection, request.patient)
    same = await _by_identifier(step.connection, request.identifier)
    if same is not None:
        return _still_held(same, request.patient, step.now), False
    slots, spans = await slots_asked(step, request.slot_ids)
    await _drop_other_hold(step, request.patient, spans)
    await clear_lapsed(step, spans)
    claim = claims.Claim(claims.HELD, appointment_id, request.patient, request.expires_at)
    await claims.take(step.connection, spans, claim)
    body = await _pending(step.connection, request, slots, appointment_id)
    (stored,) = await store.add(step.connection, [body], now=step.now)
    await set_status(step, request.slot_ids, "busy-tentative")
    return stored, True


async def book(step: Step, appointment_id: str, patient: str | None) -> Stored:
    """Turn a hold into a visit. See `FhirSession.book`."""
    current = await own(step.connection, appointment_id, patient)
    slot_ids = ids_of(current.body, "slot", "Slot")
    spans = await claims.spans_of_slots(step.connection, slot_ids)
    await claims.lock_actors(step.connection, (span.actor for span in spans))
    current = await store.load(step.connection, "Appointment", appointment_id, lock=True)
    status = current.body["status"]
    if status in SETTLED:
        return current
    if status not in {"pending", "cancelled"} or not spans:
        raise NotAllowedNow(status)
    if ids_of(current.body, "slot", "Slot") != slot_ids:
        raise VersionConflict("Appointment")  # moved between the look and the lock
    if any(span.start_at < step.now for span in spans):
        raise HoldExpired
    if status == "cancelled":
        await _compete_again(step, current, spans)
    elif not await claims.keep(step.connection, appointment_id):
        raise HoldExpired
    booked = await store.replace(step.connection, current, _booked(current.body), now=step.now)
    await set_status(step, slot_ids, "busy")
    return booked


async def cancel(step: Step, request: CancelRequest, patient: str | None) -> Stored:
    """Give a hold or a visit up. See `FhirSession.cancel`."""
    if _own_code(_coding(request.reason)) in OWN_REASONS:
        raise InvalidResource([NOT_YOURS_TO_SAY])
    id_ = (await own(step.connection, request.appointment_id, patient)).id
    spans = await claims.spans_of_appointments(step.connection, [id_])
    await claims.lock_actors(step.connection, (span.actor for span in spans))
    current = await store.load(step.connection, "Appointment", id_, lock=True)
    if current.body["status"] == "cancelled":
        return current
    expect_version(current, request.if_match)
    if current.body["status"] not in UNSETTLED:
        raise NotAllowedNow(current.body["status"])
    is_by_patient = patient is not None or _own_code(_coding(request.reason)) == BY_PATIENT
    declined = _declined(current.body, patient) if is_by_patient else {}
    return await give_up(step, current, request.reason, **declined)


async def release_expired(step: Step) -> tuple[Stored, ...]:
    """Cancel every lapsed hold; the Appointments."""
    ids = await claims.lapsed_holds(step.connection, step.now)
    spans = await claims.spans_of_appointments(step.connection, ids)
    await claims.lock_actors(step.connection, (span.actor for span in spans))
    # Between the look and the lock a hold may have been booked or given up.
    still = set(await claims.lapsed_holds(step.connection, step.now)) & set(ids)
    for id_ in sorted(still):
        await give_up_by_id(step, id_, EXPIRED)
    return tuple(one for one in step.changed if one.type == "Appointment")


async def give_up_by_id(step: Step, appointment_id: str, reason: str) -> None:
    """Cancel an appointment and free its time; its actors are locked by the caller."""
    current = await store.load(step.connection, "Appointment", appointment_id, lock=True)
    step.changed.append(await give_up(step, current, reason))


async def give_up(step: Step, current: Stored, reason: str, **more: object) -> Stored:
    """Cancel a locked appointment and free its time; `more`: elements that change with it."""
    freed = await claims.drop(step.connection, current.id)
    body = _without_expiry(current.body) | {
        "status": "cancelled",
        "cancelationReason": {"coding": [_coding(reason)]},
        **more,
    }
    cancelled = await store.replace(step.connection, current, body, now=step.now)
    await set_status(step, freed, "free")
    return cancelled


async def clear_lapsed(step: Step, spans: list[claims.Span]) -> None:
    """Cancel lapsed holds that are in the way; the spans' actors are locked."""
    for id_ in await claims.appointments_in_the_way(step.connection, spans, lapsed_at=step.now):
        await give_up_by_id(step, id_, EXPIRED)


def reason_of(appointment: Resource) -> str | None:
    """The code by which an appointment was cancelled."""
    codings = appointment.get("cancelationReason", {}).get("coding", [])
    return next((code for one in codings if (code := _own_code(one)) is not None), None)


def expires_at(appointment: Resource) -> datetime | None:
    """When a pending appointment's hold lapses."""
    for extension in appointment.get("extension", []):
        if extension["url"] == HOLD_EXPIRES:
            return instant(extension["valueInstant"])
    return None


async def _drop_other_hold(step: Step, patient: str, spans: list[claims.Span]) -> None:
    """Lock every actor concerned, then cancel what else the patient holds."""
    others = await claims.holds_of_patient(step.connection, patient)
    theirs = await claims.spans_of_appointments(step.connection, others)
    await claims.lock_actors(step.connection, (span.actor for span in [*spans, *theirs]))
    for id_ in await claims.holds_of_patient(step.connection, patient):
        if id_ in others:
            await give_up_by_id(step, id_, REPLACED)


async def _compete_again(step: Step, current: Stored, spans: list[claims.Span]) -> None:
    """A hold that lapsed may be had after all, where nobody else has taken the time."""
    reason = reason_of(current.body)
    if reason == DISPLACED:
        raise SlotTaken(await claims.blocking_slots(step.connection, spans))
    if reason != EXPIRED:
        raise HoldExpired
    await clear_lapsed(step, spans)
    patient = next(iter(current.patients), None)
    await claims.take(step.connection, spans, claims.Claim(claims.BOOKED, current.id, patient))


async def own(connection: AsyncConnection, appointment_id: str, patient: str | None) -> Stored:
    """An appointment, of this patient where one is named.

    Raises:
        NotFound: none such, or another patient's.
    """
    current = await store.load(connection, "Appointment", appointment_id)
    if patient is not None and patient not in current.patients:
        raise NotFound("Appointment")
    return current


def expect_version(current: Stored, if_match: int | None) -> None:
    """Return if the caller means the current version, or any.

    Raises:
        VersionConflict: it means another one.
    """
    if if_match is not None and if_match != current.version:
        raise VersionConflict(current.type)


async def slots_asked(
    step: Step, slot_ids: Sequence[str]
) -> tuple[list[Resource], list[claims.Span]]:
    """Slots to come that make one stretch of time, in its order; and their spans.

    Raises:
        NotFound: one does not exist. NotAllowedNow: one has begun. InvalidResource: there is a
            gap between them.
    """
    spans = await claims.spans_of_slots(step.connection, slot_ids)
    found = await store.load_many(step.connection, "Slot", slot_ids)
    slots = sorted((one.body for one in found.values()), key=lambda slot: instant(slot["start"]))
    if not slot_ids or set(found) != set(slot_ids):
        raise NotFound("Slot")
    if any(slot["status"] == "entered-in-error" for slot in slots):
        raise NotFound("Slot")
    if any(span.start_at < step.now for span in spans):
        raise NotAllowedNow("past")
    if not _adjoin(slots):
        raise InvalidResource([NOT_ADJOINING])
    return slots, spans


def time_of(slots: Sequence[Resource]) -> Resource:
    """`start` and `end` of a visit in these slots."""
    starts = sorted((slot["start"] for slot in slots), key=instant)
    ends = sorted((slot["end"] for slot in slots), key=instant)
    return {"start": starts[0], "end": ends[-1]}


def is_patient(participant: Resource, patient: str | None) -> bool:
    """Whether it is that patient, or any where none is named."""
    ids = ids_of(participant, "actor", "Patient")
    return bool(ids) and patient in {None, *ids}


async def _by_identifier(connection: AsyncConnection, identifier: str) -> Stored | None:
    token = tables.token.c
    found = await connection.scalar(
        select(token.id).where(
            token.type == "Appointment",
            token.param == "identifier",
            token.system == HOLD_IDENTIFIER,
            token.code == identifier,
        )
    )
    return None if found is None else await store.load(connection, "Appointment", found)


def _still_held(same: Stored, patient: str, now: datetime) -> Stored:
    if patient not in same.patients:
        raise NotFound("Appointment")
    lapses_at = expires_at(same.body)
    lapsed = lapses_at is not None and lapses_at <= now
    if same.body["status"] == "cancelled" or (same.body["status"] == "pending" and lapsed):
        raise HoldExpired
    return same


async def _pending(
    connection: AsyncConnection, request: HoldRequest, slots: list[Resource], appointment_id: str
) -> Resource:
    until = request.expires_at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    patient = {"actor": {"reference": f"Patient/{request.patient}"}, "status": "accepted"}
    body: Resource = {
        "resourceType": "Appointment",
        "id": appointment_id,
        "extension": [{"url": HOLD_EXPIRES, "valueInstant": until}],
        "identifier": [{"system": HOLD_IDENTIFIER, "value": request.identifier}],
        "status": "pending",
        **time_of(slots),
        "slot": [{"reference": f"Slot/{slot_id}"} for slot_id in request.slot_ids],
        "participant": [patient, *await participants_of(connection, slots)],
    }
    copied = {key: slots[0][key] for key in ("serviceCategory", "serviceType") if key in slots[0]}
    reason = _as_string(request.reason or "")
    why: Resource = {"reasonCode": [{"text": reason}]} if reason else {}
    return body | copied | why


def _adjoin(slots: Sequence[Resource]) -> bool:
    """Whether slots in the order of time leave no gap; some may be beside each other."""
    until = instant(slots[0]["end"])
    for slot in slots:
        if instant(slot["start"]) > until:
            return False
        until = max(until, instant(slot["end"]))
    return True


def _coding(reason: str) -> Resource:
    system, _, code = reason.rpartition("|")
    return {"system": system or CANCELATION_REASONS, "code": code}


def _own_code(coding: Resource) -> str | None:
    return coding.get("code") if coding.get("system") == CANCELATION_REASONS else None


def _declined(appointment: Resource, patient: str | None) -> Resource:
    """The participants, of whom the patient (every one, where none is named) declines."""
    participants = [
        {**one, "status": "declined"} if is_patient(one, patient) else one
        for one in appointment["participant"]
    ]
    return {"participant": participants}


def _as_string(text: str) -> str:
    """A patient's words as FHIR's string type: no control characters, not blank."""
    return "".join(char for char in text if char.isprintable() or char in "\t\n").strip()


def _booked(appointment: Resource) -> Resource:
    body = _without_expiry(appointment) | {"status": "booked"}
    body.pop("cancelationReason", None)
    body["participant"] = [{**one, "status": "accepted"} for one in body["participant"]]
    return body


def _without_expiry(appointment: Resource) -> Resource:
    kept = [one for one in appointment.get("extension", []) if one["url"] != HOLD_EXPIRES]
    rest = {key: value for key, value in appointment.items() if key != "extension"}
    return rest | ({"extension": kept} if kept else {})
