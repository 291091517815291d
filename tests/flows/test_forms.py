"""Forms as people fill them in by text, over the whole stack with the clock set."""

import os
import signal
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.patients import FhirClient, Phone, World, inspector, staff

JOHN, GRACE, ELENA = "+12125550104", "+12125550103", "+12125550107"
# The visit of the demo data is on the second clinic day after the seed, at two: on Wednesday.
MONDAY = "2027-03-08T07:00:00-05:00"
PROCESSES = ("rasa", "actions", "worker", "api")


@pytest.fixture
def monday(world: World) -> World:
    """A clinic's Monday, early."""
    world.clock(real=True)
    world.clock(now=MONDAY)
    world.reset()
    world.settle()
    return world


def _at(world: World, when: str) -> None:
    world.clock(now=when)
    world.settle()


def _begins(phone: Phone, birth_date: str, words: str = "start my form") -> str:
    """Say who it is; the first question."""
    phone.new()
    phone.texts(words)
    (question,) = phone.texts(birth_date)
    return question


def _responses(record: FhirClient, mrn: str) -> list[dict[str, Any]]:
    return record.found(f"QuestionnaireResponse?subject=Patient/{record.patient(mrn)}")


def _answers(response: dict[str, Any]) -> dict[str, Any]:
    """linkId → the values, groups flattened."""
    found: dict[str, Any] = {}

    def walk(items: list[dict[str, Any]]) -> None:
        for item in items:
            if "answer" in item:
                found[item["linkId"]] = [
                    next(v for k, v in each.items() if k.startswith("value"))
                    for each in item["answer"]
                ]
            walk(item.get("item", []))

    walk(response.get("item", []))
    return found


def _restart_everything(world: World) -> None:
    for name in PROCESSES:
        os.kill(world.pid_of(name), signal.SIGKILL)
        world.wait_ready()


def test_form_goes_on_through_reminders_questions_silence_and_a_restart(monday: World) -> None:
    john = Phone(monday, JOHN)
    record = inspector(monday)
    _at(monday, "2027-03-08T14:01:00-05:00")  # two days before the visit: its reminder is open
    assert any("Reply C confirm" in text for text in john.new())
    _at(monday, "2027-03-08T19:50:00-05:00")
    john.new()
    john.texts("start my form")
    (first,) = john.texts("07/30/1962")
    assert "visit" in first.lower()
    (second,) = john.texts("my knee hurts when i walk")
    (third,) = john.texts("two weeks ago" if "when" not in second.lower() else "03/01/2027")
    assert "0" in third
    assert "10" in third
    _is_interrupted(monday, john, third)
    assert _severity(record) == ("in-progress", 7)
    _at(monday, "2027-03-10T22:02:00-05:00")
    assert any("Reply RESUME" in text for text in john.new())
    _restart_everything(monday)
    john.texts("RESUME")
    (resumed,) = john.texts("07/30/1962")
    assert "allerg" in resumed.lower()
    _finishes(john, resumed)
    assert _severity(record) == ("completed", 7)


def _is_interrupted(monday: World, john: Phone, third: str) -> None:
    """A dose, a visit, a number, a question to the clinic, and back: each finds its own place."""
    _at(monday, "2027-03-08T20:00:30-05:00")
    assert any("Reply T taken" in text for text in john.new())
    (taken,) = john.texts("T")
    assert taken.startswith("Thank you, I noted that you took it.")
    assert "Back to question 3 of" in taken
    (confirmed,) = john.texts("C")
    assert confirmed.startswith("Thank you. See you")
    assert "Back to question 3 of" in confirmed
    (fourth,) = john.texts("2")
    assert "Back to" not in fourth
    assert "allerg" in fourth.lower()
    (hours,) = john.texts("what are your hours")
    assert hours.lower().count("allerg") == 1
    assert "Back to question 4 of" in hours
    assert _severity(inspector(monday)) == ("in-progress", 2)
    (back,) = john.texts("BACK")
    assert back == third
    (again,) = john.texts("7")
    assert again == fourth


def _told(world: World) -> list[str]:
    """Whom the mails of an alert went to, in order: the names before the @."""
    return [mail["to"].split("@")[0] for mail in _mails(world)]


def _mails(world: World) -> list[dict[str, Any]]:
    read: list[dict[str, Any]] = world.http.get("/sandbox/mail").json()["messages"]
    return read


def _severity(record: FhirClient) -> tuple[str, int]:
    """How far the visit form is, and how bad it is on a scale from 0 to 10."""
    (response,) = _responses(record, "1005")
    (number,) = _answers(response)["severity"]
    return response["status"], number


