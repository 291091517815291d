"""A person has a conversation: what is seen of it in FHIR, on the phone and in the queue."""

from collections.abc import Callable
from typing import Any

from tests.support.patients import FhirClient, Phone, Visitor, World, inspector

GRACE, ELENA = "+12125550103", "+12125550107"
GRACE_BORN = "11/21/1990"
WISH = "i need a visit for my back, any time next week"
THREADS = "https://careline.example/fhir/CodeSystem/communication-category|conversation"
DANA = "Dana Reed, RN"

type Careline = Callable[..., str]


def thread(fhir: FhirClient) -> dict[str, Any]:
    """The one thread there is."""
    (header,) = fhir.found(f"Communication?category={THREADS}")
    return header


def test_a_thread_with_a_person_in_it_is_whole_in_fhir(world: World, careline: Careline) -> None:
    fhir, phone = inspector(world), Phone(world, GRACE)
    phone.texts(WISH)
    assert "subject" not in thread(fhir)
    phone.texts(GRACE_BORN)
    phone.texts("PERSON")
    careline("conversation", "reply", GRACE, "This is Dana.", "--name", DANA)
    world.settle()
    phone.texts("thank you")

    header = thread(fhir)
    patient = {"reference": f"Patient/{fhir.patient('1004')}"}
    assert header["subject"] == patient
    said = fhir.found(f"Communication?part-of=Communication/{header['id']}")
    by_words = {each["payload"][0]["contentString"]: each for each in said}
    assert len(said) == len(phone.thread())
    dana = by_words["This is Dana."]
    assert dana["sender"]["display"] == DANA
    assert dana["sender"]["identifier"]["system"] == "https://careline.example/staff"
    assert dana["recipient"] == [patient]
    assert by_words["thank you"]["sender"] == patient
    asked = next(each for each in said if "date of birth" in each["payload"][0]["contentString"])
    wish = by_words[WISH]
    assert asked["inResponseTo"] == [{"reference": f"Communication/{wish['id']}"}]
    assert wish["sender"] == {"type": "Patient", "display": "Not identified"}
    # What was written before it was known who writes is in nobody's record.
    assert "subject" not in wish
    assert by_words["PERSON"]["subject"] == patient


def test_what_was_said_while_the_record_was_away_follows_in_order(
    world: World, careline: Careline
) -> None:
    fhir, phone = inspector(world), Phone(world, GRACE)
    world.faults(fhir="down")
    phone.texts("PERSON")
    careline("conversation", "reply", GRACE, "This is Dana.", "--name", DANA)
    phone.texts("i am here")
    world.faults(fhir="ok")
    world.settle()
    header = thread(fhir)
    said = fhir.found(f"Communication?part-of=Communication/{header['id']}")
    shown = sorted(said, key=lambda each: str(each["meta"]["lastUpdated"]))
    assert header["meta"]["lastUpdated"] <= shown[0]["meta"]["lastUpdated"]
    assert [each["payload"][0]["contentString"] for each in shown] == [
        each["text"] for each in phone.thread()
    ]
    (task,) = fhir.found("Task?code=asked_for_person")
    assert task["owner"]["display"] == DANA


def test_the_queue_names_why_people_are_needed(world: World, careline: Careline) -> None:
    Phone(world, GRACE).texts("PERSON")
    Phone(world, ELENA).texts("me quiero morir")
    lines = careline("conversation", "list").splitlines()
    facts = [line.split() for line in lines]
    assert {(each[1], each[2], each[5], each[6]) for each in facts} == {
        ("sms", "open", "routine", "asked_for_person"),
        ("sms", "open", "stat", "crisis"),
    }


def test_a_visitor_is_told_who_joined_and_who_left(world: World, careline: Careline) -> None:
    visitor = Visitor.opens(world)
    visitor.new()
    offered = [visitor.says(text) for text in (WISH, "1001", "3/9/1979")][-1]
    handed = visitor.says("PERSON")
    assert "will answer you here" in handed[-1]["text"]
    careline("conversation", "reply", visitor.session, "Hello, I am Dana.", "--name", DANA)
    joined, hello = visitor.new()
    assert joined["from"] == "system"
    assert joined["text"] == f"{DANA}, from Lakeside Clinic joined the chat."
    assert (hello["from"], hello["name"]) == ("coordinator", DANA)
    assert visitor.says("what are your hours") == []
    careline("conversation", "give-back", visitor.session)
    assert visitor.new()[-1]["choices"] == offered[-1]["choices"]
    assert "Monday" in visitor.says("what are your hours")[-1]["text"]
