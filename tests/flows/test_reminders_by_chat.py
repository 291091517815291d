"""Reminders of medicines set up, changed, listed and stopped in the patient's own words."""

import re

import pytest

from tests.support.patients import FhirClient, Phone, Visitor, World, inspector, staff

JOHN, ELENA, GRACE = "+12125550104", "+12125550107", "+12125550103"
MONDAY = "2027-03-08T07:00:00-05:00"


@pytest.fixture
def john(world: World) -> Phone:
    """Somebody with metformin who has said who he is."""
    world.clock(real=True)
    world.clock(now=MONDAY)
    world.reset()
    world.settle()
    phone = Phone(world, JOHN)
    phone.new()
    phone.texts("what medications am i on")
    phone.texts("07/30/1962")
    return phone


def test_times_are_changed_by_brand_name_and_come_then(john: Phone, world: World) -> None:
    (told,) = john.texts("change my Glucophage reminder to 7 and 9pm")
    assert "7am, 9pm" in told
    world.clock(now="2027-03-08T21:31:00-05:00")
    world.settle()
    sent = [each["text"] for each in john.thread() if "Reply T taken" in each["text"]]
    assert len(sent) == 1
    assert "9pm" in sent[0]


def test_what_was_stopped_stays_so_and_can_be_set_up_again(john: Phone) -> None:
    (stopped,) = john.texts("stop reminding me about my metformn")
    assert "will not remind you" in stopped
    assert "no reminder" in john.texts("what medications am i on")[0]
    (told,) = john.texts("remind me to take my metformin at 8 and 8")
    assert "8am, 8pm" in told


def test_what_is_not_clear_is_asked_and_then_a_persons(john: Phone, world: World) -> None:
    (asked,) = john.texts("remind me to take my aspirin at 8")
    assert asked == "Do you mean your Metformin 500 mg tablet? Reply Y or N."
    (again,) = john.texts("the little white one")
    assert again == f"I did not get that. {asked}"
    (told,) = john.texts("none of these")
    assert "not sure which medicine" in told
    assert world.state()["unacknowledged_escalations"] == 1


def test_question_is_answered_by_number_or_time_and_names_are_asked_about_once(
    world: World,
) -> None:
    world.reset()
    world.settle()
    record = staff(world)
    grace = record.patient("1004")
    for name in ("Lisinopril 10 mg tablet", "Sertraline 50 mg tablet"):
        assert record.create(_a_prescription(grace, name)).status_code == 201
    phone = Phone(world, GRACE)
    phone.new()
    phone.texts("what reminders do i have")
    phone.texts("11/21/1990")
    (by_name,) = phone.texts("please remind me to take my pills")
    assert by_name.startswith("Which medicine do you mean?")
    (when,) = phone.texts("zestril")
    assert when.startswith("At what time")
    (told,) = phone.texts("8 and 8")
    assert "about your medicine at 8am, 8pm. May my texts name the medicine?" in told
    assert phone.texts("Y") == ["OK. My texts will name your medicine from now on."]
    (told,) = phone.texts("remind me to take my zoloft at 9pm")
    assert "about your Sertraline 50 mg tablet at 9pm. To end it" in told
    (asked,) = phone.texts("stop my reminders")
    assert asked.splitlines()[1:] == [
        *("1) Lisinopril 10 mg tab", "2) Sertraline 50 mg tab", "3) all of them"),
        "4) none of these",
    ]
    assert "Sertraline" in phone.texts("2")[0]
    shown = inspector(world).found(f"CommunicationRequest?subject=Patient/{grace}")
    states = {each["about"][0]["reference"]: each for each in shown}
    assert sorted(each["status"] for each in states.values()) == ["active", "revoked"]
    assert not any("Sertraline" in str(each) for each in shown)


def test_visitor_of_the_chat_is_asked_for_a_code_and_then_like_on_the_phone(
    world: World,
) -> None:
    world.settle()
    phone, visitor = Phone(world, JOHN), Visitor.opens(world)
    phone.new()
    visitor.new()
    visitor.says("remind me to take my heart pills")
    visitor.says(JOHN)
    (asked,) = visitor.says("07/30/1962")
    assert "be sure it is you" in asked["text"]
    visitor.says("yes")
    code = re.findall(r"\b\d{6}\b", phone.new()[-1])[0]
    *_, which = visitor.says(code)
    assert which["text"] == "Do you mean your Metformin 500 mg tablet?"
    (told,) = visitor.says("Y")
    assert "Metformin 500 mg tablet at 8am, 8pm" in told["text"]


def _a_prescription(patient: str, name: str) -> dict[str, object]:
    """One that does not say when it is to be taken."""
    return {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": {"text": name},
        "subject": {"reference": f"Patient/{patient}"},
    }


def test_who_has_no_medicine_is_told_so_in_spanish(world: World) -> None:
    elena = Phone(world, ELENA)
    elena.new()
    elena.texts("recuérdeme tomar mi metformina a las 8")
    answers = elena.texts("18/02/1988")
    record: FhirClient = inspector(world)
    assert record.found(f"MedicationRequest?subject=Patient/{record.patient('1008')}") == []
    assert any("No veo ninguna medicina" in each for each in answers)
