"""Which words ask to change a form that was filled in, and which only sound like it."""

import pytest

from api.intake.commands import Change, ChangeSome, names_change, read_command
from api.intake.exact import is_exact
from api.intake.mistakes import says_change, wants_to_change


@pytest.mark.parametrize(
    "text",
    [
        "change my answers",
        "CHANGE MY FORM",
        "I made a mistake on my form",
        "oops, there is an error in my answers",
        "can I fix an answer in the form please",
        "I need to correct the questionnaire I sent yesterday",
        "one of my answers is wrong",
        "cambiar mis respuestas",
        "CAMBIAR FORMULARIO",
        "me equivoqué en el formulario",
        "quiero corregir una respuesta por favor",
        "cometí un error en mi cuestionario",
    ],
)
def test_wish_to_change_a_form_is_understood(text: str) -> None:
    assert wants_to_change(text)
    assert read_command(text, in_review=False) == ChangeSome()


@pytest.mark.parametrize(
    "text",
    [
        *("change", "cambiar", "change my appointment", "cambiar mi cita", "start my form"),
        *("i made a mistake", "the doctor made a mistake", "there is something wrong with me"),
        *("change my answer to penicillin", "my answers", "mi formulario", "", "what form"),
        *("is there an answer from the doctor about the wrong pills",),
    ],
)
def test_what_is_of_something_else_or_tells_more_is_not(text: str) -> None:
    assert not wants_to_change(text)


@pytest.mark.parametrize(
    ("text", "is_change"),
    [
        *(("CHANGE", True), ("change please", True), ("Cambiar.", True), ("CHANGE 3", True)),
        *(("cambiar 10", True), ("change of mind", False), ("3", False), ("corregir", True)),
    ],
)
def test_word_of_the_menu_is_taken_alone_or_with_a_number(text: str, *, is_change: bool) -> None:
    assert names_change(text) is is_change


def test_in_a_review_it_asks_which_and_a_number_beside_it_says_so() -> None:
    assert says_change("CHANGE")
    assert read_command("CHANGE", in_review=True, count=9) == ChangeSome()
    assert read_command("CHANGE 3", in_review=True, count=9) == Change(3)
    assert is_exact("CHANGE", "review", 9)
    assert is_exact("CHANGE 3", "choices", 4)
    assert is_exact("change my answers", "text", 0)
    assert not is_exact("change of mind", "text", 0)
