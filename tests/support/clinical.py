"""One full example of each clinical type, about a patient, with what every search should find."""

from integrations.ports.fhir import Resource

HL7 = "http://terminology.hl7.org/CodeSystem"
LOINC = "http://loinc.org"
SYSTEM = "https://careline.example/test"
FORM = "https://careline.example/Questionnaire/phq-9"


def coded(code: str, system: str = SYSTEM, **more: object) -> Resource:
    return {"coding": [{"system": system, "code": code}], **more}


def to(reference: str) -> Resource:
    return {"reference": reference}


def identified(value: str) -> list[Resource]:
    return [{"system": SYSTEM, "value": value}]


def example(type_: str, patient: str) -> Resource:
    """A resource in which every served search parameter of its type has a value."""
    own = {} if type_ == "Provenance" else {"identifier": identified("one")}
    return {"resourceType": type_, **own, **EXAMPLES[type_](patient)}


def an_allergy(patient: str) -> Resource:
    return {
        "clinicalStatus": coded("active", f"{HL7}/allergyintolerance-clinical"),
        "verificationStatus": coded("confirmed", f"{HL7}/allergyintolerance-verification"),
        "type": "allergy",
        "category": ["medication"],
        "criticality": "high",
        "code": coded("penicillin"),
        "patient": to(f"Patient/{patient}"),
        "recordedDate": "2027-01-05",
        "recorder": to("Practitioner/dr"),
        "asserter": to("RelatedPerson/wife"),
        "lastOccurrence": "2026-11",
        "reaction": [
            {
                "substance": coded("amoxicillin"),
                "manifestation": [coded("hives")],
                "onset": "2026-11-02",
                "severity": "moderate",
                "exposureRoute": coded("oral"),
            }
        ],
    }


def a_condition(patient: str) -> Resource:
    return {
        "clinicalStatus": coded("resolved", f"{HL7}/condition-clinical"),
        "verificationStatus": coded("confirmed", f"{HL7}/condition-ver-status"),
        "category": [coded("problem-list-item", f"{HL7}/condition-category")],
        "severity": coded("mild"),
        "code": coded("I10"),
        "bodySite": [coded("arm")],
        "subject": to(f"Patient/{patient}"),
        "encounter": to("Encounter/e1"),
        "onsetDateTime": "2019-03",
        "abatementPeriod": {"start": "2024-01-01", "end": "2024-02-01"},
        "recordedDate": "2019-04-01",
        "asserter": to("Practitioner/dr"),
        "stage": [{"summary": coded("one")}],
        "evidence": [{"code": [coded("headache")], "detail": [to("Observation/o1")]}],
    }


def an_observation(patient: str) -> Resource:
    return {
        "status": "final",
        "category": [coded("vital-signs", f"{HL7}/observation-category")],
        "code": coded("85354-9", LOINC),
        "subject": to(f"Patient/{patient}"),
        "focus": [to("Patient/child")],
        "encounter": to("Encounter/e1"),
        "effectiveDateTime": "2027-03-02T07:30:00-06:00",
        "performer": [to("Practitioner/dr")],
        "method": coded("cuff"),
        "specimen": to("Specimen/s1"),
        "device": to("Device/d1"),
        "basedOn": [to("ServiceRequest/r1")],
        "partOf": [to("Procedure/p1")],
        "hasMember": [to("Observation/o1")],
        "derivedFrom": [to("QuestionnaireResponse/q1")],
        "valueCodeableConcept": coded("raised", text="Raised pressure"),
        "component": [
            {"code": coded("8480-6", LOINC), "valueCodeableConcept": coded("raised-upper")},
            {"code": coded("8462-4", LOINC), "dataAbsentReason": coded("not-asked")},
        ],
    }


def a_medication(_: str) -> Resource:
    return {
        "status": "active",
        "code": coded("861007"),
        "form": coded("tablet"),
        "manufacturer": to("Organization/maker"),
        "ingredient": [
            {"itemReference": to("Medication/base")},
            {"itemCodeableConcept": coded("6809")},
        ],
        "batch": {"lotNumber": "L7", "expirationDate": "2028-01-31"},
    }


