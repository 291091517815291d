"""A visit is booked, by web chat and by phone, in both languages; nothing is mocked."""

import re

from api.messaging.segments import segments
from tests.support.patients import FhirClient, Phone, Visitor, World, inspector

SAM, ELENA = "+12125550101", "+12125550107"
FIRST_WORDS = "i need to see someone about my knee, next week in the morning"


def visits(fhir: FhirClient, patient: str) -> list[tuple[str, str]]:
    """Each Appointment of a patient with its Slot's status, the cancelled ones left out."""
    found = []
    for visit in fhir.found(f"Appointment?patient={patient}"):
        if visit["status"] != "cancelled":
            slot = fhir.get(visit["slot"][0]["reference"])
            found.append((visit["status"], slot["status"]))
    return found


def test_a_visit_is_booked_by_web_chat(world: World) -> None:
    fhir = inspector(world)
    sam = fhir.patient("1001")
    visitor = Visitor.opens(world)
    assert "not a nurse" in visitor.new()[0]["text"]

    asked = visitor.says(FIRST_WORDS)
    assert len(asked) == 1
    assert "MRN" in asked[0]["text"]
    assert visitor.says("1001")[0]["input"] == "date"
    offered = visitor.says("3/9/1979")
    assert len(offered) == 1
    assert re.search(r"E[SD]T", offered[0]["text"])
    assert [choice["send"] for choice in offered[0]["choices"]] == ["1", "2", "3", "MORE", "NONE"]
    assert visits(fhir, sam) == []

    held = visitor.says("2")
    assert "held until" in held[0]["text"]
    assert "for you" in held[0]["text"]  # the patient's own zone is another
    assert visits(fhir, sam) == [("pending", "busy-tentative")]

    booked = visitor.says("BOOK")
    assert booked[0]["text"].startswith("Booked: ")
    assert visits(fhir, sam) == [("booked", "busy")]


def test_every_access_of_a_booking_has_its_audit_row(world: World) -> None:
    fhir = inspector(world)
    sam = fhir.patient("1001")
    visitor = Visitor.opens(world)
    for text in (FIRST_WORDS, "1001", "3/9/1979", "2", "BOOK"):
        visitor.says(text)
    visit = fhir.found(f"Appointment?patient={sam}")[0]
    events = fhir.found(f"AuditEvent?entity=Appointment/{visit['id']}&patient=Patient/{sam}")
    done = {(event["action"], event["outcome"]) for event in events}
    assert {("C", "0"), ("U", "0"), ("R", "0")} <= done
    for event in events:
        assert event["recorded"]
        assert event["agent"]
        patients = [
            entity["what"]["reference"]
            for entity in event["entity"]
            if entity.get("role", {}).get("code") == "1"
        ]
        assert patients == [f"Patient/{sam}"]


def test_a_visit_is_booked_by_phone_after_the_opt_in(world: World) -> None:
    fhir = inspector(world)
    phone = Phone(world, SAM)
    asked = phone.texts(FIRST_WORDS)
    assert len(asked) == 1
    assert "Reply YES" in asked[0]

    birth = phone.texts("yes")
    assert len(birth) == 1
    assert "date of birth" in birth[0]
    offered = phone.texts("3/9/1979")
    assert len(offered) == 1
    assert "1)" in offered[0]
    held = phone.texts("2")
    booked = phone.texts("BOOK")
    assert booked[0].startswith("Booked: ")
    for texts in (asked, birth, offered, held, booked):
        assert len(texts) == 1
        assert segments(texts[0]) == 1

    sam = fhir.patient("1001")
    assert visits(fhir, sam) == [("booked", "busy")]
    consents = fhir.found(f"Consent?patient={sam}")
    assert [consent["status"] for consent in consents] == ["active"]


