"""The demo patients as FHIR resources. Every one of them is invented."""

from dataclasses import dataclass
from typing import Final

from integrations.ports.fhir import Resource

MRN_SYSTEM: Final = "https://careline.example/mrn"
TIMEZONE: Final = "http://hl7.org/fhir/StructureDefinition/timezone"
ROLE_CODES: Final = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
LANGUAGES: Final = "urn:ietf:bcp:47"
NEW_YORK: Final = "America/New_York"


@dataclass(frozen=True)
class DemoPatient:
    """One row of the table of demo patients."""

    mrn: str
    given: str
    family: str
    gender: str
    phone: str
    born_on: str
    zone: str = NEW_YORK
    language: str = "en"
    opted_in: bool = True

    @property
    def name(self) -> str:
        """As it is shown on the sandbox's phone."""
        return f"{self.given} {self.family}"


DEMO_PATIENTS: Final = (
    DemoPatient(
        "1001",
        "Sam",
        "Carter",
        "male",
        "+12125550101",
        "1979-03-09",
        zone="America/Los_Angeles",
        opted_in=False,
    ),
    DemoPatient("1002", "Maria", "Lopez", "female", "+12125550102", "1984-05-02", language="es"),
    # A child on the mother's phone: her opt-in is the number's.
    DemoPatient(
        "1003",
        "Leo",
        "Lopez",
        "male",
        "+12125550102",
        "2019-09-14",
        language="es",
        opted_in=False,
    ),
    DemoPatient("1004", "Grace", "Kim", "female", "+12125550103", "1990-11-21"),
    DemoPatient("1005", "John", "Miller", "male", "+12125550104", "1962-07-30"),
    DemoPatient("1006", "Ruth", "Baker", "female", "+12125550105", "1955-01-17"),
    DemoPatient(
        "1007", "Omar", "Haddad", "male", "+12125550106", "1971-06-05", zone="America/Chicago"
    ),
    DemoPatient("1008", "Elena", "Torres", "female", "+12125550107", "1988-02-18", language="es"),
)
MOTHER, CHILD = "1002", "1003"


def as_patient(patient: DemoPatient, organization: str) -> Resource:
    """The Patient of one row."""
    language = {"coding": [{"system": LANGUAGES, "code": patient.language}]}
    return {
        "resourceType": "Patient",
        "active": True,
        "identifier": [{"system": MRN_SYSTEM, "value": patient.mrn}],
        "extension": [{"url": TIMEZONE, "valueCode": patient.zone}],
        "name": [{"use": "official", "family": patient.family, "given": [patient.given]}],
        "telecom": [{"system": "phone", "value": patient.phone, "use": "mobile"}],
        "gender": patient.gender,
        "birthDate": patient.born_on,
        "communication": [{"language": language, "preferred": True}],
        "managingOrganization": {"reference": f"Organization/{organization}"},
    }


def as_mother(mother: DemoPatient, child_id: str) -> Resource:
    """The RelatedPerson by which a mother speaks for her child."""
    return {
        "resourceType": "RelatedPerson",
        "active": True,
        "patient": {"reference": f"Patient/{child_id}"},
        "relationship": [{"coding": [{"system": ROLE_CODES, "code": "MTH"}]}],
        "name": [{"family": mother.family, "given": [mother.given]}],
        "telecom": [{"system": "phone", "value": mother.phone, "use": "mobile"}],
        "gender": mother.gender,
        "birthDate": mother.born_on,
    }
