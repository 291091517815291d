"""Any form, answered in any order, stands as a plain second reading of it says."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings, strategies as st

from api.intake.answers import Answers
from api.intake.forms import Form, Unsupported, load_form
from api.intake.kinds import ItemType
from api.intake.progress import (
    Asked,
    next_question,
    question_before,
    questions,
    start,
    with_answer,
    with_declined,
)
from api.intake.responses import read_response
from api.intake.values import Date, Value
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import Resource
from tests.support.form_model import Model
from tests.support.questionnaires import (
    extension,
    item,
    options,
    questionnaire,
    response_of,
    when,
)

DATES = ("2025", "2026", "2026-03", "2026-03-09", "2026-04-01")
VALUES: dict[str, tuple[Any, ...]] = {
    "boolean": (True, False),
    "integer": (0, 1, 2),
    "decimal": (Decimal("0.5"), Decimal(1)),
    "string": ("a", "b"),
    "date": DATES,
    "choice": ("a", "b", "c"),
}
ANSWER = {
    "boolean": "answerBoolean",
    "integer": "answerInteger",
    "decimal": "answerDecimal",
    "string": "answerString",
    "date": "answerDate",
    "choice": "answerCoding",
}
UNORDERED = ("=", "=", "!=", "exists")
ORDERED = ("=", "!=", "<", ">", "<=", ">=", "exists")


@st.composite
def a_questionnaire(draw: st.DrawFn) -> Resource:
    """A valid Questionnaire of up to some fifteen items, nested, repeating and conditional."""
    count = iter(range(100))
    items = [_an_item(draw, count, depth=0) for _ in range(draw(st.integers(1, 4)))]
    raw = questionnaire(*items)
    everything = list(_all(items))
    asked = [one for one in everything if one["type"] in VALUES]
    for one in everything:
        is_conditional = draw(st.integers(0, 2)) > 0
        if asked and is_conditional:
            _add_conditions(draw, raw, one, asked)
    return raw


def _an_item(draw: st.DrawFn, count: Any, *, depth: int) -> Resource:
    link_id = f"i{next(count)}"
    kinds = [*VALUES, "choice", "boolean", "display", *(["group"] * 4 if depth < 3 else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "display":
        return item(link_id, kind)
    inside = []
    if kind == "group" or (depth < 3 and draw(st.integers(0, 3)) == 0):
        inside = [_an_item(draw, count, depth=depth + 1) for _ in range(draw(st.integers(1, 3)))]
    return item(link_id, kind, *inside, **_marks(draw, kind))


def _marks(draw: st.DrawFn, kind: str) -> dict[str, object]:
    marks: dict[str, object] = {}
    if kind == "choice":
        marks["answerOption"] = options("a", "b", "c")
    if kind in {"choice", "group", "integer"} and draw(st.integers(0, 2)):
        marks["repeats"] = True
    mark = draw(st.integers(0, 9))
    if mark in {0, 1}:
        marks["required"] = True
    elif mark == 2:
        marks["extension"] = [extension("questionnaire-hidden", valueBoolean=True)]
    elif mark == 3 and kind == "boolean":
        marks |= {"readOnly": True, "initial": [{"valueBoolean": True}]}
    elif mark == 4 and marks.get("repeats") and kind == "group":
        marks["extension"] = [extension("questionnaire-maxOccurs", valueInteger=2)]
    return marks


def _all(items: list[Resource]) -> Any:
    for one in items:
        yield one
        yield from _all(one.get("item", []))


def _add_conditions(draw: st.DrawFn, raw: Resource, one: Resource, asked: list[Resource]) -> None:
    """Add conditions to an item, unless the form were a circle with them."""
    conditions = [_a_condition(draw, asked) for _ in range(draw(st.integers(1, 2)))]
    one["enableWhen"] = conditions
    one["enableBehavior"] = draw(st.sampled_from(["all", "any"]))
    try:
        load_form(raw)
    except Unsupported:
        del one["enableWhen"], one["enableBehavior"]


def _a_condition(draw: st.DrawFn, asked: list[Resource]) -> Resource:
    question = draw(st.sampled_from(asked))
    kind = question["type"]
    has_no_order = kind in {"boolean", "choice"}
    operator = draw(st.sampled_from(UNORDERED if has_no_order else ORDERED))
    if operator == "exists":
        return when(question["linkId"], operator, answerBoolean=draw(st.booleans()))
    value = draw(st.sampled_from(VALUES[kind]))
    answer = {"system": "urn:test", "code": value} if kind == "choice" else value
    return when(question["linkId"], operator, **{ANSWER[kind]: answer})


def _some_values(draw: st.DrawFn, asked: Asked) -> tuple[Value, ...]:
    if asked.is_more:
        return (asked.path[-1][1] < 2 and draw(st.integers(0, 3)) > 0,)
    most = 3 if asked.item.repeats else 1
    if asked.item.type is ItemType.CHOICE:
        values = [option.value for option in asked.item.options]
        return tuple(
            draw(st.lists(st.sampled_from(values), min_size=1, max_size=most, unique=True))
        )
    given = st.sampled_from(VALUES[asked.item.type.value])
    said = draw(st.lists(given, min_size=1, max_size=most, unique=True))
    return tuple(Date(one) if asked.item.type is ItemType.DATE else one for one in said)


def _move(draw: st.DrawFn, form: Form, answers: Answers) -> Answers:
    """Answer the next question, or any other one anew; or skip it."""
    all_asked = questions(form, answers)
    following = next_question(form, answers)
    goes_on = following is not None and draw(st.integers(0, 4)) > 0
    asked = following if goes_on and following else draw(st.sampled_from(all_asked))
    if asked.can_skip and draw(st.integers(0, 5)) == 0:
        return with_declined(form, answers, asked.path)
    return with_answer(form, answers, asked.path, _some_values(draw, asked))


@settings(max_examples=120, deadline=None)
@given(raw=a_questionnaire(), data=st.data())
def test_any_form_stands_as_a_plain_reading_of_it_says(raw: Resource, data: st.DataObject) -> None:
    form = load_form(raw)
    answers = start(form)
    draw = data.draw
    for _ in range(draw(st.integers(0, 14))):
        _check_standing(raw, form, answers)
        if not questions(form, answers):
            break
        answers = _move(draw, form, answers)  # type: ignore[arg-type] # draws as a DrawFn does
    _check_standing(raw, form, answers)
    _check_ends(raw, form, answers)


def _check_standing(raw: Resource, form: Form, answers: Answers) -> None:
    asked = questions(form, answers)
    paths = [one.path for one in asked]
    assert paths == Model(raw, answers).asked()
    assert [(one.number, one.of) for one in asked] == [
        (number, len(asked)) for number in range(1, len(asked) + 1)
    ]
    following = next_question(form, answers)
    assert (following and following.path) == next(
        (path for path in paths if path not in answers), None
    )


def _check_ends(raw: Resource, form: Form, answers: Answers) -> None:
    response = response_of(form, answers)
    validate(response)
    assert read_response(form, response) == answers
    completed = response_of(form, answers, "completed")
    validate(completed)
    assert read_response(form, completed) == Model(raw, answers).kept()
    path, seen = None, []
    while (before := question_before(form, answers, path)) is not None:
        path = before.path
        seen.append(path)
    assert seen[::-1] == [one.path for one in questions(form, answers)]
