"""Many at once: real connections, real transactions."""

import asyncio

import pytest

from api.core.db import Database
from integrations.ports.fhir import FhirBackend, HoldExpired, HoldRequest, SlotTaken
from tests.support.fhir import NOW, Clinic, a_patient, a_slot, an_appointment, at, open_clinic

CALLERS = 20


@pytest.fixture
async def clinic(database: Database, backend: FhirBackend) -> Clinic:
    async with database.engine.begin() as connection:
        return await open_clinic(backend.on(connection))


async def make(
    database: Database, backend: FhirBackend, *resources: dict[str, object]
) -> list[str]:
    async with database.engine.begin() as connection:
        fhir = backend.on(connection)
        return [(await fhir.create(one, now=NOW)).stored.id for one in resources]


async def try_hold(
    database: Database, backend: FhirBackend, slot: str, patient: str, *, key: str
) -> str | None:
    request = HoldRequest((slot,), patient, key, expires_at=at(10))
    try:
        async with database.engine.begin() as connection:
            return (await backend.on(connection).hold(request, now=NOW)).stored.id
    except SlotTaken:
        return None


async def test_exactly_one_of_twenty_holds_one_time(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    """Half of them want another slot that overlaps the first."""
    schedule = f"Schedule/{clinic.ruiz_schedule}"
    slots = await make(database, backend, a_slot(schedule, at(60)), a_slot(schedule, at(75)))
    patients = await make(database, backend, *(a_patient(str(n)) for n in range(CALLERS)))
    won = await asyncio.gather(
        *(
            try_hold(database, backend, slots[n % 2], patient, key=patient)
            for n, patient in enumerate(patients)
        )
    )
    assert sum(one is not None for one in won) == 1


async def test_patient_who_asks_for_many_times_at_once_holds_one(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    wanted = [a_slot(schedules[n % 2], at(60 + 30 * n)) for n in range(CALLERS)]
    slots = await make(database, backend, *wanted)
    held = await asyncio.gather(
        *(try_hold(database, backend, slot, clinic.sam, key=slot) for slot in slots)
    )
    async with database.engine.begin() as connection:
        fhir = backend.on(connection)
        states = [(await fhir.read("Appointment", one)).body["status"] for one in held if one]
    assert len(states) == CALLERS
    assert states.count("pending") == 1


async def test_same_request_many_times_at_once_is_one_hold(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    (slot,) = await make(database, backend, a_slot(f"Schedule/{clinic.ruiz_schedule}", at(60)))
    held = await asyncio.gather(
        *(try_hold(database, backend, slot, clinic.sam, key="turn-1") for _ in range(CALLERS))
    )
    assert len(set(held)) == 1
    assert None not in held


async def test_booking_release_and_staff_write_at_once_leave_one_owner(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    """Whoever comes first, the time has one owner and the slot says so."""
    (slot,) = await make(database, backend, a_slot(f"Schedule/{clinic.ruiz_schedule}", at(60)))
    held = await try_hold(database, backend, slot, clinic.sam, key="turn-1")
    assert held is not None

    async def book() -> bool:
        try:
            async with database.engine.begin() as connection:
                await backend.on(connection).book(held, patient=clinic.sam, now=at(11))
        except (SlotTaken, HoldExpired):
            return False
        return True

    async def release() -> None:
        async with database.engine.begin() as connection:
            await backend.on(connection).release_expired(now=at(11))

    async def staff() -> bool:
        actors = (f"Patient/{clinic.grace}", f"Practitioner/{clinic.ruiz}")
        visit = an_appointment("booked", at(60), *actors, slots=(f"Slot/{slot}",))
        try:
            async with database.engine.begin() as connection:
                await backend.on(connection).create(visit, now=at(11), displace=True)
        except SlotTaken:
            return False
        return True

    results = await asyncio.gather(book(), release(), staff(), book(), release(), staff())
    booked, by_staff = results[0] or results[3], [results[2], results[5]].count(True)
    assert int(bool(booked)) + by_staff == 1
    async with database.engine.begin() as connection:
        assert (await backend.on(connection).read("Slot", slot)).body["status"] == "busy"