def _finishes(phone: Phone, question: str) -> None:
    """Answer whatever is asked until the review, change the third answer there, and send it."""
    for _ in range(12):
        if "Reply SEND" in question:
            break
        (question,) = phone.texts("1" if "1)" in question else "penicillin")
    assert "Reply SEND" in question
    phone.texts("3")
    (changed,) = phone.texts("7")
    assert "3) How bad, 0-10: 7" in changed
    (done,) = phone.texts("SEND")
    assert done.startswith("Thank you.")


@pytest.mark.parametrize(
    ("number", "mrn", "birth_date", "start", "crisis"),
    [
        (GRACE, "1004", "11/21/1990", "start my form", "You matter."),
        (ELENA, "1008", "18/02/1988", "empezar mi formulario", "Usted importa"),
    ],
    ids=["english", "spanish"],
)
def test_self_harm_item_is_an_emergency_before_the_form_ends(
    monday: World, number: str, mrn: str, birth_date: str, start: str, crisis: str
) -> None:
    phone = Phone(monday, number)
    _begins(phone, birth_date, start)
    for _ in range(8):
        phone.texts("1")
    (told,) = phone.texts("2")
    assert told.startswith(crisis)
    assert "2" not in told.split("988")[0]
    record = inspector(monday)
    (response,) = _responses(record, mrn)
    assert response["status"] == "in-progress"
    assert len(_answers(response)) == 9
    assert record.found(f"Observation?subject=Patient/{record.patient(mrn)}&code=44261-6") == []
    assert _told(monday) == ["oncall"]  # before the clinic opens
    # It climbs until somebody takes it on; nobody but people writes to them, whatever falls due.
    _at(monday, "2027-03-10T12:00:00-05:00")
    assert len(_told(monday)) > 2
    assert monday.state()["unacknowledged_escalations"] == 1
    assert phone.new() == []


def test_given_back_after_an_alarm_the_form_is_offered_at_its_next_question(
    monday: World, careline: Callable[..., str]
) -> None:
    phone = Phone(monday, GRACE)
    _begins(phone, "11/21/1990")
    for answer in "111111112":
        phone.texts(answer)
    (mail,) = _mails(monday)
    careline("conversation", "give-back", mail["text"].rsplit("/", 1)[1].strip())
    (back,) = phone.new()
    assert "can help again" in back
    assert "1)" in back
    assert phone.texts("1")[0].startswith("Your answers:")


def test_score_is_in_the_record_when_the_form_is_complete_and_never_in_a_text(
    monday: World,
) -> None:
    phone = Phone(monday, GRACE)
    _begins(phone, "11/21/1990")
    heard: list[str] = []
    for _ in range(8):
        heard += phone.texts("3")
    heard += phone.texts("PAUSE")
    (offers,) = phone.texts("i need to see someone about my knee on march 18")
    heard += phone.texts("RESUME")
    heard += phone.texts("1")
    while "Reply SEND" not in heard[-1]:
        heard += phone.texts("SKIP")
    record = inspector(monday)
    found = f"Observation?subject=Patient/{record.patient('1004')}&code=http://loinc.org|44261-6"
    assert record.found(found) == []
    heard += phone.texts("SEND")
    assert heard[-1].endswith(offers[offers.index("1)") :])  # the visit is asked about again
    (score,) = record.found(found)
    (response,) = _responses(record, "1004")
    assert score["valueInteger"] == 16
    assert score["derivedFrom"] == [{"reference": f"QuestionnaireResponse/{response['id']}"}]
    assert not any("16" in text for text in heard)
    (task,) = staff(monday).found(
        f"Task?patient=Patient/{record.patient('1004')}&code=complete-questionnaire"
    )
    assert task["status"] == "completed"


@pytest.mark.parametrize("vague", ["kinda", "more than half i guess", "not really no"])
def test_vague_words_are_asked_about_and_never_guessed(monday: World, vague: str) -> None:
    phone = Phone(monday, GRACE)
    _begins(phone, "11/21/1990")
    phone.texts("1")
    (asked,) = phone.texts(vague)
    assert "1 to 4" in asked
    (response,) = _responses(inspector(monday), "1004")
    assert len(_answers(response)) == 1
    (next_one,) = phone.texts("nearly every day")
    assert next_one != asked
    (response,) = _responses(inspector(monday), "1004")
    assert len(_answers(response)) == 2


