"""Readings out of Observations: the latest of each kind, as the record has it. Judges nothing.

A flag is the record's own: its interpretation, or the one reference range that it gives.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from decimal import Decimal
from typing import Final

from api.people.chart_kinds import Flag, Item, Trend
from api.people.record_words import (
    NAMELESS,
    NO_VALUE,
    codes_of,
    concept_text,
    date_text,
    first_element,
    instant_of,
    is_restricted,
    joined,
    number_text,
    quantity_text,
)
from integrations.ports.fhir import Resource

MOST: Final = 12
# Source: LOINC; the two parts of a blood pressure, said as one: 142/91 mmHg.
SYSTOLIC, DIASTOLIC = ("http://loinc.org", "8480-6"), ("http://loinc.org", "8462-4")
# Source: HL7 v3 ObservationInterpretation.
INTERPRETATIONS: Final = {
    "HH": Flag.CRITICAL,
    "LL": Flag.CRITICAL,
    "AA": Flag.CRITICAL,
    "H": Flag.HIGH,
    "HU": Flag.HIGH,
    "L": Flag.LOW,
    "LU": Flag.LOW,
    "A": Flag.ABNORMAL,
}
GRAVITY: Final = (Flag.CRITICAL, Flag.HIGH, Flag.LOW, Flag.ABNORMAL)


def latest(observations: Iterable[Resource], zone: tzinfo) -> tuple[Item, ...]:
    """The newest reading of each kind, given newest first; each with the one before it."""
    kinds: dict[object, list[Resource]] = {}
    for each in observations:
        kinds.setdefault(_kind(each), []).append(each)
    return tuple(_item(group, zone) for group in kinds.values())


def _kind(observation: Resource) -> object:
    return codes_of(observation.get("code")) or concept_text(observation.get("code"))


def _item(group: Sequence[Resource], zone: tzinfo) -> Item:
    newest, *older = group
    name = concept_text(newest.get("code")) or NAMELESS
    before = f"Before: {_value(older[0])}{_day(older[0], zone)}" if older else ""
    at = _taken_at(newest)
    dated = "" if at else _day(newest, zone).removeprefix(", ")
    return Item(
        f"{name} {_value(newest)}",
        joined((dated, "Not final" if newest.get("status") == "preliminary" else "", before)),
        at=at.astimezone(zone) if at else None,
        flag=_flag(newest),
        trend=_trend(newest, older[0]) if older else None,
        is_sensitive=is_restricted(newest),
    )


def _taken_at(observation: Resource) -> datetime | None:
    return instant_of(first_element(observation, "effectiveDateTime", "effectiveInstant"))


def _day(observation: Resource, zone: tzinfo) -> str:
    at = _taken_at(observation)
    if at is not None:
        return f", {date_text(at.astimezone(zone).date().isoformat())}"
    day = str(observation.get("effectiveDateTime", ""))
    return f", {date_text(day)}" if day else ""


def _value(observation: Resource) -> str:
    """The value in words; what is absent is said to be absent."""
    if "valueQuantity" in observation:
        return quantity_text(observation["valueQuantity"])
    if "valueCodeableConcept" in observation:
        return concept_text(observation["valueCodeableConcept"])
    for name in ("valueString", "valueInteger", "valueDateTime", "valueTime"):
        if name in observation:
            return str(observation[name])
    if "valueBoolean" in observation:
        return "yes" if observation["valueBoolean"] else "no"
    return _pressure(observation) or _components(observation) or _absent(observation)


def _pressure(observation: Resource) -> str:
    parts = {code: part for part in _parts(observation) for code in codes_of(part.get("code"))}
    upper = parts.get(SYSTOLIC, {}).get("valueQuantity")
    lower = parts.get(DIASTOLIC, {}).get("valueQuantity")
    if len(_parts(observation)) != 2 or not upper or not lower or _unit(upper) != _unit(lower):
        return ""
    return f"{number_text(upper['value'])}/{quantity_text(lower)}"


def _components(observation: Resource) -> str:
    parts = _parts(observation)
    return ", ".join(f"{concept_text(part.get('code'))} {_value(part)}" for part in parts)


def _parts(observation: Resource) -> list[Resource]:
    return list(observation.get("component", ()))


def _absent(observation: Resource) -> str:
    return concept_text(observation.get("dataAbsentReason")) or NO_VALUE


def _unit(quantity: Resource) -> object:
    return quantity.get("code") or quantity.get("unit")


def _flag(observation: Resource) -> Flag | None:
    """The gravest that the reading or a part of it carries."""
    parts = (observation, *_parts(observation))
    found = {flag for part in parts for flag in (_said(part) or _ranged(part),) if flag}
    return next((flag for flag in GRAVITY if flag in found), None)


def _said(part: Resource) -> Flag | None:
    codes = {code for each in part.get("interpretation", ()) for _, code in codes_of(each)}
    found = {INTERPRETATIONS[code] for code in codes if code in INTERPRETATIONS}
    return next((flag for flag in GRAVITY if flag in found), None)


def _ranged(part: Resource) -> Flag | None:
    """Against the reference range, where there is one only, for everybody, in the same unit."""
    ranges, value = part.get("referenceRange", ()), part.get("valueQuantity")
    is_plain = len(ranges) == 1 and not {"appliesTo", "age", "type"} & set(ranges[0])
    if part.get("interpretation") or not is_plain:
        return None
    below = _compared(value, ranges[0].get("low"))
    above = _compared(value, ranges[0].get("high"))
    if below is not None and below < 0:
        return Flag.LOW
    return Flag.HIGH if above is not None and above > 0 else None


def _trend(newest: Resource, before: Resource) -> Trend | None:
    """By the first number of both, if they are in one unit."""
    difference = _compared(_leading(newest), _leading(before))
    if difference is None:
        return None
    return Trend.SAME if difference == 0 else Trend.UP if difference > 0 else Trend.DOWN


def _leading(observation: Resource) -> Resource | None:
    parts = (observation, *_parts(observation))
    return next((part["valueQuantity"] for part in parts if "valueQuantity" in part), None)


def _compared(value: Resource | None, other: Resource | None) -> Decimal | None:
    """By how much one amount is more than another; None unless both are exact, in one unit."""
    if not value or not other or _unit(value) != _unit(other):
        return None
    if "comparator" in value | other or "value" not in value.keys() & other.keys():
        return None
    return Decimal(str(value["value"])) - Decimal(str(other["value"]))
