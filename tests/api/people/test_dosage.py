"""Directions for taking a medicine: said as they are recorded, or not paraphrased at all."""

import pytest

from api.people.dosage import UNREADABLE, directions
from integrations.ports.fhir import Resource

TABLET: Resource = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]}


def timed(**repeat: object) -> Resource:
    return {"timing": {"repeat": repeat}}


@pytest.mark.parametrize(
    ("dosage", "said"),
    [
        (
            TABLET | timed(period=1, periodUnit="d", frequency=2, timeOfDay=["08:00:00", "20:00"]),
            "1 tablet · 8:00 am and 8:00 pm",
        ),
        (timed(timeOfDay=["00:05:00", "12:00:00", "13:30:00"]), "12:05 am, 12:00 pm and 1:30 pm"),
        (timed(period=1, periodUnit="d", frequency=1), "once a day"),
        (timed(period=1, periodUnit="h"), "once an hour"),
        (timed(period=8, periodUnit="h"), "every 8 hours"),
        (timed(period=2, periodUnit="wk", frequency=3), "3 times every 2 weeks"),
        (timed(period=1, periodUnit="d", when=["HS"]), "once a day at bedtime"),
        (timed(dayOfWeek=["mon", "thu"], timeOfDay=["09:00:00"]), "9:00 am Mon and Thu"),
        ({"timing": {"code": {"text": "BID"}}}, "BID"),
        (TABLET | {"asNeededBoolean": True}, "1 tablet · as needed"),
        (
            TABLET | {"asNeededCodeableConcept": {"text": "pain"}},
            "1 tablet · as needed for pain",
        ),
        (TABLET | {"additionalInstruction": [{"text": "with food"}]}, "1 tablet · with food"),
        (
            {
                "doseAndRate": [
                    {"doseRange": {"low": {"value": 1}, "high": {"value": 2, "unit": "tablets"}}}
                ]
            },
            "1 to 2 tablets",
        ),
        (TABLET | {"text": "One tablet twice a day"}, "One tablet twice a day"),
        (
            TABLET | timed(timeOfDay=["08:00:00"]) | {"text": "one in the morning"},
            "1 tablet · 8:00 am",
        ),
        ({}, ""),
    ],
)
def test_dosage_is_said_as_recorded(dosage: Resource, said: str) -> None:
    assert directions([dosage]) == said


@pytest.mark.parametrize(
    "dosage",
    [
        TABLET | timed(period=1, periodUnit="d", timeOfDay=["08:00:00"], count=3),
        TABLET | timed(period=1, periodUnit="d", periodMax=2),
        TABLET | {"maxDosePerPeriod": {"numerator": {"value": 4}}},
        TABLET | {"timing": {"event": ["2027-03-03"]}},
        TABLET | {"modifierExtension": [{"url": "x"}], "text": "take it"},
        {"doseAndRate": [{"rateQuantity": {"value": 1, "unit": "mL/h"}}]},
    ],
)
def test_what_is_not_understood_to_the_last_element_is_not_paraphrased(dosage: Resource) -> None:
    assert UNREADABLE in directions([dosage])


def test_authors_words_stand_where_the_structure_is_not_understood() -> None:
    dosage = TABLET | timed(timeOfDay=["08:00:00"], count=3) | {"text": "for three days at 8"}
    assert directions([dosage]) == "for three days at 8"


def test_steps_of_a_schedule_follow_each_other() -> None:
    steps = [TABLET | {"sequence": 1, "text": "one a day"}, {"sequence": 2, "text": "then two"}]
    assert directions(steps) == "one a day; then two"
