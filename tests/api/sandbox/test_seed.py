"""The demo data are those that the contract names."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.core.crypto import Keyring
from api.core.db import Database
from api.sandbox.seed import Seeded, seed, top_up
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.fhir import FhirSession, Page, Query, Wanted

WEDNESDAY = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")
BACKEND = EmbeddedBackend()


@pytest.fixture
def keyring(database: Database) -> Keyring:
    return Keyring(database, kek="k" * 40, lookup_key="l" * 40)


async def _seed(database: Database, keyring: Keyring) -> Seeded:
    async with database.transaction() as session:
        return await seed(session, BACKEND, keyring, now=WEDNESDAY)


async def _search(fhir: FhirSession, type_: str, *params: tuple[str, str]) -> Page:
    return await fhir.search(Query(type_, params))


async def test_every_kind_of_visit_has_times_in_clinic_hours_only(
    database: Database, keyring: Keyring
) -> None:
    await _seed(database, keyring)
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        for service, minutes in (("family-medicine", 30), ("laboratory", 15)):
            found = await fhir.find(Wanted(service, limit=5000), now=WEDNESDAY)
            for each in found.proposals:
                start = each.start_at.astimezone(NEW_YORK)
                assert each.end_at - each.start_at == timedelta(minutes=minutes)
                assert start.weekday() < 5
                assert 8 <= start.hour < 12 or 13 <= start.hour < 17
            last = found.proposals[-1].start_at
            assert WEDNESDAY + timedelta(days=57) < last <= WEDNESDAY + timedelta(days=60)


async def test_visit_of_1005_is_booked_on_the_second_clinic_day_and_takes_its_time(
    database: Database, keyring: Keyring
) -> None:
    seeded = await _seed(database, keyring)
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        page = await _search(fhir, "Appointment", ("patient", seeded.patients["1005"]))
        (visit,) = page.entries
        start = datetime.fromisoformat(visit.body["start"]).astimezone(NEW_YORK)
        # Seeded on a Wednesday: Thursday is the first clinic day after it.
        assert (start.weekday(), start.hour, start.minute) == (4, 14, 0)
        slot = visit.body["slot"][0]["reference"].split("/")[1]
        assert (await fhir.read("Slot", slot)).body["status"] == "busy"
        found = await fhir.find(Wanted("family-medicine", limit=5000), now=WEDNESDAY)
        assert slot not in {id_ for each in found.proposals for id_ in each.slot_ids}


async def test_mother_and_child_share_a_phone_and_are_linked(
    database: Database, keyring: Keyring
) -> None:
    seeded = await _seed(database, keyring)
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        page = await _search(fhir, "Patient", ("phone", "+12125550102"))
        assert {each.id for each in page.entries} == {seeded.patients[m] for m in ("1002", "1003")}
        related = await _search(fhir, "RelatedPerson", ("patient", seeded.patients["1003"]))
        mother = await fhir.read("Patient", seeded.patients["1002"])
        assert mother.body["link"][0]["other"]["reference"] == related.entries[0].reference


async def test_only_who_opted_in_has_a_consent(database: Database, keyring: Keyring) -> None:
    seeded = await _seed(database, keyring)
    async with database.engine.connect() as connection:
        consents = (await _search(BACKEND.on(connection), "Consent")).entries
    agreed = {each.body["patient"]["reference"].split("/")[1] for each in consents}
    assert agreed == {seeded.patients[m] for m in ("1002", "1004", "1005", "1006", "1007", "1008")}


async def test_topping_up_adds_what_the_horizon_gained_and_no_time_twice(
    database: Database, keyring: Keyring
) -> None:
    seeded = await _seed(database, keyring)
    a_week_on = WEDNESDAY + timedelta(days=7)
    async with database.transaction() as session:
        added = await top_up(session, BACKEND, now=a_week_on)
    async with database.transaction() as session:
        assert await top_up(session, BACKEND, now=a_week_on) == 0
    # Five clinic days: four clinicians with 16 visits a day, 32 at the laboratory.
    assert added == 5 * (4 * 16 + 32)
    async with database.engine.connect() as connection:
        found = await BACKEND.on(connection).find(Wanted("laboratory", limit=5000), now=WEDNESDAY)
    starts = [each.start_at for each in found.proposals]
    assert len(starts) == len(set(starts))
    assert seeded.slots > 0
