"""Finding and matching patients. A match needs number (or record number) and birth date."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.core.ids import PatientId
from api.core.language import Language
from api.core.numbers import NotANumber, to_e164
from api.gateway.access import Access, service_access
from api.gateway.interactions import Read, Search
from api.gateway.service import Gateway, perform
from integrations.ports.fhir import Gone, NotFound, Resource

MRN_SYSTEM = "https://careline.example/mrn"
# Source: HL7 extensions pack, http://hl7.org/fhir/extensions/StructureDefinition-timezone.html
TIMEZONE = "http://hl7.org/fhir/StructureDefinition/timezone"
LONGEST_MRN = 12
_ACCESS = service_access("people", "system/Patient.rs", purpose="HOPERAT")


@dataclass(frozen=True)
class Person:
    """What the assistant needs of a patient's record.

    `zone`: IANA name, where one is known; `numbers`: their phones of today, as E.164; `name`: as
    people call them, for the team's eyes; never said to whoever writes.
    """

    id: PatientId
    name: str | None
    birth_date: date | None
    language: Language | None
    zone: str | None
    alive: bool
    numbers: frozenset[str] = frozenset()
    given: str = ""
    """The first name alone, by which those who share a phone tell each other apart."""


async def persons_on_number(gateway: Gateway, number: str) -> tuple[Person, ...]:
    """Everybody living whose record has this E.164 number, in no order."""
    return await _search(gateway, (("phone", number), ("active:not", "false")))


async def persons_called(gateway: Gateway, typed: str) -> tuple[Person, ...]:
    """Everybody living whom a typed mobile number or record number may mean; often nobody."""
    found: tuple[Person, ...] = ()
    if typed.strip().isalnum() and len(typed.strip()) <= LONGEST_MRN:
        mrn = f"{MRN_SYSTEM}|{typed.strip()}"
        found = await _search(gateway, (("identifier", mrn), ("active:not", "false")))
    if found:
        return found
    try:
        return await persons_on_number(gateway, to_e164(typed))
    except NotANumber:
        return ()


def match(candidates: Sequence[Person], dates: Sequence[date]) -> Person | None:
    """The one living candidate born on one of these dates; two, like none, are no match."""
    born = [each for each in candidates if each.alive and each.birth_date in dates]
    return born[0] if len(born) == 1 else None


async def person(gateway: Gateway, patient: PatientId, access: Access = _ACCESS) -> Person | None:
    """What the record says of a patient now; None when there is no such record."""
    try:
        stored = await perform(gateway, access, Read("Patient", patient))
    except (NotFound, Gone):
        return None
    return _person(stored.body)


async def patient_with_mrn(gateway: Gateway, mrn: str) -> PatientId | None:
    """The patient with a record number, for staff commands."""
    page = await perform(
        gateway, _ACCESS, Search("Patient", (("identifier", f"{MRN_SYSTEM}|{mrn}"),))
    )
    return PatientId(page.entries[0].id) if len(page.entries) == 1 else None


async def _search(gateway: Gateway, params: tuple[tuple[str, str], ...]) -> tuple[Person, ...]:
    page = await perform(gateway, _ACCESS, Search("Patient", params))
    persons = (_person(stored.body) for stored in page.entries)
    return tuple(each for each in persons if each.alive)


def _person(patient: Resource) -> Person:
    born = str(patient.get("birthDate", ""))
    dead = patient.get("deceasedBoolean") is True or "deceasedDateTime" in patient
    return Person(
        id=PatientId(str(patient["id"])),
        name=human_name(patient) or None,
        birth_date=date.fromisoformat(born) if len(born) == len("1979-03-09") else None,
        language=language_of(patient),
        zone=zone_of(patient),
        alive=not dead and patient.get("active") is not False,
        numbers=numbers_of(patient),
        given=_given(patient),
    )


def numbers_of(patient: Resource) -> frozenset[str]:
    """Somebody's phone numbers that hold today; one that is marked old is nobody's to text."""
    telecom: list[dict[str, Any]] = patient.get("telecom") or []
    found = set()
    for each in telecom:
        if each.get("system") in {"phone", "sms"} and each.get("use") != "old":
            with suppress(NotANumber):
                found.add(to_e164(str(each.get("value", ""))))
    return frozenset(found)


def _given(person: Resource) -> str:
    name = _official(person)
    return str(next(iter(name.get("given", ())), name.get("text", "")))


def _official(person: Resource) -> dict[str, Any]:
    names: list[dict[str, Any]] = person.get("name") or [{}]
    official = [name for name in names if name.get("use") == "official"]
    return (official or names)[0]


def human_name(person: Resource) -> str:
    """A person's name as it is said: prefix, given names, family name; empty without one."""
    name = _official(person)
    parts = (*name.get("prefix", ()), *name.get("given", ()), name.get("family"))
    return " ".join(part for part in parts if part) or str(name.get("text", ""))


def language_of(patient: Resource) -> Language | None:
    """The language a patient prefers, where it is one that is spoken here."""
    spoken: list[dict[str, Any]] = patient.get("communication") or []
    preferred = [each for each in spoken if each.get("preferred")] or spoken
    codes = [
        str(coding.get("code", ""))[:2].lower()
        for each in preferred
        for coding in each["language"].get("coding", [])
    ]
    return next((Language(code) for code in codes if code in set(Language)), None)


def zone_of(patient: Resource) -> str | None:
    """The time zone a patient lives in, where the record says so."""
    extensions: list[dict[str, Any]] = patient.get("extension") or []
    return next((str(e["valueCode"]) for e in extensions if e.get("url") == TIMEZONE), None)
