"""Reminders of visits as people get and answer them, over the whole stack with the clock set."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.patients import FhirClient, Phone, World, inspector, staff
from tests.support.reminded import (
    JOHN,
    JOHNS_MRN,
    MONDAY,
    before,
    begins,
    comes_to,
    gets_visit,
    own_status,
    responses,
    visit_of,
)

ELENA, MARIA = "+12125550107", "+12125550102"
CONFIRM, CONFIRMO = "Reply C confirm", "C confirmo"


@pytest.fixture
def john(world: World) -> Phone:
    """Somebody with a visit on Wednesday at two, early on a Monday."""
    begins(world, MONDAY)
    phone = Phone(world, JOHN)
    phone.new()
    return phone


def _slot_status(record: FhirClient, visit: dict[str, str]) -> str:
    return str(
        record.get(record.get(f"Appointment/{visit['id']}")["slot"][0]["reference"])["status"]
    )


def _takes(hospital: FhirClient, mrn: str, held: dict[str, Any]) -> None:
    """The hospital gives somebody the time that is held for somebody else."""
    rival = {"actor": {"reference": f"Patient/{hospital.patient(mrn)}"}, "status": "accepted"}
    others = [each for each in held["participant"] if "Pract" in each["actor"]["reference"]]
    kept = {name: held[name] for name in ("serviceType", "start", "end", "slot")}
    taken = {"resourceType": "Appointment", "status": "booked", **kept}
    assert hospital.create({**taken, "participant": [rival, *others]}).status_code == 201


def test_visit_is_confirmed_once_and_the_next_reminder_asks_no_more(
    john: Phone, world: World
) -> None:
    record = inspector(world)
    visit = visit_of(record)
    comes_to(world, before(visit, days=2) + timedelta(minutes=1))
    prompt = next(text for text in john.new() if CONFIRM in text)
    assert "Dr Ana Ruiz" in prompt
    assert john.texts("yep ill be there") == ["Thank you. See you Wed Mar 10 2:00pm."]
    assert john.texts("C") == ["Thank you. See you Wed Mar 10 2:00pm."]
    assert john.texts("C") == []
    assert john.texts("c") == []
    assert own_status(record, visit["id"]) == "accepted"
    (answer,) = record.found(f"AppointmentResponse?appointment=Appointment/{visit['id']}")
    patient = f"Patient/{record.patient(JOHNS_MRN)}"
    assert (answer["participantStatus"], answer["actor"]["reference"]) == ("accepted", patient)
    assert world.state()["unacknowledged_escalations"] == 0

    comes_to(world, before(visit, hours=2) + timedelta(minutes=1))
    last = john.new()[-1]
    assert last.startswith("Lakeside: see you Wed Mar 10 2:00pm")
    assert CONFIRM not in last
    # A dose and a visit are open: each letter finds its own.
    assert john.texts("T") == ["Thank you, I noted that you took it."]
    (ask,) = john.texts("cant make it")
    assert "somebody else" in ask
    assert _slot_status(record, visit) == "busy"
    (off,) = john.texts("Y")
    assert "that visit is off" in off
    assert record.get(f"Appointment/{visit['id']}")["status"] == "cancelled"
    assert _slot_status(record, visit) == "free"
    assert responses(record, visit["id"]) == ["accepted", "declined"]


def test_visit_is_answered_in_spanish(world: World) -> None:
    begins(world, MONDAY)
    record, phone = inspector(world), Phone(world, ELENA)
    phone.new()
    hospital = staff(world)
    visit = gets_visit(hospital, "1008", "2027-03-10T10:00:00-05:00")
    comes_to(world, "2027-03-08T10:01:00-05:00")
    (prompt,) = phone.new()
    assert CONFIRMO in prompt
    (thanks,) = phone.texts("sí ahí estaré")
    assert thanks.startswith("Gracias. Le esperamos mié 10 mar")
    assert own_status(record, visit) == "accepted"
    (ask,) = phone.texts("no puedo ir")
    assert "otra persona" in ask
    assert phone.texts("No") == ["Está bien, su cita sigue como estaba."]
    assert own_status(record, visit) == "accepted"
    comes_to(world, "2027-03-10T09:01:00-05:00")
    assert "le esperamos" in phone.new()[-1]
    (offers,) = phone.texts("R")
    assert "NINGUNA" in offers
    assert record.get(f"Appointment/{visit}")["start"] == "2027-03-10T10:00:00-05:00"


def _books(phone: Phone, record: FhirClient, visit: dict[str, Any]) -> None:
    """The held time in place of the visit's, which is free then."""
    (moved,) = phone.texts("BOOK")
    assert moved.startswith("Moved: ")
    after = visit_of(record)
    assert (after["id"], after["start"] != visit["start"]) == (visit["id"], True)
    assert record.get(visit["slot"][0]["reference"])["status"] == "free"


