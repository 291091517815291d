"""Reminders as people get and answer them, over the whole stack with the clock set."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.support.patients import FhirClient, Phone, World, inspector, staff

JOHN, MRN = "+12125550104", "1005"
NEW_YORK = ZoneInfo("America/New_York")
# A Monday before the spring's clock change; the visit is on Wednesday at two.
MONDAY = "2027-03-08T07:00:00-05:00"


@pytest.fixture
def john(world: World) -> Phone:
    """Somebody with metformin at eight and eight, early on a Monday."""
    world.clock(real=True)
    world.clock(now=MONDAY)
    world.reset()
    world.settle()
    phone = Phone(world, JOHN)
    phone.new()
    return phone


def _at(world: World, when: str) -> None:
    world.clock(now=when)
    world.settle()


def _doses(phone: Phone) -> list[dict[str, Any]]:
    return [each for each in phone.thread() if "Reply T taken" in each["text"]]


def _statements(record: FhirClient) -> list[dict[str, Any]]:
    return record.found(f"MedicationStatement?subject=Patient/{record.patient(MRN)}")


def _visit(record: FhirClient) -> dict[str, Any]:
    (visit,) = record.found(f"Appointment?patient=Patient/{record.patient(MRN)}&status=booked")
    return visit


def test_each_dose_of_a_week_with_a_clock_change_comes_once_at_its_wall_time(
    john: Phone, world: World
) -> None:
    _at(world, "2027-03-15T07:00:00-04:00")
    sent = [datetime.fromisoformat(each["at"]).astimezone(NEW_YORK) for each in _doses(john)]
    assert [(at.day, at.hour) for at in sent] == [
        (day, hour) for day in range(8, 15) for hour in (8, 20)
    ]
    assert all(at.minute == 0 for at in sent)
    assert _statements(inspector(world)) == []


def test_dose_that_was_taken_is_in_the_record_as_the_patient_says(
    john: Phone, world: World
) -> None:
    _at(world, "2027-03-08T08:01:00-05:00")
    (prompt,) = john.new()
    assert "8am metformin" in prompt.lower()
    assert john.texts("T") == ["Thank you, I noted that you took it."]
    record = inspector(world)
    (statement,) = _statements(record)
    (medicine,) = record.found(
        f"MedicationRequest?subject=Patient/{record.patient(MRN)}&status=active"
    )
    assert statement["status"] == "completed"
    assert statement["basedOn"] == [{"reference": f"MedicationRequest/{medicine['id']}"}]
    assert statement["effectiveDateTime"] == "2027-03-08T08:00:00-05:00"
    assert statement["informationSource"]["reference"] == f"Patient/{record.patient(MRN)}"
    message = record.get(statement["derivedFrom"][0]["reference"])
    assert message["payload"] == [{"contentString": "T"}]


def test_skipped_dose_has_its_reason_and_a_person_where_one_is_needed(
    john: Phone, world: World
) -> None:
    _at(world, "2027-03-08T08:01:00-05:00")
    john.new()
    (why,) = john.texts("S")
    assert "2) I ran out" in why
    (told,) = john.texts("2")
    assert "refill" in told
    (statement,) = _statements(inspector(world))
    assert statement["status"] == "not-taken"
    assert statement["statusReason"][0]["coding"][0]["code"] == "ran_out"
    assert world.state()["unacknowledged_escalations"] == 1


def test_later_is_asked_once_more_in_an_hour_and_free_words_are_heard(
    john: Phone, world: World
) -> None:
    _at(world, "2027-03-08T08:01:00-05:00")
    john.new()
    (later,) = john.texts("i'll take it later")
    assert "9:01am" in later or "9:02am" in later
    _at(world, "2027-03-08T09:03:00-05:00")
    (again,) = john.new()
    assert "8am metformin" in again.lower()
    assert john.texts("i took my pill just now") == ["Thank you, I noted that you took it."]
    (statement,) = _statements(inspector(world))
    assert statement["effectiveDateTime"] == "2027-03-08T08:00:00-05:00"


def test_visit_is_confirmed_and_the_answer_is_written(john: Phone, world: World) -> None:
    record = inspector(world)
    start = datetime.fromisoformat(_visit(record)["start"])
    _at(world, (start - timedelta(hours=1, minutes=59)).isoformat())
    prompt = next(text for text in john.new() if "Reply C confirm" in text)
    assert "Dr Ana Ruiz" in prompt
    (thanks,) = john.texts("yep ill be there")
    assert thanks.startswith("Thank you. See you")
    visit = _visit(record)
    patient = f"Patient/{record.patient(MRN)}"
    (own,) = [each for each in visit["participant"] if each["actor"]["reference"] == patient]
    assert own["status"] == "accepted"
    (answer,) = record.found(f"AppointmentResponse?appointment=Appointment/{visit['id']}")
    assert (answer["participantStatus"], answer["actor"]["reference"]) == ("accepted", patient)


def test_visit_that_is_given_up_frees_its_time(john: Phone, world: World) -> None:
    record = inspector(world)
    visit = _visit(record)
    start = datetime.fromisoformat(visit["start"])
    _at(world, (start - timedelta(hours=1, minutes=59)).isoformat())
    john.new()
    (ask,) = john.texts("cant make it")
    assert "somebody else" in ask
    (off,) = john.texts("Y")
    assert "that visit is off" in off
    assert record.get(f"Appointment/{visit['id']}")["status"] == "cancelled"
    slot = record.get(visit["slot"][0]["reference"])
    assert slot["status"] == "free"
    (answer,) = record.found(f"AppointmentResponse?appointment=Appointment/{visit['id']}")
    assert answer["participantStatus"] == "declined"


def test_visit_is_moved_and_keeps_its_time_until_the_new_one_is_won(
    john: Phone, world: World
) -> None:
    record = inspector(world)
    before = _visit(record)
    start = datetime.fromisoformat(before["start"])
    _at(world, (start - timedelta(hours=1, minutes=59)).isoformat())
    john.new()
    (offers,) = john.texts("R")
    assert "1)" in offers
    john.texts("1")
    assert _visit(record)["start"] == before["start"]
    (moved,) = john.texts("BOOK")
    assert moved.startswith("Moved: ")
    after = _visit(record)
    assert after["id"] == before["id"]
    assert after["start"] != before["start"]
    assert record.get(before["slot"][0]["reference"])["status"] == "free"


def test_letters_find_their_own_prompt_when_dose_and_visit_are_open(
    john: Phone, world: World
) -> None:
    record = inspector(world)
    start = datetime.fromisoformat(_visit(record)["start"])
    _at(world, (start + timedelta(hours=-5, minutes=-58)).isoformat())
    _at(world, (start - timedelta(hours=1, minutes=59)).isoformat())
    john.new()
    assert john.texts("T") == ["Thank you, I noted that you took it."]
    (thanks,) = john.texts("C")
    assert thanks.startswith("Thank you. See you")


@pytest.mark.parametrize("why", ["stopped", "dead", "opted out"])
def test_what_is_no_longer_so_is_not_sent(john: Phone, world: World, why: str) -> None:
    hospital = staff(world)
    patient = hospital.patient(MRN)
    if why == "stopped":
        (medicine,) = hospital.found(f"MedicationRequest?subject=Patient/{patient}")
        hospital.update({**medicine, "status": "stopped"})
    elif why == "dead":
        hospital.update({**hospital.get(f"Patient/{patient}"), "deceasedBoolean": True})
    else:
        john.texts("STOP")
    world.settle()
    john.new()
    _at(world, "2027-03-08T20:30:00-05:00")
    assert _doses(john) == []


def test_visit_that_the_hospital_moves_is_reminded_of_at_its_new_time_only(
    john: Phone, world: World
) -> None:
    hospital = staff(world)
    visit = _visit(hospital)
    hospital.update({**visit, "status": "cancelled"})
    world.settle()
    _at(world, "2027-03-11T07:00:00-05:00")
    assert [text for text in john.new() if "Reply C confirm" in text] == []
