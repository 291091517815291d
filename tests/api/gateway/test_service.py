"""The gateway: every caller's rights, the compartment, the audit row, the refusals."""

import json
from typing import Any

import pytest
from sqlalchemy import text

from api.core.db import Database
from api.gateway.access import Access, service_access
from api.gateway.errors import AuditUnavailable, Forbidden, IdentityRequired
from api.gateway.interactions import (
    Book,
    BulkCreate,
    Cancel,
    Create,
    Find,
    History,
    Interaction,
    Read,
    ReleaseExpired,
    Reschedule,
    Search,
    Update,
)
from api.gateway.service import Gateway, perform
from integrations.ports.fhir import (
    InvalidResource,
    NotFound,
    Resource,
    Unsupported,
    VersionConflict,
    Wanted,
)
from tests.support.fhir import Clinic, a_patient, a_practitioner, a_slot, an_appointment, at
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


async def test_turn_reads_its_own_patients_record(gateway: Gateway, clinic: Clinic) -> None:
    visit = await visit_of(gateway, clinic.sam)
    sam = turn_of(clinic.sam)
    assert (await perform(gateway, sam, Read("Patient", clinic.sam))).id == clinic.sam
    assert (await perform(gateway, sam, Read("Appointment", visit))).id == visit
    found = await perform(gateway, sam, Search("Appointment"))
    assert [one.id for one in found.entries] == [visit]


async def test_turn_never_sees_another_patient(gateway: Gateway, clinic: Clinic) -> None:
    """Not by id, not by any search, and never with another answer than for what is not there."""
    visit = await visit_of(gateway, clinic.grace)
    sam = turn_of(clinic.sam)
    for interaction in (Read("Patient", clinic.grace), Read("Appointment", visit)):
        with pytest.raises(NotFound):
            await perform(gateway, sam, interaction)
    for search in [
        Search("Patient", (("_id", clinic.grace),)),
        Search("Patient", (("identifier", "1004"),)),
        Search("Appointment", (("patient", clinic.grace),)),
        Search("Appointment", (("patient", f"Patient/{clinic.grace}"), ("_summary", "count"))),
        Search("Appointment", (("status:missing", "false"),)),
    ]:
        page = await perform(gateway, sam, search)
        assert (page.entries, page.total) == ((), 0)
    for other in (Book(visit), Cancel(visit), Reschedule(visit, ("s",))):
        with pytest.raises(NotFound):
            await perform(gateway, sam, other)


@pytest.mark.parametrize(
    "interaction",
    [
        Create(a_patient()),
        Create(an_appointment("booked", at(0), "Patient/x")),
        Update(a_patient() | {"id": "x"}),
        Search("Task"),
        Search("Communication"),
        Search("AuditEvent"),
        Read("Consent", "x"),
        History("Patient", "x"),
        BulkCreate((a_practitioner(),)),
        ReleaseExpired(),
    ],
)
async def test_turn_may_do_what_is_on_its_list_only(
    gateway: Gateway, clinic: Clinic, interaction: Interaction[Any]
) -> None:
    with pytest.raises(Forbidden):
        await perform(gateway, turn_of(clinic.sam), interaction)


async def test_turn_without_a_patient_learns_what_the_clinic_tells_anybody(
    gateway: Gateway, clinic: Clinic
) -> None:
    nobody = turn_of(None)
    assert (await perform(gateway, nobody, Search("Practitioner"))).total == 2
    await perform(gateway, nobody, Read("Practitioner", clinic.ruiz))


@pytest.mark.parametrize(
    "interaction",
    [
        Find(Wanted("family-medicine")),
        hold_of("s", "p"),
        Book("a"),
        Cancel("a"),
        Reschedule("a", ("s",)),
        Search("Appointment"),
        Search("Slot"),
        Read("Patient", "p"),
    ],
)
async def test_turn_without_a_patient_is_asked_who_it_is(
    gateway: Gateway, interaction: Interaction[Any]
) -> None:
    with pytest.raises(IdentityRequired):
        await perform(gateway, turn_of(None), interaction)


