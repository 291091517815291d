"""What is due: a Task that asks for a form, and what becomes of it."""

from datetime import UTC, datetime, timedelta

from api.intake.assignments import as_task, by_urgency, due_at, form_of, fulfilled, taken_up
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import Resource

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
FORM = "https://careline.example/Questionnaire/phq-9|1.0"
VISIT = {"id": "v1", "start": "2027-03-05T14:00:00-05:00"}


def asked(*, visit: Resource | None = None, now: datetime = NOW) -> Resource:
    return as_task(FORM, "p1", requester="Practitioner/dr", now=now, visit=visit)


def test_task_is_valid_and_names_form_patient_and_visit() -> None:
    task = asked(visit=VISIT)
    validate(task)
    assert (task["status"], form_of(task)) == ("ready", FORM)
    assert task["for"] == task["owner"] == {"reference": "Patient/p1"}
    assert task["reasonReference"] == {"reference": "Appointment/v1"}
    assert due_at(task) == datetime(2027, 3, 5, 19, 0, tzinfo=UTC)
    # The source's rule sdc-t1.
    assert "focus" not in task


def test_what_a_visit_waits_for_comes_first_then_the_oldest() -> None:
    old, new = asked(now=NOW - timedelta(days=9)), asked()
    soon = asked(visit=VISIT)
    later = asked(visit={"id": "v2", "start": "2027-03-05T12:00:00-08:00"})
    assert by_urgency([new, later, old, soon]) == [soon, later, old, new]


def test_task_of_another_system_may_give_days_only() -> None:
    by_day = asked() | {"authoredOn": "2027-03", "restriction": {"period": {"end": "2027-03-04"}}}
    assert due_at(by_day) == datetime(2027, 3, 4, tzinfo=UTC)
    assert by_urgency([asked(visit=VISIT), by_day])[0] is by_day


def test_task_is_under_way_and_then_done_with_its_answers_named_once() -> None:
    under_way = taken_up(asked(), now=NOW + timedelta(hours=1))
    assert (under_way["status"], under_way["lastModified"]) == (
        "in-progress",
        "2027-03-03T16:00:00+00:00",
    )
    done = fulfilled(fulfilled(under_way, "r1", now=NOW), "r2", now=NOW)
    validate(done)
    assert done["status"] == "completed"
    (output,) = done["output"]
    assert output["valueReference"] == {"reference": "QuestionnaireResponse/r2"}


def test_task_that_names_no_form_has_none() -> None:
    other = {"coding": [{"system": "https://careline.example/test", "code": "questionnaire"}]}
    assert form_of({"input": [{"type": other, "valueCanonical": FORM}]}) is None
    assert form_of({}) is None
