"""The clinical types as a repository keeps them, and as each search parameter finds them."""

import pytest

from integrations.fhir.embedded.clinical_types import CLINICAL_TYPES
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import (
    FhirSession,
    InvalidResource,
    Query,
    Resource,
    Unsupported,
    VersionConflict,
)
from tests.support.clinical import EXAMPLES, FORM, HL7, IN_A_RECORD, LOINC, SYSTEM, coded, example
from tests.support.fhir import NOW, at

# By parameter: a value that finds the example, and one that does not.
SAME: dict[str, tuple[str, str]] = {
    "identifier": (f"{SYSTEM}|one", f"{SYSTEM}|two"),
    "patient": ("Patient/p1", "Patient/p2"),
    "subject": ("Patient/p1", "Patient/p2"),
    "encounter": ("Encounter/e1", "Encounter/e2"),
    "based-on": ("ServiceRequest/r1", "r2"),
}
HITS: dict[str, dict[str, tuple[str, str]]] = {
    "AllergyIntolerance": {
        "clinical-status": (f"{HL7}/allergyintolerance-clinical|active", "resolved"),
        "verification-status": ("confirmed", "refuted"),
        "type": ("allergy", "intolerance"),
        "category": ("medication", "food"),
        "criticality": ("high", "low"),
        "code": ("penicillin,amoxicillin", "cashew"),
        "manifestation": ("hives", "rash"),
        "severity": ("moderate", "severe"),
        "route": ("oral", "nasal"),
        "onset": ("2026-11-02", "2026-11-03"),
        "date": ("ge2027", "lt2027"),
        "last-date": ("2026", "2027"),
        "recorder": ("Practitioner/dr", "Practitioner/p1"),
        "asserter": ("RelatedPerson/wife", "RelatedPerson/son"),
    },
    "Condition": {
        "clinical-status": ("resolved", "active"),
        "verification-status": ("confirmed", "provisional"),
        "category": ("problem-list-item", "encounter-diagnosis"),
        "severity": ("mild", "severe"),
        "code": (f"{SYSTEM}|I10", "I11"),
        "body-site": ("arm", "leg"),
        "stage": ("one", "two"),
        "evidence": ("headache", "fever"),
        "evidence-detail": ("Observation/o1", "Observation/o2"),
        "onset-date": ("2019", "2020"),
        "onset-info": ("since", "until"),
        "abatement-date": ("ap2024-01-15", "2025"),
        "abatement-string": ("gone", "back"),
        "recorded-date": ("2019-04-01", "2019-03-01"),
        "asserter": ("Practitioner/dr", "Patient/p1"),
    },
    "Observation": {
        "status": ("final", "amended"),
        "category": ("vital-signs", "laboratory"),
        "code": (f"{LOINC}|85354-9", f"{LOINC}|8480-6"),
        "combo-code": (f"{LOINC}|8480-6", "8867-4"),
        "component-code": ("8462-4", "85354-9"),
        "value-concept": ("raised", "raised-upper"),
        "component-value-concept": ("raised-upper", "raised"),
        "combo-value-concept": ("raised-upper", "low"),
        "data-absent-reason": ("masked", "not-asked"),
        "component-data-absent-reason": ("not-asked", "masked"),
        "combo-data-absent-reason": ("not-asked", "masked"),
        "value-date": ("2027-01-01", "2027-01-02"),
        "value-string": ("raised pr", "lowered"),
        "method": ("cuff", "wrist"),
        "date": ("2027-03-02", "2027-03-01"),
        "performer": ("Practitioner/dr", "Patient/p1"),
        "focus": ("Patient/child", "Patient/p1"),
        "device": ("Device/d1", "Device/d2"),
        "specimen": ("Specimen/s1", "Specimen/s2"),
        "part-of": ("Procedure/p1", "Procedure/p2"),
        "has-member": ("Observation/o1", "Observation/o2"),
        "derived-from": ("QuestionnaireResponse/q1", "Observation/q1"),
    },
    "Medication": {
        "status": ("active", "inactive"),
        "code": ("861007", "861008"),
        "form": ("tablet", "syrup"),
        "ingredient": ("Medication/base", "Medication/other"),
        "ingredient-code": ("6809", "861007"),
        "manufacturer": ("Organization/maker", "Organization/other"),
        "lot-number": ("L7", "L8"),
        "expiration-date": ("ge2028", "ge2029"),
    },
    "MedicationRequest": {
        "status": ("active,on-hold", "stopped"),
        "intent": ("order", "plan"),
        "category": ("community", "inpatient"),
        "priority": ("routine", "stat"),
        "code": ("861007", "6809"),
        "medication": ("Medication/m1", "Medication/m2"),
        "authoredon": ("2027-02", "2027-03"),
        "date": ("2027-03-03", "2027-03-04"),
        "requester": ("Practitioner/dr", "Practitioner/nurse"),
        "intended-performer": ("Practitioner/nurse", "Practitioner/dr"),
        "intended-performertype": ("nurse", "physician"),
        "intended-dispenser": ("Organization/pharmacy", "Organization/other"),
    },
    "MedicationStatement": {
        "status": ("completed", "not-taken"),
        "category": ("patientspecified", "community"),
        "code": ("861007", "6809"),
        "medication": ("Medication/m1", "Medication/m2"),
        "effective": ("2027-03-03T13:00:00Z", "2027-03-03T08:00:00Z"),
        "source": ("Patient/p1", "Practitioner/dr"),
        "context": ("Encounter/e1", "Encounter/e2"),
        "part-of": ("MedicationStatement/m1", "MedicationStatement/m2"),
    },
    "Questionnaire": {
        "url": (FORM, FORM.upper()),
        "version": ("1.0", "2.0"),
        "name": ("phq", "gad"),
        "title": ("patient health", "visit"),
        "status": ("active", "retired"),
        "date": ("2027-01-01", "2027-01-02"),
        "effective": ("ge2028", "eb2026"),
        "publisher": ("lakeside", "hilltop"),
        "description": ("how the last", "who"),
        "code": ("44250-9", "44261-6"),
        "definition": (f"{FORM}#1", FORM),
        "subject-type": ("Patient", "Practitioner"),
        "jurisdiction": ("US", "CA"),
        "context": ("depression", "focus"),
        "context-type": ("focus", "depression"),
    },
    "QuestionnaireResponse": {
        "status": ("in-progress", "completed"),
        "questionnaire": (FORM, f"{FORM}|2.0"),
        "authored": ("2027-03-03", "2027-03-04"),
        "author": ("Patient/p1", "Practitioner/dr"),
        "source": ("RelatedPerson/wife", "Patient/p1"),
        "part-of": ("Observation/o1", "Observation/o2"),
    },
    "AppointmentResponse": {
        "appointment": ("Appointment/a1", "Appointment/a2"),
        "part-status": ("accepted", "declined"),
        "actor": ("Patient/p1", "Patient/p2"),
        "practitioner": ("Practitioner/dr", "Practitioner/p1"),
        "location": ("Location/here", "Location/there"),
    },
    "CommunicationRequest": {
        "group-identifier": ("group", "one"),
        "status": ("active", "completed"),
        "priority": ("routine", "urgent"),
        "category": ("reminder", "alert"),
        "medium": ("SMSWRIT", "EMAILWRIT"),
        "authored": ("2027-03-01", "2027-03-02"),
        "occurrence": ("2027-03-04", "2027-03-05"),
        "requester": ("Practitioner/dr", "Practitioner/other"),
        "sender": ("Organization/lakeside", "Patient/p1"),
        "recipient": ("RelatedPerson/wife", "Patient/p1"),
        "replaces": ("CommunicationRequest/c1", "CommunicationRequest/c2"),
    },
    "Provenance": {
        "target": ("Observation/o1", "Observation/o2"),
        "agent": ("Practitioner/dr", "Practitioner/other"),
        "agent-role": ("scribe", "author"),
        "agent-type": ("author", "scribe"),
        "entity": ("Communication/c1", "Communication/c2"),
        "location": ("Location/here", "Location/there"),
        "recorded": ("2027-03-03T15:00:00Z", "2027-03-03T14:00:00Z"),
        "when": ("2027-03-03T14:00:00Z", "2027-03-03T15:00:00Z"),
        "signature-type": ("signed", "author"),
    },
}
# Where one example cannot have it all: a choice of types, another kind of actor.
OTHERWISE: dict[tuple[str, str], tuple[str, Resource]] = {
    ("Condition", "onset-info"): ("onsetDateTime", {"onsetString": "Since school"}),
    ("Condition", "abatement-string"): ("abatementPeriod", {"abatementString": "Gone by spring"}),
    ("Observation", "value-date"): (
        "valueCodeableConcept",
        {"valueDateTime": "2027-01-01T12:00:00Z"},
    ),
    ("Observation", "data-absent-reason"): (
        "valueCodeableConcept",
        {"dataAbsentReason": coded("masked")},
    ),
    ("MedicationRequest", "medication"): (
        "medicationCodeableConcept",
        {"medicationReference": {"reference": "Medication/m1"}},
    ),
    ("MedicationStatement", "medication"): (
        "medicationCodeableConcept",
        {"medicationReference": {"reference": "Medication/m1"}},
    ),
    ("AppointmentResponse", "practitioner"): ("actor", {"actor": {"reference": "Practitioner/dr"}}),
    ("AppointmentResponse", "location"): ("actor", {"actor": {"reference": "Location/here"}}),
}


