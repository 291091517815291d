"""The chart: every card on its own, by role, with "none known" only where the record says so."""

import asyncio
from datetime import UTC, date, timedelta, timezone

import pytest

from api.core.ids import PatientId
from api.core.language import Language
from api.gateway.errors import Forbidden
from api.gateway.service import Gateway
from api.people.chart import Card, CardKind, Chart, Charts, Facts, Flag, Item, State, Trend
from api.staff.kinds import Member, Role, StaffId
from integrations.ports.fhir import HOLD_EXPIRES, Resource
from tests.api.people.conftest import PartlyFailing
from tests.support.clinical import HL7, LOINC, coded, to
from tests.support.fhir import NOW, Clinic, a_patient, an_appointment, at
from tests.support.gateway import audit_rows, made

ZONE = timezone(timedelta(hours=-5))
NURSE = Member(StaffId("n1"), "nurse@careline.example", "Dana Reed, RN", Role.NURSE)
COORDINATOR = Member(StaffId("c1"), "coordinator@careline.example", "Casey", Role.COORDINATOR)
SNOMED = "http://snomed.info/sct"
POOL = 12  # connections of a process


async def chart_of(gateway: Gateway, patient: str, member: Member = NURSE) -> Chart:
    return await Charts(gateway).of(member, PatientId(patient), now=NOW, zone=ZONE)


async def card_of(gateway: Gateway, patient: str, kind: CardKind) -> Card:
    card = (await chart_of(gateway, patient)).card(kind)
    assert card is not None
    return card


def an_allergy(patient: str, name: str, *, status: str = "active", **more: object) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": coded(status, f"{HL7}/allergyintolerance-clinical", text=status),
        "code": {"text": name},
        "patient": to(f"Patient/{patient}"),
        **more,
    }


def no_known_allergy(patient: str, *, status: str = "active") -> Resource:
    return an_allergy(patient, "", status=status) | {"code": coded("716186003", SNOMED)}


def a_problem(patient: str, name: str, status: str = "active", **more: object) -> Resource:
    return {
        "resourceType": "Condition",
        "clinicalStatus": coded(status, f"{HL7}/condition-clinical"),
        "code": {"text": name},
        "subject": to(f"Patient/{patient}"),
        **more,
    }


def a_medicine(patient: str, name: str, status: str = "active", **more: object) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": to(f"Patient/{patient}"),
        **more,
    }


def a_pulse(patient: str, minutes: int, beats: int, **more: object) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": coded("8867-4", LOINC, text="Pulse"),
        "subject": to(f"Patient/{patient}"),
        "effectiveDateTime": at(minutes).isoformat(),
        "valueQuantity": {"value": beats, "unit": "beats/min"},
        **more,
    }


def withdrawn(resource: Resource) -> Resource:
    status = coded("entered-in-error")
    kept = {key: value for key, value in resource.items() if key != "clinicalStatus"}
    return kept | {"verificationStatus": status}


async def test_allergies_are_known_to_be_none_only_if_the_record_says_so(
    gateway: Gateway, clinic: Clinic
) -> None:
    await made(gateway, no_known_allergy(clinic.sam))
    sam = await card_of(gateway, clinic.sam, CardKind.ALLERGIES)
    grace = await card_of(gateway, clinic.grace, CardKind.ALLERGIES)
    assert (sam.state, sam.items) == (State.EMPTY_KNOWN, ())
    assert (grace.state, grace.items) == (State.EMPTY, ())


@pytest.mark.parametrize("how", ["withdrawn", "resolved"])
async def test_none_known_that_was_taken_back_says_nothing(
    gateway: Gateway, clinic: Clinic, how: str
) -> None:
    denial = no_known_allergy(clinic.sam)
    taken_back = (
        withdrawn(denial) if how == "withdrawn" else no_known_allergy(clinic.sam, status=how)
    )
    await made(gateway, taken_back)
    assert (await card_of(gateway, clinic.sam, CardKind.ALLERGIES)).state is State.EMPTY


async def test_gravest_allergy_comes_first_and_what_was_ruled_out_is_not_shown(
    gateway: Gateway, clinic: Clinic
) -> None:
    hives = [{"manifestation": [{"text": "Hives"}, {"text": "itching"}], "severity": "moderate"}]
    for resource in (
        an_allergy(clinic.sam, "Cashew", verificationStatus=coded("unconfirmed")),
        an_allergy(clinic.sam, "Penicillin", criticality="high", reaction=hives),
        an_allergy(clinic.sam, "Apple", status="resolved", criticality="high"),
        an_allergy(clinic.sam, "Egg", verificationStatus=coded("refuted")),
        withdrawn(an_allergy(clinic.sam, "Milk")),
        an_allergy(clinic.grace, "Wasp"),
    ):
        await made(gateway, resource)
    card = await card_of(gateway, clinic.sam, CardKind.ALLERGIES)
    assert card.state is State.OK
    assert card.items == (
        Item("Penicillin", "Hives and itching (moderate) · High criticality", is_severe=True),
        Item("Cashew", "Unconfirmed"),
        Item("Apple", "High criticality · Resolved"),
    )