@pytest.mark.parametrize(
    ("number", "mrn", "begins", "words", "late"),
    [
        (GRACE, "1004", ("11/21/1990", "start my form"), "several days", "did not use it"),
        (ELENA, "1008", ("18/02/1988", "empezar mi formulario"), "varios dias", "no lo tom"),
    ],
    ids=["english", "spanish"],
)
def test_answer_that_waited_for_the_engine_is_no_answer_to_a_later_question(
    monday: World, number: str, mrn: str, begins: tuple[str, str], words: str, late: str
) -> None:
    phone = Phone(monday, number)
    _begins(phone, *begins)
    monday.faults(rasa="down")
    phone.texts(words)
    (second,) = phone.texts("1")
    monday.faults(rasa="ok")
    _until_nothing_waits(monday)
    (told,) = phone.new()
    assert late in told
    assert told.endswith(second.partition("\n")[2])
    (response,) = _responses(inspector(monday), mrn)
    assert [value["code"] for (value,) in _answers(response).values()] == ["LA6568-5"]
    (third,) = phone.texts(words)
    assert third not in {second, told}
    (response,) = _responses(inspector(monday), mrn)
    assert [value["code"] for (value,) in _answers(response).values()] == ["LA6568-5", "LA6569-3"]


def _until_nothing_waits(world: World) -> None:
    deadline = time.monotonic() + 60
    while world.state()["inbox"].get("waiting"):
        assert time.monotonic() < deadline
        world.settle()
    world.settle()


def test_question_that_waited_for_the_engine_is_answered_beside_the_form(monday: World) -> None:
    phone = Phone(monday, GRACE)
    _begins(phone, "11/21/1990")
    monday.faults(rasa="down")
    phone.texts("what are your hours")
    phone.texts("1")
    monday.faults(rasa="ok")
    _until_nothing_waits(monday)
    (told,) = phone.new()
    assert "Back to question 2 of" in told
    assert "did not use it" not in told


def test_answers_that_need_no_engine_keep_no_person_from_what_waits_for_it(monday: World) -> None:
    phone = Phone(monday, GRACE)
    _begins(phone, "11/21/1990")
    monday.faults(rasa="down")
    phone.texts("what are your hours")
    _at(monday, "2027-03-08T07:06:00-05:00")
    (second,) = phone.texts("1")
    assert "1) Not at all" in second
    _at(monday, "2027-03-08T07:11:00-05:00")
    (told,) = phone.new()
    assert "person" in told.lower()
    assert monday.state()["unacknowledged_escalations"] == 1


def test_red_flag_as_an_answer_is_an_emergency_and_no_answer(monday: World) -> None:
    phone = Phone(monday, JOHN)
    _begins(phone, "07/30/1962")
    (told,) = phone.texts("crushing chest pain and i cant breathe")
    assert "911" in told
    assert _responses(inspector(monday), "1005") == []


def test_allergy_that_is_told_writes_nothing_into_the_chart(monday: World) -> None:
    record = inspector(monday)
    patient = record.patient("1005")
    kinds: Callable[[], int] = lambda: sum(  # noqa: E731
        len(record.found(f"{type_}?patient=Patient/{patient}"))
        for type_ in ("AllergyIntolerance", "Condition", "MedicationStatement")
    )
    before = kinds()
    phone = Phone(monday, JOHN)
    question = _begins(phone, "07/30/1962")
    for _ in range(12):
        if "Reply SEND" in question:
            break
        (question,) = phone.texts("1" if "1)" in question else "2")
    phone.texts("SEND")
    assert _responses(record, "1005")[0]["status"] == "completed"
    assert kinds() == before


def test_form_that_is_let_lie_is_asked_after_put_away_and_ended(monday: World) -> None:
    phone = Phone(monday, GRACE)
    _begins(phone, "11/21/1990")
    phone.texts("1")
    started = datetime.fromisoformat(MONDAY)
    _at(monday, (started + timedelta(hours=27)).isoformat())
    (nudge,) = phone.new()
    assert "RESUME" in nudge
    _at(monday, (started + timedelta(hours=76)).isoformat())
    (put_away,) = phone.new()
    assert "14 days" in put_away
    _at(monday, (started + timedelta(days=20)).isoformat())  # in one step
    phone.new()
    (response,) = _responses(inspector(monday), "1004")
    assert response["status"] == "stopped"
    assert len(_answers(response)) == 1


def test_form_is_offered_the_day_before_its_visit_and_starts_by_an_answer(monday: World) -> None:
    phone = Phone(monday, JOHN)
    _at(monday, "2027-03-09T14:01:00-05:00")
    assert any("Reply FORM to start" in text for text in phone.new())
    phone.texts("FORM")
    (first,) = phone.texts("07/30/1962")
    assert "1/" in first
