"""$find, $hold, $book, $cancel over HTTP."""

from typing import Any

import httpx
import pytest

from api.core.clock import real_now
from api.gateway.service import Gateway
from api.gateway.tokens import mint_turn_token
from integrations.ports.fhir import Resource
from tests.api.fhir.conftest import KEY
from tests.support.fhir import SERVICES, Clinic, at, instant
from tests.support.gateway import StoppedClock, a_free_slot

SERVICE = {"name": "visit-type", "valueString": f"{SERVICES}|family-medicine"}


def parameters(*parts: Resource) -> Resource:
    return {"resourceType": "Parameters", "parameter": list(parts)}


def reference(name: str, target: str) -> Resource:
    return {"name": name, "valueReference": {"reference": target}}


def first(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["entry"][0]["resource"])


def code_of(answer: httpx.Response) -> str:
    return str(answer.json()["issue"][0]["details"]["coding"][0]["code"])


@pytest.fixture
async def sam(http: httpx.AsyncClient, clinic: Clinic) -> httpx.AsyncClient:
    """The client with a turn token of Sam's."""
    token = mint_turn_token(
        key=KEY, turn="t1", conversation="c1", patient=clinic.sam, now=real_now()
    )
    http.headers["Authorization"] = f"Bearer {token}"
    return http


