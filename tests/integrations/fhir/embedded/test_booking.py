"""Find, hold, book, cancel, release: the time authority and its projections."""

import pytest

from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import (
    FhirSession,
    HoldExpired,
    HoldRequest,
    NotAllowedNow,
    NotFound,
    Query,
    Resource,
    SlotTaken,
    Wanted,
    Window,
    Written,
)
from tests.support.fhir import NOW, Clinic, a_slot, an_appointment, at, open_clinic

FAMILY = "family-medicine"
ANY = Wanted(FAMILY)


@pytest.fixture
async def clinic(fhir: FhirSession) -> Clinic:
    return await open_clinic(fhir)


async def add_slot(fhir: FhirSession, schedule: str, minutes: int, **more: object) -> str:
    slot = a_slot(f"Schedule/{schedule}", at(minutes)) | more
    return (await fhir.create(slot, now=NOW)).stored.id


async def hold(
    fhir: FhirSession, slot: str, patient: str, *, key: str = "turn-1", minute: int = 0
) -> Written:
    request = HoldRequest((slot,), patient, key, expires_at=at(minute + 10), reason="a cough")
    return await fhir.hold(request, now=at(minute))


async def found(fhir: FhirSession, minute: int = 0, wanted: Wanted = ANY) -> list[str]:
    return [p.slot_ids[0] for p in (await fhir.find(wanted, now=at(minute))).proposals]


async def status(fhir: FhirSession, type_: str, id_: str) -> str:
    return str((await fhir.read(type_, id_)).body["status"])


async def released(fhir: FhirSession, minute: int) -> tuple[str, ...]:
    return tuple(one.id for one in await fhir.release_expired(now=at(minute)))


def reason(appointment: Resource) -> str:
    return str(appointment["cancelationReason"]["coding"][0]["code"])


async def test_find_proposes_free_times_of_the_service_in_order(
    fhir: FhirSession, clinic: Clinic
) -> None:
    later = await add_slot(fhir, clinic.ruiz_schedule, 120)
    sooner = await add_slot(fhir, clinic.lee_schedule, 60)
    await add_slot(fhir, clinic.lee_schedule, -60)
    await add_slot(fhir, clinic.lee_schedule, 90, serviceType=[{"coding": [{"code": "x"}]}])
    result = await fhir.find(Wanted(FAMILY, limit=1), now=NOW)
    assert (result.proposals[0].slot_ids, result.total) == ((sooner,), 2)
    assert await found(fhir) == [sooner, later]
    assert await found(fhir, wanted=Wanted(FAMILY, practitioner=clinic.ruiz)) == [later]
    assert await found(fhir, wanted=Wanted(FAMILY, exclude=(sooner,))) == [later]
    assert await found(fhir, wanted=Wanted(FAMILY, windows=(Window(at(100), at(150)),))) == [later]
    assert await found(fhir, wanted=Wanted(FAMILY, windows=(Window(at(100), at(149)),))) == []


