"""Plain writes of Appointments and Slots by staff: they displace holds, never visits."""

import pytest

from integrations.ports.fhir import (
    FhirSession,
    HoldRequest,
    InvalidResource,
    SlotTaken,
    Unsupported,
    Wanted,
    Written,
)
from tests.support.fhir import NOW, Clinic, a_slot, an_appointment, at, open_clinic


@pytest.fixture
async def clinic(fhir: FhirSession) -> Clinic:
    return await open_clinic(fhir)


@pytest.fixture
async def slot(fhir: FhirSession, clinic: Clinic) -> str:
    return (
        await fhir.create(a_slot(f"Schedule/{clinic.ruiz_schedule}", at(60)), now=NOW)
    ).stored.id


async def hold(fhir: FhirSession, slot: str, patient: str) -> str:
    request = HoldRequest((slot,), patient, f"key {patient}", expires_at=at(10))
    return (await fhir.hold(request, now=NOW)).stored.id


async def free(fhir: FhirSession) -> int:
    return (await fhir.find(Wanted("family-medicine"), now=NOW)).total


async def staff_book(fhir: FhirSession, clinic: Clinic, slot: str) -> Written:
    visit = an_appointment("booked", at(60), f"Patient/{clinic.grace}", slots=(f"Slot/{slot}",))
    return await fhir.create(visit, now=NOW, displace=True)


async def set_slot(
    fhir: FhirSession, slot: str, *, displace: bool = True, **changes: object
) -> Written:
    body = (await fhir.read("Slot", slot)).body | changes
    return await fhir.update(body, now=NOW, displace=displace)


async def test_staff_booking_takes_the_slot(fhir: FhirSession, clinic: Clinic, slot: str) -> None:
    await staff_book(fhir, clinic, slot)
    assert (await fhir.read("Slot", slot)).body["status"] == "busy"
    assert await free(fhir) == 0
    with pytest.raises(SlotTaken):
        await hold(fhir, slot, clinic.sam)


async def test_staff_booking_displaces_a_hold(fhir: FhirSession, clinic: Clinic, slot: str) -> None:
    held = await hold(fhir, slot, clinic.sam)
    written = await staff_book(fhir, clinic, slot)
    lost = (await fhir.read("Appointment", held)).body
    assert written.displaced == (held,)
    assert lost["status"] == "cancelled"
    assert lost["cancelationReason"]["coding"][0]["code"] == "displaced"
    assert (await fhir.read("Slot", slot)).body["status"] == "busy"
    with pytest.raises(SlotTaken) as refused:
        await fhir.book(held, patient=clinic.sam, now=NOW)
    assert refused.value.blocking == (f"Slot/{slot}",)


async def test_hold_stands_against_a_write_that_may_not_displace(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    await hold(fhir, slot, clinic.sam)
    visit = an_appointment("booked", at(60), f"Practitioner/{clinic.ruiz}")
    with pytest.raises(SlotTaken):
        await fhir.create(visit, now=NOW)
    with pytest.raises(SlotTaken):
        await set_slot(fhir, slot, displace=False, status="busy")


async def test_nobody_displaces_a_booked_visit(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    held = await hold(fhir, slot, clinic.sam)
    await fhir.book(held, patient=clinic.sam, now=NOW)
    with pytest.raises(SlotTaken) as refused:
        await staff_book(fhir, clinic, slot)
    assert refused.value.blocking == (f"Slot/{slot}",)
    for status in ("free", "busy-unavailable", "entered-in-error"):
        with pytest.raises(SlotTaken):
            await set_slot(fhir, slot, status=status)


async def test_visit_without_slots_takes_its_practitioners_time(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    held = await hold(fhir, slot, clinic.sam)
    visit = an_appointment("booked", at(75), f"Practitioner/{clinic.ruiz}")
    written = await fhir.create(visit, now=NOW, displace=True)
    assert written.displaced == (held,)
    assert await free(fhir) == 0


async def test_moved_visit_frees_its_old_slot_and_never_blocks_itself(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    visit = (await staff_book(fhir, clinic, slot)).stored
    next_ = a_slot(f"Schedule/{clinic.ruiz_schedule}", at(75))
    overlapping = (await fhir.create(next_, now=NOW)).stored.id
    moved = visit.body | {
        "slot": [{"reference": f"Slot/{overlapping}"}],
        "start": next_["start"],
        "end": next_["end"],
    }
    await fhir.update(moved, now=NOW, if_match=1, displace=True)
    assert (await fhir.read("Slot", slot)).body["status"] == "free"
    assert (await fhir.read("Slot", overlapping)).body["status"] == "busy"


async def test_visit_cancelled_by_a_plain_write_frees_its_slot(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    visit = (await staff_book(fhir, clinic, slot)).stored
    await fhir.update(visit.body | {"status": "cancelled"}, now=NOW, displace=True)
    assert (await fhir.read("Slot", slot)).body["status"] == "free"
    assert await free(fhir) == 1


@pytest.mark.parametrize("status", ["busy", "busy-unavailable", "busy-tentative"])
async def test_blocked_slot_is_not_offered_until_it_is_freed(
    fhir: FhirSession, clinic: Clinic, slot: str, status: str
) -> None:
    await set_slot(fhir, slot, status=status)
    assert await free(fhir) == 0
    with pytest.raises(SlotTaken):
        await hold(fhir, slot, clinic.sam)
    await set_slot(fhir, slot, status="free")
    assert await free(fhir) == 1


async def test_blocking_or_freeing_a_held_slot_displaces_the_hold(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    held = await hold(fhir, slot, clinic.sam)
    written = await set_slot(fhir, slot, status="busy-unavailable")
    assert written.displaced == (held,)
    assert written.stored.body["status"] == "busy-unavailable"
    await set_slot(fhir, slot, status="free")
    again = await hold(fhir, slot, clinic.grace)
    assert (await set_slot(fhir, slot, status="free")).displaced == (again,)


async def test_slot_created_busy_is_blocked(fhir: FhirSession, clinic: Clinic) -> None:
    busy = a_slot(f"Schedule/{clinic.ruiz_schedule}", at(60), status="busy")
    await fhir.create(busy, now=NOW)
    assert await free(fhir) == 0
    with pytest.raises(SlotTaken):
        await fhir.create(busy, now=NOW, displace=True)


async def test_moved_slot_is_offered_at_its_new_time(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    later = a_slot(f"Schedule/{clinic.ruiz_schedule}", at(600))
    await set_slot(fhir, slot, start=later["start"], end=later["end"])
    proposals = (await fhir.find(Wanted("family-medicine"), now=NOW)).proposals
    assert [one.start_at for one in proposals] == [at(600)]


async def test_comment_on_a_booked_slot_changes_no_time(
    fhir: FhirSession, clinic: Clinic, slot: str
) -> None:
    await staff_book(fhir, clinic, slot)
    written = await set_slot(fhir, slot, comment="bring the file")
    assert written.stored.body["comment"] == "bring the file"
    assert await free(fhir) == 0


async def test_visit_in_no_slot_of_ours_is_refused(fhir: FhirSession, clinic: Clinic) -> None:
    with pytest.raises(InvalidResource):
        await staff_book(fhir, clinic, "nothing")


async def test_bulk_create_takes_no_time(fhir: FhirSession, clinic: Clinic) -> None:
    busy = a_slot(f"Schedule/{clinic.ruiz_schedule}", at(60), status="busy")
    with pytest.raises(Unsupported):
        await fhir.bulk_create([busy], now=NOW)
