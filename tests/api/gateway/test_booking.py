"""Booking through the gateway: who may, who is woken up, what is recorded, who wins."""

import asyncio

import pytest
from sqlalchemy import text

from api.core.jobs import Job
from api.gateway.access import Access
from api.gateway.errors import Forbidden
from api.gateway.interactions import (
    Book,
    BulkCreate,
    Cancel,
    Create,
    Read,
    ReleaseExpired,
    Reschedule,
    Update,
)
from api.gateway.service import Gateway, perform
from integrations.fhir.embedded.types import TYPES
from integrations.ports.fhir import SlotTaken
from tests.support.fhir import Clinic, a_patient, a_practitioner, an_appointment, at
from tests.support.gateway import (
    STAFF,
    StoppedClock,
    a_free_slot,
    audit_rows,
    client_of,
    hold_of,
    made,
    turn_of,
    visit_of,
)


async def woken(gateway: Gateway) -> list[tuple[str, str]]:
    """Which jobs were woken up with which key, the first one first; they are forgotten."""
    taken = text("DELETE FROM pgqueuer RETURNING id, entrypoint, payload")
    async with gateway.database.transaction() as session:
        rows = sorted((await session.execute(taken)).all())
    return [(row.entrypoint, row.payload.decode()) for row in rows]


def changed(*ids: str) -> list[tuple[str, str]]:
    return [(Job.RECORD_CHANGED, f"Appointment/{id_}") for id_ in ids]


