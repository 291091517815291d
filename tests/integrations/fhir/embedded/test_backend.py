"""The embedded store as a repository: create, read, update, versions, conditional create."""

import asyncio
from decimal import Decimal

import pytest

from api.core.db import Database
from integrations.fhir.embedded.bodies import from_bytes, to_bytes
from integrations.ports.fhir import (
    FhirBackend,
    FhirSession,
    InvalidResource,
    NotFound,
    PreconditionFailed,
    Query,
    Unsupported,
    VersionConflict,
)
from tests.support.fhir import MRN, NOW, a_patient, a_schedule, a_slot, at


async def test_what_was_created_is_read_back_with_server_made_id_and_version(
    fhir: FhirSession,
) -> None:
    written = await fhir.create(a_patient() | {"id": "mine"}, now=NOW)
    stored = await fhir.read("Patient", written.stored.id)
    assert written.created
    assert stored.id != "mine"
    assert stored.body["meta"] == {"versionId": "1", "lastUpdated": "2027-03-03T15:00:00.000Z"}
    assert {**stored.body, "id": 0, "meta": 0} == {**a_patient(), "id": 0, "meta": 0}


async def test_resource_is_in_the_record_of_the_patients_it_names(fhir: FhirSession) -> None:
    patient = (await fhir.create(a_patient(), now=NOW)).stored
    relative = {"resourceType": "RelatedPerson", "patient": {"reference": patient.reference}}
    assert patient.patients == (patient.id,)
    assert (await fhir.create(relative, now=NOW)).stored.patients == (patient.id,)


async def test_unknown_id_and_unknown_type_are_told_apart(fhir: FhirSession) -> None:
    with pytest.raises(NotFound):
        await fhir.read("Patient", "nobody")
    with pytest.raises(Unsupported):
        await fhir.read("Coverage", "nothing")


async def test_update_makes_a_version_and_keeps_the_old_one(fhir: FhirSession) -> None:
    first = (await fhir.create(a_patient(), now=NOW)).stored
    changed = {**first.body, "gender": "male"}
    second = (await fhir.update(changed, now=at(1), if_match=1)).stored
    assert (second.version, second.updated_at) == (2, at(1))
    assert [one.version for one in await fhir.history("Patient", first.id)] == [2, 1]
    assert "gender" not in (await fhir.vread("Patient", first.id, 1)).body
    with pytest.raises(NotFound):
        await fhir.vread("Patient", first.id, 3)


async def test_update_of_a_stale_version_is_refused(fhir: FhirSession) -> None:
    first = (await fhir.create(a_patient(), now=NOW)).stored
    await fhir.update({**first.body, "gender": "male"}, now=NOW, if_match=1)
    with pytest.raises(VersionConflict):
        await fhir.update({**first.body, "gender": "female"}, now=NOW, if_match=1)


async def test_update_that_changes_nothing_makes_no_version(fhir: FhirSession) -> None:
    first = (await fhir.create(a_patient(), now=NOW)).stored
    assert (await fhir.update(first.body, now=at(5))).stored.version == 1


async def test_update_moves_the_resource_in_the_index(fhir: FhirSession) -> None:
    first = (await fhir.create(a_patient("1001"), now=NOW)).stored
    moved = {**first.body, "identifier": [{"system": MRN, "value": "2002"}]}
    await fhir.update(moved, now=NOW)
    totals = [
        (await fhir.search(Query("Patient", (("identifier", f"{MRN}|{mrn}"),)))).total
        for mrn in ("1001", "2002")
    ]
    assert totals == [0, 1]


async def test_update_creates_nothing(fhir: FhirSession) -> None:
    with pytest.raises(NotFound):
        await fhir.update({**a_patient(), "id": "mine"}, now=NOW)


async def test_conditional_create_finds_what_is_there(fhir: FhirSession) -> None:
    same = (("identifier", f"{MRN}|1001"),)
    first = await fhir.create(a_patient(), now=NOW, if_none_exist=same)
    again = await fhir.create(a_patient(), now=NOW, if_none_exist=same)
    assert (first.created, again.created) == (True, False)
    assert again.stored.id == first.stored.id


async def test_conditional_create_refuses_to_choose_among_many(fhir: FhirSession) -> None:
    for _ in range(2):
        await fhir.create(a_patient(), now=NOW)
    with pytest.raises(PreconditionFailed):
        await fhir.create(a_patient(), now=NOW, if_none_exist=(("identifier", f"{MRN}|1001"),))


async def test_equal_conditional_creates_at_once_make_one_resource(
    database: Database, backend: FhirBackend
) -> None:
    async def create() -> bool:
        async with database.engine.begin() as connection:
            same = (("identifier", f"{MRN}|1001"),)
            written = await backend.on(connection).create(a_patient(), now=NOW, if_none_exist=same)
            return written.created

    assert sorted(await asyncio.gather(*(create() for _ in range(8)))) == [False] * 7 + [True]


async def test_invalid_resource_is_refused_with_where_and_why(fhir: FhirSession) -> None:
    with pytest.raises(InvalidResource) as refused:
        await fhir.create({**a_patient(), "gender": "robot"}, now=NOW)
    assert [(one.code, one.path) for one in refused.value.issues] == [
        ("code-invalid", "Patient.gender")
    ]


async def test_slot_of_no_schedule_is_refused(fhir: FhirSession) -> None:
    with pytest.raises(InvalidResource):
        await fhir.create(a_slot("Schedule/none", at(0)), now=NOW)


async def test_bulk_create_makes_searchable_slots_in_order(fhir: FhirSession) -> None:
    schedule = (await fhir.create(a_schedule("Practitioner/p1"), now=NOW)).stored
    slots = [a_slot(schedule.reference, at(30 * n)) for n in range(400)]
    ids = await fhir.bulk_create(slots, now=NOW)
    assert len(set(ids)) == 400
    stored = await fhir.read("Slot", ids[7])
    assert stored.body["start"] == slots[7]["start"]
    page = await fhir.search(Query("Slot", (("schedule", schedule.reference), ("_count", "3"))))
    assert page.total == 400


def test_decimals_stay_as_they_were_written() -> None:
    body = b'{"a":1.00,"b":1.2E+2,"c":0.1,"d":7}'
    resource = from_bytes(body)
    assert resource["a"] == Decimal("1.00")
    assert to_bytes(resource) == body
