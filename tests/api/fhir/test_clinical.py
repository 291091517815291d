"""Clinical types over HTTP: written by the hospital, read by the inspector; a turn has forms."""

import httpx
import pytest

from api.core.clock import real_now
from api.gateway.tokens import Via, mint_turn_token
from tests.api.fhir.conftest import BASE, KEY, token_for
from tests.support.clinical import EXAMPLES, FORM, IN_A_RECORD, example
from tests.support.fhir import Clinic


@pytest.mark.parametrize("type_", EXAMPLES)
async def test_hospital_writes_and_inspector_reads(
    ehr: httpx.AsyncClient, clinic: Clinic, type_: str
) -> None:
    created = await ehr.post(f"/fhir/{type_}", json=example(type_, clinic.sam))
    assert (created.status_code, created.headers["etag"]) == (201, 'W/"1"')
    address = f"/fhir/{type_}/{created.json()['id']}"
    changed = created.json() | {"language": "es"}
    done = await ehr.put(address, json=changed, headers={"If-Match": 'W/"1"'})
    stale = await ehr.put(address, json=changed, headers={"If-Match": 'W/"1"'})
    assert (done.status_code, stale.status_code) == (200, 412)
    inspector = {"Authorization": f"Bearer {await token_for(ehr, 'sandbox-inspector')}"}
    read = await ehr.get(address, headers=inspector)
    assert (read.status_code, read.json()) == (200, done.json())
    assert (await ehr.get(f"{address}/_history/1", headers=inspector)).json() == created.json()
    history = (await ehr.get(f"{address}/_history", headers=inspector)).json()
    assert [each["request"]["method"] for each in history["entry"]] == ["PUT", "POST"]
    found = (await ehr.get(f"/fhir/{type_}", headers=inspector)).json()
    assert [each["fullUrl"] for each in found["entry"]] == [f"{BASE}{address}"]
    refused = await ehr.post(f"/fhir/{type_}", json=example(type_, "x"), headers=inspector)
    assert refused.status_code == 403


def turn_of(patient: str) -> dict[str, str]:
    """The headers of a turn of this patient's conversation."""
    token = mint_turn_token(
        key=KEY, turn="t1", conversation="c1", patient=patient, now=real_now(), via=Via("sms")
    )
    return {"Authorization": f"Bearer {token}"}


async def test_turn_fills_in_its_patients_form_and_no_other(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    theirs = example("QuestionnaireResponse", clinic.grace)
    other = (await ehr.post("/fhir/QuestionnaireResponse", json=theirs)).json()
    sam = turn_of(clinic.sam)
    mine = example("QuestionnaireResponse", clinic.sam)
    created = await ehr.post("/fhir/QuestionnaireResponse", json=mine, headers=sam)
    assert created.status_code == 201
    found = (await ehr.get("/fhir/QuestionnaireResponse", headers=sam)).json()
    assert [each["resource"]["id"] for each in found["entry"]] == [created.json()["id"]]
    address = f"/fhir/QuestionnaireResponse/{other['id']}"
    assert (await ehr.get(address, headers=sam)).status_code == 404
    # An id that never was gets the same answer: nothing is created by an update.
    for id_ in (other["id"], "never-was"):
        body = {**mine, "id": id_}
        stolen = await ehr.put(f"/fhir/QuestionnaireResponse/{id_}", json=body, headers=sam)
        assert stolen.status_code == 405
    refused = await ehr.post("/fhir/QuestionnaireResponse", json=theirs, headers=sam)
    assert refused.status_code == 403


@pytest.mark.parametrize("type_", [one for one in IN_A_RECORD if one != "QuestionnaireResponse"])
async def test_turn_of_the_patient_is_refused(
    ehr: httpx.AsyncClient, clinic: Clinic, type_: str
) -> None:
    answer = await ehr.get(f"/fhir/{type_}", headers=turn_of(clinic.sam))
    assert answer.status_code == 403
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_comparison_that_is_not_served_is_refused_or_reported(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    await ehr.post("/fhir/Observation", json=example("Observation", clinic.sam))
    asked = {"value-quantity": "gt5|http://unitsofmeasure.org|mg"}
    strict = await ehr.get("/fhir/Observation", params=asked)
    assert (strict.status_code, strict.json()["issue"][0]["code"]) == (400, "not-supported")
    lenient = await ehr.get(
        "/fhir/Observation", params=asked, headers={"Prefer": "handling=lenient"}
    )
    modes = [each["search"]["mode"] for each in lenient.json()["entry"]]
    assert (lenient.status_code, modes) == (200, ["match", "outcome"])
    assert "value-quantity" not in lenient.json()["link"][0]["url"]


async def test_answers_are_found_by_the_address_of_their_form(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    form = await ehr.post("/fhir/Questionnaire", json=example("Questionnaire", ""))
    answers = example("QuestionnaireResponse", clinic.sam)
    await ehr.post("/fhir/QuestionnaireResponse", json=answers)
    found = (await ehr.get("/fhir/Questionnaire", params={"url": FORM})).json()
    assert [each["resource"]["id"] for each in found["entry"]] == [form.json()["id"]]
    for value, total in ((FORM, 1), (f"{FORM}|1.0", 1), (f"{FORM}|2.0", 0)):
        params = {"questionnaire": value, "patient": clinic.sam}
        answer = await ehr.get("/fhir/QuestionnaireResponse", params=params)
        assert answer.json()["total"] == total, value


async def test_defects_are_named_and_nothing_of_them_is_quoted(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    secret = "Zebediah"
    broken = example("AllergyIntolerance", clinic.sam) | {
        "criticality": secret,
        "clinicalStatus": {"coding": [{"code": secret}]},
    }
    answer = await ehr.post("/fhir/AllergyIntolerance", json=broken)
    assert answer.status_code in {400, 422}
    assert secret not in answer.text
    places = {place for each in answer.json()["issue"] for place in each["expression"]}
    assert places == {"AllergyIntolerance.criticality", "AllergyIntolerance.clinicalStatus"}