def _cases() -> list[tuple[str, str]]:
    return [(type_, name) for type_, served in CLINICAL_TYPES.items() for name in served.params]


def _resource(type_: str, name: str) -> Resource:
    dropped, added = OTHERWISE.get((type_, name), ("", {}))
    whole = example(type_, "p1")
    return {key: value for key, value in whole.items() if key != dropped} | added


@pytest.mark.parametrize("type_", CLINICAL_TYPES)
def test_example_is_valid(type_: str) -> None:
    validate(example(type_, "p1"))


async def test_every_parameter_finds_what_has_its_value_and_nothing_else(
    fhir: FhirSession,
) -> None:
    for type_, name in _cases():
        hit, miss = (SAME | HITS[type_])[name]
        id_ = (await fhir.create(_resource(type_, name), now=NOW)).stored.id
        own = ("_id", id_)
        for value, total in ((hit, 1), (miss, 0)):
            page = await fhir.search(Query(type_, (own, (name, value))))
            assert page.total == total, (type_, name, value)
        missing = await fhir.search(Query(type_, (own, (f"{name}:missing", "false"))))
        assert missing.total == 1, (type_, name)


async def test_answers_to_a_form_are_found_by_its_address_with_the_right_version_or_none(
    fhir: FhirSession,
) -> None:
    await fhir.create(example("QuestionnaireResponse", "p1"), now=NOW)
    for value, total in ((FORM, 1), (f"{FORM}|1.0", 1), (f"{FORM}|1", 0), (FORM[:-1], 0)):
        pair = ("questionnaire", value.replace("|", r"\|"))
        assert (await fhir.search(Query("QuestionnaireResponse", (pair,)))).total == total, value