async def test_patient_finds_holds_books_and_cancels(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    proposal = first(await sam.post("/fhir/Appointment/$find", json=parameters(SERVICE)))
    assert (proposal["status"], proposal["contained"][0]["id"]) == ("proposed", slot)
    chosen = reference("appointment-reference", f"Appointment/{proposal['id']}")
    held = first(await sam.post("/fhir/Appointment/$hold", json=parameters(chosen)))
    assert held["status"] == "pending"
    assert (await sam.get(f"/fhir/Slot/{slot}")).json()["status"] == "busy-tentative"
    mine = reference("appointment-reference", f"Appointment/{held['id']}")
    booked = first(await sam.post("/fhir/Appointment/$book", json=parameters(mine)))
    assert (booked["id"], booked["status"]) == (held["id"], "booked")
    cancelled = first(await sam.post("/fhir/Appointment/$cancel", json=parameters(mine)))
    assert cancelled["status"] == "cancelled"
    assert cancelled["cancelationReason"]["coding"][0]["code"] == "patient"
    assert (await sam.get(f"/fhir/Slot/{slot}")).json()["status"] == "free"


async def test_proposal_itself_is_held_and_a_slot_too(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    proposal = first(await sam.post("/fhir/Appointment/$find", json=parameters(SERVICE)))
    for chosen in [
        {"name": "appointment", "resource": proposal},
        reference("slot", f"Slot/{slot}"),
    ]:
        held = first(await sam.post("/fhir/Appointment/$hold", json=parameters(chosen)))
        assert held["slot"] == [{"reference": f"Slot/{slot}"}]


async def test_same_identifier_is_the_same_hold(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    wanted = parameters(
        reference("slot", f"Slot/{slot}"), {"name": "identifier", "valueString": "7"}
    )
    ids = {first(await sam.post("/fhir/Appointment/$hold", json=wanted))["id"] for _ in range(2)}
    assert len(ids) == 1


async def test_find_by_url_pages_and_honours_its_windows(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    for minutes in (60, 120, 180):
        await a_free_slot(gateway, clinic, minutes)
    query = {"visit-type": "family-medicine", "_count": "2", "start": instant(at(90))}
    page = (await sam.get("/fhir/Appointment/$find", params=query)).json()
    assert [entry["resource"]["start"] for entry in page["entry"]] == [
        instant(at(120)),
        instant(at(180)),
    ]
    assert page["total"] == 2
    seen, address = [], "/fhir/Appointment/$find?service-type=family-medicine&_count=1"
    while address:
        page = (await sam.get(address)).json()
        seen += [entry["resource"]["start"] for entry in page["entry"]]
        assert page["total"] == 3
        address = {x["relation"]: x["url"] for x in page["link"]}.get("next", "")
    assert seen == [instant(at(60)), instant(at(120)), instant(at(180))]


async def test_find_by_practitioner(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    await a_free_slot(gateway, clinic)
    for practitioner, count in [(clinic.ruiz, 1), (clinic.lee, 0)]:
        by = reference("practitioner", f"Practitioner/{practitioner}")
        answer = await sam.post("/fhir/Appointment/$find", json=parameters(SERVICE, by))
        assert answer.json()["total"] == count


async def test_taken_time_answers_409_with_the_blocking_slot(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    chosen = reference("slot", f"Slot/{slot}")
    sam, grace = (
        parameters(chosen, reference("patient-reference", f"Patient/{patient}"))
        for patient in (clinic.sam, clinic.grace)
    )
    first(await ehr.post("/fhir/Appointment/$hold", json=sam))
    answer = await ehr.post("/fhir/Appointment/$hold", json=grace)
    assert (answer.status_code, code_of(answer)) == (409, "slot_taken")
    assert answer.json()["issue"][0]["diagnostics"] == (
        f"Requested time slot is not available. Blocking: Slot/{slot}."
    )


async def test_lapsed_hold_that_another_took_is_409(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic, clock: StoppedClock
) -> None:
    slot = await a_free_slot(gateway, clinic)
    chosen = reference("slot", f"Slot/{slot}")
    held = []
    for patient in (clinic.sam, clinic.grace):
        named = reference("patient-reference", f"Patient/{patient}")
        answer = await ehr.post("/fhir/Appointment/$hold", json=parameters(chosen, named))
        held.append(first(answer)["id"])
        clock.time = at(10)
    mine = reference("appointment-reference", f"Appointment/{held[0]}")
    refused = await ehr.post("/fhir/Appointment/$book", json=parameters(mine))
    assert (refused.status_code, code_of(refused)) == (409, "slot_taken")


async def test_proposed_time_is_booked_at_once(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    slot = await a_free_slot(gateway, clinic)
    chosen = reference("appointment-reference", f"Appointment/{slot}")
    named = reference("patient-reference", f"Patient/{clinic.sam}")
    booked = first(await ehr.post("/fhir/Appointment/$book", json=parameters(chosen, named)))
    assert booked["status"] == "booked"


async def test_patient_is_taken_from_the_proposal_where_it_names_one(
    ehr: httpx.AsyncClient, gateway: Gateway, clinic: Clinic
) -> None:
    await a_free_slot(gateway, clinic)
    proposal = first(await ehr.post("/fhir/Appointment/$find", json=parameters(SERVICE)))
    bare = parameters({"name": "appointment", "resource": proposal})
    refused = await ehr.post("/fhir/Appointment/$hold", json=bare)
    assert (refused.status_code, code_of(refused)) == (400, "missing_parameter")
    patient = {"actor": {"reference": f"Patient/{clinic.sam}"}, "status": "accepted"}
    proposal["participant"].append(patient)
    named = parameters({"name": "appointment", "resource": proposal})
    held = first(await ehr.post("/fhir/Appointment/$hold", json=named))
    assert patient in held["participant"]


async def test_nobody_touches_another_patients_visit(
    sam: httpx.AsyncClient, gateway: Gateway, clinic: Clinic, http: httpx.AsyncClient
) -> None:
    slot = await a_free_slot(gateway, clinic)
    token = mint_turn_token(
        key=KEY, turn="t2", conversation="c2", patient=clinic.grace, now=real_now()
    )
    grace = {"Authorization": f"Bearer {token}"}
    chosen = parameters(reference("slot", f"Slot/{slot}"))
    held = first(await http.post("/fhir/Appointment/$hold", json=chosen, headers=grace))
    foreign = parameters(reference("appointment-reference", f"Appointment/{held['id']}"))
    for operation in ("book", "cancel"):
        answer = await sam.post(f"/fhir/Appointment/${operation}", json=foreign)
        assert answer.status_code == 404
    for_grace = parameters(
        reference("slot", f"Slot/{slot}"), reference("patient-reference", f"Patient/{clinic.grace}")
    )
    assert (await sam.post("/fhir/Appointment/$hold", json=for_grace)).status_code == 404


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("find", parameters(), 400),
        ("find", parameters({"name": "visit-type"}), 400),
        ("find", parameters({"name": "visit-type", "valueString": "a b"}), 400),
        ("find", parameters(SERVICE, SERVICE), 400),
        ("find", parameters(SERVICE, {"name": "start", "valueDateTime": "soon"}), 400),
        ("find", parameters(SERVICE, {"name": "organization", "valueString": "x"}), 400),
        ("find", parameters(SERVICE, reference("practitioner", "Patient/x")), 400),
        ("find", parameters(SERVICE, {"name": "_count", "valueInteger": -1}), 400),
        ("find", {"resourceType": "Parameters", "parameter": "x"}, 400),
        ("find", {"resourceType": "Parameters", "parameter": [7]}, 400),
        ("find", {"resourceType": "Patient"}, 400),
        ("hold", parameters(), 400),
        ("hold", parameters(reference("slot", "Slot/nothing")), 404),
        ("hold", parameters(reference("slot", "Patient/x")), 400),
        ("hold", parameters(reference("slot", "https://elsewhere.example/Slot/1")), 400),
        ("book", parameters(reference("appointment-reference", "Appointment/nothing")), 404),
        ("cancel", parameters(reference("appointment-reference", "Appointment/nothing")), 404),
        ("cancel", parameters({"name": "reason", "valueCode": "x"}), 400),
    ],
)
async def test_operation_without_what_it_needs_is_refused(
    sam: httpx.AsyncClient, operation: str, body: Resource, status: int
) -> None:
    answer = await sam.post(f"/fhir/Appointment/${operation}", json=body)
    assert answer.status_code == status
    assert answer.json()["resourceType"] == "OperationOutcome"
