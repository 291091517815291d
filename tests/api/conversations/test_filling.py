"""Whether a form that is open was asked on, whatever became of the engine in the turn."""

from dataclasses import replace

import pytest

from api.conversations.filling import is_misheard, leaves_booking, left_unasked
from api.conversations.outcome import from_replies, say
from api.core.ids import PatientId
from api.intake.service import OpenForm
from tests.api.conversations.test_outcome import TURN

AMID = replace(TURN, form=OpenForm("form", PatientId("grace"), takes_words=False, last_turn="turn"))


def test_answer_without_the_forms_question_leaves_it_unasked() -> None:
    assert left_unasked(AMID, from_replies((say("faq_hours"),), AMID))


@pytest.mark.parametrize("names", [("faq_hours", "form_at_first"), ("handoff",)])
def test_form_that_was_asked_on_and_one_that_a_person_has_are_let_be(
    names: tuple[str, ...],
) -> None:
    replies = tuple(say(name) for name in names)
    assert not left_unasked(AMID, from_replies(replies, AMID))


def test_where_no_form_is_open_nothing_is_asked() -> None:
    assert not left_unasked(TURN, from_replies((say("faq_hours"),), TURN))


@pytest.mark.parametrize(
    "name", ["not_understood", "nothing_open", "out_of_scope", "dose_none_open"]
)
def test_what_an_engine_outside_of_its_loop_makes_nothing_of_is_an_answer(name: str) -> None:
    assert is_misheard(AMID, (say(name),))
    assert not is_misheard(TURN, (say(name),))


@pytest.mark.parametrize(
    "names", [("faq_hours",), ("not_understood", "form_question"), ("form_question",)]
)
def test_what_the_engine_answered_is_not_taken_for_an_answer(names: tuple[str, ...]) -> None:
    assert not is_misheard(AMID, tuple(say(name) for name in names))


def test_booking_that_a_form_interrupted_is_asked_on_once_the_form_is_sent() -> None:
    assert AMID.booking_open
    assert leaves_booking(AMID, from_replies((say("form_done"),), AMID))


@pytest.mark.parametrize("names", [("form_paused",), ("form_done", "booking_ask_when")])
def test_booking_is_asked_on_neither_before_nor_twice(names: tuple[str, ...]) -> None:
    assert not leaves_booking(AMID, from_replies(tuple(say(name) for name in names), AMID))


def test_where_no_booking_is_open_none_is_asked_on() -> None:
    alone = replace(AMID, booking_open=False)
    assert not leaves_booking(alone, from_replies((say("form_done"),), alone))
