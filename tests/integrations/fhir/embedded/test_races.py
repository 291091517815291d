"""Many at once: real connections, real transactions."""

import asyncio
import random
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from api.core.db import Database
from integrations.fhir.embedded.tables import interval
from integrations.ports.fhir import (
    FhirBackend,
    FhirError,
    FhirSession,
    HoldExpired,
    HoldRequest,
    NotAllowedNow,
    Query,
    Resource,
    SlotTaken,
    VersionConflict,
    Written,
)
from integrations.ports.visits import CancelRequest, MoveRequest
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


async def book_for(
    database: Database, backend: FhirBackend, slot: str, patient: str, *, key: str
) -> str:
    held = await try_hold(database, backend, slot, patient, key=key)
    assert held is not None
    async with database.engine.begin() as connection:
        await backend.on(connection).book(held, patient=patient, now=NOW)
    return held


async def try_move(database: Database, backend: FhirBackend, visit: str, *slots: str) -> bool:
    try:
        async with database.engine.begin() as connection:
            fhir = backend.on(connection)
            await fhir.reschedule(MoveRequest(visit, slots), patient=None, now=NOW)
    except (SlotTaken, VersionConflict):
        return False
    return True


async def times_of(database: Database, backend: FhirBackend, visits: list[str]) -> list[str]:
    async with database.engine.begin() as connection:
        fhir = backend.on(connection)
        bodies = [(await fhir.read("Appointment", one)).body for one in visits]
    assert all(body["status"] == "booked" for body in bodies)
    return [body["slot"][0]["reference"].removeprefix("Slot/") for body in bodies]


