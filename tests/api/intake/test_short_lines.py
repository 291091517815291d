"""The lines of a review: which question, what was said, and as long as a text can be."""

import pytest

from api.core.language import Language
from api.intake.forms import Item, Words, load_form
from api.intake.kinds import ItemType
from api.intake.short_lines import MOST_CHARS, label_in, short_lines
from tests.support.forms import FORMS

LONG = Item("q", ItemType.TEXT, Words("Trouble falling or staying asleep, or sleeping too much"))


def test_question_is_named_by_the_short_text_of_its_form_in_the_language() -> None:
    (reason,) = (
        each for each in load_form(FORMS["visit-intake"]).items if each.link_id == "reason"
    )
    assert label_in(reason, Language.EN, 24) == "Reason"
    assert label_in(reason, Language.ES, 24) == "Motivo"


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("What is the visit for?", "What is the visit for"),
        ("¿Fuma?", "Fuma"),
        ("Trouble falling or staying asleep, or sleeping", "Trouble falling or"),
        ("Have you been sick, or had surgery?", "Have you been sick, or"),
        ("a" * 40, "a" * 24),
        ("", ""),
    ],
)
def test_question_without_one_is_named_by_its_own_first_words(text: str, label: str) -> None:
    assert label_in(Item("q", ItemType.TEXT, Words(text)), Language.EN, 24) == label


@pytest.mark.parametrize("count", [1, 9, 20, 45, 70])
def test_longer_review_has_shorter_lines_and_every_number(count: int) -> None:
    lines = short_lines([(n, LONG, "every\nday " * 20) for n in range(1, count + 1)], Language.EN)
    assert [line.number for line in lines] == list(range(1, count + 1))
    assert sum(line.chars for line in lines) <= MOST_CHARS
    assert all(
        line.answer.startswith("every day") and line.answer.endswith("...") for line in lines
    )


def test_answer_that_fits_is_shown_whole() -> None:
    (line,) = short_lines([(3, LONG, "7")], Language.EN)
    assert (line.number, line.answer) == (3, "7")


def test_line_of_a_sensitive_question_says_nothing_of_it_where_it_is_hidden() -> None:
    private = Item("q", ItemType.TEXT, Words("Are you pregnant?"), sensitive=True)
    said = [(1, LONG, "no"), (2, private, "(private)")]
    plain, hidden = short_lines(said, Language.EN, hides=True)
    assert plain.label
    assert (hidden.label, hidden.answer) == ("", "(private)")
    assert short_lines(said, Language.EN)[1].label == "Are you pregnant"