async def test_proposal_contains_its_slot_and_its_practitioner(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    body = (await fhir.find(Wanted(FAMILY), now=NOW)).proposals[0].body
    assert (body["status"], body["slot"]) == ("proposed", [{"reference": f"#{slot}"}])
    assert (body["contained"][0]["id"], body["start"]) == (slot, body["contained"][0]["start"])
    assert body["participant"][0]["actor"] == {"reference": f"Practitioner/{clinic.ruiz}"}


async def test_hold_makes_a_pending_visit_and_hides_the_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored
    assert held.body["status"] == "pending"
    assert held.body["reasonCode"] == [{"text": "a cough"}]
    assert held.patients == (clinic.sam,)
    assert await status(fhir, "Slot", slot) == "busy-tentative"
    assert await found(fhir) == []
    assert await found(fhir, minute=10) == [slot]


async def test_reason_with_characters_that_fhir_forbids_is_kept_without_them(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    request = HoldRequest((slot,), clinic.sam, "k", expires_at=at(10), reason="a\x00 cough\ud800 ")
    held = (await fhir.hold(request, now=NOW)).stored
    assert held.body["reasonCode"] == [{"text": "a cough"}]
    validate(held.body)


async def test_same_request_returns_the_same_hold(fhir: FhirSession, clinic: Clinic) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    first = await hold(fhir, slot, clinic.sam)
    again = await hold(fhir, slot, clinic.sam, minute=5)
    assert (again.stored.id, again.created) == (first.stored.id, False)
    with pytest.raises(NotFound):
        await hold(fhir, slot, clinic.grace)
    with pytest.raises(HoldExpired):
        await hold(fhir, slot, clinic.sam, minute=10)


async def test_another_patient_cannot_hold_a_held_or_overlapping_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    overlapping = await add_slot(fhir, clinic.ruiz_schedule, 75)
    other_doctor = await add_slot(fhir, clinic.lee_schedule, 75)
    await hold(fhir, slot, clinic.sam)
    for wanted in (slot, overlapping):
        with pytest.raises(SlotTaken) as refused:
            await hold(fhir, wanted, clinic.grace, key="other")
        assert refused.value.blocking == (f"Slot/{slot}",)
    assert await found(fhir) == [other_doctor]
    assert (await hold(fhir, other_doctor, clinic.grace, key="other")).created


async def test_new_hold_drops_the_patients_other_one(fhir: FhirSession, clinic: Clinic) -> None:
    first = await add_slot(fhir, clinic.ruiz_schedule, 60)
    second = await add_slot(fhir, clinic.lee_schedule, 60)
    old = (await hold(fhir, first, clinic.sam)).stored.id
    written = await hold(fhir, second, clinic.sam, key="turn-2")
    dropped = (await fhir.read("Appointment", old)).body
    assert (dropped["status"], reason(dropped)) == ("cancelled", "hold-replaced")
    assert await status(fhir, "Slot", first) == "free"
    assert f"Appointment/{old}" in {one.reference for one in written.also}


async def test_hold_of_no_slot_or_a_past_one_is_refused(fhir: FhirSession, clinic: Clinic) -> None:
    past = await add_slot(fhir, clinic.ruiz_schedule, -60)
    wrong = await add_slot(fhir, clinic.ruiz_schedule, 60, status="entered-in-error")
    with pytest.raises(NotFound):
        await hold(fhir, "nothing", clinic.sam)
    with pytest.raises(NotFound):
        await hold(fhir, wrong, clinic.sam)
    with pytest.raises(NotAllowedNow):
        await hold(fhir, past, clinic.sam)


async def test_booked_hold_is_a_visit_and_booking_again_answers_the_same(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored
    booked = (await fhir.book(held.id, patient=clinic.sam, now=at(5))).stored
    assert booked.body["status"] == "booked"
    assert {one["status"] for one in booked.body["participant"]} == {"accepted"}
    assert "extension" not in booked.body
    assert await status(fhir, "Slot", slot) == "busy"
    again = (await fhir.book(held.id, patient=clinic.sam, now=at(50))).stored
    assert again.version == booked.version
    assert await found(fhir, minute=11) == []
    assert await released(fhir, 30) == ()


async def test_nobody_books_or_cancels_another_patients_hold(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    with pytest.raises(NotFound):
        await fhir.book(held, patient=clinic.grace, now=NOW)
    with pytest.raises(NotFound):
        await fhir.cancel(held, patient=clinic.grace, reason="patient", now=NOW)
    assert await status(fhir, "Appointment", held) == "pending"


async def test_lapsed_and_swept_hold_is_booked_where_nobody_took_the_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    assert await released(fhir, 10) == (held,)
    booked = (await fhir.book(held, patient=clinic.sam, now=at(20))).stored
    assert booked.body["status"] == "booked"
    assert "cancelationReason" not in booked.body
    assert await status(fhir, "Slot", slot) == "busy"


async def test_lapsed_hold_that_was_never_swept_is_booked_too(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    assert (await fhir.book(held, patient=clinic.sam, now=at(20))).stored.body["status"] == "booked"


async def test_lapsed_hold_loses_to_whoever_took_the_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    lapsed = (await hold(fhir, slot, clinic.sam)).stored.id
    taken = await hold(fhir, slot, clinic.grace, key="other", minute=11)
    swept = (await fhir.read("Appointment", lapsed)).body
    assert (swept["status"], reason(swept)) == ("cancelled", "hold-expired")
    with pytest.raises(SlotTaken):
        await fhir.book(lapsed, patient=clinic.sam, now=at(12))
    assert (await fhir.book(taken.stored.id, patient=clinic.grace, now=at(13))).stored.version == 2


async def test_hold_that_was_given_up_is_not_booked(fhir: FhirSession, clinic: Clinic) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    await fhir.cancel(held, patient=clinic.sam, reason="patient", now=NOW)
    with pytest.raises(HoldExpired):
        await fhir.book(held, patient=clinic.sam, now=NOW)


async def test_hold_whose_time_has_come_is_not_booked(fhir: FhirSession, clinic: Clinic) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 5)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    with pytest.raises(HoldExpired):
        await fhir.book(held, patient=clinic.sam, now=at(6))


async def test_cancel_frees_the_time_and_says_why(fhir: FhirSession, clinic: Clinic) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    await fhir.book(held, patient=clinic.sam, now=NOW)
    cancelled = (await fhir.cancel(held, patient=clinic.sam, reason="patient", now=at(1))).stored
    again = (await fhir.cancel(held, patient=None, reason="clinic", now=at(2))).stored
    assert (cancelled.body["status"], reason(cancelled.body)) == ("cancelled", "patient")
    assert again.version == cancelled.version
    assert await status(fhir, "Slot", slot) == "free"
    assert await found(fhir) == [slot]


async def test_visit_that_took_place_is_not_cancelled(fhir: FhirSession, clinic: Clinic) -> None:
    done = an_appointment("fulfilled", at(-90), f"Patient/{clinic.sam}")
    id_ = (await fhir.create(done, now=NOW)).stored.id
    with pytest.raises(NotAllowedNow):
        await fhir.cancel(id_, patient=clinic.sam, reason="patient", now=NOW)


async def test_release_cancels_every_lapsed_hold_once(fhir: FhirSession, clinic: Clinic) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    assert await released(fhir, 9) == ()
    assert await released(fhir, 10) == (held,)
    assert await released(fhir, 11) == ()
    assert await status(fhir, "Slot", slot) == "free"


async def test_pending_visits_never_hide_from_a_search(fhir: FhirSession, clinic: Clinic) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    params = (("patient", clinic.sam), ("status", "pending"))
    page = await fhir.search(Query("Appointment", params))
    assert [one.id for one in page.entries] == [held]