def a_medication_request(patient: str) -> Resource:
    return {
        "status": "active",
        "intent": "order",
        "category": [coded("community")],
        "priority": "routine",
        "medicationCodeableConcept": coded("861007"),
        "subject": to(f"Patient/{patient}"),
        "encounter": to("Encounter/e1"),
        "authoredOn": "2027-02-01",
        "requester": to("Practitioner/dr"),
        "performer": to("Practitioner/nurse"),
        "performerType": coded("nurse"),
        "dosageInstruction": [{"timing": {"event": ["2027-03-03T08:00:00-05:00"]}}],
        "dispenseRequest": {"performer": to("Organization/pharmacy")},
    }


def a_medication_statement(patient: str) -> Resource:
    return {
        "status": "completed",
        "category": coded("patientspecified"),
        "medicationCodeableConcept": coded("861007"),
        "subject": to(f"Patient/{patient}"),
        "context": to("Encounter/e1"),
        "effectiveDateTime": "2027-03-03T08:00:00-05:00",
        "informationSource": to(f"Patient/{patient}"),
        "partOf": [to("MedicationStatement/m1")],
    }


def a_questionnaire(_: str) -> Resource:
    return {
        "url": FORM,
        "version": "1.0",
        "name": "PHQ9",
        "title": "Patient health questionnaire",
        "status": "active",
        "subjectType": ["Patient"],
        "date": "2027-01-01",
        "publisher": "Lakeside Clinic",
        "description": "How the last two weeks were.",
        "jurisdiction": [coded("US")],
        "effectivePeriod": {"start": "2027-01-01"},
        "useContext": [
            {
                "code": {"system": SYSTEM, "code": "focus"},
                "valueCodeableConcept": coded("depression"),
            }
        ],
        "item": [
            {
                "linkId": "1",
                "type": "integer",
                "code": [{"system": LOINC, "code": "44250-9"}],
                "definition": f"{FORM}#1",
            }
        ],
    }


def a_questionnaire_response(patient: str) -> Resource:
    return {
        "identifier": identified("one")[0],
        "questionnaire": f"{FORM}|1.0",
        "status": "in-progress",
        "subject": to(f"Patient/{patient}"),
        "encounter": to("Encounter/e1"),
        "authored": "2027-03-03T10:00:00-05:00",
        "author": to(f"Patient/{patient}"),
        "source": to("RelatedPerson/wife"),
        "basedOn": [to("ServiceRequest/r1")],
        "partOf": [to("Observation/o1")],
    }


def an_appointment_response(patient: str) -> Resource:
    return {
        "appointment": to("Appointment/a1"),
        "actor": to(f"Patient/{patient}"),
        "participantStatus": "accepted",
    }


def a_communication_request(patient: str) -> Resource:
    return {
        "groupIdentifier": identified("group")[0],
        "status": "active",
        "priority": "routine",
        "category": [coded("reminder")],
        "medium": [coded("SMSWRIT")],
        "authoredOn": "2027-03-01",
        "occurrenceDateTime": "2027-03-04T09:00:00-05:00",
        "subject": to(f"Patient/{patient}"),
        "requester": to("Practitioner/dr"),
        "sender": to("Organization/lakeside"),
        "recipient": [to("RelatedPerson/wife")],
        "encounter": to("Encounter/e1"),
        "basedOn": [to("ServiceRequest/r1")],
        "replaces": [to("CommunicationRequest/c1")],
    }


def a_provenance(patient: str) -> Resource:
    return {
        "target": [to(f"Patient/{patient}"), to("Observation/o1")],
        "occurredDateTime": "2027-03-03T09:00:00-05:00",
        "recorded": "2027-03-03T15:00:00Z",
        "location": to("Location/here"),
        "agent": [
            {
                "type": coded("author"),
                "role": [coded("scribe")],
                "who": to("Practitioner/dr"),
            }
        ],
        "entity": [{"role": "source", "what": to("Communication/c1")}],
        "signature": [
            {
                "type": [{"system": SYSTEM, "code": "signed"}],
                "when": "2027-03-03T15:00:00Z",
                "who": to("Practitioner/dr"),
            }
        ],
    }


EXAMPLES = {
    "AllergyIntolerance": an_allergy,
    "Condition": a_condition,
    "Observation": an_observation,
    "Medication": a_medication,
    "MedicationRequest": a_medication_request,
    "MedicationStatement": a_medication_statement,
    "Questionnaire": a_questionnaire,
    "QuestionnaireResponse": a_questionnaire_response,
    "AppointmentResponse": an_appointment_response,
    "CommunicationRequest": a_communication_request,
    "Provenance": a_provenance,
}
IN_A_RECORD = sorted(set(EXAMPLES) - {"Medication", "Questionnaire"})
