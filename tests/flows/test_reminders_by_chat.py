"""Reminders of medicines set up, changed, listed and stopped in the patient's own words."""

import pytest

from tests.support.patients import FhirClient, Phone, World, inspector

JOHN, ELENA = "+12125550104", "+12125550107"
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


def test_medicine_that_is_not_prescribed_is_a_persons_to_answer(john: Phone, world: World) -> None:
    (told,) = john.texts("remind me to take my aspirin at 8")
    assert "not sure which medicine" in told
    assert world.state()["unacknowledged_escalations"] == 1


def test_who_has_no_medicine_is_told_so_in_spanish(world: World) -> None:
    elena = Phone(world, ELENA)
    elena.new()
    elena.texts("recuérdeme tomar mi metformina a las 8")
    answers = elena.texts("18/02/1988")
    record: FhirClient = inspector(world)
    assert record.found(f"MedicationRequest?subject=Patient/{record.patient('1008')}") == []
    assert any("No veo ninguna medicina" in each for each in answers)
