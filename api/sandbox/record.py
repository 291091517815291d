"""What the demo patients' records hold: allergies, problems, medicines, readings. All invented.

Codes: RxNorm and ICD-10-CM are in the public domain; SNOMED CT's "no known allergy" is of the IPS
free set; this material contains content from LOINC (http://loinc.org).
"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from integrations.ports.fhir import FhirSession, Resource

RXNORM: Final = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD_10: Final = "http://hl7.org/fhir/sid/icd-10-cm"
SNOMED: Final = "http://snomed.info/sct"
LOINC: Final = "http://loinc.org"
UCUM: Final = "http://unitsofmeasure.org"
HL7: Final = "http://terminology.hl7.org/CodeSystem"

ALLERGIC, DIABETIC, HYPERTENSIVE = "1005", "1005", "1007"
# Nobody has asked the others yet: their records say nothing of allergies, which is not "none".
WITHOUT_ALLERGY: Final = ("1002", "1007", "1008")
IN_DEPRESSION_PROGRAMME: Final = ("1004", "1008")
DOSE_TIMES: Final = ("08:00:00", "20:00:00")
# A week of mornings at home, the oldest first.
PRESSURES: Final = ((148, 92), (144, 90), (151, 94), (139, 88), (146, 91), (137, 86), (142, 89))
MEASURED_AT: Final = time(7, 30)
# Source: ESH 2023 hypertension guidelines: at home, 135/85 mmHg and more is high.
HIGH_FROM: Final = (135, 85)
SYSTOLIC: Final = ("8480-6", "Systolic blood pressure")
DIASTOLIC: Final = ("8462-4", "Diastolic blood pressure")


async def write_record(
    fhir: FhirSession, patients: dict[str, str], physician: str, *, now: datetime
) -> None:
    """Write all of it. `patients` are FHIR ids by record number; the physician's is one, too."""
    for resource in (
        penicillin_allergy(patients[ALLERGIC], now),
        *(no_known_allergy(patients[mrn], now) for mrn in WITHOUT_ALLERGY),
        problem(patients[HYPERTENSIVE], "I10", "Essential (primary) hypertension", since="2019"),
        *(depression(patients[mrn]) for mrn in IN_DEPRESSION_PROGRAMME),
        *home_pressures(patients[HYPERTENSIVE], ZoneInfo("America/Chicago"), now),
    ):
        await fhir.create(resource, now=now)
    diabetes = problem(
        patients[DIABETIC],
        "E11.9",
        "Type 2 diabetes mellitus without complications",
        since="2016-05",
    )
    cause = (await fhir.create(diabetes, now=now)).stored.reference
    await fhir.create(metformin(patients[DIABETIC], physician, cause, now), now=now)


def penicillin_allergy(patient: str, now: datetime) -> Resource:
    """A grave allergy to a medicine."""
    return _allergy(patient, now) | {
        "type": "allergy",
        "category": ["medication"],
        "criticality": "high",
        "code": _concept(RXNORM, "70618", "Penicillin", "Penicillin"),
        "reaction": [{"manifestation": [{"text": "Hives"}], "severity": "moderate"}],
    }


def no_known_allergy(patient: str, now: datetime) -> Resource:
    """Somebody has asked, and there is none: unlike a record that says nothing."""
    return _allergy(patient, now) | {
        "code": _concept(SNOMED, "716186003", "No known allergy", "No known allergies")
    }


def problem(patient: str, code: str, display: str, *, since: str | None = None) -> Resource:
    """An entry of the problem list."""
    onset = {} if since is None else {"onsetDateTime": since}
    return {
        "resourceType": "Condition",
        "clinicalStatus": _concept(f"{HL7}/condition-clinical", "active"),
        "verificationStatus": _concept(f"{HL7}/condition-ver-status", "confirmed"),
        "category": [_concept(f"{HL7}/condition-category", "problem-list-item")],
        "code": _concept(ICD_10, code, display, display),
        "subject": _to_patient(patient),
        **onset,
    }


def depression(patient: str) -> Resource:
    """What the depression programme is for; marked so that it can be shown to fewer people."""
    label = {"system": f"{HL7}/v3-Confidentiality", "code": "R", "display": "restricted"}
    named = problem(patient, "F32.A", "Depression, unspecified")
    return named | {"meta": {"security": [label]}}


def metformin(patient: str, physician: str, cause: str, now: datetime) -> Resource:
    """A standing order with its times of day."""
    repeat = {"frequency": len(DOSE_TIMES), "period": 1, "periodUnit": "d"}
    dose = {"value": 1, "unit": "tablet", "system": UCUM, "code": "{tbl}"}
    name = "metformin hydrochloride 500 MG Oral Tablet"
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": _concept(RXNORM, "861007", name, "Metformin 500 mg tablet"),
        "subject": _to_patient(patient),
        "authoredOn": _day(now - timedelta(days=90)),
        "requester": {"reference": f"Practitioner/{physician}"},
        "reasonReference": [{"reference": cause}],
        "dosageInstruction": [
            {
                "timing": {"repeat": repeat | {"timeOfDay": list(DOSE_TIMES)}},
                "doseAndRate": [{"doseQuantity": dose}],
            }
        ],
    }


def home_pressures(patient: str, zone: ZoneInfo, now: datetime) -> Iterator[Resource]:
    """A blood pressure for each of the last seven mornings that are over, at the patient's home."""
    local = now.astimezone(zone)
    last = datetime.combine(local.date(), MEASURED_AT, tzinfo=zone)
    if last > local:
        last -= timedelta(days=1)
    for days_ago, pressure in zip(reversed(range(len(PRESSURES))), PRESSURES, strict=True):
        yield _pressure(patient, last - timedelta(days=days_ago), pressure)


def _pressure(patient: str, taken_at: datetime, pressure: tuple[int, int]) -> Resource:
    systolic, diastolic = pressure
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [_concept(f"{HL7}/observation-category", "vital-signs")],
        "code": _concept(LOINC, "85354-9", text="Blood pressure"),
        "subject": _to_patient(patient),
        "performer": [_to_patient(patient)],
        "effectiveDateTime": taken_at.isoformat(),
        "component": [
            _part(SYSTOLIC, systolic, HIGH_FROM[0]),
            _part(DIASTOLIC, diastolic, HIGH_FROM[1]),
        ],
    }


def _part(named: tuple[str, str], value: int, high_from: int) -> Resource:
    """One of the two pressures; a reference range's high is the last value that is normal."""
    code, display = named
    return {
        "code": _concept(LOINC, code, display, display),
        "valueQuantity": _pressure_of(value),
        "referenceRange": [{"high": _pressure_of(high_from - 1)}],
    }


def _pressure_of(value: int) -> Resource:
    return {"value": value, "unit": "mmHg", "system": UCUM, "code": "mm[Hg]"}


def _allergy(patient: str, now: datetime) -> Resource:
    return {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": _concept(f"{HL7}/allergyintolerance-clinical", "active"),
        "verificationStatus": _concept(f"{HL7}/allergyintolerance-verification", "confirmed"),
        "patient": _to_patient(patient),
        "recordedDate": _day(now - timedelta(days=365)),
    }


def _concept(
    system: str, code: str, display: str | None = None, text: str | None = None
) -> Resource:
    coding = {"system": system, "code": code} | ({"display": display} if display else {})
    return {"coding": [coding]} | ({"text": text} if text else {})


def _to_patient(id_: str) -> Resource:
    return {"reference": f"Patient/{id_}"}


def _day(at: datetime) -> str:
    return at.date().isoformat()