@pytest.mark.parametrize(
    ("type_", "name"),
    [
        ("Observation", "value-quantity"),
        ("Observation", "component-value-quantity"),
        ("Observation", "code-value-quantity"),
        ("Condition", "onset-age"),
        ("Questionnaire", "context-type-value"),
        ("Questionnaire", "url:below"),
        ("QuestionnaireResponse", "questionnaire:above"),
        ("AllergyIntolerance", "code:text"),
        ("MedicationRequest", "medication.code"),
    ],
)
async def test_kinds_of_comparison_that_are_not_served_are_refused(
    fhir: FhirSession, type_: str, name: str
) -> None:
    with pytest.raises(Unsupported):
        await fhir.search(Query(type_, ((name, "5"),)))


@pytest.mark.parametrize("type_", IN_A_RECORD)
async def test_resource_is_in_its_patients_record_only(fhir: FhirSession, type_: str) -> None:
    stored = (await fhir.create(example(type_, "p1"), now=NOW)).stored
    assert stored.patients == ("p1",)
    for patient, total in (("p1", 1), ("p2", 0)):
        assert (await fhir.search(Query(type_, patient=patient))).total == total


@pytest.mark.parametrize(
    ("type_", "changed"),
    [
        ("AllergyIntolerance", {"recorder": {"reference": "Patient/p2"}}),
        ("Condition", {"asserter": {"reference": "Patient/p2"}}),
        ("Observation", {"performer": [{"reference": "Patient/p2"}]}),
        ("QuestionnaireResponse", {"author": {"reference": "Patient/p2"}}),
        ("CommunicationRequest", {"recipient": [{"reference": "Patient/p2"}]}),
    ],
)
async def test_who_else_is_named_has_it_in_the_record_as_r4_says(
    fhir: FhirSession, type_: str, changed: Resource
) -> None:
    stored = (await fhir.create(example(type_, "p1") | changed, now=NOW)).stored
    assert stored.patients == ("p1", "p2")


@pytest.mark.parametrize("type_", CLINICAL_TYPES)
async def test_versions_are_made_read_and_guarded(fhir: FhirSession, type_: str) -> None:
    first = (await fhir.create(example(type_, "p1"), now=NOW)).stored
    changed = {**first.body, "language": "es"}
    second = (await fhir.update(changed, now=at(1), if_match=1)).stored
    with pytest.raises(VersionConflict):
        await fhir.update({**first.body, "language": "en"}, now=at(2), if_match=1)
    assert (await fhir.read(type_, first.id)).body == second.body
    assert (await fhir.vread(type_, first.id, 1)).body == first.body
    assert [one.version for one in await fhir.history(type_, first.id)] == [2, 1]


def _without(type_: str, name: str) -> Resource:
    return {key: value for key, value in example(type_, "p1").items() if key != name}


