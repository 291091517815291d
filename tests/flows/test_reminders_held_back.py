"""Reminders that must not go, or not yet: each with its reason where staff see it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.patients import FhirClient, Phone, World, inspector, staff
from tests.support.reminded import (
    JOHN,
    JOHNS_MRN,
    MONDAY,
    begins,
    comes_to,
    doses,
    gets_medicine,
    gets_visit,
    statements,
)

SAM, NEW_NUMBER = "+12125550101", "+12125550108"
REASON = re.compile(r"\[(\w+): (\w+)\]")

type Careline = Callable[..., str]


@pytest.fixture
def john(world: World) -> Phone:
    """Somebody with metformin at eight and eight, early on a Monday."""
    begins(world, MONDAY)
    phone = Phone(world, JOHN)
    phone.new()
    return phone


def _john(hospital: FhirClient) -> dict[str, Any]:
    return hospital.get(f"Patient/{hospital.patient(JOHNS_MRN)}")


def _not_sent(careline: Careline, number: str) -> list[tuple[str, str]]:
    """What did not go, and why, as the team reads it in the conversation."""
    return REASON.findall(careline("conversation", "show", number))


def _changed(hospital: FhirClient, why: str) -> dict[str, Any]:
    """Change the record so that a reminder must not go; what it was before."""
    record = _john(hospital)
    match why:
        case "medicine_stopped":
            query = f"MedicationRequest?subject=Patient/{record['id']}&status=active"
            (medicine,) = [each for each in hospital.found(query) if "07:30" in str(each)]
            hospital.update({**medicine, "status": "stopped"})
            return medicine
        case "phone_changed":
            hospital.update({name: record[name] for name in record if name != "telecom"})
        case _:
            hospital.update({**record, "deceasedDateTime": "2027-03-08T07:30:00-05:00"})
    return record


def test_what_changes_while_it_is_held_for_the_morning_is_judged_when_it_would_go(
    john: Phone, world: World, careline: Careline
) -> None:
    hospital = staff(world)
    gets_medicine(hospital, JOHNS_MRN, "07:30:00")  # held until eight: nobody asked for that hour
    reasons = ["medicine_stopped", "phone_changed", "deceased"]
    for day, why in enumerate(reasons, start=8):
        comes_to(world, f"2027-03-{day:02}T07:31:00-05:00")
        was = _changed(hospital, why)
        world.settle()
        john.new()
        comes_to(world, f"2027-03-{day:02}T08:02:00-05:00")
        came = [text for text in john.new() if "Reply T" in text]
        assert len(came) == (why == "medicine_stopped")  # the other medicine's
        hospital.update(was)
        world.settle()
    comes_to(world, "2027-03-11T07:31:00-05:00")
    john.new()
    assert john.texts("T") == ["Thank you, I noted that you took it."]
    assert len(statements(inspector(world))) == 1
    comes_to(world, "2027-03-11T08:02:00-05:00")
    assert len(john.new()) == 1
    john.texts("STOP")
    john.new()
    comes_to(world, "2027-03-11T20:01:00-05:00")
    assert john.new() == []
    not_sent = _not_sent(careline, JOHN)
    assert not_sent == [("refused", why) for why in (*reasons, "answered", "opted_out")]


def test_reminders_follow_a_new_number_and_come_where_they_were_agreed_to(
    john: Phone, world: World
) -> None:
    hospital, moved = staff(world), Phone(world, NEW_NUMBER)
    record = _john(hospital)
    phone = {"system": "phone", "value": NEW_NUMBER, "use": "mobile"}
    hospital.update({**record, "telecom": [phone]})
    world.settle()
    comes_to(world, "2027-03-08T08:01:00-05:00")
    assert doses(john) + doses(moved) == []  # nobody agreed to anything on the new one yet
    moved.texts("hello")
    moved.texts("yes")
    comes_to(world, "2027-03-08T20:01:00-05:00")
    assert (len(doses(john)), len(doses(moved))) == (0, 1)
    moved.texts("T")
    assert [each["status"] for each in statements(inspector(world))] == ["completed"]


def test_what_could_not_be_sent_while_it_was_of_use_is_not_sent_later(
    john: Phone, world: World, careline: Careline
) -> None:
    world.faults(twilio="down")
    comes_to(world, "2027-03-08T08:01:00-05:00")
    comes_to(world, "2027-03-08T09:31:00-05:00")
    world.faults(twilio="ok")
    world.settle()
    assert doses(john) == []
    assert _not_sent(careline, JOHN) == [("refused", "too_late")]


def test_in_a_crisis_nothing_is_reminded_of_until_it_is_released(
    john: Phone, world: World, careline: Careline
) -> None:
    (crisis,) = john.texts("i want to kill myself")
    assert "988" in crisis
    comes_to(world, "2027-03-08T08:01:00-05:00")
    assert doses(john) == []
    assert _not_sent(careline, JOHN) == [("refused", "frozen")]
    careline("conversation", "give-back", JOHN, "--name", "Dana Reed, RN")
    comes_to(world, "2027-03-08T20:01:00-05:00")
    assert len(doses(john)) == 1


def test_night_is_the_patients_own_and_what_was_held_is_judged_again_in_the_morning(
    world: World, careline: Careline
) -> None:
    begins(world, MONDAY)
    hospital, sam = staff(world), Phone(world, SAM)
    sam.texts("hello")
    sam.texts("yes")
    sam.new()
    early = gets_visit(hospital, "1001", "2027-03-11T09:00:00-05:00")
    late = gets_visit(hospital, "1001", "2027-03-11T09:30:00-05:00")
    comes_to(world, "2027-03-09T09:31:00-05:00")  # half past six in Los Angeles
    assert sam.new() == []
    visit = hospital.get(f"Appointment/{late}")
    hospital.update({**visit, "status": "cancelled"})
    world.settle()
    comes_to(world, "2027-03-09T12:01:00-05:00")
    (prompt,) = sam.new()
    assert "Thu Mar 11 9:00am" in prompt
    comes_to(world, "2027-03-11T08:00:00-05:00")  # two hours before it is four in the morning
    assert sam.new() == []
    reasons = _not_sent(careline, SAM)
    assert reasons == [("refused", "visit_cancelled"), ("refused", "quiet_hours")]
    assert hospital.get(f"Appointment/{early}")["status"] == "booked"
