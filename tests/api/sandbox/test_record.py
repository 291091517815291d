"""What the demo patients' records hold, and that the chart's three states of allergies show."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from api.core.crypto import Keyring
from api.core.db import Database
from api.sandbox.record import home_pressures
from api.sandbox.reset import reset
from api.sandbox.seed import Seeded, seed
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.fhir import FhirSession, Query, Resource

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
CHICAGO = ZoneInfo("America/Chicago")
BACKEND = EmbeddedBackend()


@pytest.fixture
def keyring(database: Database) -> Keyring:
    return Keyring(database, kek="k" * 40, lookup_key="l" * 40)


@pytest.fixture
async def seeded(database: Database, keyring: Keyring) -> Seeded:
    async with database.transaction() as session:
        return await seed(session, BACKEND, keyring, now=NOW)


async def _of(
    fhir: FhirSession, type_: str, patient: str, *params: tuple[str, str]
) -> list[Resource]:
    page = await fhir.search(Query(type_, params, patient=patient))
    return [each.body for each in page.entries]


async def test_allergies_are_on_record_known_to_be_none_or_never_asked_about(
    database: Database, seeded: Seeded
) -> None:
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        found = {
            mrn: [
                each["code"]["coding"][0]["code"]
                for each in await _of(fhir, "AllergyIntolerance", id_)
            ]
            for mrn, id_ in seeded.patients.items()
        }
    assert found == {
        "1001": [],
        "1002": ["716186003"],
        "1003": [],
        "1004": [],
        "1005": ["70618"],
        "1006": [],
        "1007": ["716186003"],
        "1008": ["716186003"],
    }


async def test_metformin_is_due_at_eight_and_at_eight(database: Database, seeded: Seeded) -> None:
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        mine = seeded.patients["1005"]
        (order,) = await _of(fhir, "MedicationRequest", mine, ("status", "active"))
        (cause,) = await _of(fhir, "Condition", mine, ("code", "E11.9"))
    (dosage,) = order["dosageInstruction"]
    assert dosage["timing"]["repeat"]["timeOfDay"] == ["08:00:00", "20:00:00"]
    assert order["medicationCodeableConcept"]["coding"][0]["code"] == "861007"
    assert order["reasonReference"] == [{"reference": f"Condition/{cause['id']}"}]


async def test_depression_is_marked_as_restricted(database: Database, seeded: Seeded) -> None:
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        for mrn in ("1004", "1008"):
            (condition,) = await _of(fhir, "Condition", seeded.patients[mrn])
            assert condition["code"]["coding"][0]["code"] == "F32.A"
            assert [label["code"] for label in condition["meta"]["security"]] == ["R"]


async def test_week_of_pressures_at_home_is_on_record(database: Database, seeded: Seeded) -> None:
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        mine = seeded.patients["1007"]
        found = await _of(fhir, "Observation", mine, ("code", "http://loinc.org|85354-9"))
        assert len(await _of(fhir, "Condition", mine, ("code", "I10"))) == 1
    assert len(found) == 7
    for reading in found:
        codes = [part["code"]["coding"][0]["code"] for part in reading["component"]]
        assert codes == ["8480-6", "8462-4"]


@pytest.mark.parametrize(
    ("now", "last"),
    [
        (datetime(2027, 3, 3, 7, 29, tzinfo=CHICAGO), datetime(2027, 3, 2, 7, 30, tzinfo=CHICAGO)),
        (datetime(2027, 3, 3, 7, 30, tzinfo=CHICAGO), datetime(2027, 3, 3, 7, 30, tzinfo=CHICAGO)),
        # Clocks go forward in the night to March 14.
        (datetime(2027, 3, 16, 9, 0, tzinfo=CHICAGO), datetime(2027, 3, 16, 7, 30, tzinfo=CHICAGO)),
    ],
)
def test_pressures_are_of_the_last_seven_mornings_that_are_over(
    now: datetime, last: datetime
) -> None:
    taken = [
        datetime.fromisoformat(each["effectiveDateTime"])
        for each in home_pressures("p1", CHICAGO, now)
    ]
    assert taken[-1] == last
    assert [at.astimezone(CHICAGO).replace(tzinfo=None) for at in taken] == [
        (last - timedelta(days=ago)).replace(tzinfo=None) for ago in reversed(range(7))
    ]


async def test_reset_writes_the_record_once_and_for_the_new_present(
    database: Database, keyring: Keyring, seeded: Seeded
) -> None:
    later = NOW + timedelta(days=3)
    await reset(database, BACKEND, keyring, now=later)
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        for type_, total in (
            ("AllergyIntolerance", 4),
            ("Condition", 4),
            ("MedicationRequest", 1),
            ("Observation", 7),
        ):
            assert (await fhir.search(Query(type_))).total == total, type_
        newest = (await fhir.search(Query("Observation", (("_sort", "-date"),)))).entries[0]
    taken = datetime.fromisoformat(newest.body["effectiveDateTime"])
    assert timedelta() <= later - taken < timedelta(days=1)
    assert seeded.patients
