"""What elements of a record say in words: concepts, amounts, dates as they were recorded."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain

from integrations.ports.fhir import Resource

NAMELESS = "Not named on record"
NO_VALUE = "no value on record"
FULL_DATE = len("1979-03-09")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
RESTRICTED = frozenset({"R", "V"})


def concept_text(concept: Resource | None) -> str:
    """A CodeableConcept as its author put it, else as its code system does."""
    if not concept:
        return ""
    displays = (coding.get("display") or coding.get("code") for coding in concept.get("coding", ()))
    return str(concept.get("text") or next((each for each in displays if each), ""))


def codes_of(concept: Resource | None) -> frozenset[tuple[str, str]]:
    """System and code of each coding."""
    codings = (concept or {}).get("coding", ())
    return frozenset((str(c.get("system", "")), str(c.get("code", ""))) for c in codings)


def has_code(concept: Resource | None, *codes: str) -> bool:
    """Whether a concept has one of these codes, in whatever system."""
    return any(code in codes for _, code in codes_of(concept))


def number_text(value: object) -> str:
    """A decimal as it was recorded: 37.0 stays 37.0."""
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def quantity_text(quantity: Resource) -> str:
    """An amount with its unit; a comparator stays with it. R4 lets an amount lack its number."""
    if "value" not in quantity:
        return NO_VALUE
    number = f"{quantity.get('comparator', '')}{number_text(quantity['value'])}"
    unit = str(quantity.get("unit") or quantity.get("code") or "")
    return f"{number}%" if unit == "%" else f"{number} {unit}".strip()


def date_text(value: str) -> str:
    """A FHIR date, however partial, as one says it: 2019, May 2019, May 2, 2019."""
    year, *rest = value[:FULL_DATE].split("-")
    if not rest:
        return year
    month = MONTHS[int(rest[0]) - 1]
    return f"{month} {int(rest[1])}, {year}" if len(rest) == 2 else f"{month} {year}"


def instant_of(value: object) -> datetime | None:
    """A FHIR dateTime as an aware time; None for a date, which has no time of day."""
    text = str(value or "")
    if len(text) <= FULL_DATE:
        return None
    at = datetime.fromisoformat(text)
    return at if at.tzinfo is not None else None


def is_restricted(resource: Resource) -> bool:
    """Whether the record is marked as more sensitive than others.

    Source: HL7 v3 Confidentiality, R (restricted) and V (very restricted).
    """
    labels = resource.get("meta", {}).get("security", ())
    return any(str(label.get("code")) in RESTRICTED for label in labels)


def first_element(resource: Resource, *names: str) -> object:
    """The first of several elements that is there."""
    return next((resource[name] for name in names if resource.get(name)), None)


def joined(parts: Sequence[str] | Iterator[str]) -> str:
    """Details side by side; empty ones are left out."""
    return " · ".join(part for part in parts if part)


def listed(parts: Sequence[str], word: str = "and") -> str:
    """Some things as one says them: a, b and c."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def sentence_case(text: str) -> str:
    """With a capital, the rest as it is."""
    return "".join(chain(text[:1].upper(), text[1:]))
