"""FHIR R4 over HTTP: interactions, headers, bundles, and every refusal as an OperationOutcome."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from api.core.clock import real_now
from api.gateway.access import Assurance
from api.gateway.service import Gateway
from api.gateway.tokens import Via, mint_turn_token
from tests.api.fhir.conftest import BASE, KEY, token_for
from tests.support.fhir import MRN, Clinic, a_patient, a_slot, an_appointment, at
from tests.support.gateway import audit_rows

FHIR = {"Content-Type": "application/fhir+json"}
SECRET = "Zebediah"
BY_TEXT, ON_THE_WEB = Via("sms"), Via("web")
WITH_CODE = Via("web", Assurance.CODE)


def turn_token(
    patient: str | None, age: timedelta = timedelta(), via: Via = BY_TEXT
) -> dict[str, str]:
    now = real_now() - age
    token = mint_turn_token(
        key=KEY, turn="t1", conversation="c1", patient=patient, now=now, via=via
    )
    return {"Authorization": f"Bearer {token}"}


def issue(answer: httpx.Response) -> dict[str, Any]:
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome", body
    assert answer.headers["content-type"].startswith("application/fhir+json")
    return dict(body["issue"][0])


async def test_create_answers_where_and_which_version(ehr: httpx.AsyncClient) -> None:
    answer = await ehr.post("/fhir/Patient", json=a_patient(), headers=FHIR)
    id_ = answer.json()["id"]
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{BASE}/fhir/Patient/{id_}/_history/1"
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["last-modified"] == "Wed, 03 Mar 2027 15:00:00 GMT"
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["cache-control"] == "no-store"
    read = await ehr.get(f"/fhir/Patient/{id_}")
    assert (read.status_code, read.json()) == (200, answer.json())
    assert read.headers["etag"] == 'W/"1"'


@pytest.mark.parametrize(
    ("preference", "kind"),
    [("minimal", None), ("representation", "Patient"), ("OperationOutcome", "OperationOutcome")],
)
async def test_client_chooses_what_a_write_returns(
    ehr: httpx.AsyncClient, preference: str, kind: str | None
) -> None:
    headers = {"Prefer": f"return={preference}"}
    answer = await ehr.post("/fhir/Patient", json=a_patient(), headers=headers)
    assert answer.status_code == 201
    assert (answer.json()["resourceType"] if answer.content else None) == kind


async def test_conditional_create_answers_200_for_what_is_there(ehr: httpx.AsyncClient) -> None:
    headers = {"If-None-Exist": f"identifier={MRN}|1001"}
    first = await ehr.post("/fhir/Patient", json=a_patient(), headers=headers)
    again = await ehr.post("/fhir/Patient", json=a_patient(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    await ehr.post("/fhir/Patient", json=a_patient())
    many = await ehr.post("/fhir/Patient", json=a_patient(), headers=headers)
    assert (many.status_code, issue(many)["code"]) == (412, "multiple-matches")


async def test_unchanged_resource_is_not_sent_again(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    answer = await ehr.get(f"/fhir/Patient/{clinic.sam}", headers={"If-None-Match": 'W/"1"'})
    assert (answer.status_code, answer.content) == (304, b"")


async def test_update_of_a_stale_version_is_412(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    address = f"/fhir/Patient/{clinic.sam}"
    body = (await ehr.get(address)).json() | {"gender": "male"}
    done = await ehr.put(address, json=body, headers={"If-Match": 'W/"1"'})
    stale = await ehr.put(address, json=body | {"gender": "other"}, headers={"If-Match": 'W/"1"'})
    assert (done.status_code, done.headers["etag"]) == (200, 'W/"2"')
    assert (stale.status_code, issue(stale)["code"]) == (412, "conflict")
    unreadable = await ehr.put(address, json=body, headers={"If-Match": "two"})
    assert unreadable.status_code == 400


async def test_versions_are_kept_and_read(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    address = f"/fhir/Patient/{clinic.sam}"
    await ehr.put(address, json=(await ehr.get(address)).json() | {"gender": "male"})
    history = (await ehr.get(f"{address}/_history")).json()
    assert (history["type"], [e["request"]["method"] for e in history["entry"]]) == (
        "history",
        ["PUT", "POST"],
    )
    assert "gender" not in (await ehr.get(f"{address}/_history/1")).json()
    for version in ("3", "x", "0"):
        assert (await ehr.get(f"{address}/_history/{version}")).status_code == 404


async def test_body_and_url_must_agree(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    body = (await ehr.get(f"/fhir/Patient/{clinic.sam}")).json()
    assert (await ehr.put(f"/fhir/Patient/{clinic.grace}", json=body)).status_code == 400
    assert (await ehr.post("/fhir/Practitioner", json=body)).status_code == 400


async def test_client_does_not_choose_ids(ehr: httpx.AsyncClient) -> None:
    answer = await ehr.put("/fhir/Patient/mine", json=a_patient() | {"id": "mine"})
    assert (answer.status_code, issue(answer)["code"]) == (405, "not-supported")


async def test_decimals_come_back_as_they_were_sent(ehr: httpx.AsyncClient) -> None:
    body = (
        b'{"resourceType":"Location","position":{"longitude":-73.50,"latitude":40.0},'
        b'"status":"active"}'
    )
    answer = await ehr.post("/fhir/Location", content=body, headers=FHIR)
    assert answer.status_code == 201
    assert b'"longitude":-73.50,"latitude":40.0}' in answer.content


async def test_search_answers_a_bundle_with_its_own_links(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    params = {"identifier": f"{MRN}|1001", "_format": "json"}
    answer = (await ehr.get("/fhir/Patient", params=params)).json()
    assert (answer["type"], answer["total"]) == ("searchset", 1)
    entry = answer["entry"][0]
    assert entry["fullUrl"] == f"{BASE}/fhir/Patient/{clinic.sam}"
    assert entry["search"] == {"mode": "match"}
    (link,) = answer["link"]
    assert link["relation"] == "self"
    assert link["url"].startswith(f"{BASE}/fhir/Patient?identifier=")


async def test_next_link_leads_through_every_page(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    for number in range(5):
        slot = a_slot(f"Schedule/{clinic.ruiz_schedule}", at(30 * number))
        await ehr.post("/fhir/Slot", json=slot)
    address, seen = "/fhir/Slot?_count=2&_sort=start&status=free", []
    while address:
        page = (await ehr.get(address)).json()
        seen += [entry["resource"]["start"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        address = links.get("next", "")
    assert (len(seen), seen) == (5, sorted(set(seen)))


async def test_search_by_post_is_the_same_search(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    answer = await ehr.post("/fhir/Patient/_search", data={"identifier": "1001"})
    assert answer.json()["entry"][0]["resource"]["id"] == clinic.sam
    wrong = await ehr.post("/fhir/Patient/_search", json={"identifier": "1001"})
    assert wrong.status_code == 415


async def test_unknown_parameter_is_refused_or_reported(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    strict = await ehr.get("/fhir/Patient?shoe-size=44&identifier=1001")
    assert (strict.status_code, issue(strict)["code"]) == (400, "not-supported")
    headers = {"Prefer": "handling=lenient"}
    lenient = await ehr.get("/fhir/Patient?shoe-size=44&identifier=1001", headers=headers)
    modes = [entry["search"]["mode"] for entry in lenient.json()["entry"]]
    assert (lenient.status_code, modes) == (200, ["match", "outcome"])
    assert "shoe-size" not in lenient.json()["link"][0]["url"]


@pytest.mark.parametrize(
    "query",
    [
        "_include=Patient:organization",
        "_revinclude=Appointment:patient",
        "_include:iterate=*",
        "_has:Appointment:patient:status=booked",
        "general-practitioner.name=Ruiz",
        "_filter=name eq x",
        "_query=all",
        "_contained=true",
        "_summary=text",
        "birthdate=yesterday",
        "_count=-1",
        "name=%00",
        "name=%ff",
        "&".join("name=a" for _ in range(101)),
    ],
)
async def test_search_that_is_not_supported_or_unreadable_is_400(
    ehr: httpx.AsyncClient, query: str
) -> None:
    answer = await ehr.get(f"/fhir/Patient?{query}")
    assert answer.status_code == 400
    assert issue(answer)["severity"] == "error"


NASTY = [
    *(
        "",
        ",",
        "|",
        "||",
        "\\",
        "a\\",
        "$",
        "%",
        "_",
        "'",
        '"',
        "--",
        "a,b|c,d",
        "x|",
        "|x",
        "/",
        "/x",
        "x/",
    ),
    *("Patient/", "Patient/1/2", "//x", "http://169.254.169.254/Patient/1", "ü", "\u200b", "😀"),
    *("0000", "0001", "0001-01-01T00:00:00+14:00", "9999", "9999-12-31", "2027-02-30", "2027-1"),
    *("gt", "2027-01-01T", "2027-01-01T25:00Z", "2027T10:00", "true", "a" * 5000, "{{7*7}}", "<b>"),
]


async def test_no_value_of_any_parameter_breaks_a_search(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    statement = (await ehr.get("/fhir/metadata")).json()
    by_kind = {
        (param["type"], resource["type"] == "AuditEvent"): (resource["type"], param["name"])
        for resource in statement["rest"][0]["resource"]
        for param in resource["searchParam"]
    }
    controls = [("Patient", name) for name in ("_sort", "_count", "_cursor", "_elements", "_total")]
    params = [*by_kind.values(), *controls, ("Patient", "_id"), ("AuditEvent", "_cursor")]
    modifiers = (":missing", ":not", ":exact", ":contains", ":Patient", ":x", ":")
    pairs = [("", value) for value in NASTY] + [(modifier, "true") for modifier in modifiers]
    for type_, name in params:
        for modifier, value in pairs:
            answer = await ehr.get(f"/fhir/{type_}", params={f"{name}{modifier}": value})
            assert answer.status_code in {200, 400}, (type_, name, modifier, value)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/fhir/Medicine", 404),
        ("POST", "/fhir/Medicine", 404),
        ("GET", "/fhir/Medicine/1", 404),
        ("GET", "/fhir/Patient/nobody", 404),
        ("GET", "/fhir/Patient/nobody/Appointment", 404),
        ("GET", "/fhir/a/b/c/d/e", 404),
        ("POST", "/fhir", 404),
        ("GET", "/fhir/Patient/", 404),
        ("DELETE", "/fhir/Patient/nobody", 405),
        ("PATCH", "/fhir/Patient/nobody", 405),
        ("DELETE", "/fhir/Patient", 405),
        ("OPTIONS", "/fhir/Patient", 405),
        ("POST", "/fhir/Patient/$validate", 405),
        ("GET", "/fhir/Patient/nobody/$everything", 404),
        ("GET", "/fhir/Appointment/$book", 404),
        ("GET", "/fhir/Patient/a%00b", 404),
        ("GET", "/fhir/Patient/a%00b/_history/1", 404),
        ("POST", "/fhir/metadata", 404),
        ("PUT", "/fhir/metadata", 405),
    ],
)
async def test_address_that_is_not_served_is_an_operation_outcome(
    ehr: httpx.AsyncClient, method: str, path: str, status: int
) -> None:
    json = {"resourceType": "Medicine"} if method == "POST" else None
    answer = await ehr.request(method, path, json=json)
    assert answer.status_code == status
    assert issue(answer)["severity"] == "error"
    assert ("allow" in answer.headers) is (status == 405)


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({"Accept": "application/fhir+xml"}, "", 406),
        ({"Accept": "text/html"}, "", 406),
        ({"Accept": "application/fhir+json; fhirVersion=5.0"}, "", 406),
        ({"Accept": "application/json;q=0"}, "", 406),
        ({}, "?_format=xml", 406),
        ({"Accept": "text/html, */*;q=0.8"}, "", 200),
        ({"Accept": "application/fhir+json; fhirVersion=4.0"}, "", 200),
        ({"Accept": "text/html"}, "?_format=application/fhir%2Bjson", 200),
    ],
)
async def test_answers_are_fhir_json_only(
    ehr: httpx.AsyncClient, headers: dict[str, str], query: str, status: int
) -> None:
    assert (await ehr.get(f"/fhir/Patient{query}", headers=headers)).status_code == status


@pytest.mark.parametrize(
    "content_type",
    ["application/fhir+xml", "text/plain", "", "application/fhir+json; fhirVersion=5.0"],
)
async def test_bodies_are_fhir_json_only(ehr: httpx.AsyncClient, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    answer = await ehr.post("/fhir/Patient", content=b"<Patient/>", headers=headers)
    assert (answer.status_code, issue(answer)["code"]) == (415, "not-supported")


BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b'"x"', 400),
    (b"\xff\xfe", 400),
    (b"{}", 400),
    (b'{"resourceType":7}', 400),
    (b'{"resourceType":"Patient","gender":"male","gender":"female"}', 400),
    (b'{"resourceType":"Patient","x":NaN}', 400),
    (b'{"resourceType":"Patient","x":-Infinity}', 400),
    (b'{"resourceType":"Patient","x":1' + b"0" * 400 + b"}", 400),
    (b'{"resourceType":"Patient","x":1e400}', 400),
    (b'{"resourceType":"Patient","x":1e99999999999999999999}', 400),
    (b'{"resourceType":"Patient","x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400),
    (b'{"resourceType":"Patient","x":' + b'{"a":' * 70 + b"1" + b"}" * 71, 400),
    (b'{"resourceType":"Patient","x":"' + b"a" * 1024 * 1024 + b'"}', 413),
    (b'{"resourceType":"Patient","name":[{"family":"a\\u0000b"}]}', 422),
    (b'{"resourceType":"Patient","name":[{"family":"\\ud800"}]}', 422),
    (b'{"resourceType":"Patient","gender":"Zebediah"}', 422),
    (b'{"resourceType":"Patient","Zebediah":"Zebediah"}', 422),
]


@pytest.mark.parametrize(("body", "status"), BODIES, ids=range(len(BODIES)))
async def test_body_that_is_not_a_valid_resource_is_refused_without_an_echo(
    ehr: httpx.AsyncClient, body: bytes, status: int
) -> None:
    answer = await ehr.post("/fhir/Patient", content=body, headers=FHIR)
    assert answer.status_code == status
    assert issue(answer)["severity"] == "error"
    assert SECRET not in answer.text


async def test_validation_names_the_element(ehr: httpx.AsyncClient) -> None:
    answer = await ehr.post("/fhir/Patient", json=a_patient(gender="robot"))
    assert (issue(answer)["code"], issue(answer)["expression"]) == (
        "code-invalid",
        ["Patient.gender"],
    )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer nonsense"},
        {"Authorization": "Basic c2FuZGJveC1laHI6c2FuZGJveA=="},
        turn_token("p", age=timedelta(minutes=3)),
    ],
    ids=["none", "nonsense", "basic", "lapsed"],
)
async def test_without_a_valid_token_nothing_is_told(
    http: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    for path in ("/fhir/Patient", "/fhir/Patient/x", "/fhir/Medicine", "/fhir/Appointment/$find"):
        answer = await http.get(path, headers=headers)
        assert (answer.status_code, issue(answer)["code"]) == (401, "login"), path
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_inspector_reads_everything_and_writes_nothing(
    http: httpx.AsyncClient, clinic: Clinic
) -> None:
    http.headers["Authorization"] = f"Bearer {await token_for(http, 'sandbox-inspector')}"
    assert (await http.get(f"/fhir/Patient/{clinic.sam}")).status_code == 200
    refused = await http.post("/fhir/Patient", json=a_patient())
    assert (refused.status_code, issue(refused)["code"]) == (403, "forbidden")


async def test_turn_token_reads_its_own_patient_only(
    http: httpx.AsyncClient, clinic: Clinic
) -> None:
    http.headers.update(turn_token(clinic.sam))
    assert (await http.get(f"/fhir/Patient/{clinic.sam}")).status_code == 200
    foreign = await http.get(f"/fhir/Patient/{clinic.grace}")
    missing = await http.get("/fhir/Patient/nobody")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.json() == missing.json()


@pytest.mark.parametrize("via", [Via(), ON_THE_WEB, Via("fax", Assurance.CODE)])
async def test_turn_that_proved_too_little_reads_no_record(
    http: httpx.AsyncClient, gateway: Gateway, clinic: Clinic, via: Via
) -> None:
    http.headers.update(turn_token(clinic.sam, via=via))
    for path in (
        f"/fhir/Patient/{clinic.sam}",
        "/fhir/Patient",
        f"/fhir/Appointment?patient={clinic.sam}",
        "/fhir/QuestionnaireResponse",
        "/fhir/RelatedPerson",
    ):
        answer = await http.get(path)
        assert (answer.status_code, _code(answer)) == (403, "code_required"), path
    assert {row.outcome for row in await audit_rows(gateway)} == {"8"}
    assert (await http.get("/fhir/Slot")).status_code == 200


async def test_turn_with_a_code_reads_the_record(http: httpx.AsyncClient, clinic: Clinic) -> None:
    http.headers.update(turn_token(clinic.sam, via=WITH_CODE))
    assert (await http.get(f"/fhir/Patient/{clinic.sam}")).status_code == 200
    assert (await http.get("/fhir/Appointment")).status_code == 200


def _code(answer: httpx.Response) -> str:
    return str(issue(answer)["details"]["coding"][0]["code"])


async def test_turn_token_without_a_patient_is_told_so_by_code(http: httpx.AsyncClient) -> None:
    answer = await http.get("/fhir/Appointment", headers=turn_token(None))
    assert answer.status_code == 403
    assert issue(answer)["details"]["coding"][0]["code"] == "identity_required"


async def test_booked_time_answers_409_and_names_what_is_in_the_way(
    ehr: httpx.AsyncClient, clinic: Clinic
) -> None:
    slot = a_slot(f"Schedule/{clinic.ruiz_schedule}", at(60))
    id_ = (await ehr.post("/fhir/Slot", json=slot)).json()["id"]
    visit = an_appointment("booked", at(60), f"Patient/{clinic.sam}", slots=(f"Slot/{id_}",))
    assert (await ehr.post("/fhir/Appointment", json=visit)).status_code == 201
    refused = await ehr.post("/fhir/Appointment", json=visit)
    assert (refused.status_code, issue(refused)["code"]) == (409, "conflict")
    assert f"Slot/{id_}" in issue(refused)["diagnostics"]


async def test_request_id_is_kept_in_the_audit_and_given_back(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    headers = {"X-Request-Id": "request-7"}
    answer = await ehr.get(f"/fhir/Patient/{clinic.sam}", headers=headers)
    assert answer.headers["x-request-id"] == "request-7"
    row = (await audit_rows(gateway))[-1]
    assert (row.request_id, row.agent_id, row.origin) == ("request-7", "sandbox-ehr", "127.0.0.1")
    strange = await ehr.get("/fhir/Patient", headers={"X-Request-Id": "a b\tc"})
    assert strange.headers["x-request-id"] != "a b\tc"


async def test_audit_is_served_as_audit_events(ehr: httpx.AsyncClient, clinic: Clinic) -> None:
    await ehr.get(f"/fhir/Patient/{clinic.sam}")
    found = (await ehr.get(f"/fhir/AuditEvent?patient={clinic.sam}&action=R")).json()
    assert found["total"] == 1
    event = found["entry"][0]["resource"]
    assert event["entity"][0]["what"]["reference"] == f"Patient/{clinic.sam}/_history/1"
    assert (await ehr.get(f"/fhir/AuditEvent/{event['id']}")).json() == event
    assert (await ehr.post("/fhir/AuditEvent", json=event)).status_code == 403


async def test_store_that_is_broken_answers_503_without_a_trace(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    async with gateway.database.transaction() as session:
        await session.execute(text("DROP TABLE fhir_resource"))
    answer = await ehr.get(f"/fhir/Patient/{clinic.sam}")
    assert (answer.status_code, issue(answer)["code"]) == (503, "transient")
    assert "fhir_resource" not in answer.text


async def test_audit_that_cannot_be_written_answers_503(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    async with gateway.database.transaction() as session:
        await session.execute(text("DROP TABLE audit_pending"))
    answer = await ehr.get(f"/fhir/Patient/{clinic.sam}")
    assert (answer.status_code, issue(answer)["code"]) == (503, "transient")
