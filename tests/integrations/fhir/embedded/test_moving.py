"""Moving a visit: its id and status stay, its old time never blocks it, failure changes nothing."""

from typing import Any

import pytest

from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import (
    FhirError,
    FhirSession,
    HoldExpired,
    HoldRequest,
    InvalidResource,
    NotAllowedNow,
    NotFound,
    Resource,
    SlotTaken,
    VersionConflict,
    Wanted,
    Written,
)
from integrations.ports.visits import CancelRequest, MoveRequest
from tests.support.fhir import NOW, Clinic, a_slot, an_appointment, at, instant, open_clinic

NURSING = [{"coding": [{"system": "https://careline.example/services", "code": "nursing"}]}]


@pytest.fixture
async def clinic(fhir: FhirSession) -> Clinic:
    return await open_clinic(fhir)


async def add_slot(fhir: FhirSession, schedule: str, minutes: int, **more: object) -> str:
    slot = a_slot(f"Schedule/{schedule}", at(minutes)) | more
    return (await fhir.create(slot, now=NOW)).stored.id


async def hold(fhir: FhirSession, slot: str, patient: str, *, minute: int = 0) -> str:
    request = HoldRequest((slot,), patient, f"{slot} {patient}", expires_at=at(minute + 10))
    return (await fhir.hold(request, now=at(minute))).stored.id


async def book(fhir: FhirSession, slot: str, patient: str) -> str:
    return (await fhir.book(await hold(fhir, slot, patient), patient=patient, now=NOW)).stored.id


async def move(
    fhir: FhirSession,
    visit: str,
    *slots: str,
    patient: str | None = None,
    minute: int = 0,
    displace: bool = False,
    **more: Any,
) -> Written:
    request = MoveRequest(visit, slots, **more)
    return await fhir.reschedule(request, patient=patient, now=at(minute), displace=displace)


async def read(fhir: FhirSession, type_: str, id_: str) -> Resource:
    return (await fhir.read(type_, id_)).body


async def statuses(fhir: FhirSession, *slots: str) -> list[str]:
    return [(await read(fhir, "Slot", slot))["status"] for slot in slots]


async def free(fhir: FhirSession, minute: int = 0) -> set[str]:
    found = await fhir.find(Wanted("family-medicine"), now=at(minute))
    return {one.slot_ids[0] for one in found.proposals}


def participation(body: Resource) -> dict[str, str]:
    return {one["actor"]["reference"]: one["status"] for one in body["participant"]}


async def test_moved_visit_keeps_its_id_and_status_and_has_its_new_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    visit = await book(fhir, old, clinic.sam)
    moved = (await move(fhir, visit, new, patient=clinic.sam)).stored
    assert (moved.id, moved.body["status"], moved.version) == (visit, "booked", 3)
    assert (moved.body["start"], moved.body["end"]) == (instant(at(120)), instant(at(150)))
    assert moved.body["slot"] == [{"reference": f"Slot/{new}"}]
    assert await statuses(fhir, old, new) == ["free", "busy"]
    assert await free(fhir) == {old}
    validate(moved.body)


async def test_visit_never_blocks_its_own_move(fhir: FhirSession, clinic: Clinic) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    overlapping = await add_slot(fhir, clinic.ruiz_schedule, 75)
    visit = await book(fhir, old, clinic.sam)
    await move(fhir, visit, overlapping)
    assert await statuses(fhir, old, overlapping) == ["free", "busy"]