async def test_one_of_many_visits_moves_to_one_time_and_the_losers_keep_theirs(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    """Half of them want another slot that overlaps the first."""
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    wanted = await make(
        database, backend, a_slot(schedules[0], at(60)), a_slot(schedules[0], at(75))
    )
    old = await make(
        database, backend, *(a_slot(schedules[n % 2], at(120 + 30 * n)) for n in range(10))
    )
    patients = await make(database, backend, *(a_patient(str(n)) for n in range(10)))
    visits = [
        await book_for(database, backend, slot, patient, key=slot)
        for slot, patient in zip(old, patients, strict=True)
    ]
    won = await asyncio.gather(
        *(try_move(database, backend, visit, wanted[n % 2]) for n, visit in enumerate(visits))
    )
    assert won.count(True) == 1
    winner = won.index(True)
    expected = [*old[:winner], wanted[winner % 2], *old[winner + 1 :]]
    assert await times_of(database, backend, visits) == expected
    await assert_in_step(database, backend, [*wanted, *old])


async def test_visits_that_change_places_at_once_never_wait_for_each_other(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    """Each wants the time that the other has, with another physician: none can have it."""
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    slots = await make(database, backend, *(a_slot(one, at(60)) for one in schedules))
    visits = [
        await book_for(database, backend, slots[0], clinic.sam, key="1"),
        await book_for(database, backend, slots[1], clinic.grace, key="2"),
    ]
    won = await asyncio.gather(
        *(try_move(database, backend, visits[n % 2], slots[1 - n % 2]) for n in range(8))
    )
    assert not any(won)
    assert await times_of(database, backend, visits) == slots


async def test_one_visit_that_is_moved_to_many_times_at_once_is_at_one(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    slots = await make(
        database, backend, *(a_slot(schedules[n % 2], at(60 + 30 * n)) for n in range(9))
    )
    visit = await book_for(database, backend, slots[0], clinic.sam, key="1")
    won = await asyncio.gather(*(try_move(database, backend, visit, one) for one in slots[1:]))
    assert any(won)
    (now_at,) = await times_of(database, backend, [visit])
    assert now_at in [slot for slot, has_won in zip(slots[1:], won, strict=True) if has_won]
    await assert_in_step(database, backend, slots)


async def test_cancel_and_move_at_once_leave_the_visit_cancelled_and_its_time_free(
    database: Database, backend: FhirBackend, clinic: Clinic
) -> None:
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    slots = await make(database, backend, *(a_slot(one, at(60)) for one in schedules))
    visit = await book_for(database, backend, slots[0], clinic.sam, key="1")

    async def cancel() -> None:
        async with database.engine.begin() as connection:
            await backend.on(connection).cancel(CancelRequest(visit), patient=None, now=NOW)

    async def move() -> None:
        with suppress(NotAllowedNow):
            await try_move(database, backend, visit, slots[1])

    await asyncio.gather(move(), cancel(), move())
    async with database.engine.begin() as connection:
        fhir = backend.on(connection)
        assert (await fhir.read("Appointment", visit)).body["status"] == "cancelled"
    await assert_in_step(database, backend, slots)


WAITING = text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


async def until_it_waits(database: Database, task: asyncio.Task[Written]) -> None:
    async with database.engine.connect() as connection:
        waiting = await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not task.done():
            if await waiting.scalar(WAITING):
                return


@pytest.mark.parametrize("step", ["book", "move"])
async def test_step_that_waited_while_its_visit_was_moved_is_told_to_look_again(
    database: Database, backend: FhirBackend, clinic: Clinic, step: str
) -> None:
    """It has locked the physician whom the visit was with, not the one whom it is with now."""
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    slots = await make(
        database, backend, *(a_slot(schedules[n % 2], at(60 + 30 * n)) for n in range(3))
    )
    held = await try_hold(database, backend, slots[0], clinic.sam, key="1")
    assert held is not None

    async def late() -> Written:
        async with database.engine.begin() as connection:
            fhir = backend.on(connection)
            if step == "book":
                return await fhir.book(held, patient=None, now=NOW)
            return await fhir.reschedule(MoveRequest(held, (slots[2],)), patient=None, now=NOW)

    async with database.engine.begin() as connection:
        asked = MoveRequest(held, (slots[1],))
        await backend.on(connection).reschedule(asked, patient=None, now=NOW)
        task = asyncio.create_task(late())
        await until_it_waits(database, task)
    with pytest.raises(VersionConflict):
        await task
    await assert_in_step(database, backend, slots)


@dataclass
class Mix:
    """Steps on the same few slots and visits, chosen by dice."""

    slots: list[str]
    patients: list[str]
    dice: random.Random
    visits: list[str] = field(default_factory=lambda: ["none"])

    async def step(self, fhir: FhirSession, number: int) -> None:
        now = at(self.dice.randrange(20))
        visit, slot = self.dice.choice(self.visits), self.dice.choice(self.slots)
        match self.dice.choice(
            ["hold", "hold", "book", "move", "move", "cancel", "release", "visit", "slot"]
        ):
            case "hold":
                patient = self.dice.choice(self.patients)
                until = now + timedelta(minutes=5)
                wanted = HoldRequest((slot,), patient, f"key {number}", until)
                self.visits.append((await fhir.hold(wanted, now=now)).stored.id)
            case "book":
                await fhir.book(visit, patient=None, now=now)
            case "cancel":
                await fhir.cancel(CancelRequest(visit, "patient"), patient=None, now=now)
            case "move":
                hold = self.dice.choice([None, self.dice.choice(self.visits)])
                asked = MoveRequest(visit, (slot,), hold)
                await fhir.reschedule(
                    asked, patient=None, now=now, displace=self.dice.random() < 0.5
                )
            case "release":
                await fhir.release_expired(now=now)
            case "visit":
                made = await self.staff_visit(fhir, slot)
                self.visits.append((await fhir.create(made, now=now, displace=True)).stored.id)
            case _:
                status = self.dice.choice(["free", "busy-unavailable"])
                body = (await fhir.read("Slot", slot)).body
                await fhir.update(body | {"status": status}, now=now, displace=True)

    async def staff_visit(self, fhir: FhirSession, slot: str) -> Resource:
        body = (await fhir.read("Slot", slot)).body
        patient = f"Patient/{self.dice.choice(self.patients)}"
        visit = an_appointment("booked", at(0), patient, slots=(f"Slot/{slot}",))
        return visit | {"start": body["start"], "end": body["end"]}


@pytest.mark.parametrize("seed", range(3))
async def test_any_mix_of_steps_at_once_keeps_claims_visits_and_slots_in_step(
    database: Database, backend: FhirBackend, clinic: Clinic, seed: int
) -> None:
    """Holds, bookings, moves, cancellations, releases, staff writes, sixteen at a time."""
    schedules = [f"Schedule/{clinic.ruiz_schedule}", f"Schedule/{clinic.lee_schedule}"]
    wanted = [a_slot(schedules[n % 2], at(60 + 15 * n)) for n in range(6)]
    slots = await make(database, backend, *wanted)
    mix = Mix(slots, [clinic.sam, clinic.grace], random.Random(seed))

    async def step(number: int) -> None:
        with suppress(FhirError):
            async with database.engine.begin() as connection:
                await mix.step(backend.on(connection), number)

    for first in range(0, 240, 16):
        await asyncio.gather(*(step(number) for number in range(first, first + 16)))
    assert len(mix.visits) > 10
    await assert_in_step(database, backend, slots)


async def assert_in_step(database: Database, backend: FhirBackend, slots: list[str]) -> None:
    """A claim for each live visit and none for others; each slot says what its claim says."""
    async with database.engine.begin() as connection:
        rows = (await connection.execute(select(interval))).all()
        fhir = backend.on(connection)
        live = Query("Appointment", (("status", "pending,booked"), ("_count", "500")))
        found = {one.id: one.body["status"] for one in (await fhir.search(live)).entries}
        states = {"pending": "held", "booked": "booked"}
        claims = {row.appointment_id: row.state for row in rows if row.appointment_id}
        assert claims == {id_: states[status] for id_, status in found.items()}
        by_slot = {row.slot_id: row for row in rows}
        for slot in slots:
            status = (await fhir.read("Slot", slot)).body["status"]
            row = by_slot.get(slot)
            if row is None:
                assert status == "free"
            elif row.appointment_id is None:
                assert status == "busy-unavailable"
            else:
                assert status == ("busy-tentative" if row.state == "held" else "busy")
