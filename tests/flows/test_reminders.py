"""Reminders of doses as people get and answer them, over the whole stack with the clock set."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.support.patients import Phone, World, inspector, staff
from tests.support.reminded import (
    JOHN,
    JOHNS_MRN,
    MONDAY,
    begins,
    comes_to,
    doses,
    gets_medicine,
    statements,
)

MARIA = "+12125550102"
NEW_YORK = ZoneInfo("America/New_York")
SKIPS = "https://careline.example/fhir/CodeSystem/dose-skip-reason"


@pytest.fixture
def john(world: World) -> Phone:
    """Somebody with metformin at eight and eight, early on a Monday."""
    begins(world, MONDAY)
    phone = Phone(world, JOHN)
    phone.new()
    return phone


@pytest.mark.parametrize(
    ("from_", "until", "offsets"),
    [
        ("2027-03-10T21:00:00-05:00", "2027-03-17T21:00:00-04:00", [-5] * 6 + [-4] * 8),
        ("2027-11-03T21:00:00-04:00", "2027-11-10T21:00:00-05:00", [-4] * 6 + [-5] * 8),
    ],
    ids=["spring", "autumn"],
)
def test_each_dose_of_a_week_with_a_clock_change_comes_once_at_its_wall_time(
    world: World, from_: str, until: str, offsets: list[int]
) -> None:
    begins(world, from_)
    comes_to(world, until)
    sent = [datetime.fromisoformat(each["at"]) for each in doses(Phone(world, JOHN))]
    first = datetime.fromisoformat(from_).day + 1
    local = [each.astimezone(NEW_YORK) for each in sent]
    assert [(at.day, at.hour, at.minute) for at in local] == [
        (day, hour, 0) for day in range(first, first + 7) for hour in (8, 20)
    ]
    hours = [(at.utcoffset() or at.min - at.min).total_seconds() / 3600 for at in local]
    assert hours == offsets
    assert statements(inspector(world)) == []


def test_dose_that_was_taken_is_in_the_record_as_the_patient_says(
    john: Phone, world: World
) -> None:
    comes_to(world, "2027-03-08T08:01:00-05:00")
    (prompt,) = john.new()
    assert "8am metformin" in prompt.lower()
    assert john.texts("T") == ["Thank you, I noted that you took it."]
    record = inspector(world)
    patient = f"Patient/{record.patient(JOHNS_MRN)}"
    (statement,) = statements(record)
    (medicine,) = record.found(f"MedicationRequest?subject={patient}&status=active")
    assert statement["status"] == "completed"
    assert "statusReason" not in statement
    assert statement["basedOn"] == [{"reference": f"MedicationRequest/{medicine['id']}"}]
    assert statement["effectiveDateTime"] == "2027-03-08T08:00:00-05:00"
    assert statement["informationSource"]["reference"] == patient
    message = record.get(statement["derivedFrom"][0]["reference"])
    assert message["payload"] == [{"contentString": "T"}]


def test_skipped_doses_have_their_reasons_and_a_person_where_one_is_needed(
    john: Phone, world: World
) -> None:
    record = inspector(world)
    whys = {"4": "other", "1": "forgot", "2": "ran_out", "3": "side_effect"}
    times = ["08T08", "08T20", "09T08", "09T20"]
    for at, why in zip(times, whys, strict=True):
        comes_to(world, f"2027-03-{at}:01:00-05:00")
        john.new()
        (asked,) = john.texts("S")
        assert "2) I ran out" in asked
        (told,) = john.texts(why)
        assert ("refill" in told) is (why == "2")
        assert ("nurse" in told.lower()) is (why in "34")
    said = statements(record)
    assert [each["status"] for each in said] == ["not-taken"] * 4
    assert [each["statusReason"][0]["coding"] for each in said] == [
        [{"system": SKIPS, "code": code}] for code in whys.values()
    ]
    patient = record.patient(JOHNS_MRN)
    tasks = record.found(f"Task?patient=Patient/{patient}&status=requested")
    codes = sorted((each["code"]["coding"][0]["code"], each["priority"]) for each in tasks)
    assert codes == [("refill", "routine"), ("side_effect", "urgent")]

    # A nurse has the conversation now: the letter is written down, and the assistant is silent.
    comes_to(world, "2027-03-10T08:01:00-05:00")
    john.new()
    assert john.texts("T") == []
    assert [each["status"] for each in statements(record)] == ["not-taken"] * 4 + ["completed"]
    assert john.texts("yes i will call you") == []
    assert len(statements(record)) == 5


def test_later_is_asked_once_more_in_an_hour_and_free_words_are_heard(
    john: Phone, world: World
) -> None:
    comes_to(world, "2027-03-08T08:01:00-05:00")
    john.new()
    (later,) = john.texts("i'll take it later")
    assert "9:01am" in later or "9:02am" in later
    comes_to(world, "2027-03-08T09:03:00-05:00")
    (again,) = john.new()
    assert "8am metformin" in again.lower()
    (once,) = john.texts("L")
    assert "not ask about this dose again" in once
    john.texts("ok")
    assert statements(inspector(world)) == []  # "ok" says nothing of the dose
    assert john.texts("i took my pill just now") == ["Thank you, I noted that you took it."]
    (statement,) = statements(inspector(world))
    assert statement["effectiveDateTime"] == "2027-03-08T08:00:00-05:00"

    # Late in the evening, "later" asks for an hour at which nothing comes unasked.
    comes_to(world, "2027-03-08T20:01:00-05:00")
    assert "8pm" in john.new()[-1]
    (later,) = john.texts("L")
    assert "9:01pm" in later or "9:02pm" in later
    comes_to(world, "2027-03-08T21:03:00-05:00")
    assert len(john.new()) == 1
    assert len(doses(john)) == 4


def test_doses_of_mother_and_child_are_told_apart_and_the_mother_answers_for_the_child(
    world: World,
) -> None:
    begins(world, MONDAY)
    hospital, record, phone = staff(world), inspector(world), Phone(world, MARIA)
    for mrn in ("1002", "1003"):
        gets_medicine(hospital, mrn, "14:00:00")
    phone.texts("recuérdeme mi amoxicilina a las 2pm")
    assert "2pm" in phone.texts("2/5/1984")[0]
    phone.texts("N")  # no names of medicines in texts
    comes_to(world, "2027-03-09T10:00:00-05:00")  # who was asked is asked anew
    phone.new()
    phone.texts("recuérdeme mi amoxicilina a las 2pm")
    assert "2pm" in phone.texts("14/9/2019")[0]
    phone.texts("N")
    comes_to(world, "2027-03-09T14:01:00-05:00")
    prompts = phone.new()
    assert sorted("Leo" in text for text in prompts) == [False, True]
    assert sorted("Maria" in text for text in prompts) == [False, True]

    (which,) = phone.texts("T")
    letter = "A" if "A) Leo" in which else "B"
    assert phone.texts(letter) == ["Gracias, anoté que la tomó."]
    (childs,) = statements(record, "1003")
    assert childs["status"] == "completed"
    (relative,) = record.found(f"RelatedPerson?patient=Patient/{record.patient('1003')}")
    assert childs["informationSource"]["reference"] == f"RelatedPerson/{relative['id']}"
    assert statements(record, "1002") == []

    (why,) = phone.texts("S")
    assert "¿Por qué?" in why
    (own,) = statements(record, "1002")
    assert own["status"] == "not-taken"
    assert own["informationSource"]["reference"] == f"Patient/{record.patient('1002')}"
    assert [each["status"] for each in statements(record, "1003")] == ["completed"]
