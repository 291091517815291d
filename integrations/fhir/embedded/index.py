"""The index rows of a resource: what a search compares."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from integrations.fhir.embedded.dates import EARLIEST, LATEST, Range, read_range
from integrations.fhir.embedded.kinds import Kind, Param
from integrations.fhir.embedded.paths import values
from integrations.fhir.embedded.types import TYPES
from integrations.ports.fhir import InvalidQuery, Resource

MOST_CHARS = 500  # of an indexed text: a b-tree page takes no longer ones
NAME_PARTS = ("text", "family", "given", "prefix", "suffix")
ADDRESS_PARTS = ("text", "line", "city", "district", "state", "postalCode", "country")


@dataclass
class IndexRows:
    """Rows by table, in the tables' order of columns."""

    token: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    reference: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    date: list[tuple[str, str, str, datetime, datetime]] = field(default_factory=list)
    string: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    compartment: list[tuple[str, str, str]] = field(default_factory=list)


def add_rows(rows: IndexRows, resource: Resource) -> tuple[str, ...]:
    """Add every index row of a resource; returns the patients in whose record it is."""
    type_, id_ = str(resource["resourceType"]), str(resource["id"])
    for param in TYPES[type_].params.values():
        _add_param(rows, resource, (type_, id_, param.name), param)
    patients = patients_of(resource)
    rows.compartment += [(patient, type_, id_) for patient in patients]
    return patients


def patients_of(resource: Resource) -> tuple[str, ...]:
    """Ids of the patients in whose compartment a resource is."""
    if resource["resourceType"] == "Patient":
        return (str(resource["id"]),)
    targets = [
        target
        for path in TYPES[resource["resourceType"]].compartment
        for value in values(resource, path)
        for target in _targets(value)
    ]
    return tuple(dict.fromkeys(id_ for type_, id_ in targets if type_ == "Patient"))


def fold(text: str) -> str:
    """A text without case and accents, for comparing names."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()[:MOST_CHARS]


def canonical_parts(value: str) -> tuple[str, str]:
    """Version and address of a canonical, `address|version`; the version is often empty."""
    url, _, version = value.partition("|")
    return version[:MOST_CHARS], url[:MOST_CHARS]


def _add_param(
    rows: IndexRows, resource: Resource, key: tuple[str, str, str], param: Param
) -> None:
    for path in param.paths:
        for value in values(resource, path):
            match param.kind:
                case Kind.TOKEN:
                    rows.token += [(*key, *pair) for pair in _tokens(value)]
                case Kind.URI | Kind.CANONICAL:
                    rows.token.append((*key, *_address(param.kind, str(value))))
                case Kind.REFERENCE:
                    rows.reference += [(*key, *pair) for pair in _targets(value)]
                case Kind.DATE:
                    rows.date += [(*key, r.start_at, r.end_at) for r in _ranges(value)]
                case Kind.STRING:
                    rows.string += [(*key, fold(t), t[:MOST_CHARS]) for t in _texts(value)]


def _tokens(value: object) -> Iterator[tuple[str, str]]:
    """System and code of a code, boolean, Coding, CodeableConcept, Identifier, ContactPoint."""
    if isinstance(value, bool):
        yield "", str(value).lower()
    elif isinstance(value, str):
        yield "", value[:MOST_CHARS]
    elif isinstance(value, dict) and "coding" in value:
        for coding in value["coding"]:
            yield from _tokens(coding)
    elif isinstance(value, dict) and (code := value.get("code") or value.get("value")):
        # A ContactPoint's system is its kind (phone, email), which a token search does not name.
        system = "" if value.get("system") in {"phone", "email", "sms"} else value.get("system", "")
        yield str(system)[:MOST_CHARS], str(code)[:MOST_CHARS]


def _address(kind: Kind, value: str) -> tuple[str, str]:
    return canonical_parts(value) if kind is Kind.CANONICAL else ("", value[:MOST_CHARS])


def _targets(value: object) -> Iterator[tuple[str, str]]:
    literal = value.get("reference") if isinstance(value, dict) else None
    if isinstance(literal, str) and not literal.startswith("#"):
        parts = literal.split("/_history/")[0].split("/")
        if len(parts) == 2:
            yield parts[0], parts[1]


def _ranges(value: object) -> Iterator[Range]:
    if isinstance(value, str):
        yield from _readable(value)
    elif isinstance(value, dict) and {"start", "end"} & set(value):
        first = next(_readable(value.get("start", "")), Range(EARLIEST, EARLIEST))
        last = next(_readable(value.get("end", "")), Range(LATEST, LATEST))
        yield Range(first.start_at, last.end_at)


def _readable(text: str) -> Iterator[Range]:
    try:
        yield read_range(text)
    except InvalidQuery:
        return


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in (*NAME_PARTS, *ADDRESS_PARTS[1:]):
            for text in values(value, part):
                yield str(text)