IN_ERROR = coded("entered-in-error")
DEFECTS: list[tuple[Resource, str]] = [
    (_without("AllergyIntolerance", "patient"), "AllergyIntolerance.patient"),
    (_without("AllergyIntolerance", "clinicalStatus"), "AllergyIntolerance.clinicalStatus"),
    (
        example("AllergyIntolerance", "p1") | {"verificationStatus": IN_ERROR},
        "AllergyIntolerance.clinicalStatus",
    ),
    (
        example("AllergyIntolerance", "p1") | {"clinicalStatus": coded("unheard-of")},
        "AllergyIntolerance.clinicalStatus",
    ),
    (
        example("AllergyIntolerance", "p1") | {"clinicalStatus": {"text": "active"}},
        "AllergyIntolerance.clinicalStatus",
    ),
    (
        example("AllergyIntolerance", "p1") | {"patient": {"reference": "Group/g"}},
        "AllergyIntolerance.patient.reference",
    ),
    (
        example("AllergyIntolerance", "p1") | {"reaction": [{"severity": "mild"}]},
        "AllergyIntolerance.reaction[0].manifestation",
    ),
    (_without("Condition", "subject"), "Condition.subject"),
    (example("Condition", "p1") | {"clinicalStatus": coded("active")}, "Condition.clinicalStatus"),
    (example("Condition", "p1") | {"verificationStatus": IN_ERROR}, "Condition.clinicalStatus"),
    (example("Condition", "p1") | {"stage": [{"type": coded("x")}]}, "Condition.stage"),
    (example("Condition", "p1") | {"evidence": [{"id": "x"}]}, "Condition.evidence"),
    (_without("Observation", "status"), "Observation.status"),
    (_without("Observation", "code"), "Observation.code"),
    (
        example("Observation", "p1") | {"dataAbsentReason": coded("masked")},
        "Observation.dataAbsentReason",
    ),
    (example("Observation", "p1") | {"valueString": "x"}, "Observation.value[x]"),
    (
        example("Observation", "p1") | {"component": [{"code": coded("85354-9", LOINC)}]},
        "Observation.component",
    ),
    (
        example("Observation", "p1") | {"referenceRange": [{"type": coded("normal")}]},
        "Observation.referenceRange",
    ),
    (_without("MedicationRequest", "intent"), "MedicationRequest.intent"),
    (
        _without("MedicationRequest", "medicationCodeableConcept"),
        "MedicationRequest.medication[x]",
    ),
    (
        example("MedicationRequest", "p1") | {"dosageInstruction": [{"timing": "08:00"}]},
        "MedicationRequest.dosageInstruction[0].timing",
    ),
    (_without("MedicationStatement", "subject"), "MedicationStatement.subject"),
    (example("MedicationStatement", "p1") | {"status": "taken"}, "MedicationStatement.status"),
    (
        example("Questionnaire", "p1")
        | {"item": [{"linkId": "1", "type": "group", "item": [{"linkId": "1", "type": "string"}]}]},
        "Questionnaire.item",
    ),
    (_without("Questionnaire", "status"), "Questionnaire.status"),
    (_without("QuestionnaireResponse", "status"), "QuestionnaireResponse.status"),
    (_without("AppointmentResponse", "actor"), "AppointmentResponse"),
    (_without("AppointmentResponse", "appointment"), "AppointmentResponse.appointment"),
    (_without("CommunicationRequest", "status"), "CommunicationRequest.status"),
    (_without("Provenance", "target"), "Provenance.target"),
    (_without("Provenance", "agent"), "Provenance.agent"),
    (_without("Provenance", "recorded"), "Provenance.recorded"),
]


@pytest.mark.parametrize(("resource", "path"), DEFECTS)
def test_defect_of_a_clinical_resource_is_named_by_its_path(resource: Resource, path: str) -> None:
    with pytest.raises(InvalidResource) as refused:
        validate(resource)
    assert path in {issue.path for issue in refused.value.issues}


def test_withdrawn_entries_need_no_status() -> None:
    for type_ in ("AllergyIntolerance", "Condition"):
        withdrawn = _without(type_, "clinicalStatus") | {"verificationStatus": IN_ERROR}
        withdrawn.pop("abatementPeriod", None)
        validate(withdrawn)


def test_every_served_clinical_type_has_an_example_and_a_value_for_every_parameter() -> None:
    assert set(EXAMPLES) == set(HITS) == set(CLINICAL_TYPES)
    for type_, served in CLINICAL_TYPES.items():
        assert set(served.params) <= set(SAME | HITS[type_]), type_
        assert set(HITS[type_]) <= set(served.params), type_
