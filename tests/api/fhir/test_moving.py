"""$cancel and $reschedule over HTTP: addresses, inputs, If-Match, and every refusal's body."""

from typing import Any

import httpx
import pytest

from api.core.clock import real_now
from api.gateway.interactions import Book
from api.gateway.service import Gateway, perform
from api.gateway.tokens import Via, mint_turn_token
from integrations.ports.fhir import Resource
from tests.api.fhir.conftest import KEY
from tests.support.fhir import Clinic, an_appointment, at, instant
from tests.support.gateway import StoppedClock, a_free_slot, hold_of, made, turn_of

HL7 = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"
REFUSALS = "https://careline.example/fhir/CodeSystem/refusal"


def parameters(*parts: Resource) -> Resource:
    return {"resourceType": "Parameters", "parameter": list(parts)}


def reference(name: str, target: str) -> Resource:
    return {"name": name, "valueReference": {"reference": target}}


def to_slot(*slots: str) -> Resource:
    return parameters(*(reference("slot", f"Slot/{slot}") for slot in slots))


def first(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["entry"][0]["resource"])


def issue_of(answer: httpx.Response) -> Resource:
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome"
    (issue,) = body["issue"]
    return dict(issue)


def bearer(patient: str) -> dict[str, str]:
    token = mint_turn_token(
        key=KEY, turn="t", conversation="c", patient=patient, now=real_now(), via=Via("sms")
    )
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
async def sam(http: httpx.AsyncClient, clinic: Clinic) -> httpx.AsyncClient:
    """The client with a turn token of Sam's."""
    http.headers.update(bearer(clinic.sam))
    return http


async def booked(gateway: Gateway, patient: str, slot: str) -> str:
    """The id of a visit that the patient has booked in a slot."""
    held = (await perform(gateway, turn_of(patient), hold_of(slot, patient))).stored.id
    await perform(gateway, turn_of(patient), Book(held))
    return held


@pytest.mark.parametrize("by_url", [True, False])
async def test_patient_moves_and_cancels_a_visit_by_either_address(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic, *, by_url: bool
) -> None:
    old, new = await a_free_slot(gateway, clinic), await a_free_slot(gateway, clinic, 120)
    visit = await booked(gateway, clinic.sam, old)
    named = [] if by_url else [reference("appointment-reference", f"Appointment/{visit}")]
    home = f"/fhir/Appointment/{visit}" if by_url else "/fhir/Appointment"
    body = parameters(reference("slot", f"Slot/{new}"), *named)
    answer = await sam.post(f"{home}/$reschedule", json=body)
    moved = first(answer)
    assert (moved["id"], moved["status"], moved["start"]) == (visit, "booked", instant(at(120)))
    assert answer.headers["ETag"] == 'W/"3"'
    cancelled = first(await sam.post(f"{home}/$cancel", json=parameters(*named)))
    assert cancelled["status"] == "cancelled"
    assert cancelled["cancelationReason"]["coding"][0]["code"] == "patient"
    assert {one["status"] for one in cancelled["participant"]} == {"declined", "accepted"}
    for slot in (old, new):
        assert (await sam.get(f"/fhir/Slot/{slot}")).json()["status"] == "free"


