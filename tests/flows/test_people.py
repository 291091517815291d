"""Families on one phone, short words, changed minds and languages."""

import pytest

from tests.support.patients import Phone, Visitor, World, inspector

FAMILY, GRACE, ELENA = "+12125550102", "+12125550103", "+12125550107"
LEO_BORN, MARIA_BORN, GRACE_BORN = "14/9/2019", "2/5/1984", "11/21/1990"


def test_a_mother_and_her_child_are_never_mixed_up_on_their_phone(world: World) -> None:
    fhir = inspector(world)
    phone = Phone(world, FAMILY)
    phone.texts("necesito una cita para mi hijo por tos, la semana que viene")
    phone.texts(LEO_BORN)
    phone.texts("1")
    assert "Reservada" in phone.texts("RESERVAR")[0]
    again = phone.texts("ahora necesito una cita para mi por dolor de espalda, la semana que viene")
    assert "fecha de nacimiento" in again[0]
    phone.texts(MARIA_BORN)
    phone.texts("2")
    assert "Reservada" in phone.texts("RESERVAR")[0]
    for mrn in ("1002", "1003"):
        visits = fhir.found(f"Appointment?patient={fhir.patient(mrn)}&status=booked")
        assert len(visits) == 1, mrn


@pytest.mark.parametrize(
    ("text", "service"),
    [
        ("dr lee tomorrow for my knee", "family-medicine"),
        ("blood test next friday morning", "laboratory"),
        ("my heart doctor next friday", "cardiology"),
    ],
)
def test_a_request_in_the_short_way_of_texts_opens_a_booking(
    world: World, text: str, service: str
) -> None:
    phone = Phone(world, GRACE)
    assert "date of birth" in phone.texts(text)[0]
    offered = phone.texts(GRACE_BORN)
    assert "1)" in offered[0]
    phone.texts("1")
    fhir = inspector(world)
    held = fhir.found(f"Appointment?patient={fhir.patient('1004')}&status=pending")[0]
    assert held["serviceType"][0]["coding"][0]["code"] == service


def test_a_new_language_asks_the_open_question_again(world: World) -> None:
    visitor = Visitor.opens(world)
    for text in ("i need a visit for my back, next week", "1001", "3/9/1979"):
        visitor.says(text)
    turned = visitor.says("ESPAÑOL")[-1]
    assert "seguimos en español" in turned["text"]
    assert [choice["send"] for choice in turned["choices"]] == ["1", "2", "3", "MÁS", "NINGUNA"]
    assert "guardada hasta" in visitor.says("1")[-1]["text"]


def test_other_times_are_asked_for_in_many_words(world: World) -> None:
    visitor = Visitor.opens(world)
    said = [visitor.says(text) for text in ("i need a visit for my back, next week", "1001")]
    assert said
    first = visitor.says("3/9/1979")[-1]["choices"][0]["label"]
    assert visitor.says("none of those work")[-1]["choices"][0]["label"] != first
    assert "held until" in visitor.says("1")[-1]["text"]
    assert "More" in visitor.says("a different day please")[-1]["text"]


def test_whoever_opts_out_in_despair_is_not_left_alone(world: World) -> None:
    Phone(world, GRACE).texts("stop texting me, i want to kill myself")
    tasks = inspector(world).found("Task?status=requested&priority=stat")
    assert [task["code"]["coding"][0]["code"] for task in tasks] == ["crisis"]
