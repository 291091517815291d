"""Patient/$everything: the whole compartment, nothing of anybody else's, within what is granted."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from api.gateway.interactions import Everything
from api.gateway.service import Gateway, perform
from integrations.ports.fhir import NotFound, Resource
from tests.api.fhir.conftest import BASE, token_for
from tests.api.fhir.test_clinical import turn_of
from tests.support.clinical import IN_A_RECORD, example
from tests.support.fhir import Clinic, an_appointment, at
from tests.support.gateway import StoppedClock, audit_rows, client_of, made

TAG = "fhir:Patient:everything"


@pytest.fixture
async def records(gateway: Gateway, clinic: Clinic) -> Clinic:
    """Sam and Grace, each with a resource of every type of a record."""
    for patient in (clinic.sam, clinic.grace):
        for type_ in IN_A_RECORD:
            await made(gateway, example(type_, patient))
        actors = (f"Patient/{patient}", f"Practitioner/{clinic.ruiz}")
        minutes = 60 if patient == clinic.sam else 90
        await made(gateway, an_appointment("booked", at(minutes), *actors))
    return clinic


def address(patient: str, query: str = "") -> str:
    return f"/fhir/Patient/{patient}/$everything{query}"


def matched(bundle: Resource, mode: str = "match") -> list[Any]:
    entries = bundle.get("entry", [])
    return [each["resource"] for each in entries if each["search"]["mode"] == mode]


def types_of(bundle: Resource) -> set[str]:
    return {one["resourceType"] for one in matched(bundle)}


async def as_app(http: httpx.AsyncClient, scope: str) -> dict[str, str]:
    token = await token_for(http, "sandbox-ehr", scope=scope)
    return {"Authorization": f"Bearer {token}"}


async def test_record_is_the_patient_and_the_compartment_and_nobody_elses(
    ehr: httpx.AsyncClient, gateway: Gateway, records: Clinic
) -> None:
    answer = await ehr.get(address(records.sam))
    bundle = answer.json()
    assert (answer.status_code, bundle["type"]) == (200, "searchset")
    found = matched(bundle)
    assert (found[0]["resourceType"], found[0]["id"]) == ("Patient", records.sam)
    assert sorted(one["resourceType"] for one in found[1:]) == sorted([*IN_A_RECORD, "Appointment"])
    assert bundle["total"] == len(found)
    assert bundle["entry"][0]["fullUrl"] == f"{BASE}/fhir/Patient/{records.sam}"
    assert records.grace not in answer.text
    assert [one["id"] for one in matched(bundle, "include")] == [records.ruiz]
    rows = [row for row in await audit_rows(gateway) if row.tag == TAG]
    assert [(row.patient_id, row.outcome, row.agent_id) for row in rows] == [
        (records.sam, "0", "sandbox-ehr")
    ]
    asked = {"resourceType": "Parameters", "parameter": []}
    assert matched((await ehr.post(address(records.sam), json=asked)).json()) == found


async def test_pages_hold_each_resource_once(ehr: httpx.AsyncClient, records: Clinic) -> None:
    whole = [one["id"] for one in matched((await ehr.get(address(records.sam))).json())]
    seen: list[str] = []
    following = address(records.sam, "?_count=4")
    while following:
        bundle = (await ehr.get(following)).json()
        assert bundle["total"] == len(whole)
        seen += [one["id"] for one in matched(bundle)]
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        parts = urlsplit(links.get("next", ""))
        following = f"{parts.path}?{parts.query}" if parts.path else ""
    assert seen == whole
    empty = (await ehr.get(address(records.sam, "?_count=0"))).json()
    assert (empty["total"], "entry" in empty) == (len(whole), False)


async def test_span_of_care_leaves_out_what_took_place_at_another_time(
    ehr: httpx.AsyncClient, records: Clinic
) -> None:
    lasting = {"Patient", "AllergyIntolerance", "Condition", "MedicationRequest"}
    before = types_of((await ehr.get(address(records.sam, "?end=1950"))).json())
    during = types_of((await ehr.get(address(records.sam, "?start=2027-03-03&end=2027-03"))).json())
    assert lasting <= before
    assert lasting <= during
    assert not before & {"Appointment", "Observation", "QuestionnaireResponse", "Communication"}
    assert "Appointment" in during


async def test_only_what_changed_since_and_only_the_types_that_are_asked_for(
    ehr: httpx.AsyncClient, gateway: Gateway, clock: StoppedClock, records: Clinic
) -> None:
    clock.time += timedelta(hours=1)
    fresh = await made(gateway, example("Condition", records.sam) | {"recordedDate": "2027-03-01"})
    since = {"_since": clock.time.isoformat()}
    found = matched((await ehr.get(address(records.sam), params=since)).json())
    assert [one["id"] for one in found] == [fresh]
    few = "?_type=Condition,Patient&_type=Observation"
    bundle = (await ehr.get(address(records.sam, few))).json()
    assert types_of(bundle) == {"Patient", "Condition", "Observation"}
    assert matched(bundle, "include") == []


@pytest.mark.parametrize(
    "query",
    [
        "?_type=Medicine",
        "?_type=AuditEvent",
        "?_type=",
        "?start=yesterday",
        "?start=2027-03-04&end=2027-03-03",
        "?start=2027&start=2026",
        "?end=9999-12-32",
        "?_since=%00",
        "?_count=-1",
        "?_count=many",
        "?_cursor=x",
        "?_cursor=WyJhIl0",
        "?_include=*",
        "?patient=other",
    ],
)
async def test_what_cannot_be_read_or_is_not_served_is_refused(
    ehr: httpx.AsyncClient, clinic: Clinic, query: str
) -> None:
    answer = await ehr.get(address(clinic.sam, query))
    assert (answer.status_code, answer.json()["resourceType"]) == (400, "OperationOutcome")


async def test_scopes_say_which_types_are_in_it(
    http: httpx.AsyncClient, gateway: Gateway, records: Clinic
) -> None:
    few = await as_app(http, "system/Patient.rs system/Observation.rs system/Condition.r")
    bundle = (await http.get(address(records.sam), headers=few)).json()
    assert types_of(bundle) == {"Patient", "Observation"}
    assert matched(bundle, "include") == []
    narrow = await as_app(http, "system/Patient.rs system/Observation.rs?code=x")
    bundle = (await http.get(address(records.sam), headers=narrow)).json()
    assert types_of(bundle) == {"Patient"}
    for headers, query in (
        (few, "?_type=Patient,Condition"),
        (narrow, "?_type=Observation"),
        (await as_app(http, "system/Observation.rs"), ""),
        (await as_app(http, "system/Patient.rs?name=sam"), ""),
        (turn_of(records.sam), ""),
        (turn_of(records.sam), "?_type=Appointment"),
    ):
        answer = await http.get(address(records.sam, query), headers=headers)
        assert answer.status_code == 403, query
        last = (await audit_rows(gateway))[-1]
        assert (last.tag, last.outcome, last.resource_id) == (TAG, "8", records.sam)


async def test_nobody_learns_whether_a_patient_exists_whose_record_is_not_theirs(
    ehr: httpx.AsyncClient, gateway: Gateway, records: Clinic
) -> None:
    assert (await ehr.get(address("nobody"))).status_code == 404
    assert (await ehr.get("/fhir/Observation/x/$everything")).status_code == 404
    assert (await ehr.put(address(records.sam), json={})).status_code == 405
    mine = client_of("patient/*.rs", patient=records.grace)
    for other in (records.sam, "nobody"):
        with pytest.raises(NotFound):
            await perform(gateway, mine, Everything(other, ("Patient", "Observation")))
    whole = await perform(gateway, mine, Everything(records.grace, ("Patient", "Observation")))
    assert {one.type for one in whole.page.entries} == {"Patient", "Observation"}
