"""Builders of FHIR resources that take only what matters to a test."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from integrations.ports.fhir import FhirSession, Resource

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
MRN = "https://careline.example/mrn"
SERVICES = "https://careline.example/services"


def at(minutes: int) -> datetime:
    """A time so many minutes after NOW."""
    return NOW + timedelta(minutes=minutes)


def instant(value: datetime) -> str:
    """As FHIR writes it."""
    return value.isoformat().replace("+00:00", "Z")


def a_patient(mrn: str = "1001", **more: object) -> Resource:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": MRN, "value": mrn}],
        "name": [{"family": "Carter", "given": ["Sam"]}],
        "telecom": [{"system": "phone", "value": "+12125550101"}],
        "birthDate": "1979-03-09",
        **more,
    }


def a_practitioner(family: str = "Ruiz") -> Resource:
    return {"resourceType": "Practitioner", "name": [{"family": family, "given": ["Ana"]}]}


def a_schedule(*actors: str) -> Resource:
    return {"resourceType": "Schedule", "actor": [{"reference": actor} for actor in actors]}


def a_slot(schedule: str, start: datetime, *, minutes: int = 30, **more: object) -> Resource:
    return {
        "resourceType": "Slot",
        "schedule": {"reference": schedule},
        "status": "free",
        "serviceType": [{"coding": [{"system": SERVICES, "code": "family-medicine"}]}],
        "start": instant(start),
        "end": instant(start + timedelta(minutes=minutes)),
        **more,
    }


def an_appointment(
    status: str, start: datetime, *actors: str, slots: tuple[str, ...] = (), **more: object
) -> Resource:
    named: Resource = {"slot": [{"reference": slot} for slot in slots]} if slots else {}
    return {
        "resourceType": "Appointment",
        "status": status,
        "start": instant(start),
        "end": instant(start + timedelta(minutes=30)),
        "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in actors],
        **named,
        **more,
    }


@dataclass(frozen=True)
class Clinic:
    """Ids of a small clinic: two physicians with their schedules, two patients."""

    ruiz: str
    lee: str
    ruiz_schedule: str
    lee_schedule: str
    sam: str
    grace: str


async def open_clinic(fhir: FhirSession) -> Clinic:
    """Two physicians with empty schedules, and two patients."""

    async def made(resource: Resource) -> str:
        return (await fhir.create(resource, now=NOW)).stored.id

    ruiz, lee = await made(a_practitioner("Ruiz")), await made(a_practitioner("Lee"))
    return Clinic(
        ruiz,
        lee,
        await made(a_schedule(f"Practitioner/{ruiz}")),
        await made(a_schedule(f"Practitioner/{lee}")),
        await made(a_patient("1001")),
        await made(a_patient("1004", birthDate="1990-11-21")),
    )
