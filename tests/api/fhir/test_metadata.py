"""What the server says of itself holds."""

import httpx

from tests.support.fhir import Clinic

A_VALUE = {"token": "x", "reference": "x", "date": "2027", "string": "x", "uri": "x"}


async def test_every_type_and_parameter_that_is_stated_is_served(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    statement = (await ehr.get("/fhir/metadata")).json()
    assert statement["fhirVersion"] == "4.0.1"
    resources = statement["rest"][0]["resource"]
    assert len(resources) == 25
    for resource in resources:
        for param in resource["searchParam"]:
            query = {param["name"]: A_VALUE[param["type"]], "_count": "0"}
            answer = await ehr.get(f"/fhir/{resource['type']}", params=query)
            assert answer.status_code == 200, (resource["type"], param)


async def test_every_operation_that_is_stated_is_served(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    statement = (await ehr.get("/fhir/metadata")).json()
    (appointment,) = [r for r in statement["rest"][0]["resource"] if r["type"] == "Appointment"]
    assert len(appointment["operation"]) == 5
    for operation in appointment["operation"]:
        body = {"resourceType": "Parameters"}
        answer = await ehr.post(f"/fhir/Appointment/${operation['name']}", json=body)
        assert answer.json()["issue"][0]["details"]["coding"][0]["code"] == "missing_parameter"
    (patient,) = [r for r in statement["rest"][0]["resource"] if r["type"] == "Patient"]
    assert [each["name"] for each in patient["operation"]] == ["everything"]
    assert (await ehr.get(f"/fhir/Patient/{clinic.sam}/$everything")).status_code == 200


async def test_statement_is_open_to_everybody(http: httpx.AsyncClient) -> None:
    assert (await http.get("/fhir/metadata")).status_code == 200
    smart = (await http.get("/fhir/.well-known/smart-configuration")).json()
    assert smart["token_endpoint"] == "http://127.0.0.1:8000/oauth/token"
    assert "permission-v2" in smart["capabilities"]


async def test_statement_is_fhir_json_only(http: httpx.AsyncClient) -> None:
    headers = {"Accept": "application/fhir+xml"}
    assert (await http.get("/fhir/metadata", headers=headers)).status_code == 406