async def test_contradiction_about_allergies_is_shown_not_solved(
    gateway: Gateway, clinic: Clinic
) -> None:
    await made(gateway, no_known_allergy(clinic.sam))
    await made(gateway, an_allergy(clinic.sam, "Penicillin"))
    card = await card_of(gateway, clinic.sam, CardKind.ALLERGIES)
    assert [item.text for item in card.items] == [
        "Penicillin",
        "The record also says: no known allergies",
    ]


async def test_every_allergy_is_read_however_many_pages_there_are(
    gateway: Gateway, clinic: Clinic
) -> None:
    async with gateway.database.transaction() as session:
        fhir = gateway.backend.on(await session.connection())
        bodies = [an_allergy(clinic.sam, f"Substance {number:03}") for number in range(230)]
        await fhir.bulk_create(bodies, now=NOW)
    card = await card_of(gateway, clinic.sam, CardKind.ALLERGIES)
    assert len({item.text for item in card.items}) == 230
    assert not card.more


async def test_problems_are_those_that_go_on(gateway: Gateway, clinic: Clinic) -> None:
    label = {"system": f"{HL7}/v3-Confidentiality", "code": "R"}
    for resource in (
        a_problem(clinic.sam, "Hypertension", onsetDateTime="2019-03"),
        a_problem(clinic.sam, "Depression", meta={"security": [label]}),
        a_problem(clinic.sam, "Broken arm", "resolved"),
        a_problem(clinic.sam, "Gout", verificationStatus=coded("refuted")),
        a_problem(clinic.sam, "Asthma", verificationStatus=coded("provisional")),
    ):
        await made(gateway, resource)
    card = await card_of(gateway, clinic.sam, CardKind.PROBLEMS)
    assert card.items == (
        Item("Asthma", "Provisional"),
        Item("Depression", is_sensitive=True),
        Item("Hypertension", "Since Mar 2019"),
    )


async def test_what_a_parent_says_of_a_child_is_not_the_parents_problem(
    gateway: Gateway, clinic: Clinic
) -> None:
    child = a_problem(clinic.grace, "Measles", asserter=to(f"Patient/{clinic.sam}"))
    await made(gateway, child)
    assert (await card_of(gateway, clinic.sam, CardKind.PROBLEMS)).state is State.EMPTY


async def test_medicines_have_their_directions_wherever_they_are_named(
    gateway: Gateway, clinic: Clinic
) -> None:
    stored = await made(
        gateway, {"resourceType": "Medication", "code": {"text": "Lisinopril 10 mg tablet"}}
    )
    elsewhere = a_medicine(clinic.sam, "", medicationReference=to(f"Medication/{stored}"))
    contained = a_medicine(
        clinic.sam,
        "",
        "on-hold",
        contained=[{"resourceType": "Medication", "id": "m", "code": {"text": "Eye drops"}}],
        medicationReference=to("#m"),
    )
    lost = a_medicine(
        clinic.sam, "", medicationReference={"reference": "Medication/x", "display": "Syrup"}
    )
    for order in (elsewhere, contained, lost):
        del order["medicationCodeableConcept"]
    repeat = {"period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:00:00"]}
    dosage = {
        "timing": {"repeat": repeat},
        "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}],
    }
    taken = {
        "resourceType": "MedicationStatement",
        "status": "active",
        "medicationCodeableConcept": {"text": "Aspirin"},
        "subject": to(f"Patient/{clinic.sam}"),
        "dosage": [{"text": "when it hurts"}],
    }
    for resource in (
        a_medicine(clinic.sam, "Metformin 500 mg tablet", dosageInstruction=[dosage]),
        a_medicine(clinic.sam, "Old pills", "stopped"),
        elsewhere,
        contained,
        lost,
        taken,
        taken | {"status": "completed", "medicationCodeableConcept": {"text": "A dose"}},
    ):
        await made(gateway, resource)
    card = await card_of(gateway, clinic.sam, CardKind.MEDICINES)
    assert set(card.items) == {
        Item("Metformin 500 mg tablet", "1 tablet · 8:00 am and 8:00 pm"),
        Item("Lisinopril 10 mg tablet", "No directions on record"),
        Item("Eye drops", "No directions on record · On hold"),
        Item("Syrup", "No directions on record"),
        Item("Aspirin", "when it hurts · By the patient's account"),
    }