def test_a_visit_is_booked_by_phone_in_spanish(world: World) -> None:
    fhir = inspector(world)
    phone = Phone(world, ELENA)
    birth = phone.texts("necesito una cita por dolor de rodilla, mañana por la tarde")
    assert "fecha de nacimiento" in birth[0]
    offered = phone.texts("18/2/1988")
    assert "NINGUNA" in offered[0]
    held = phone.texts("1")
    assert "RESERVAR" in held[0]
    booked = phone.texts("RESERVAR")
    assert booked[0].startswith("Reservada: ")
    for texts in (birth, offered, held, booked):
        assert len(texts) == 1
        assert segments(texts[0]) <= 2
    assert visits(fhir, fhir.patient("1008")) == [("booked", "busy")]


def test_a_question_in_between_is_answered_and_the_booking_goes_on(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.new()
    first = ("i want to book a visit for a cough", "1001", "3/9/1979")
    answer = [visitor.says(text) for text in first][-1]
    assert "When suits you" in answer[-1]["text"]
    between = visitor.says("what are your opening hours?")
    assert "8" in between[0]["text"]
    assert "When suits you" in between[0]["text"]
    offered = visitor.says("tomorrow or any time after")[0]
    assert [choice["send"] for choice in offered["choices"]] == ["1", "2", "3", "MORE", "NONE"]
    assert "1)" not in offered["text"]  # the buttons say it


def test_none_books_nothing_and_frees_the_held_time(world: World) -> None:
    fhir = inspector(world)
    visitor = Visitor.opens(world)
    for text in (FIRST_WORDS, "1001", "3/9/1979", "1"):
        visitor.says(text)
    assert "nothing is booked" in visitor.says("NONE")[-1]["text"]
    assert visits(fhir, fhir.patient("1001")) == []


def test_a_hold_is_released_at_its_time_and_a_late_yes_still_books_if_it_is_free(
    world: World,
) -> None:
    fhir = inspector(world)
    sam = fhir.patient("1001")
    visitor = Visitor.opens(world)
    for text in (FIRST_WORDS, "1001", "3/9/1979", "1"):
        visitor.says(text)
    world.clock(advance="PT11M")
    assert visits(fhir, sam) == []
    late = visitor.says("BOOK")[-1]
    assert late["text"].startswith("Booked: ") or "1" in [each["send"] for each in late["choices"]]


def test_three_wrong_birth_dates_end_at_a_person_without_a_hint(world: World) -> None:
    visitor = Visitor.opens(world)
    visitor.says(FIRST_WORDS)
    answers = []
    for _ in range(3):
        visitor.says("1001")
        answers.append(visitor.says("1/2/1950")[-1]["text"])
    assert answers[0] == answers[1]
    assert "person" in answers[2]
    assert world.state()["unacknowledged_escalations"] >= 1


def test_a_stranger_gets_the_same_answers_as_a_wrong_birth_date(world: World) -> None:
    known, stranger = Visitor.opens(world), Visitor.opens(world)
    said = {}
    for visitor, number in ((known, "1001"), (stranger, "9999")):
        visitor.says(FIRST_WORDS)
        said[number] = [visitor.says(number)[-1]["text"], visitor.says("1/2/1950")[-1]["text"]]
    assert said["1001"] == said["9999"]


def test_stop_in_the_chat_says_goodbye_and_gives_a_held_time_back(world: World) -> None:
    fhir = inspector(world)
    visitor = Visitor.opens(world)
    for text in (FIRST_WORDS, "1001", "3/9/1979", "1"):
        visitor.says(text)
    assert "Goodbye" in visitor.says("stop")[-1]["text"]
    assert visits(fhir, fhir.patient("1001")) == []


def test_guessing_birth_dates_over_many_chats_ends_at_a_person(world: World) -> None:
    for number in range(3):
        visitor = Visitor.opens(world)
        visitor.says(FIRST_WORDS)
        for day in (1, 2):
            visitor.says("1001")
            visitor.says(f"{number + 1}/{day}/1950")
    right = Visitor.opens(world)
    right.says(FIRST_WORDS)
    right.says("1001")
    assert "can't match" in right.says("3/9/1979")[-1]["text"]
