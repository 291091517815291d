"""Answers become valid QuestionnaireResponses, and come back out of them unchanged."""

from decimal import Decimal
from typing import Any

import pytest

from api.core.language import Language
from api.intake.answers import Answers, Path
from api.intake.forms import Form
from api.intake.progress import start, with_answer, with_declined
from api.intake.responses import as_response, read_response
from api.intake.values import Coding, Date, DateTime, Quantity, Time, Uri, Value
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import Resource
from tests.support.questionnaires import (
    AUTHORED,
    URL,
    extension,
    form_of,
    item,
    options,
    response_of,
    when,
)

A, B = (Coding("urn:test", code, code) for code in "ab")
DECLINED = extension("data-absent-reason", valueCode="asked-declined")


def _path(*steps: str | tuple[str, int]) -> Path:
    return tuple((step, 0) if isinstance(step, str) else step for step in steps)


def _say(form: Form, *said: tuple[Path, tuple[Value, ...]]) -> Answers:
    answers = start(form)
    for path, values in said:
        answers = with_answer(form, answers, path, values)
    return answers


def test_head_says_who_answered_what_and_when_and_keeps_the_rest() -> None:
    form = form_of(item("1"))
    stored: Resource = {
        "resourceType": "QuestionnaireResponse",
        "id": "7",
        "meta": {"versionId": "2"},
        "identifier": {"value": "x"},
        "author": {"reference": "Device/1"},
        "status": "in-progress",
        "extension": [{"url": "urn:kept", "valueBoolean": True}],
    }
    response = as_response(
        form,
        start(form),
        subject="Patient/1001",
        source="RelatedPerson/2",
        author=None,
        status="stopped",
        authored=AUTHORED,
        language=Language.ES,
        base=stored,
    )
    validate(response)
    assert response == {
        "resourceType": "QuestionnaireResponse",
        "id": "7",
        "meta": {"versionId": "2"},
        "identifier": {"value": "x"},
        "status": "stopped",
        "extension": [{"url": "urn:kept", "valueBoolean": True}],
        "questionnaire": f"{URL}|1",
        "language": "es",
        "subject": {"reference": "Patient/1001"},
        "authored": "2026-03-10T09:00:00+00:00",
        "source": {"reference": "RelatedPerson/2"},
    }


def test_items_stand_in_the_order_of_the_form_with_what_is_nested_below_answers() -> None:
    form = form_of(
        item("g", "group", item("1", "choice", item("1.1"), answerOption=options("a"))),
        item("d", "display"),
        item("2"),
    )
    answers = _say(form, (_path("2"), ("x",)), (_path("g", "1"), (A,)))
    answers = with_answer(form, answers, _path("g", "1", "1.1"), ("y",))
    response = response_of(form, answers)
    validate(response)
    nested = {"linkId": "1.1", "text": "About 1.1?", "answer": [{"valueString": "y"}]}
    code = {"system": "urn:test", "code": "a", "display": "a"}
    chosen = {"valueCoding": code, "item": [nested]}
    assert response["item"] == [
        {
            "linkId": "g",
            "text": "About g?",
            "item": [{"linkId": "1", "text": "About 1?", "answer": [chosen]}],
        },
        {"linkId": "2", "text": "About 2?", "answer": [{"valueString": "x"}]},
    ]
    assert read_response(form, response) == answers


def test_skipped_question_says_that_it_was_declined() -> None:
    form = form_of(item("1"), item("2"))
    answers = with_declined(form, start(form), _path("1"))
    response = response_of(form, answers, "completed")
    validate(response)
    assert response["item"] == [{"linkId": "1", "text": "About 1?", "extension": [DECLINED]}]
    assert read_response(form, response) == answers


def test_answers_to_disabled_questions_are_dropped_when_it_is_completed_only() -> None:
    form = form_of(item("1", "boolean"), item("2", enableWhen=[when("1", "=", answerBoolean=True)]))
    answers = _say(form, (_path("1"), (True,)), (_path("2"), ("x",)), (_path("1"), (False,)))
    kept = {status: _links(response_of(form, answers, status)) for status in STATUSES}
    assert kept == {
        "in-progress": ["1", "2"],
        "stopped": ["1", "2"],
        "completed": ["1"],
        "amended": ["1"],
    }