async def test_latest_reading_of_each_kind_is_compared_with_the_one_before(
    gateway: Gateway, clinic: Clinic
) -> None:
    high = {"interpretation": [coded("H", f"{HL7}/v3-ObservationInterpretation")]}
    for resource in (
        a_pulse(clinic.sam, -60, 96, **high),
        a_pulse(clinic.sam, -1500, 71),
        a_pulse(clinic.sam, -3000, 60),
        a_pulse(clinic.sam, -10, 300, status="entered-in-error"),
        a_pulse(clinic.sam, -5000, 0) | {"code": {"text": "Temperature"}},
        a_pulse(clinic.grace, -5, 99),
    ):
        await made(gateway, resource)
    card = await card_of(gateway, clinic.sam, CardKind.READINGS)
    pulse, temperature = card.items
    assert pulse == Item(
        "Pulse 96 beats/min",
        "Before: 71 beats/min, Mar 2, 2027",
        at=at(-60),
        flag=Flag.HIGH,
        trend=Trend.UP,
    )
    assert temperature.text == "Temperature 0 beats/min"
    assert (temperature.detail, temperature.flag, temperature.trend) == ("", None, None)


async def test_visits_to_come_are_first_then_the_last_three_in_the_clinics_zone(
    gateway: Gateway, clinic: Clinic
) -> None:
    day = 24 * 60
    who = (f"Patient/{clinic.sam}", f"Practitioner/{clinic.ruiz}")
    cardiology = [{"text": "Cardiology"}]
    held = [{"url": HOLD_EXPIRES, "valueInstant": at(5).isoformat()}]
    # Visits in the past are on record as the clinic has seen them, so the store takes them.
    for visit in (
        an_appointment("booked", at(3 * day), *who, serviceType=cardiology),
        an_appointment("booked", at(day), *who),
        an_appointment("pending", at(2 * day), *who, extension=held),
        an_appointment("arrived", at(-day), who[0]),
        an_appointment("noshow", at(-2 * day), *who),
        an_appointment("fulfilled", at(-3 * day), *who),
        an_appointment("fulfilled", at(-4 * day), *who),
        an_appointment("cancelled", at(4 * day), *who),
    ):
        await made(gateway, visit)
    card = await card_of(gateway, clinic.sam, CardKind.VISITS)
    assert [(item.text, item.detail, item.at) for item in card.items] == [
        ("Visit with Ana Ruiz", "Booked", at(day)),
        ("Cardiology with Ana Ruiz", "Booked", at(3 * day)),
        ("Visit", "Arrived", at(-day)),
        ("Visit with Ana Ruiz", "Did not come", at(-2 * day)),
        ("Visit with Ana Ruiz", "Done", at(-3 * day)),
    ]
    assert {item.at.tzinfo for item in card.items if item.at} == {ZONE}


async def test_consents_say_what_stands(gateway: Gateway, clinic: Clinic) -> None:
    consent: Resource = {
        "resourceType": "Consent",
        "status": "active",
        "scope": coded("patient-privacy", f"{HL7}/consentscope"),
        "category": [coded("sms")],
        "patient": to(f"Patient/{clinic.sam}"),
        "dateTime": at(-60).isoformat(),
        "policy": [{"uri": "https://careline.example/policies/sms"}],
        "provision": {"type": "permit"},
    }
    other = {"category": [{"text": "Research"}], "dateTime": at(-90).isoformat()}
    await made(gateway, consent)
    await made(gateway, consent | other | {"status": "inactive"})
    await made(gateway, consent | other | {"status": "entered-in-error"})
    card = await card_of(gateway, clinic.sam, CardKind.CONSENTS)
    assert card.items == (
        Item("Text messages", "Agreed", at=at(-60)),
        Item("Research", "Withdrawn", at=at(-90)),
    )


@pytest.mark.parametrize(
    ("down", "failed"),
    [
        ("AllergyIntolerance", CardKind.ALLERGIES),
        ("Condition", CardKind.PROBLEMS),
        ("MedicationRequest", CardKind.MEDICINES),
        ("MedicationStatement", CardKind.MEDICINES),
        ("Observation", CardKind.READINGS),
        ("Appointment", CardKind.VISITS),
        ("Consent", CardKind.CONSENTS),
    ],
)
async def test_search_that_fails_fails_its_card_and_no_other(
    gateway: Gateway, clinic: Clinic, store: PartlyFailing, down: str, failed: CardKind
) -> None:
    await made(gateway, no_known_allergy(clinic.sam))
    store.down.add(down)
    shown = await chart_of(gateway, clinic.sam)
    states = {card.kind: card.state for card in shown.cards}
    assert [kind for kind, state in states.items() if state is State.FAILED] == [failed]
    assert shown.facts is not None
    assert (await audit_rows(gateway))[-1].agent_id == "n1"


