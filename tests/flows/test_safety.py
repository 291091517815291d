"""Emergencies in every state, persons who take over, an engine that is away."""

import time
from collections.abc import Callable

import pytest

from tests.support.patients import Phone, Visitor, World, inspector, staff

GRACE, ELENA, SAM = "+12125550103", "+12125550107", "+12125550101"
WISH = "i want to book a visit for a cough, any time next week"


@pytest.mark.parametrize(
    ("number", "born", "wish", "alarm", "told"),
    [
        (GRACE, "11/21/1990", WISH, "crushing chest pain", "Call 911 now"),
        (
            ELENA,
            "18/2/1988",
            "quiero una cita por tos, la semana que viene",
            "me duele mucho el pecho y no puedo respirar",
            "911",
        ),
    ],
)
def test_an_emergency_in_the_middle_of_a_booking(
    world: World, number: str, born: str, wish: str, alarm: str, told: str
) -> None:
    phone = Phone(world, number)
    phone.texts(wish)
    assert "1)" in phone.texts(born)[0]
    answer = phone.texts(alarm)
    assert len(answer) == 1
    assert told in answer[0]

    assert phone.texts("1") == []
    assert phone.texts("hello?") == []
    tasks = inspector(world).found("Task?status=requested&priority=stat")
    assert [task["code"]["coding"][0]["code"] for task in tasks] == ["emergency"]


def test_the_booking_goes_on_where_it_stood_when_a_person_gives_it_back(
    world: World, careline: Callable[..., str]
) -> None:
    visitor = Visitor.opens(world)
    visitor.new()
    offered = [visitor.says(text) for text in (WISH, "1001", "3/9/1979")][-1]
    assert offered[-1]["choices"][0]["send"] == "1"
    assert "911" in visitor.says("crushing chest pain")[-1]["text"]
    assert visitor.says("1") == []

    careline(
        "conversation", "reply", visitor.session, "This is Dana. Are you safe?", "--name", "Dana"
    )
    said = visitor.new()
    joined, reply = said
    assert "Dana, from Lakeside Clinic joined the chat" in joined["text"]
    assert (reply["from"], reply["name"]) == ("coordinator", "Dana")
    assert visitor.says("yes it was my neighbour") == []

    careline("conversation", "give-back", visitor.session)
    back = visitor.new()
    assert back[-1]["choices"] == offered[-1]["choices"]
    assert "held until" in visitor.says("1")[-1]["text"]
    assert visitor.says("BOOK")[-1]["text"].startswith("Booked")
    assert "Are you safe?" in careline("conversation", "show", visitor.session)


def test_stop_red_flags_and_a_person_work_while_the_engine_is_down(world: World) -> None:
    world.faults(rasa="down")
    assert "911" in Phone(world, GRACE).texts("my chest hurts so bad and i cant breathe")[0]
    assert "person" in Phone(world, "+12125550105").texts("talk to a person")[0].lower()
    assert "unsubscribed" in Phone(world, "+12125550106").texts("STOP")[0]


def test_a_message_waits_for_the_engine_with_one_holding_reply(world: World) -> None:
    phone = Phone(world, GRACE)
    world.faults(rasa="down")
    held = phone.texts("what are your hours")
    assert len(held) == 1
    assert "212-555-0199" in held[0]
    assert phone.texts("and where are you") == []
    world.faults(rasa="ok")
    for _ in range(40):
        world.settle()
        answers = phone.new()
        held += answers
        if len(held) >= 3:
            break
        time.sleep(0.25)
    assert len(held) == 3
    assert "8" in held[1]
    assert "Lake" in held[2]


def test_after_ten_minutes_without_the_engine_a_person_has_it(world: World) -> None:
    phone = Phone(world, GRACE)
    world.faults(rasa="down")
    phone.texts("what are your hours")
    world.clock(advance="PT11M")
    world.settle()
    assert "person" in phone.new()[0]
    tasks = inspector(world).found("Task?status=requested")
    assert [task["code"]["coding"][0]["code"] for task in tasks] == ["engine_down"]


def test_two_misses_in_a_row_offer_a_person(world: World) -> None:
    phone = Phone(world, GRACE)
    first = phone.texts("flurb gnarz wibble")
    second = phone.texts("zzkx plomf")
    assert "PERSON" not in first[0]
    assert "PERSON" in second[0]


def test_staff_take_the_held_time_and_the_patient_is_told(world: World) -> None:
    fhir, ehr = inspector(world), staff(world)
    visitor = Visitor.opens(world)
    for text in (WISH, "1001", "3/9/1979", "1"):
        visitor.says(text)
    sam = fhir.patient("1001")
    held = fhir.found(f"Appointment?patient={sam}&status=pending")[0]
    doctor = [p for p in held["participant"] if "Practitioner/" in p["actor"]["reference"]]
    answer = ehr.create(
        {
            "resourceType": "Appointment",
            "status": "booked",
            "start": held["start"],
            "end": held["end"],
            "slot": held["slot"],
            "participant": [
                {"actor": doctor[0]["actor"], "status": "accepted"},
                {"actor": {"reference": f"Patient/{fhir.patient('1006')}"}, "status": "accepted"},
            ],
        }
    )
    assert answer.status_code == 201, answer.text
    world.settle()
    told = visitor.new()
    assert len(told) == 1
    assert "clinic needs" in told[0]["text"]
    assert [c["send"] for c in told[0]["choices"]][:3] == ["1", "2", "3"]
    assert fhir.found(f"Appointment?patient={sam}&status=pending") == []


def wait_until_heard(world: World, count: int) -> None:
    """Until so many messages have come in; a webhook is on its way for a moment."""
    for _ in range(100):
        if sum(world.state()["inbox"].values()) >= count:
            return
        time.sleep(0.05)
    raise AssertionError(world.state())


def test_a_stop_overtakes_a_turn_that_is_under_way_and_has_the_last_word(world: World) -> None:
    phone = Phone(world, GRACE)
    world.faults(rasa="slow")
    phone.sends("what are your hours")
    wait_until_heard(world, 1)
    phone.sends("please stop texting me")
    world.settle()
    assert ["no more texts" in text for text in phone.new()] == [True]
    world.faults(rasa="ok")
    assert phone.texts("what are your hours") == []


def test_an_emergency_overtakes_a_slow_turn_and_silences_its_answer(world: World) -> None:
    phone = Phone(world, GRACE)
    world.faults(rasa="slow")
    phone.sends("what are your hours")
    wait_until_heard(world, 1)
    phone.sends("crushing chest pain and i cant breathe")
    world.settle()
    assert ["911 now" in text for text in phone.new()] == [True]