async def test_repeated_operation_answers_the_same(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    old, new = await a_free_slot(gateway, clinic), await a_free_slot(gateway, clinic, 120)
    visit = await booked(gateway, clinic.sam, old)
    for operation, body in (("$reschedule", to_slot(new)), ("$cancel", parameters())):
        address = f"/fhir/Appointment/{visit}/{operation}"
        once, twice = [await sam.post(address, json=body) for _ in range(2)]
        assert first(once) == first(twice)
        assert once.headers["ETag"] == twice.headers["ETag"]


async def test_visit_moves_to_what_the_patient_holds(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    old, new = await a_free_slot(gateway, clinic), await a_free_slot(gateway, clinic, 120)
    visit = await booked(gateway, clinic.sam, old)
    held = first(await sam.post("/fhir/Appointment/$hold", json=to_slot(new)))["id"]
    body = parameters(reference("hold", f"Appointment/{held}"))
    moved = first(await sam.post(f"/fhir/Appointment/{visit}/$reschedule", json=body))
    assert moved["slot"] == [{"reference": f"Slot/{new}"}]
    assert (await sam.get(f"/fhir/Appointment/{held}")).json()["status"] == "cancelled"


async def test_taken_time_answers_409_with_the_blocking_slot_and_the_old_time_stays(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    old, taken = await a_free_slot(gateway, clinic), await a_free_slot(gateway, clinic, 120)
    visit = await booked(gateway, clinic.sam, old)
    await booked(gateway, clinic.grace, taken)
    before = (await sam.get(f"/fhir/Appointment/{visit}")).json()
    answer = await sam.post(f"/fhir/Appointment/{visit}/$reschedule", json=to_slot(taken))
    sentence = f"Requested time slot is not available. Blocking: Slot/{taken}."
    assert answer.status_code == 409
    assert issue_of(answer) == {
        "severity": "error",
        "code": "conflict",
        "diagnostics": sentence,
        "details": {"coding": [{"system": REFUSALS, "code": "slot_taken"}], "text": sentence},
    }
    assert (await sam.get(f"/fhir/Appointment/{visit}")).json() == before


async def test_outdated_version_answers_412(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    old, new = await a_free_slot(gateway, clinic), await a_free_slot(gateway, clinic, 120)
    visit = await booked(gateway, clinic.sam, old)
    for operation, body in (("$reschedule", to_slot(new)), ("$cancel", parameters())):
        address = f"/fhir/Appointment/{visit}/{operation}"
        for version, status in (('W/"1"', 412), ("3", 400), ('"x"', 400)):
            answer = await ehr.post(address, json=body, headers={"If-Match": version})
            assert answer.status_code == status
            issue_of(answer)
        current = (await ehr.get(f"/fhir/Appointment/{visit}")).headers["ETag"]
        first(await ehr.post(address, json=body, headers={"If-Match": current}))


async def test_staff_say_why_they_cancel_in_a_code_of_any_system(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    coding = {"system": HL7, "code": "prov-pers", "display": "Provider: Personal"}
    ours = "https://careline.example/fhir/CodeSystem/cancelation-reason"
    for minutes, part, kept in (
        (60, {"valueCodeableConcept": {"coding": [coding]}}, (HL7, "prov-pers")),
        (120, {"valueCoding": coding}, (HL7, "prov-pers")),
        (180, {"valueString": f"{HL7}|prov-pers"}, (HL7, "prov-pers")),
        (240, {"valueCode": "weather"}, (ours, "weather")),
        (300, {"valueCoding": {"code": "weather"}}, (ours, "weather")),
    ):
        visit = await booked(gateway, clinic.sam, await a_free_slot(gateway, clinic, minutes))
        body = parameters({"name": "reason", **part})
        cancelled = first(await ehr.post(f"/fhir/Appointment/{visit}/$cancel", json=body))
        (said,) = cancelled["cancelationReason"]["coding"]
        assert (said["system"], said["code"]) == kept


@pytest.mark.parametrize("status", ["proposed", "arrived", "fulfilled"])
async def test_visit_that_is_not_held_or_booked_answers_422(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic, status: str
) -> None:
    visit = await made(gateway, an_appointment(status, at(60), f"Patient/{clinic.sam}"))
    new = await a_free_slot(gateway, clinic, 120)
    for operation, body in (("$reschedule", to_slot(new)), ("$cancel", parameters())):
        answer = await ehr.post(f"/fhir/Appointment/{visit}/{operation}", json=body)
        issue = issue_of(answer)
        assert answer.status_code == 422
        assert issue["code"] == "business-rule"
        assert issue["details"]["coding"][0]["code"] == "not_allowed_now"


async def test_lapsed_hold_is_moved_no_more(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic, clock: StoppedClock
) -> None:
    old, new = await a_free_slot(gateway, clinic), await a_free_slot(gateway, clinic, 120)
    held = first(await sam.post("/fhir/Appointment/$hold", json=to_slot(old)))["id"]
    clock.time = at(10)
    answer = await sam.post(f"/fhir/Appointment/{held}/$reschedule", json=to_slot(new))
    assert answer.status_code == 409
    assert issue_of(answer)["details"]["coding"][0]["code"] == "hold_expired"


async def test_gap_between_slots_and_a_reason_of_the_stores_own_answer_422(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    visit = await booked(gateway, clinic.sam, await a_free_slot(gateway, clinic))
    apart = [await a_free_slot(gateway, clinic, minutes) for minutes in (120, 180)]
    answer = await sam.post(f"/fhir/Appointment/{visit}/$reschedule", json=to_slot(*apart))
    assert (answer.status_code, issue_of(answer)["expression"]) == (422, ["Appointment.slot"])
    own = parameters({"name": "reason", "valueCode": "displaced"})
    answer = await sam.post(f"/fhir/Appointment/{visit}/$cancel", json=own)
    assert (answer.status_code, issue_of(answer)["expression"]) == (422, ["reason"])


async def test_nobody_moves_or_cancels_another_patients_visit(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    visit = await booked(gateway, clinic.grace, await a_free_slot(gateway, clinic))
    new = await a_free_slot(gateway, clinic, 120)
    for operation, body in (("$reschedule", to_slot(new)), ("$cancel", parameters())):
        for id_ in (visit, "nothing"):
            answer = await sam.post(f"/fhir/Appointment/{id_}/{operation}", json=body)
            assert (answer.status_code, issue_of(answer)["code"]) == (404, "not-found")


@pytest.mark.parametrize(
    ("address", "body", "status"),
    [
        ("x/$reschedule", parameters(), 400),
        ("$reschedule", parameters(reference("slot", "Slot/x")), 400),
        ("x/$reschedule", parameters(reference("slot", "Patient/x")), 400),
        ("x/$reschedule", parameters(reference("hold", "Slot/x")), 400),
        ("x/$reschedule", parameters({"name": "start", "valueString": "x"}), 400),
        ("x/$cancel", parameters(reference("appointment-reference", "Appointment/y")), 400),
        ("x/$cancel", parameters({"name": "reason", "valueCode": "a b"}), 400),
        ("x/$cancel", parameters({"name": "reason", "valueString": "a b|c"}), 400),
        ("x/$cancel", parameters({"name": "reason", "valueCoding": {"system": "x"}}), 400),
        (
            "x/$cancel",
            parameters({"name": "reason", "valueCoding": {"system": 7, "code": "c"}}),
            400,
        ),
        ("x%00/$cancel", parameters(), 404),
        ("x/$reschedule", parameters(reference("slot", "Slot/x")), 404),
    ],
)
async def test_operation_without_what_it_needs_is_refused(
    sam: httpx.AsyncClient, address: str, body: Resource, status: int
) -> None:
    answer = await sam.post(f"/fhir/Appointment/{address}", json=body)
    assert answer.status_code == status
    issue_of(answer)


async def test_operations_are_posted_and_need_a_token(
    http: httpx.AsyncClient, clinic: Clinic
) -> None:
    for operation in ("$cancel", "$reschedule"):
        address = f"/fhir/Appointment/x/{operation}"
        assert (await http.post(address, json=parameters())).status_code == 401
        refused = await http.get(address)
        assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")