async def test_staff_write_displaces_a_hold_wakes_scheduling_and_is_in_both_records(
    gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    held = (await perform(gateway, turn_of(clinic.sam), hold_of(slot, clinic.sam))).stored.id
    ehr = client_of("system/*.cruds")
    visit = an_appointment("booked", at(60), f"Patient/{clinic.grace}", slots=(f"Slot/{slot}",))
    written = await perform(gateway, ehr, Create(visit))
    assert written.displaced == (held,)
    assert (Job.HOLD_DISPLACED, held) in await woken(gateway)
    rows = [row for row in await audit_rows(gateway) if row.agent_id == "app"]
    assert {(row.resource_id, row.patient_id) for row in rows} == {
        (written.stored.id, clinic.grace),
        (held, clinic.sam),
    }


async def test_every_write_to_a_visit_wakes_whoever_plans_by_it(
    gateway: Gateway, clinic: Clinic, clock: StoppedClock
) -> None:
    slots = [await a_free_slot(gateway, clinic, minutes) for minutes in (60, 120, 180)]
    sam = turn_of(clinic.sam)
    assert await woken(gateway) == []
    visit = (await perform(gateway, sam, hold_of(slots[0], clinic.sam))).stored.id
    assert await woken(gateway) == changed(visit)
    await perform(gateway, sam, Book(visit))
    assert await woken(gateway) == changed(visit)
    held = (await perform(gateway, sam, hold_of(slots[1], clinic.sam))).stored.id
    assert await woken(gateway) == changed(held)
    await perform(gateway, sam, Reschedule(visit, hold=held))
    assert await woken(gateway) == changed(visit, held)
    body = (await perform(gateway, STAFF, Read("Appointment", visit))).body
    await perform(gateway, STAFF, Update(body | {"comment": "bring the file"}))
    assert await woken(gateway) == changed(visit)
    await perform(gateway, sam, Cancel(visit))
    assert await woken(gateway) == changed(visit)
    lapsing = (await perform(gateway, sam, hold_of(slots[2], clinic.sam))).stored.id
    assert await woken(gateway) == changed(lapsing)
    clock.time = at(10)
    await perform(gateway, STAFF, ReleaseExpired())
    assert await woken(gateway) == changed(lapsing)
    assert await woken(gateway) == []


async def test_write_to_a_prescription_or_patient_wakes_whoever_plans_by_it_and_others_do_not(
    gateway: Gateway, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TYPES, "MedicationRequest", TYPES["Communication"])
    medicine = {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": "x"},
        "subject": {"reference": f"Patient/{clinic.sam}"},
    }
    id_ = await made(gateway, medicine)
    patient = await made(gateway, a_patient("77"))
    await made(gateway, a_practitioner())
    assert await woken(gateway) == [
        (Job.RECORD_CHANGED, f"MedicationRequest/{id_}"),
        (Job.RECORD_CHANGED, f"Patient/{patient}"),
    ]
    ids = await perform(gateway, STAFF, BulkCreate((medicine, medicine)))
    assert await woken(gateway) == [(Job.RECORD_CHANGED, f"MedicationRequest/{one}") for one in ids]


async def test_refused_write_wakes_nobody(gateway: Gateway, clinic: Clinic) -> None:
    visit = await visit_of(gateway, clinic.sam)
    taken = await a_free_slot(gateway, clinic)
    await perform(gateway, turn_of(clinic.grace), hold_of(taken, clinic.grace))
    await woken(gateway)
    with pytest.raises(SlotTaken):
        await perform(gateway, turn_of(clinic.sam), Reschedule(visit, (taken,)))
    assert await woken(gateway) == []


async def test_move_by_staff_displaces_a_hold_wakes_scheduling_and_is_in_both_records(
    gateway: Gateway, clinic: Clinic
) -> None:
    visit = await visit_of(gateway, clinic.grace, minutes=300)
    slot = await a_free_slot(gateway, clinic)
    held = (await perform(gateway, turn_of(clinic.sam), hold_of(slot, clinic.sam))).stored.id
    await woken(gateway)
    written = await perform(gateway, client_of("system/*.cruds"), Reschedule(visit, (slot,)))
    assert written.displaced == (held,)
    assert await woken(gateway) == [(Job.HOLD_DISPLACED, held), *changed(visit, held)]
    rows = [row for row in await audit_rows(gateway) if row.agent_id == "app"]
    assert {(row.tag, row.action, row.resource_id, row.patient_id) for row in rows} == {
        ("fhir:Appointment:reschedule", "U", visit, clinic.grace),
        ("fhir:Appointment:reschedule", "U", held, clinic.sam),
    }


async def test_patient_neither_cancels_nor_moves_a_visit_that_others_attend_too(
    gateway: Gateway, clinic: Clinic
) -> None:
    both = an_appointment("booked", at(60), f"Patient/{clinic.sam}", f"Patient/{clinic.grace}")
    visit, slot = await made(gateway, both), await a_free_slot(gateway, clinic, 120)
    for write in (Cancel(visit), Reschedule(visit, (slot,))):
        with pytest.raises(Forbidden):
            await perform(gateway, turn_of(clinic.sam), write)
    kept = await perform(gateway, STAFF, Read("Appointment", visit))
    assert (kept.version, kept.body["status"]) == (1, "booked")


async def test_many_patients_at_once_move_to_one_time_and_one_has_it(
    gateway: Gateway, clinic: Clinic
) -> None:
    wanted = await a_free_slot(gateway, clinic, 600)
    visits = []
    for number in range(6):
        patient = await made(gateway, a_patient(f"20{number}"))
        slot, turn = await a_free_slot(gateway, clinic, 60 + 30 * number), turn_of(patient)
        held = (await perform(gateway, turn, hold_of(slot, patient))).stored.id
        await perform(gateway, turn, Book(held))
        visits.append((turn, held, slot))

    async def move(turn: Access, visit: str) -> bool:
        try:
            await perform(gateway, turn, Reschedule(visit, (wanted,)))
        except SlotTaken:
            return False
        return True

    won = await asyncio.gather(*(move(turn, visit) for turn, visit, _ in visits))
    assert won.count(True) == 1
    for has_won, (turn, visit, slot) in zip(won, visits, strict=True):
        kept = (await perform(gateway, turn, Read("Appointment", visit))).body
        assert kept["slot"] == [{"reference": f"Slot/{wanted if has_won else slot}"}]
