"""What tests of reminders begin with, do and look at."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.patients import FhirClient, Phone, World

# A Monday before the spring's clock change; John's visit is on Wednesday at two.
MONDAY = "2027-03-08T07:00:00-05:00"
JOHN, JOHNS_MRN = "+12125550104", "1005"


def begins(world: World, when: str) -> None:
    """The demo data as of that time."""
    before = datetime.fromisoformat(world.http.get("/sandbox/clock").json()["now"])
    world.clock(now=when)
    if before <= datetime.fromisoformat(when):
        world.reset()  # going back would have done so by itself
    world.settle()


def comes_to(world: World, when: str | datetime) -> None:
    """It is that late, and what fell due on the way was done."""
    world.clock(now=when if isinstance(when, str) else when.isoformat())
    world.settle()


def doses(phone: Phone) -> list[dict[str, Any]]:
    """The prompts of doses that came, in English or Spanish."""
    return [
        each
        for each in phone.thread()
        if "Reply T taken" in each["text"] or "Responda T tomada" in each["text"]
    ]


def statements(record: FhirClient, mrn: str = JOHNS_MRN) -> list[dict[str, Any]]:
    """What is on record of a patient's doses, the earliest first."""
    found = record.found(f"MedicationStatement?subject=Patient/{record.patient(mrn)}")
    return sorted(found, key=lambda each: str(each["effectiveDateTime"]))


def visit_of(record: FhirClient, mrn: str = JOHNS_MRN) -> dict[str, Any]:
    """The one visit that somebody has."""
    (visit,) = record.found(f"Appointment?patient=Patient/{record.patient(mrn)}&status=booked")
    return visit


def gets_visit(hospital: FhirClient, mrn: str, start: str, *, nth: int = 0) -> str:
    """The hospital books a visit for somebody, who has not said yet that they come; its id."""
    begin = datetime.fromisoformat(start)
    slots = hospital.found(f"Slot?start={begin.isoformat()}&status=free".replace("+", "%2B"))
    slot = sorted(slots, key=lambda each: str(each["id"]))[nth]
    schedule = hospital.get(slot["schedule"]["reference"])
    (actor,) = [each for each in schedule["actor"] if each["reference"].startswith("Practitioner/")]
    who = {"actor": {"reference": f"Patient/{hospital.patient(mrn)}"}, "status": "needs-action"}
    answer = hospital.create(
        {
            "resourceType": "Appointment",
            "status": "booked",
            "serviceType": slot["serviceType"],
            "start": slot["start"],
            "end": slot["end"],
            "slot": [{"reference": f"Slot/{slot['id']}"}],
            "participant": [who, {"actor": actor, "status": "accepted"}],
        }
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def gets_medicine(hospital: FhirClient, mrn: str, *at: str) -> str:
    """The hospital prescribes somebody a medicine at these times of the day; its id."""
    repeat = {"frequency": len(at), "period": 1, "periodUnit": "d", "timeOfDay": list(at)}
    answer = hospital.create(
        {
            "resourceType": "MedicationRequest",
            "status": "active",
            "intent": "order",
            "subject": {"reference": f"Patient/{hospital.patient(mrn)}"},
            "medicationCodeableConcept": {"text": "Amoxicillin 250 mg"},
            "authoredOn": "2027-01-01",
            "dosageInstruction": [{"timing": {"repeat": repeat}}],
        }
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def own_status(record: FhirClient, visit: str) -> str:
    """What a visit says of its patient's coming."""
    participants = record.get(f"Appointment/{visit}")["participant"]
    (own,) = [each for each in participants if each["actor"]["reference"].startswith("Patient/")]
    return str(own["status"])


def responses(record: FhirClient, visit: str) -> list[str]:
    """What the responses to a visit say, the first reminder's first."""
    found = record.found(f"AppointmentResponse?appointment=Appointment/{visit}")
    return [each["participantStatus"] for each in sorted(found, key=lambda each: str(each["id"]))]


def before(visit: dict[str, Any], **lead: int) -> datetime:
    """So long before a visit."""
    return datetime.fromisoformat(visit["start"]) - timedelta(**lead)