async def test_visit_moves_to_adjoining_slots_that_include_its_own(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    next_ = await add_slot(fhir, clinic.ruiz_schedule, 90)
    visit = await book(fhir, old, clinic.sam)
    moved = (await move(fhir, visit, next_, old)).stored.body
    assert (moved["start"], moved["end"]) == (instant(at(60)), instant(at(120)))
    assert await statuses(fhir, old, next_) == ["busy", "busy"]
    assert await free(fhir) == set()


async def test_visit_that_is_given_shorter_time_frees_the_rest(
    fhir: FhirSession, clinic: Clinic
) -> None:
    first = await add_slot(fhir, clinic.ruiz_schedule, 60)
    second = await add_slot(fhir, clinic.ruiz_schedule, 90)
    body = an_appointment(
        "booked",
        at(60),
        f"Patient/{clinic.sam}",
        slots=(f"Slot/{first}", f"Slot/{second}"),
        end=instant(at(120)),
        minutesDuration=60,
    )
    visit = (await fhir.create(body, now=NOW)).stored.id
    moved = (await move(fhir, visit, second)).stored.body
    assert (moved["start"], moved["minutesDuration"]) == (instant(at(90)), 30)
    assert await statuses(fhir, first, second) == ["free", "busy"]


async def test_taken_time_is_refused_with_its_slot_and_the_old_time_is_kept(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    taken = await add_slot(fhir, clinic.lee_schedule, 60)
    visit = await book(fhir, old, clinic.sam)
    await book(fhir, taken, clinic.grace)
    before = await fhir.read("Appointment", visit)
    with pytest.raises(SlotTaken) as refused:
        await move(fhir, visit, taken, patient=clinic.sam)
    assert refused.value.blocking == (f"Slot/{taken}",)
    assert await fhir.read("Appointment", visit) == before
    assert await statuses(fhir, old, taken) == ["busy", "busy"]
    with pytest.raises(SlotTaken):
        await hold(fhir, old, clinic.grace)


async def test_visit_moves_to_another_physician_and_keeps_whoever_else_takes_part(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    visit = (await fhir.read("Appointment", await book(fhir, old, clinic.sam))).body
    interpreter = {"type": [{"text": "interpreter"}], "status": "tentative"}
    nurse = (await fhir.create({"resourceType": "Practitioner"}, now=NOW)).stored.id
    helper = {"actor": {"reference": f"Practitioner/{nurse}"}, "status": "tentative"}
    visit["participant"] += [interpreter, helper]
    await fhir.update(visit, now=NOW)
    moved = (await move(fhir, visit["id"], new, patient=clinic.sam)).stored.body
    assert moved["participant"] == [
        {"actor": {"reference": f"Patient/{clinic.sam}"}, "status": "accepted"},
        interpreter,
        helper,
        {"actor": {"reference": f"Practitioner/{clinic.lee}"}, "status": "accepted"},
    ]


async def test_participants_beyond_the_schedule_must_be_free_at_the_new_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    body = (await fhir.read("Appointment", await book(fhir, old, clinic.sam))).body
    body["participant"].append(
        {"actor": {"reference": f"Practitioner/{clinic.lee}"}, "status": "accepted"}
    )
    await fhir.update(body, now=NOW)
    await book(fhir, await add_slot(fhir, clinic.lee_schedule, 120), clinic.grace)
    with pytest.raises(SlotTaken):
        await move(fhir, body["id"], new)
    assert await statuses(fhir, old, new) == ["busy", "free"]


@pytest.mark.parametrize(("by_patient", "status"), [(True, "accepted"), (False, "needs-action")])
async def test_patient_has_agreed_to_the_time_that_the_patient_chose_only(
    fhir: FhirSession, clinic: Clinic, *, by_patient: bool, status: str
) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    moved = await move(fhir, visit, new, patient=clinic.sam if by_patient else None)
    assert participation(moved.stored.body) == {
        f"Patient/{clinic.sam}": status,
        f"Practitioner/{clinic.ruiz}": "accepted",
    }


async def test_service_and_reason_of_the_visit_stay(fhir: FhirSession, clinic: Clinic) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(
        fhir,
        clinic.ruiz_schedule,
        120,
        serviceType=[*NURSING, *a_slot("Schedule/x", NOW)["serviceType"]],
    )
    request = HoldRequest((old,), clinic.sam, "k", expires_at=at(10), reason="a cough")
    visit = (await fhir.hold(request, now=NOW)).stored
    await fhir.book(visit.id, patient=clinic.sam, now=NOW)
    moved = (await move(fhir, visit.id, new)).stored.body
    for kept in ("serviceType", "reasonCode", "identifier"):
        assert moved[kept] == visit.body[kept]


async def test_slot_of_another_service_is_refused(fhir: FhirSession, clinic: Clinic) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    other = await add_slot(fhir, clinic.ruiz_schedule, 120, serviceType=NURSING)
    with pytest.raises(InvalidResource):
        await move(fhir, visit, other)


async def test_moved_hold_stays_a_hold_until_its_time(fhir: FhirSession, clinic: Clinic) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    held = await hold(fhir, old, clinic.sam)
    moved = (await move(fhir, held, new, patient=clinic.sam)).stored.body
    assert moved["status"] == "pending"
    assert participation(moved)[f"Practitioner/{clinic.lee}"] == "needs-action"
    assert await statuses(fhir, old, new) == ["free", "busy-tentative"]
    assert [one.id for one in await fhir.release_expired(now=at(10))] == [held]
    assert await statuses(fhir, old, new) == ["free", "free"]


async def test_moved_hold_is_booked_at_its_new_time(fhir: FhirSession, clinic: Clinic) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    held = await hold(fhir, old, clinic.sam)
    await move(fhir, held, new, patient=clinic.sam)
    await fhir.book(held, patient=clinic.sam, now=at(1))
    assert await statuses(fhir, old, new) == ["free", "busy"]


async def test_lapsed_hold_is_not_moved(fhir: FhirSession, clinic: Clinic) -> None:
    held = await hold(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    with pytest.raises(HoldExpired):
        await move(fhir, held, new, minute=10)


@pytest.mark.parametrize("names_slots", [True, False])
async def test_hold_of_the_new_time_is_used_up(
    fhir: FhirSession, clinic: Clinic, *, names_slots: bool
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    visit = await book(fhir, old, clinic.sam)
    held = await hold(fhir, new, clinic.sam)
    slots = (new,) if names_slots else ()
    written = await move(fhir, visit, *slots, hold=held, patient=clinic.sam)
    used = await read(fhir, "Appointment", held)
    assert (written.stored.id, written.stored.body["status"]) == (visit, "booked")
    assert used["status"] == "cancelled"
    assert used["cancelationReason"]["coding"][0]["code"] == "hold-used"
    assert f"Appointment/{held}" in {one.reference for one in written.also}
    assert written.displaced == ()
    assert await statuses(fhir, old, new) == ["free", "busy"]
    again = await move(fhir, visit, *slots, hold=held, patient=clinic.sam, minute=1)
    assert again.stored == written.stored
    with pytest.raises(HoldExpired):
        await fhir.book(held, patient=clinic.sam, now=at(1))


async def test_hold_that_is_not_named_stands_in_the_way(fhir: FhirSession, clinic: Clinic) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    await hold(fhir, new, clinic.sam)
    with pytest.raises(SlotTaken):
        await move(fhir, visit, new, patient=clinic.sam)


async def test_lapsed_hold_wins_its_time_again_unless_somebody_has_it(
    fhir: FhirSession, clinic: Clinic
) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    other = await add_slot(fhir, clinic.lee_schedule, 120)
    held = await hold(fhir, new, clinic.sam)
    await fhir.release_expired(now=at(10))
    assert (await move(fhir, visit, hold=held, minute=11)).stored.body["slot"] == [
        {"reference": f"Slot/{new}"}
    ]
    held = await hold(fhir, other, clinic.sam, minute=20)
    await hold(fhir, other, clinic.grace, minute=31)
    with pytest.raises(SlotTaken):
        await move(fhir, visit, hold=held, minute=32)
    assert await statuses(fhir, new, other) == ["busy", "busy-tentative"]


async def test_hold_must_be_the_patients_own_alive_and_for_that_time(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    other = await add_slot(fhir, clinic.lee_schedule, 120)
    visit, foreign = await book(fhir, old, clinic.sam), await hold(fhir, new, clinic.grace)
    mine = await hold(fhir, other, clinic.sam)
    refused: list[tuple[str, str, type[FhirError]]] = [
        (new, foreign, NotFound),
        (new, "nothing", NotFound),
        (new, mine, InvalidResource),
        (new, visit, InvalidResource),
    ]
    for slot, held, expected in refused:
        with pytest.raises(expected):
            await move(fhir, visit, slot, hold=held, patient=clinic.sam)
    await fhir.cancel(CancelRequest(mine), patient=clinic.sam, now=NOW)
    with pytest.raises(HoldExpired):
        await move(fhir, visit, other, hold=mine, patient=clinic.sam)
    booked = await book(fhir, await add_slot(fhir, clinic.lee_schedule, 180), clinic.sam)
    with pytest.raises(NotAllowedNow):
        await move(fhir, visit, hold=booked, patient=clinic.sam)
    assert await statuses(fhir, old, new) == ["busy", "busy-tentative"]


async def test_staff_move_displaces_a_hold_and_never_a_visit(
    fhir: FhirSession, clinic: Clinic
) -> None:
    old = await add_slot(fhir, clinic.ruiz_schedule, 60)
    new = await add_slot(fhir, clinic.lee_schedule, 60)
    visit, held = await book(fhir, old, clinic.sam), await hold(fhir, new, clinic.grace)
    with pytest.raises(SlotTaken):
        await move(fhir, visit, new)
    written = await move(fhir, visit, new, displace=True)
    lost = await read(fhir, "Appointment", held)
    assert written.displaced == (held,)
    assert lost["cancelationReason"]["coding"][0]["code"] == "displaced"
    other = await book(fhir, old, clinic.grace)
    with pytest.raises(SlotTaken) as refused:
        await move(fhir, visit, old, displace=True)
    assert refused.value.blocking == (f"Slot/{old}",)
    assert (await read(fhir, "Appointment", other))["status"] == "booked"
    assert await statuses(fhir, old, new) == ["busy", "busy"]


async def test_slot_that_staff_have_blocked_is_refused(fhir: FhirSession, clinic: Clinic) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    blocked = await add_slot(fhir, clinic.ruiz_schedule, 120, status="busy-unavailable")
    with pytest.raises(SlotTaken):
        await move(fhir, visit, blocked, displace=True)


async def test_nobody_moves_another_patients_visit(fhir: FhirSession, clinic: Clinic) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    with pytest.raises(NotFound):
        await move(fhir, visit, new, patient=clinic.grace)


async def test_new_time_must_exist_lie_ahead_and_have_no_gap(
    fhir: FhirSession, clinic: Clinic
) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    slots = [await add_slot(fhir, clinic.ruiz_schedule, minutes) for minutes in (120, 180)]
    past = await add_slot(fhir, clinic.ruiz_schedule, -60)
    wrong = await add_slot(fhir, clinic.ruiz_schedule, 240, status="entered-in-error")
    refused: list[tuple[tuple[str, ...], type[FhirError]]] = [
        ((), NotFound),
        (("nothing",), NotFound),
        ((wrong,), NotFound),
        ((past,), NotAllowedNow),
        (tuple(slots), InvalidResource),
    ]
    for asked, expected in refused:
        with pytest.raises(expected):
            await move(fhir, visit, *asked)
    with pytest.raises(InvalidResource):
        await fhir.hold(HoldRequest(tuple(slots), clinic.sam, "gap", at(10)), now=NOW)


@pytest.mark.parametrize("status", ["proposed", "arrived", "fulfilled", "cancelled", "noshow"])
async def test_only_what_is_held_or_booked_is_moved(
    fhir: FhirSession, clinic: Clinic, status: str
) -> None:
    body = an_appointment(status, at(60), f"Patient/{clinic.sam}")
    visit = (await fhir.create(body, now=NOW)).stored.id
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    with pytest.raises(NotAllowedNow):
        await move(fhir, visit, new)


async def test_visit_whose_time_has_come_is_not_moved(fhir: FhirSession, clinic: Clinic) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    with pytest.raises(NotAllowedNow):
        await move(fhir, visit, new, minute=61)


async def test_move_of_an_outdated_version_is_refused_and_a_repeated_one_is_not(
    fhir: FhirSession, clinic: Clinic
) -> None:
    visit = await book(fhir, await add_slot(fhir, clinic.ruiz_schedule, 60), clinic.sam)
    new = await add_slot(fhir, clinic.ruiz_schedule, 120)
    with pytest.raises(VersionConflict):
        await move(fhir, visit, new, if_match=1)
    moved = (await move(fhir, visit, new, if_match=2)).stored
    assert (await move(fhir, visit, new, if_match=2)).stored == moved
