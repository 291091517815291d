"""Readings: value, unit, flag and trend as the record has them, nothing judged here."""

from datetime import UTC
from decimal import Decimal

import pytest

from api.people.chart_kinds import Flag, Trend
from api.people.readings import latest
from integrations.ports.fhir import Resource
from tests.support.clinical import LOINC, coded

MMHG = {"unit": "mmHg", "code": "mm[Hg]"}


def a_reading(**more: object) -> Resource:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": coded("8310-5", LOINC, text="Temperature"),
        "effectiveDateTime": "2027-03-03T10:00:00Z",
        **more,
    }


def degrees(value: object, **more: object) -> Resource:
    return a_reading(valueQuantity={"value": value, "unit": "°C", **more})


def pressure(upper: int, lower: int, **more: object) -> Resource:
    parts = [
        {"code": coded("8480-6", LOINC, text="Upper"), "valueQuantity": {"value": upper, **MMHG}},
        {"code": coded("8462-4", LOINC, text="Lower"), "valueQuantity": {"value": lower, **MMHG}},
    ]
    return a_reading(code=coded("85354-9", LOINC, text="Blood pressure"), component=parts, **more)


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (degrees(Decimal("37.0")), "Temperature 37.0 °C"),
        (degrees(Decimal("1E+2")), "Temperature 100 °C"),
        (degrees(41, comparator=">"), "Temperature >41 °C"),
        (a_reading(valueQuantity={"value": 97, "unit": "%"}), "Temperature 97%"),
        (a_reading(valueQuantity={"unit": "°C"}), "Temperature no value on record"),
        (a_reading(valueCodeableConcept={"text": "raised"}), "Temperature raised"),
        (a_reading(valueInteger=7), "Temperature 7"),
        (a_reading(valueBoolean=False), "Temperature no"),
        (a_reading(), "Temperature no value on record"),
        (a_reading(dataAbsentReason={"text": "not asked"}), "Temperature not asked"),
        (pressure(142, 91), "Blood pressure 142/91 mmHg"),
        (
            pressure(142, 91) | {"component": [{"code": {"text": "Left"}, "valueString": "good"}]},
            "Blood pressure Left good",
        ),
        (degrees(37) | {"code": {}}, "Not named on record 37 °C"),
    ],
)
def test_value_is_said_with_its_unit(reading: Resource, said: str) -> None:
    assert latest([reading], UTC)[0].text == said


def _in_range(value: int, *ranges: Resource, **more: object) -> Resource:
    return degrees(value) | {"referenceRange": list(ranges), **more}


HIGH = {"high": {"value": 38, "unit": "°C"}}
LOW = {"low": {"value": 35, "unit": "°C"}}


@pytest.mark.parametrize(
    ("reading", "flag"),
    [
        (degrees(45), None),
        (_in_range(39, HIGH), Flag.HIGH),
        (_in_range(38, HIGH), None),
        (_in_range(34, LOW), Flag.LOW),
        (_in_range(39, HIGH, LOW), None),
        (_in_range(39, HIGH | {"appliesTo": [coded("infant")]}), None),
        (_in_range(39, {"high": {"value": 100, "unit": "°F"}}), None),
        (_in_range(39, {"text": "ask"}), None),
        (_in_range(39, HIGH, interpretation=[coded("N")]), None),
        (degrees(37) | {"interpretation": [coded("LL")]}, Flag.CRITICAL),
        (degrees(37) | {"interpretation": [coded("A"), coded("L")]}, Flag.LOW),
        (degrees(37) | {"interpretation": [coded("A")]}, Flag.ABNORMAL),
    ],
)
def test_flag_is_the_records_own(reading: Resource, flag: Flag | None) -> None:
    assert latest([reading], UTC)[0].flag is flag


def test_part_of_a_reading_flags_the_whole() -> None:
    reading = pressure(142, 80)
    reading["component"][0]["referenceRange"] = [{"high": {"value": 134, **MMHG}}]
    assert latest([reading], UTC)[0].flag is Flag.HIGH


@pytest.mark.parametrize(
    ("newest", "before", "trend"),
    [
        (degrees(38), degrees(37), Trend.UP),
        (degrees(36), degrees(37), Trend.DOWN),
        (degrees(37), degrees(Decimal("37.0")), Trend.SAME),
        (degrees(37), degrees(37, comparator=">"), None),
        (degrees(37), a_reading(valueQuantity={"value": 99, "unit": "°F"}), None),
        (degrees(37), a_reading(), None),
        (pressure(142, 91), pressure(138, 99), Trend.UP),
    ],
)
def test_trend_compares_like_with_like(
    newest: Resource, before: Resource, trend: Trend | None
) -> None:
    (item,) = latest([newest, before], UTC)
    assert item.trend is trend
    assert item.detail.startswith("Before: ")


def test_day_without_a_time_is_said_and_preliminary_is_marked() -> None:
    reading = degrees(37) | {"effectiveDateTime": "2027-03-02", "status": "preliminary"}
    (item,) = latest([reading], UTC)
    assert (item.detail, item.at) == ("Mar 2, 2027 · Not final", None)
