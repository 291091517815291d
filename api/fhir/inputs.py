"""Inputs of an operation, from a Parameters resource or a query string."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from api.fhir.errors import MissingParameter
from integrations.ports.fhir import Pairs, Resource, Unsupported

CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SYSTEM = re.compile(r"[a-z][a-z0-9+.-]{0,20}:[!-{}~]{1,200}")
# No control character and no lone surrogate.
TEXT = re.compile(r"[^\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]{1,500}")
DATE_CHARS = len("2027-03-03")


@dataclass(frozen=True)
class Inputs:
    """Values by name; each name at most once but `slot`."""

    values: tuple[tuple[str, object], ...]

    def text(self, name: str) -> str | None:
        """A string of moderate length."""
        value = self._one(name)
        if value is None:
            return None
        if isinstance(value, dict) and "value" in value:  # an Identifier
            value = value["value"]
        if not isinstance(value, str) or not TEXT.fullmatch(value):
            raise MissingParameter
        return value

    def code(self, name: str) -> str | None:
        """The code of `code`, `system|code`, a Coding or a CodeableConcept."""
        value = self._one(name)
        if value is None:
            return None
        if isinstance(value, dict):
            codings = value.get("coding")
            value = codings[0] if isinstance(codings, list) and codings else value
            value = value.get("code") if isinstance(value, dict) else None
        code = value.rpartition("|")[2] if isinstance(value, str) else ""
        if not CODE.fullmatch(code):
            raise MissingParameter
        return code

    def token(self, name: str) -> str | None:
        """The same with its system before it, `system|code`, where it has one."""
        value, code = self._one(name), self.code(name)
        if isinstance(value, dict):
            codings = value.get("coding")
            value = codings[0] if isinstance(codings, list) and codings else value
            value = f"{value.get('system') or ''}|" if isinstance(value, dict) else ""
        system = value.rpartition("|")[0] if isinstance(value, str) else ""
        if code is None or not system:
            return code
        if not SYSTEM.fullmatch(system):
            raise MissingParameter
        return f"{system}|{code}"

    def reference(self, name: str, type_: str) -> str | None:
        """The id of a reference to one type."""
        value = self._one(name)
        return None if value is None else _id_of(value, type_)

    def number(self, name: str, default: int) -> int:
        """A whole number that is not negative."""
        value = self._one(name)
        if value is None:
            return default
        text = str(value)
        if not text.isascii() or not text.isdigit() or len(text) > 6:
            raise MissingParameter
        return int(text)

    def start_at(self, name: str) -> datetime | None:
        """A time; of a day its beginning, in UTC."""
        value = self._one(name)
        return None if value is None else _time(value)[0]

    def end_at(self, name: str) -> datetime | None:
        """A time; of a day its end, in UTC."""
        value = self._one(name)
        return None if value is None else _time(value)[1]

    def appointment_id(self) -> str:
        """The Appointment that is meant, by reference or as a resource."""
        resource = self._one("appointment")
        if isinstance(resource, dict) and "resourceType" in resource:
            id_ = resource.get("id")
            if resource["resourceType"] != "Appointment" or not isinstance(id_, str):
                raise MissingParameter
            return id_
        found = self.reference("appointment-reference", "Appointment")
        if found is None and resource is not None:
            found = _id_of(resource, "Appointment")
        if found is None:
            raise MissingParameter
        return found

    def names_appointment(self) -> bool:
        """Whether any input says which Appointment is meant."""
        return any(name in {"appointment", "appointment-reference"} for name, _ in self.values)

    def patient_id(self) -> str | None:
        """The patient named by `patient-reference`, `patient`, or as a participant."""
        for name in ("patient-reference", "patient"):
            if (found := self.reference(name, "Patient")) is not None:
                return found
        resource = self._one("appointment")
        participants = resource.get("participant") if isinstance(resource, dict) else None
        for one in participants if isinstance(participants, list) else []:
            actor = one.get("actor") if isinstance(one, dict) else None
            literal = actor.get("reference") if isinstance(actor, dict) else None
            if isinstance(literal, str) and literal.startswith("Patient/"):
                return _id_of(literal, "Patient")
        return None

    def named_slots(self) -> tuple[str, ...]:
        """The slots named by themselves."""
        named = (_id_of(value, "Slot") for name, value in self.values if name == "slot")
        return tuple(dict.fromkeys(named))

    def slot_ids(self) -> tuple[str, ...]:
        """The slots of a proposal, whose id is its slot's, or slots named by themselves."""
        named = self.named_slots()
        resource = self._one("appointment")
        if isinstance(resource, dict) and isinstance(resource.get("slot"), list):
            named += tuple(_id_of(value, "Slot") for value in resource["slot"])
        return tuple(dict.fromkeys(named)) or (self.appointment_id(),)

    def as_pairs(self) -> Pairs:
        """The inputs as they would stand in a URL."""
        return tuple(self._pairs())

    def _pairs(self) -> Iterator[tuple[str, str]]:
        for name, value in self.values:
            if isinstance(value, str | int):
                yield name, str(value)
            elif isinstance(value, dict) and isinstance(value.get("reference"), str):
                yield name, value["reference"]
            elif (code := self.code(name)) is not None:
                yield name, code

    def _one(self, name: str) -> object:
        found = [value for key, value in self.values if key == name]
        if len(found) > 1:
            raise Unsupported(name)
        return found[0] if found else None


def read_inputs(resource: Resource, known: frozenset[str]) -> Inputs:
    """The inputs of a Parameters resource.

    Raises:
        MissingParameter: not Parameters, or a part of it has no value. Unsupported: an unknown
            input.
    """
    parts = resource.get("parameter", [])
    if resource["resourceType"] != "Parameters" or not isinstance(parts, list):
        raise MissingParameter
    return Inputs(tuple(_named(part, known) for part in parts))


def pairs_inputs(pairs: Pairs, known: frozenset[str]) -> Inputs:
    """The inputs of a query string.

    Raises:
        Unsupported: an unknown input.
    """
    for name, _ in pairs:
        if name not in known:
            raise Unsupported(name)
    return Inputs(pairs)


def _named(part: object, known: frozenset[str]) -> tuple[str, object]:
    name = part.get("name") if isinstance(part, dict) else None
    if not isinstance(part, dict) or not isinstance(name, str):
        raise MissingParameter
    if name not in known:
        raise Unsupported(name)
    given = [value for key, value in part.items() if key == "resource" or key.startswith("value")]
    if len(given) != 1:
        raise MissingParameter
    return name, given[0]


def _id_of(value: object, type_: str) -> str:
    literal = value.get("reference") if isinstance(value, dict) else value
    if not isinstance(literal, str):
        raise MissingParameter
    named, _, id_ = literal.removeprefix("#").rpartition("/")
    if named not in {"", type_} or not CODE.fullmatch(id_):
        raise MissingParameter
    return id_


def _time(value: object) -> tuple[datetime, datetime]:
    text = str(value).replace(" ", "+")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise MissingParameter from None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    if len(text) == DATE_CHARS:
        return at, at + timedelta(days=1)
    return at, at