@pytest.mark.parametrize(
    ("type_", "odd", "failed"),
    [
        ("AllergyIntolerance", {"code": "penicillin"}, CardKind.ALLERGIES),
        ("Condition", {"onsetDateTime": "2019-99", "code": {}}, CardKind.PROBLEMS),
        ("MedicationRequest", {"status": "active"}, CardKind.MEDICINES),
        ("Observation", {"component": 7}, CardKind.READINGS),
        ("Appointment", {"status": "booked"}, CardKind.VISITS),
        ("Consent", {"dateTime": "at some time"}, CardKind.CONSENTS),
    ],
)
async def test_record_that_cannot_be_read_is_a_failed_card_and_never_a_shorter_one(
    gateway: Gateway,
    clinic: Clinic,
    store: PartlyFailing,
    *,
    type_: str,
    odd: Resource,
    failed: CardKind,
) -> None:
    store.odd[type_] = odd
    cards = (await chart_of(gateway, clinic.sam)).cards
    assert [card.kind for card in cards if card.state is State.FAILED] == [failed]


async def test_facts_say_who_it_is_without_the_whole_number(
    gateway: Gateway, clinic: Clinic, store: PartlyFailing
) -> None:
    spoken = {"language": {"coding": [{"code": "es"}]}, "preferred": True}
    body = a_patient("1009", gender="male", communication=[spoken])
    patient = await made(gateway, body)
    shown = await chart_of(gateway, patient)
    assert shown.facts == Facts(
        id=PatientId(patient),
        name="Sam Carter",
        born_on=date(1979, 3, 9),
        gender="male",
        mrn="1009",
        phone="••• 0101",
        language=Language.ES,
        zone=None,
    )
    store.down.add("Patient")
    shown = await chart_of(gateway, patient)
    assert shown.facts is None
    assert {card.state for card in shown.cards} == {State.EMPTY}


async def test_coordinator_is_told_which_cards_are_not_for_the_role(
    gateway: Gateway, clinic: Clinic
) -> None:
    await made(gateway, a_problem(clinic.sam, "Hypertension"))
    shown = await chart_of(gateway, clinic.sam, COORDINATOR)
    assert [card.kind for card in shown.cards] == [
        CardKind.ALLERGIES,
        CardKind.MEDICINES,
        CardKind.VISITS,
        CardKind.CONSENTS,
    ]
    assert [each.kind for each in shown.withheld] == [CardKind.PROBLEMS, CardKind.READINGS]
    assert all(each.reason for each in shown.withheld)
    read = {row.resource_type for row in await audit_rows(gateway)}
    assert not read & {"Condition", "Observation"}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMIN])
async def test_roles_without_care_read_nothing(
    gateway: Gateway, clinic: Clinic, role: Role
) -> None:
    member = Member(StaffId("x"), "x@careline.example", "X", role)
    with pytest.raises(Forbidden):
        await chart_of(gateway, clinic.sam, member)
    assert await audit_rows(gateway) == []


async def test_every_look_is_in_the_audit_as_the_members_own(
    gateway: Gateway, clinic: Clinic
) -> None:
    await Charts(gateway).of(NURSE, PatientId(clinic.sam), now=NOW, origin="192.0.2.7")
    rows = await audit_rows(gateway)
    assert {(row.agent_kind, row.agent_id, row.purpose, row.origin) for row in rows} == {
        ("staff", "n1", "TREAT", "192.0.2.7")
    }
    assert {row.patient_id for row in rows} == {clinic.sam}
    assert {row.resource_type for row in rows} == {
        "Patient",
        "AllergyIntolerance",
        "Condition",
        "MedicationRequest",
        "MedicationStatement",
        "Observation",
        "Appointment",
        "Consent",
    }


async def test_card_says_when_and_where_it_was_read(gateway: Gateway, clinic: Clinic) -> None:
    shown = await chart_of(gateway, clinic.sam)
    assert {card.read_at for card in shown.cards} == {NOW}
    assert {card.source for card in shown.cards} == {"FHIR R4 · Careline store"}
    assert NOW.tzinfo is UTC


async def test_many_charts_at_once_do_not_wait_for_each_other_for_ever(
    gateway: Gateway, clinic: Clinic
) -> None:
    asked = [chart_of(gateway, clinic.sam) for _ in range(3 * POOL)]
    states = {card.state for shown in await asyncio.gather(*asked) for card in shown.cards}
    assert states == {State.EMPTY}