def test_old_time_is_kept_when_somebody_else_wins_the_new_one(john: Phone, world: World) -> None:
    record = inspector(world)
    visit = visit_of(record)
    comes_to(world, before(visit, hours=2) + timedelta(minutes=1))
    john.new()
    (offers,) = john.texts("R")
    # Who asks the clinic something needs not say who they are, and is asked on.
    (hours,) = john.texts("what are your hours")
    assert hours.endswith(offers[offers.index("1)") :])
    # A letter finds its own prompt while the list is open, and the list comes once more.
    (both,) = john.texts("T")
    assert both.startswith("Thank you, I noted that you took it.")
    assert "1)" in both
    assert john.texts("1")[0].endswith("Reply BOOK to book it, or NONE.")
    patient = f"Appointment?patient=Patient/{record.patient(JOHNS_MRN)}"
    (pending,) = record.found(f"{patient}&status=pending")
    assert pending["start"] != visit["start"]

    _takes(staff(world), "1006", pending)
    world.settle()
    (lost,) = john.new()
    assert "took your held time" in lost
    assert "1)" in lost
    john.texts("BOOK")
    assert visit_of(record)["start"] == visit["start"]
    assert _slot_status(record, visit) == "busy"
    assert record.found(f"{patient}&status=pending") == []

    first = offers.splitlines()[1]
    # Moving goes on from our own question in free words, too: nobody is asked who they are.
    (wished,) = john.texts("something on friday morning")
    assert [line.split()[1] for line in wished.splitlines() if line[:2] in {"1)", "2)"}] == [
        "Fri"
    ] * 2
    assert first not in john.texts("1")[0]
    _books(john, record, visit)


def test_visits_of_mother_and_child_are_told_apart(world: World) -> None:
    begins(world, MONDAY)
    hospital, record, phone = staff(world), inspector(world), Phone(world, MARIA)
    hers = gets_visit(hospital, "1002", "2027-03-10T10:00:00-05:00")
    his = gets_visit(hospital, "1003", "2027-03-10T10:00:00-05:00", nth=1)
    comes_to(world, "2027-03-08T10:01:00-05:00")
    assert sorted("para Leo" in text for text in phone.new()) == [False, True]
    (which,) = phone.texts("C")
    phone.texts("A" if "A) Leo" in which else "B")
    assert (own_status(record, hers), own_status(record, his)) == ("needs-action", "accepted")
    # What is left open is hers.
    phone.texts("N")
    (off,) = phone.texts("Sí")
    assert "cancelada" in off
    assert record.get(f"Appointment/{hers}")["status"] == "cancelled"
    assert own_status(record, his) == "accepted"


def test_moved_visit_is_reminded_of_at_its_new_time_only_and_asked_about_anew(
    john: Phone, world: World
) -> None:
    hospital, record = staff(world), inspector(world)
    visit = visit_of(record)
    comes_to(world, before(visit, days=2) + timedelta(minutes=1))
    john.texts("C")
    start = datetime.fromisoformat(visit["start"]) + timedelta(days=2)
    end = datetime.fromisoformat(visit["end"]) + timedelta(days=2)
    moved = {name: visit[name] for name in visit if name != "slot"}
    hospital.update({**moved, "start": start.isoformat(), "end": end.isoformat()})
    world.settle()
    comes_to(world, before(visit, minutes=1))
    assert [text for text in john.new() if "2:00pm" in text and "Mar 10" in text][1:] == []
    comes_to(world, start - timedelta(hours=1, minutes=59))
    fresh = [text for text in john.new() if "Fri Mar 12 2:00pm" in text]
    assert len(fresh) == 2
    assert all(CONFIRM in text for text in fresh)
