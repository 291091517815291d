"""A form that was sent and is corrected, by text and in the chat, over the whole stack."""

from typing import Any

import pytest

from tests.flows.test_codes import code_on, says
from tests.support.patients import FhirClient, Phone, Visitor, World, inspector, staff

GRACE = "+12125550103"
MRN, BORN = "1004", "11/21/1990"
MONDAY, THURSDAY = "2027-03-08T07:00:00-05:00", "2027-03-11T10:00:00-05:00"
LATER = "2027-03-08T09:00:00-05:00"
TOTAL = "http://loinc.org|44261-6"
GAD_7 = "https://careline.example/Questionnaire/gad-7|1.0"


@pytest.fixture
def monday(world: World) -> World:
    """A clinic's Monday, early."""
    world.clock(real=True)
    world.clock(now=MONDAY)
    world.reset()
    world.settle()
    return world


def _only(record: FhirClient, query: str) -> dict[str, Any]:
    (found,) = record.found(f"{query}&subject=Patient/{record.patient(MRN)}")
    return found


def _stands(record: FhirClient) -> tuple[str, str, int]:
    """How the form is in the record, and its score."""
    response = _only(record, "QuestionnaireResponse?_count=9")
    score = _only(record, f"Observation?code={TOTAL}")
    assert score["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]
    return response["status"], score["status"], score["valueInteger"]


def _asks_for_another(world: World) -> None:
    """The team asks for one more form."""
    record = staff(world)
    patient = record.patient(MRN)
    (task,) = record.found(f"Task?patient=Patient/{patient}&code=complete-questionnaire")
    kept = ("resourceType", "status", "intent", "priority", "code", "for", "owner", "requester")
    more = {name: task[name] for name in kept} | {"authoredOn": LATER}
    more["input"] = [{**task["input"][0], "valueCanonical": GAD_7}]
    assert record.create(more).status_code == 201


def test_sent_form_is_corrected_by_text_and_chat_until_an_answer_alarms(monday: World) -> None:
    phone, record = Phone(monday, GRACE), inspector(monday)
    _asks_for_another(monday)
    phone.new()
    phone.texts("start my form")
    phone.texts(BORN)
    phone.texts("1")
    phone.texts("PAUSE")
    (told,) = phone.texts("8")
    assert "Reply RESUME" in told
    assert "2/9" in phone.texts("RESUME")[0]
    for _ in range(7):
        phone.texts("1")
    (review,) = phone.texts("1")
    assert "1) Little interest: Not at all" in review
    (thanks,) = phone.texts("SEND")
    assert "Reply CHANGE" in thanks
    assert "There is one more form: 7 questions" in thanks
    assert _stands(record) == ("completed", "final", 0)
    _corrects_by_text(monday, phone)
    assert _stands(record) == ("amended", "amended", 2)
    _corrects_in_the_chat(monday, phone)
    assert _stands(record) == ("amended", "amended", 3)
    _alarms(phone)
    assert _stands(record) == ("amended", "amended", 4)
    assert monday.state()["unacknowledged_escalations"] == 1
    versions = record.get(f"{_reference(record)}/_history")
    assert versions["entry"][0]["resource"]["status"] == "amended"


def _reference(record: FhirClient) -> str:
    response = _only(record, "QuestionnaireResponse?_count=9")
    return f"QuestionnaireResponse/{response['id']}"


def _corrects_by_text(monday: World, phone: Phone) -> None:
    """Days later; what a change brings up is asked, and CHANGE is heard right after the thanks."""
    monday.clock(now=THURSDAY)
    monday.settle()
    phone.new()
    phone.texts("I made a mistake on my form")
    (review,) = phone.texts(BORN)
    assert "Your answers now:" in review
    (asked,) = phone.texts("CHANGE 1")
    assert "Little interest" in asked
    (harder,) = phone.texts("3")
    assert "difficult" in harder
    (review,) = phone.texts("2")
    assert "1) Little interest: More than half" in review
    (thanks,) = phone.texts("SEND")
    assert thanks.startswith("Thank you. I changed your form.")


def _corrects_in_the_chat(monday: World, phone: Phone) -> None:
    """The same form from the site: a code opens it, a button changes an answer."""
    grace = Visitor.opens(monday)
    says(grace, "change my answers", MRN, BORN)
    says(grace, "Y")
    (_, review) = grace.says(code_on(phone))
    assert "your answers now" in review["text"]
    assert [line["number"] for line in review["form"]["review"]] == list(range(1, 11))
    says(grace, "CHANGE 2", "2", "SEND")


def _alarms(phone: Phone) -> None:
    (review,) = phone.texts("CHANGE")
    assert "2) Feeling down: Several days" in review
    phone.texts("9")
    (told,) = phone.texts("2")
    assert told.startswith("You matter.")
    assert phone.texts("SEND") == []
