"""Who a patient is, out of the Patient resource."""

from collections.abc import Iterator
from datetime import date

from api.core.ids import PatientId
from api.people.chart_kinds import Facts
from api.people.service import MRN_SYSTEM, human_name, language_of, zone_of
from integrations.ports.fhir import Resource

SHOWN_DIGITS = 4
FULL_DATE = len("1979-03-09")


def facts_of(patient: Resource) -> Facts:
    """Name, birth date, record number and the like; what is not on record is None."""
    born = str(patient.get("birthDate", ""))
    return Facts(
        id=PatientId(str(patient["id"])),
        name=human_name(patient) or "No name on record",
        born_on=date.fromisoformat(born) if len(born) == FULL_DATE else None,
        gender=patient.get("gender"),
        mrn=next(_mrns(patient), None),
        phone=next(_phones(patient), None),
        language=language_of(patient),
        zone=zone_of(patient),
    )


def _mrns(patient: Resource) -> Iterator[str]:
    for identifier in patient.get("identifier", ()):
        if identifier.get("system") == MRN_SYSTEM:
            yield str(identifier["value"])


def _phones(patient: Resource) -> Iterator[str]:
    for point in patient.get("telecom", ()):
        if point.get("system") == "phone" and point.get("value"):
            yield "••• " + str(point["value"])[-SHOWN_DIGITS:]
