"""A Dosage in words. What is not understood to the last element is not paraphrased.

Source: FHIR R4 4.0.1, Dosage and Timing, https://hl7.org/fhir/R4/dosage.html.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from api.people.record_words import (
    concept_text,
    joined,
    listed,
    number_text,
    quantity_text,
)
from integrations.ports.fhir import Resource

UNREADABLE: Final = "See the record for directions"
NOON: Final = 12
UNDERSTOOD: Final = frozenset(
    {"timeOfDay", "dayOfWeek", "frequency", "period", "periodUnit", "when"}
)
PARAPHRASED: Final = frozenset(
    {
        "id",
        "sequence",
        "text",
        "timing",
        "asNeededBoolean",
        "asNeededCodeableConcept",
        "doseAndRate",
        "additionalInstruction",
        "patientInstruction",
        "route",
    }
)
UNITS: Final[Mapping[str, str]] = MappingProxyType(
    {"h": "hour", "d": "day", "wk": "week", "mo": "month", "min": "minute", "a": "year"}
)
TIMES: Final[Mapping[int, str]] = MappingProxyType({1: "once", 2: "twice"})
# Source: FHIR R4 4.0.1, value set event-timing.
WHEN: Final[Mapping[str, str]] = MappingProxyType(
    {
        "MORN": "in the morning",
        "NOON": "at noon",
        "AFT": "in the afternoon",
        "EVE": "in the evening",
        "NIGHT": "at night",
        "HS": "at bedtime",
        "WAKE": "on waking",
        "AC": "before meals",
        "ACM": "before breakfast",
        "ACD": "before lunch",
        "ACV": "before dinner",
        "PC": "after meals",
        "PCM": "after breakfast",
        "PCD": "after lunch",
        "PCV": "after dinner",
        "C": "with meals",
        "CM": "with breakfast",
        "CD": "with lunch",
        "CV": "with dinner",
    }
)


def directions(dosages: Sequence[Resource]) -> str:
    """How a medicine is to be taken; empty where the record does not say."""
    return "; ".join(text for text in map(_dosage, dosages) if text)


def clock_text(time: str) -> str:
    """A FHIR time as one says it: 8:00 am."""
    hour, minute = int(time[:2]), time[3:5]
    return f"{(hour - 1) % NOON + 1}:{minute} {'am' if hour < NOON else 'pm'}"


def _dosage(dosage: Resource) -> str:
    """Its times of day where they are given, else its author's words, else its structure."""
    if "modifierExtension" in dosage:
        return UNREADABLE
    text, timing = str(dosage.get("text", "")), dosage.get("timing", {})
    if text and "timeOfDay" not in timing.get("repeat", {}):
        return text
    if not _is_understood(dosage, timing):
        return text or UNREADABLE
    return joined((_dose(dosage), _timing(timing), _need(dosage), _extra(dosage))) or text


def _is_understood(dosage: Resource, timing: Resource) -> bool:
    return (
        set(dosage) <= PARAPHRASED
        and set(timing) <= {"id", "code", "repeat"}
        and set(timing.get("repeat", {})) <= UNDERSTOOD
    )


def _dose(dosage: Resource) -> str:
    amounts = dosage.get("doseAndRate", ())
    return listed([text for text in map(_amount, amounts) if text], "or")


def _amount(amount: Resource) -> str:
    span = amount.get("doseRange", {})
    if any(name.startswith("rate") for name in amount):
        return UNREADABLE
    if {"low", "high"} <= set(span):
        return f"{number_text(span['low']['value'])} to {quantity_text(span['high'])}"
    return quantity_text(amount["doseQuantity"]) if "doseQuantity" in amount else UNREADABLE


def _timing(timing: Resource) -> str:
    repeat = timing.get("repeat", {})
    parts = (
        _often(repeat),
        listed([clock_text(each) for each in repeat.get("timeOfDay", ())]),
        listed([WHEN.get(each, UNREADABLE) for each in repeat.get("when", ())]),
        listed([str(each).capitalize() for each in repeat.get("dayOfWeek", ())]),
    )
    return " ".join(part for part in parts if part) or concept_text(timing.get("code"))


def _often(repeat: Resource) -> str:
    """How many times in which period; times of day say it by themselves where it is daily."""
    frequency, period = repeat.get("frequency", 1), repeat.get("period")
    unit = UNITS.get(str(repeat.get("periodUnit")))
    if period is None:
        return ""
    if unit is None:
        return UNREADABLE
    is_daily = (str(period), unit) == ("1", "day")
    if is_daily and "timeOfDay" in repeat:
        return ""
    times = TIMES.get(frequency, f"{frequency} times")
    if str(period) == "1":
        return f"{times} a{'n' if unit == 'hour' else ''} {unit}"
    every = f"every {number_text(period)} {unit}s"
    return every if frequency == 1 else f"{times} {every}"


def _need(dosage: Resource) -> str:
    if "asNeededCodeableConcept" in dosage:
        return f"as needed for {concept_text(dosage['asNeededCodeableConcept'])}"
    return "as needed" if dosage.get("asNeededBoolean") is True else ""


def _extra(dosage: Resource) -> str:
    extra = [concept_text(each) for each in dosage.get("additionalInstruction", ())]
    return joined([*extra, str(dosage.get("patientInstruction", ""))])