STATUSES = ("in-progress", "stopped", "completed", "amended")


def _links(response: Resource) -> list[str]:
    return [one["linkId"] for one in response["item"]]


@pytest.mark.parametrize("status", STATUSES)
def test_instances_and_the_end_of_a_group_that_repeats_come_back(status: str) -> None:
    form = form_of(
        item("g", "group", item("1"), item("h", "group", item("2"), repeats=True), repeats=True)
    )
    answers = _say(
        form,
        (_path("g"), (True,)),
        (_path("g", "1"), ("x",)),
        (_path("g", "h"), (False,)),
        (_path(("g", 1)), (True,)),
        (_path(("g", 2)), (False,)),
    )
    response = response_of(form, answers, status)
    validate(response)
    assert _links(response) == ["g", "g"]
    assert read_response(form, response) == answers


def test_none_at_all_is_kept_though_nothing_was_filled_in() -> None:
    form = form_of(item("g", "group", item("1"), repeats=True))
    answers = _say(form, (_path("g"), (False,)))
    response = response_of(form, answers, "completed")
    validate(response)
    assert "item" not in response
    assert read_response(form, response) == answers


def test_empty_instance_keeps_the_place_of_the_one_after_it() -> None:
    least = [extension("questionnaire-minOccurs", valueInteger=2)]
    form = form_of(item("g", "group", item("1"), repeats=True, extension=least))
    answers = _say(form, (_path(("g", 1), "1"), ("second",)))
    response = response_of(form, answers)
    validate(response)
    assert read_response(form, response) == answers


def test_every_kind_of_value_comes_back() -> None:
    values: dict[str, Value] = {
        "boolean": False,
        "decimal": Decimal("98.60"),
        "integer": 7,
        "date": Date("2026-03"),
        "dateTime": DateTime("2026-03-09T14:30:00-04:00"),
        "time": Time("14:30:00"),
        "string": "a",
        "text": "b\nc",
        "url": Uri("https://example.org"),
        "quantity": Quantity(Decimal("70.5"), "kg", "http://unitsofmeasure.org", "kg"),
        "open-choice": "own words",
    }
    form = form_of(*(item(kind, kind) for kind in values))
    answers = _say(form, *((_path(kind), (value,)) for kind, value in values.items()))
    response = response_of(form, answers)
    validate(response)
    assert read_response(form, response) == answers
    assert response["item"][1]["answer"] == [{"valueDecimal": Decimal("98.60")}]


def _one(link_id: str, **elements: Any) -> Resource:
    return {"linkId": link_id, **elements}


@pytest.mark.parametrize(
    "items",
    [
        [_one("9")],
        [_one("1", answer=[{"valueString": "x"}])],
        [_one("1", answer=[{"valueInteger": 1}, {"valueInteger": 2}])],
        [_one("1", answer=[{"valueInteger": 11}])],
        [_one("1", answer=[{}])],
        [_one("1", answer=[{"valueAttachment": {"url": "urn:x"}}])],
        [_one("1"), _one("1")],
        [_one("1", item=[_one("1.1")])],
        [_one("1.1", answer=[{"valueString": "x"}])],
        [_one("g", answer=[{"valueString": "x"}])],
        [_one("g"), _one("g"), _one("g")],
        [_one("d", answer=[{"valueString": "x"}])],
        [_one("c", answer=[{"valueCoding": {"system": "urn:test", "code": "z"}}])],
    ],
)
def test_response_with_what_the_form_does_not_ask_is_refused(items: list[Resource]) -> None:
    form = form_of(
        item("1", "integer", item("1.1"), extension=[extension("maxValue", valueInteger=10)]),
        item("d", "display"),
        item("c", "choice", answerOption=options("a", "b")),
        item(
            "g",
            "group",
            item("2"),
            repeats=True,
            extension=[extension("questionnaire-maxOccurs", valueInteger=2)],
        ),
    )
    with pytest.raises(ValueError, match=r"."):
        read_response(form, {"resourceType": "QuestionnaireResponse", "item": items})


def test_response_to_another_form_is_refused() -> None:
    form = form_of(item("1"))
    assert read_response(form, {"questionnaire": f"{URL}|older"}) == {}
    with pytest.raises(ValueError, match="another form"):
        read_response(form, {"questionnaire": "urn:other"})
