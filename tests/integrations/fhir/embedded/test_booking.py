"""Find, hold, book, cancel, release: the time authority and its projections."""

import pytest

from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import (
    FhirSession,
    HoldExpired,
    HoldRequest,
    InvalidResource,
    NotAllowedNow,
    NotFound,
    Query,
    Resource,
    SlotTaken,
    VersionConflict,
    Wanted,
    Window,
    Written,
)
from integrations.ports.visits import CANCELATION_REASONS, OWN_REASONS, CancelRequest
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
        await fhir.cancel(CancelRequest(held, "patient"), patient=clinic.grace, now=NOW)
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
    await fhir.cancel(CancelRequest(held, "patient"), patient=clinic.sam, now=NOW)
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
    cancelled = (
        await fhir.cancel(CancelRequest(held, "patient"), patient=clinic.sam, now=at(1))
    ).stored
    again = (await fhir.cancel(CancelRequest(held, "clinic"), patient=None, now=at(2))).stored
    assert (cancelled.body["status"], reason(cancelled.body)) == ("cancelled", "patient")
    assert again.version == cancelled.version
    assert await status(fhir, "Slot", slot) == "free"
    assert await found(fhir) == [slot]


@pytest.mark.parametrize(
    ("by_patient", "reason", "status"),
    [
        (True, "patient", "declined"),
        (True, "clinic", "declined"),
        (False, "patient", "declined"),
        (False, "clinic", "accepted"),
    ],
)
async def test_patient_who_cancels_has_declined(
    fhir: FhirSession, clinic: Clinic, *, by_patient: bool, reason: str, status: str
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    await fhir.book(held, patient=clinic.sam, now=NOW)
    patient = clinic.sam if by_patient else None
    cancelled = await fhir.cancel(CancelRequest(held, reason), patient=patient, now=NOW)
    assert {
        one["actor"]["reference"]: one["status"] for one in cancelled.stored.body["participant"]
    } == {f"Patient/{clinic.sam}": status, f"Practitioner/{clinic.ruiz}": "accepted"}
    validate(cancelled.stored.body)


async def test_reason_of_another_system_is_kept_as_it_is(fhir: FhirSession, clinic: Clinic) -> None:
    system = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    asked = CancelRequest(held, f"{system}|prov-pers")
    cancelled = (await fhir.cancel(asked, patient=None, now=NOW)).stored.body
    assert cancelled["cancelationReason"] == {"coding": [{"system": system, "code": "prov-pers"}]}


@pytest.mark.parametrize("reason", sorted(OWN_REASONS))
async def test_nobody_gives_a_reason_that_is_the_stores_own(
    fhir: FhirSession, clinic: Clinic, reason: str
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    for said in (reason, f"{CANCELATION_REASONS}|{reason}"):
        with pytest.raises(InvalidResource):
            await fhir.cancel(CancelRequest(held, said), patient=clinic.sam, now=NOW)
    assert await status(fhir, "Appointment", held) == "pending"


async def test_cancel_of_an_outdated_version_is_refused_and_a_repeated_one_is_not(
    fhir: FhirSession, clinic: Clinic
) -> None:
    slot = await add_slot(fhir, clinic.ruiz_schedule, 60)
    held = (await hold(fhir, slot, clinic.sam)).stored.id
    await fhir.book(held, patient=clinic.sam, now=NOW)
    with pytest.raises(VersionConflict):
        await fhir.cancel(CancelRequest(held, if_match=1), patient=None, now=NOW)
    assert await status(fhir, "Slot", slot) == "busy"
    asked = CancelRequest(held, if_match=2)
    cancelled = (await fhir.cancel(asked, patient=None, now=NOW)).stored
    assert (await fhir.cancel(asked, patient=None, now=at(1))).stored == cancelled


@pytest.mark.parametrize("status", ["proposed", "arrived", "fulfilled", "noshow"])
async def test_only_what_is_held_or_booked_is_cancelled(
    fhir: FhirSession, clinic: Clinic, status: str
) -> None:
    done = an_appointment(status, at(-90), f"Patient/{clinic.sam}")
    id_ = (await fhir.create(done, now=NOW)).stored.id
    with pytest.raises(NotAllowedNow):
        await fhir.cancel(CancelRequest(id_, "patient"), patient=clinic.sam, now=NOW)


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