async def test_turn_finds_holds_books_and_cancels_for_its_patient(
    gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    sam = turn_of(clinic.sam)
    found = await perform(gateway, sam, Find(Wanted("family-medicine")))
    assert found.proposals[0].slot_ids == (slot,)
    held = (await perform(gateway, sam, hold_of(slot, clinic.sam))).stored
    booked = (await perform(gateway, sam, Book(held.id))).stored
    assert booked.body["status"] == "booked"
    other = await a_free_slot(gateway, clinic, 120)
    moved = (await perform(gateway, sam, Reschedule(held.id, (other,)))).stored
    assert (moved.id, moved.body["status"]) == (held.id, "booked")
    cancelled = (await perform(gateway, sam, Cancel(held.id))).stored
    assert cancelled.body["status"] == "cancelled"


async def test_turn_holds_for_nobody_else(gateway: Gateway, clinic: Clinic) -> None:
    slot = await a_free_slot(gateway, clinic)
    with pytest.raises(NotFound):
        await perform(gateway, turn_of(clinic.sam), hold_of(slot, clinic.grace))


async def test_hold_for_a_patient_who_does_not_exist_is_refused(
    gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    with pytest.raises(NotFound):
        await perform(gateway, turn_of("nobody"), hold_of(slot, "nobody"))


async def test_scope_is_needed_for_each_letter(gateway: Gateway, clinic: Clinic) -> None:
    reader = client_of("system/Patient.r")
    await perform(gateway, reader, Read("Patient", clinic.sam))
    refused: list[Interaction[Any]] = [
        Search("Patient"),
        Create(a_patient()),
        Read("Practitioner", clinic.ruiz),
    ]
    for interaction in refused:
        with pytest.raises(Forbidden):
            await perform(gateway, reader, interaction)


async def test_patient_level_client_stays_in_its_compartment(
    gateway: Gateway, clinic: Clinic
) -> None:
    app = client_of("patient/*.cruds", clinic.sam)
    with pytest.raises(NotFound):
        await perform(gateway, app, Read("Patient", clinic.grace))
    foreign = {"resourceType": "RelatedPerson", "patient": {"reference": "Patient/x"}}
    with pytest.raises(Forbidden):
        await perform(gateway, app, Create(foreign))
    own = {"resourceType": "RelatedPerson", "patient": {"reference": f"Patient/{clinic.sam}"}}
    written = (await perform(gateway, app, Create(own))).stored
    moved = written.body | {"patient": {"reference": f"Patient/{clinic.grace}"}}
    with pytest.raises(Forbidden):
        await perform(gateway, app, Update(moved))
    with pytest.raises(IdentityRequired):
        await perform(gateway, client_of("patient/*.rs"), Search("Patient"))


async def test_patient_level_client_learns_nothing_by_a_conditional_create(
    gateway: Gateway, clinic: Clinic
) -> None:
    app = client_of("patient/*.cruds", clinic.sam)
    for mrn in ("1004", "9999"):
        wanted = Create(a_patient(mrn), if_none_exist=(("identifier", mrn),))
        with pytest.raises(Forbidden):
            await perform(gateway, app, wanted)


RECORDS: list[Resource] = [
    {"resourceType": "RelatedPerson", "patient": "PATIENT"},
    {"resourceType": "Task", "status": "requested", "intent": "order", "for": "PATIENT"},
    {"resourceType": "Communication", "status": "completed", "subject": "PATIENT"},
    {"resourceType": "Communication", "status": "completed", "recipient": ["PATIENT"]},
    {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"text": "x"},
        "category": [{"text": "x"}],
        "policyRule": {"text": "x"},
        "patient": "PATIENT",
    },
    {
        "resourceType": "Appointment",
        "status": "proposed",
        "participant": [{"actor": "PATIENT", "status": "accepted"}],
    },
]


def owned_by(patient: str, template: Resource) -> Resource:
    """A resource of a patient's record."""
    reference = json.dumps({"reference": f"Patient/{patient}"})
    return dict(json.loads(json.dumps(template).replace('"PATIENT"', reference)))


@pytest.mark.parametrize("template", RECORDS, ids=range(len(RECORDS)))
@pytest.mark.parametrize("caller", ["app", "turn"])
async def test_nothing_of_another_patients_record_can_be_reached(
    gateway: Gateway, clinic: Clinic, template: Resource, caller: str
) -> None:
    resource = owned_by(clinic.grace, template)
    type_, id_ = resource["resourceType"], await made(gateway, resource)
    app = client_of("patient/*.cruds", clinic.sam)
    access = app if caller == "app" else turn_of(clinic.sam)
    attempts: list[Interaction[Any]] = [
        Read(type_, id_),
        Read(type_, id_, 1),
        History(type_, id_),
        Update(owned_by(clinic.sam, template) | {"id": id_}),
    ]
    for attempt in attempts:
        with pytest.raises((NotFound, Forbidden)) as refused:
            await perform(gateway, access, attempt)
        assert caller == "turn" or isinstance(refused.value, NotFound)
    search: Search = Search(type_, (("_id", id_),))
    if caller == "app":
        assert (await perform(gateway, access, search)).total == 0
    kept = await perform(gateway, STAFF, Read(type_, id_))
    assert (kept.version, kept.patients) == (1, (clinic.grace,))
    denied = [row for row in await audit_rows(gateway) if row.outcome == "8"]
    assert len(denied) == len(attempts)


async def test_resource_in_nobodys_record_is_not_the_patients(
    gateway: Gateway, clinic: Clinic
) -> None:
    task = {"resourceType": "Task", "status": "requested", "intent": "order"}
    id_ = await made(gateway, task)
    app = client_of("patient/*.cruds", clinic.sam)
    for interaction in (Read("Task", id_), Read("AuditEvent", id_)):
        with pytest.raises(NotFound):
            await perform(gateway, app, interaction)
    await perform(gateway, client_of("system/*.rs"), Read("Task", id_))
    events = await perform(gateway, STAFF, Search("AuditEvent", (("entity", f"Task/{id_}"),)))
    with pytest.raises(NotFound):
        await perform(gateway, app, Read("AuditEvent", events.entries[0].id))


async def test_refused_write_leaves_nothing_behind(gateway: Gateway, clinic: Clinic) -> None:
    app = client_of("patient/*.cruds", clinic.sam)
    foreign = {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{clinic.grace}"},
    }
    with pytest.raises(Forbidden):
        await perform(gateway, app, Create(foreign))
    assert (await perform(gateway, STAFF, Search("RelatedPerson"))).total == 0


async def test_scope_with_search_parameters_opens_what_they_match(
    gateway: Gateway, clinic: Clinic
) -> None:
    booked = await visit_of(gateway, clinic.sam)
    proposed = await made(gateway, an_appointment("proposed", at(0), f"Patient/{clinic.sam}"))
    app = client_of("system/Appointment.rus?status=booked")
    found = await perform(gateway, app, Search("Appointment"))
    assert [one.id for one in found.entries] == [booked]
    assert (await perform(gateway, app, Read("Appointment", booked))).id == booked
    with pytest.raises(NotFound):
        await perform(gateway, app, Read("Appointment", proposed))
    for write in (Cancel(booked), Reschedule(booked, ("s",))):
        with pytest.raises(Forbidden):
            await perform(gateway, app, write)


async def test_one_read_is_one_audit_row(gateway: Gateway, clinic: Clinic) -> None:
    await perform(gateway, turn_of(clinic.sam), Read("Patient", clinic.sam))
    (row,) = await audit_rows(gateway)
    assert (row.tag, row.action, row.subtype, row.outcome) == (
        "fhir:Patient:read",
        "R",
        "read",
        "0",
    )
    assert (row.resource_type, row.resource_id, row.resource_version) == ("Patient", clinic.sam, 1)
    assert (row.patient_id, row.on_behalf_of, row.agent_kind) == (clinic.sam, clinic.sam, "turn")
    assert (row.turn_id, row.origin, row.purpose) == ("turn-1", "sms", "TREAT")


async def test_search_is_one_audit_row_for_each_patient_in_its_page(
    gateway: Gateway, clinic: Clinic
) -> None:
    for patient in (clinic.sam, clinic.sam, clinic.grace):
        await visit_of(gateway, patient, minutes=60)
    await perform(gateway, client_of("system/*.rs"), Search("Appointment"))
    rows = await audit_rows(gateway)
    assert sorted(str(row.patient_id) for row in rows) == sorted([clinic.sam, clinic.grace])
    assert {row.subtype for row in rows} == {"search-type"}


async def test_empty_search_is_one_audit_row_too(gateway: Gateway, clinic: Clinic) -> None:
    await perform(gateway, client_of("system/*.rs"), Search("Task"))
    assert len(await audit_rows(gateway)) == 1


async def test_query_is_stored_sealed(gateway: Gateway, clinic: Clinic) -> None:
    await perform(gateway, client_of("system/*.rs"), Search("Patient", (("name", "Zebediah"),)))
    (row,) = await audit_rows(gateway)
    assert row.query is not None
    assert b"Zebediah" not in row.query


async def test_denied_and_failed_access_is_recorded(gateway: Gateway, clinic: Clinic) -> None:
    sam, reader = turn_of(clinic.sam), client_of("system/*.cruds")
    stale = (await perform(gateway, STAFF, Read("Patient", clinic.sam))).body | {"gender": "male"}
    refusals: list[tuple[Access, Interaction[Any], type[Exception]]] = [
        (sam, Read("Patient", clinic.grace), NotFound),
        (turn_of(None), Search("Appointment"), IdentityRequired),
        (sam, Search("Task"), Forbidden),
        (reader, Search("Patient", (("shoe-size", "44"),)), Unsupported),
        (reader, Create({"resourceType": "Patient", "gender": "robot"}), InvalidResource),
        (reader, Update(stale, if_match=7), VersionConflict),
    ]
    for access, interaction, expected in refusals:
        with pytest.raises(expected):
            await perform(gateway, access, interaction)
    rows = await audit_rows(gateway)
    assert [row.outcome for row in rows] == ["8", "8", "8", "4", "4", "4"]
    assert rows[0].resource_id == clinic.grace


async def test_nothing_is_answered_when_the_audit_cannot_be_written(
    gateway: Gateway, clinic: Clinic, database: Database
) -> None:
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE audit_pending RENAME TO audit_gone"))
    with pytest.raises(AuditUnavailable):
        await perform(gateway, STAFF, Read("Patient", clinic.sam))
    with pytest.raises(AuditUnavailable):
        await perform(gateway, STAFF, Create(a_patient("77")))
    async with database.transaction() as session:
        await session.execute(text("ALTER TABLE audit_gone RENAME TO audit_pending"))
    found = await perform(gateway, STAFF, Search("Patient", (("identifier", "77"),)))
    assert found.total == 0


async def test_patient_level_write_displaces_nobody(gateway: Gateway, clinic: Clinic) -> None:
    slot = await a_free_slot(gateway, clinic)
    await perform(gateway, turn_of(clinic.sam), hold_of(slot, clinic.sam))
    visit = an_appointment("booked", at(60), f"Patient/{clinic.grace}", slots=(f"Slot/{slot}",))
    app = client_of("patient/*.cruds", clinic.grace)
    with pytest.raises(Exception, match="slot taken"):
        await perform(gateway, app, Create(visit))


async def test_release_is_audited_for_each_patient(
    gateway: Gateway, clinic: Clinic, clock: StoppedClock
) -> None:
    slot = await a_free_slot(gateway, clinic)
    held = (await perform(gateway, turn_of(clinic.sam), hold_of(slot, clinic.sam))).stored.id
    clock.time = at(10)
    worker = service_access("worker", "system/Appointment.u")
    released = await perform(gateway, worker, ReleaseExpired())
    assert [one.id for one in released] == [held]
    rows = [row for row in await audit_rows(gateway) if row.agent_id == "worker"]
    assert [(row.resource_id, row.patient_id) for row in rows] == [(held, clinic.sam)]


async def test_bulk_creation_is_one_audit_row_and_for_our_own_services_only(
    gateway: Gateway, clinic: Clinic
) -> None:
    slots = tuple(a_slot(f"Schedule/{clinic.ruiz_schedule}", at(30 * n)) for n in range(20))
    ids = await perform(gateway, STAFF, BulkCreate(slots))
    assert len(set(ids)) == 20
    assert len(await audit_rows(gateway, without="")) == 1
    with pytest.raises(Forbidden):
        await perform(gateway, client_of("system/*.cruds"), BulkCreate(slots))


async def test_audit_is_read_through_the_gateway_and_reading_it_is_audited(
    gateway: Gateway, clinic: Clinic
) -> None:
    await perform(gateway, turn_of(clinic.sam), Read("Patient", clinic.sam))
    auditor = client_of("system/AuditEvent.rs")
    page = await perform(gateway, auditor, Search("AuditEvent", (("patient", clinic.sam),)))
    assert [one.body["action"] for one in page.entries] == ["R"]
    again = await perform(gateway, auditor, Search("AuditEvent", (("agent", "app"),)))
    assert [one.body["subtype"][0]["code"] for one in again.entries] == ["search-type"]
    one = await perform(gateway, auditor, Read("AuditEvent", page.entries[0].id))
    assert one.body["id"] == page.entries[0].id


async def test_nobody_writes_the_audit(gateway: Gateway, clinic: Clinic) -> None:
    event = {"resourceType": "AuditEvent"}
    writes: list[Interaction[Any]] = [Create(event), Update(event | {"id": "x"})]
    for write in writes:
        with pytest.raises(Forbidden):
            await perform(gateway, STAFF, write)
