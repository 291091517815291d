"""What the record says becomes something to be reminded of, or nothing for a reason."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from api.reminders.kinds import Stopped
from api.reminders.schedule import Fixed, Recurring, read_schedule
from api.reminders.wishes import Nothing, Person, Wish, of_medicine, of_visit

NEW_YORK = ZoneInfo("America/New_York")
WILLING = Person(NEW_YORK, wants_doses=True)
METFORMIN: dict[str, Any] = {
    "id": "m",
    "status": "active",
    "medicationCodeableConcept": {"coding": [{"display": "metformin 500 MG"}]},
    "authoredOn": "2027-03-01",
    "dosageInstruction": [
        {"timing": {"repeat": {"when": ["MORN"]}}},
        {"timing": {"repeat": {"when": ["NIGHT"]}}},
    ],
}
VISIT: dict[str, Any] = {"id": "v", "status": "booked", "start": "2027-03-15T14:00:00-04:00"}


def test_two_instructions_are_one_plan_with_two_times() -> None:
    wish = of_medicine(METFORMIN, WILLING)
    assert isinstance(wish, Wish)
    assert isinstance(wish.schedule, Recurring)
    assert wish.schedule.pattern.times == (time(8), time(20, 30))
    assert wish.facts["medicine"] == "metformin 500 MG"


@pytest.mark.parametrize(
    ("change", "person", "because"),
    [
        ({"status": "stopped"}, WILLING, Stopped.MEDICINE_STOPPED),
        ({"status": "on-hold"}, WILLING, Stopped.MEDICINE_STOPPED),
        ({"doNotPerform": True}, WILLING, Stopped.MEDICINE_STOPPED),
        ({"dosageInstruction": [{"text": "as directed"}]}, WILLING, Stopped.NO_TIMES),
        ({}, Person(NEW_YORK), Stopped.NOT_AGREED),
        ({}, Person(NEW_YORK, wants_doses=True, alive=False), Stopped.DECEASED),
    ],
)
def test_there_is_nothing_to_remind_of(
    change: dict[str, Any], person: Person, because: Stopped
) -> None:
    assert of_medicine({**METFORMIN, **change}, person) == Nothing(because)


def test_instructions_for_different_days_are_not_guessed_together() -> None:
    days = [
        {"timing": {"repeat": {"timeOfDay": ["08:00:00"], "dayOfWeek": [day]}}}
        for day in ("mon", "thu")
    ]
    assert of_medicine({**METFORMIN, "dosageInstruction": days}, WILLING) == Nothing(
        Stopped.NO_TIMES
    )


def test_visit_is_told_days_before_at_its_own_hour_over_a_clock_change() -> None:
    wish = of_visit(VISIT, WILLING)
    assert isinstance(wish, Wish)
    assert isinstance(wish.schedule, Fixed)
    assert [wall.isoformat() for wall in wish.schedule.walls] == [
        "2027-03-13T14:00:00",
        "2027-03-15T12:00:00",
    ]


def test_visit_is_told_by_the_persons_own_clock() -> None:
    wish = of_visit(VISIT, Person(ZoneInfo("America/Los_Angeles")), (timedelta(hours=2),))
    assert isinstance(wish, Wish)
    assert isinstance(wish.schedule, Fixed)
    assert wish.schedule.walls == (datetime.fromisoformat("2027-03-15T09:00:00"),)


@pytest.mark.parametrize("status", ["cancelled", "pending", "noshow", "fulfilled"])
def test_visit_that_is_not_booked_is_not_told(status: str) -> None:
    assert of_visit({**VISIT, "status": status}, WILLING) == Nothing(Stopped.VISIT_CANCELLED)


def test_schedule_survives_being_stored() -> None:
    for wish in (of_medicine(METFORMIN, WILLING), of_visit(VISIT, WILLING)):
        assert isinstance(wish, Wish)
        assert read_schedule(wish.schedule.as_json()) == wish.schedule
