"""What needs no engine inside a form, because it can only be meant for the question."""

import pytest

from api.intake.exact import is_exact
from api.intake.inputs import PRIVATE, REVIEW, YES_NO

INPUTS = ("text", "long", "choices", "many", "number", "day", YES_NO, REVIEW, PRIVATE)


@pytest.mark.parametrize("input_", INPUTS)
@pytest.mark.parametrize(
    "text", ["   ", "?", "🤷", "idk", "No sé", "/restart", "why?", "my knee " * 50]
)
def test_what_is_no_aside_goes_to_the_form(text: str, input_: str) -> None:
    assert is_exact(text, input_, 4)


@pytest.mark.parametrize("input_", INPUTS)
@pytest.mark.parametrize(
    "text", ["what are your hours?", "idk what are your hours", "do you take medicaid"]
)
def test_question_to_the_clinic_goes_to_the_engine(text: str, input_: str) -> None:
    assert not is_exact(text, input_, 4)


@pytest.mark.parametrize(("text", "is_meant"), [("2", True), ("Y", True), ("at times", False)])
def test_what_answers_a_question_that_was_not_put_in_words_needs_no_engine(
    text: str, *, is_meant: bool
) -> None:
    assert is_exact(text, PRIVATE, 0) is is_meant


@pytest.mark.parametrize("text", ["👍", "👎"])
def test_thumb_may_answer_something_else_than_a_free_question(text: str) -> None:
    assert not is_exact(text, "text", 0)
    assert is_exact(text, YES_NO, 0)
