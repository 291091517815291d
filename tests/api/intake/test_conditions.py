"""When what is enabled by an answer is asked."""

from decimal import Decimal

import pytest

from api.intake.answers import Entry
from api.intake.progress import (
    questions,
    start,
    with_answer,
)
from api.intake.values import Value, read_value
from integrations.ports.fhir import Resource
from tests.api.intake.test_progress import A, B, C, answered, path_of
from tests.support.questionnaires import asked, form_of, item, options, when


@pytest.mark.parametrize(
    ("kind", "given", "operator", "expected", "is_met"),
    [
        ("integer", 5, "=", {"answerInteger": 5}, True),
        ("integer", 5, "!=", {"answerInteger": 5}, False),
        ("integer", 5, ">", {"answerDecimal": Decimal("4.9")}, True),
        ("decimal", Decimal("5.0"), "<=", {"answerInteger": 5}, True),
        ("decimal", Decimal("5.0"), "<", {"answerInteger": 5}, False),
        ("date", "2026-03-09", ">", {"answerDate": "2026-03"}, None),
        ("date", "2026-03-09", ">=", {"answerDate": "2026-03-09"}, True),
        ("date", "2025", "<", {"answerDate": "2026-03-09"}, True),
        ("date", "2026", "!=", {"answerDate": "2026-03-09"}, None),
        ("time", "14:30:00", ">", {"answerTime": "09:00:00"}, True),
        ("string", "abc", "=", {"answerString": "abc"}, True),
        ("boolean", False, "!=", {"answerBoolean": True}, True),
        ("boolean", True, "exists", {"answerBoolean": True}, True),
        ("boolean", True, "exists", {"answerBoolean": False}, False),
    ],
)
def test_condition_compares_as_its_operator_says(
    kind: str, given: Value, operator: str, expected: Resource, is_met: bool | None
) -> None:
    """None: cannot be told, and so is false."""
    form = form_of(item("1", kind), item("2", enableWhen=[when("1", operator, **expected)]))
    name = {"date": "valueDate", "time": "valueTime"}.get(kind)
    value = read_value({name: given}) if name else given
    assert ("2" in asked(form, answered(form, (path_of("1"), value)))) is bool(is_met)


@pytest.mark.parametrize("operator", ["=", "!=", "<", ">", "<=", ">="])
def test_question_without_an_answer_meets_no_comparison(operator: str) -> None:
    gate = [when("1", operator, answerInteger=1)]
    missing = [when("1", "exists", answerBoolean=False)]
    form = form_of(item("1", "integer"), item("2", enableWhen=gate), item("3", enableWhen=missing))
    assert asked(form, start(form)) == ["1", "3"]
    assert asked(form, answered(form, (path_of("1"), None))) == ["1", "3"]


@pytest.mark.parametrize(("behavior", "wanted"), [("all", False), ("any", True)])
def test_several_conditions_hold_together_or_alone(behavior: str, wanted: bool) -> None:
    gates = [when("1", "=", answerBoolean=True), when("2", "=", answerBoolean=True)]
    form = form_of(
        item("1", "boolean"),
        item("2", "boolean"),
        item("3", enableWhen=gates, enableBehavior=behavior),
    )
    answers = answered(form, (path_of("1"), True), (path_of("2"), False))
    assert ("3" in asked(form, answers)) is wanted


def test_one_of_several_answers_is_enough() -> None:
    form = form_of(
        item("1", "choice", repeats=True, answerOption=options("a", "b", "c")),
        item("2", enableWhen=[when("1", "=", answerCoding={"system": "urn:test", "code": "b"})]),
    )
    answers = with_answer(form, start(form), path_of("1"), (A, B))
    assert asked(form, answers) == ["1", "2"]
    assert asked(form, with_answer(form, answers, path_of("1"), (A, C))) == ["1"]


def test_code_of_another_system_is_another_answer() -> None:
    form = form_of(
        item("1", "choice", answerOption=options("a")),
        item("2", enableWhen=[when("1", "=", answerCoding={"system": "urn:else", "code": "a"})]),
    )
    assert asked(form, answered(form, (path_of("1"), A))) == ["1"]


def test_what_a_disabled_question_was_answered_decides_nothing() -> None:
    form = form_of(
        item("1", "boolean"),
        item("2", "boolean", enableWhen=[when("1", "=", answerBoolean=True)]),
        item("3", enableWhen=[when("2", "=", answerBoolean=True)]),
    )
    answers = answered(form, (path_of("1"), True), (path_of("2"), True))
    assert asked(form, answers) == ["1", "2", "3"]
    answers = with_answer(form, answers, path_of("1"), (False,))
    assert asked(form, answers) == ["1"]
    # Changed back, what was answered is still there.
    answers = with_answer(form, answers, path_of("1"), (True,))
    assert answers[path_of("2")] == Entry((True,))


def test_disabled_group_disables_all_that_is_inside() -> None:
    form = form_of(
        item("1", "boolean"),
        item(
            "g",
            "group",
            item("h", "group", item("2")),
            enableWhen=[when("1", "=", answerBoolean=True)],
        ),
    )
    assert asked(form, start(form)) == ["1"]
    assert asked(form, answered(form, (path_of("1"), True))) == ["1", "2"]


def test_condition_in_a_group_that_repeats_looks_at_its_own_instance() -> None:
    gate = [when("1", "=", answerBoolean=True)]
    form = form_of(
        item("g", "group", item("1", "boolean"), item("2", enableWhen=gate), repeats=True),
        item("after", enableWhen=gate),
    )
    answers = answered(
        form,
        (path_of("g"), True),
        (path_of("g", "1"), True),
        (path_of(("g", 1)), True),
        (path_of(("g", 1), "1"), False),
    )
    paths = [one.path for one in questions(form, answers)]
    assert path_of("g", "2") in paths
    assert path_of(("g", 1), "2") not in paths
    # From outside the nearest one counts: the last before.
    assert path_of("after") not in paths


def test_condition_before_a_group_that_repeats_looks_at_its_first_instance() -> None:
    gate = [when("1", "=", answerBoolean=True)]
    form = form_of(
        item("before", enableWhen=gate),
        item("g", "group", item("1", "boolean"), repeats=True, required=True),
    )
    answers = answered(
        form,
        (path_of("g", "1"), True),
        (path_of(("g", 1)), True),
        (path_of(("g", 1), "1"), False),
    )
    assert asked(form, answers)[0] == "before"
