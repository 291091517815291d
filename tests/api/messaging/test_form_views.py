"""What a form's question tells the chat page beside its words."""

from pathlib import Path

import pytest
from jinja2 import UndefinedError

from api.bootstrap import NLU_DATA
from api.core.language import Language
from api.messaging.clinic import Clinic, load_clinics
from api.messaging.kinds import Channel
from api.messaging.words import Catalogue, Choice, FormView, Rendered, ReviewLine, form_view
from integrations.ports.dialogue import EngineReply

ENTRIES = """
when_answered: "Soon."
asks:
  text: "{{ words }}"
  choices: "{% for each in options %}{{ each }} => {{ loop.index }}\\n{% endfor %}"
  input: "{{ input }}"
answers:
  text: "We are open."
  choices: "Talk to a person => PERSON"
menu:
  text: "What now?"
  choices: "Book => BOOK"
  input: choices
"""
ASKED = {
    "words": "How often?",
    "options": ["Never", "Often"],
    "input": "many",
    "form": {"number": 3, "of": 9, "multiple": True, "can_skip": True, "can_go_back": True},
}
QUESTION = EngineReply("asks", ASKED)
FACT, MENU = EngineReply("answers"), EngineReply("menu")
OPTIONS = (Choice("Never", "1"), Choice("Often", "2"))


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    for language in Language:
        (tmp_path / f"{language.value}.yml").write_text(ENTRIES, "utf-8")
    return Catalogue(tmp_path)


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinics(NLU_DATA / "faq")["lakeside"]


def _said(catalogue: Catalogue, clinic: Clinic, *replies: EngineReply) -> Rendered:
    return catalogue.render(replies, Language.EN, channel=Channel.WEB, clinic=clinic)


def test_question_of_a_form_says_how_it_is_answered(catalogue: Catalogue, clinic: Clinic) -> None:
    said = _said(catalogue, clinic, QUESTION)
    assert (said.text, said.choices, said.input) == ("How often?", OPTIONS, "many")
    assert said.form == FormView(3, 9, multiple=True, can_skip=True, can_go_back=True)


def test_other_answers_have_no_form(catalogue: Catalogue, clinic: Clinic) -> None:
    said = _said(catalogue, clinic, FACT, MENU)
    assert said.form is None
    assert [choice.send for choice in said.choices] == ["BOOK", "PERSON"]


@pytest.mark.parametrize("replies", [(FACT, QUESTION), (QUESTION, FACT), (MENU, QUESTION, FACT)])
def test_other_buttons_never_stand_among_a_forms_options(
    catalogue: Catalogue, clinic: Clinic, replies: tuple[EngineReply, ...]
) -> None:
    said = _said(catalogue, clinic, *replies)
    assert (said.choices, said.input) == (OPTIONS, "many")
    assert said.form is not None


def test_last_of_two_questions_is_the_one_that_is_open(
    catalogue: Catalogue, clinic: Clinic
) -> None:
    later = EngineReply("asks", {**ASKED, "input": "number", "options": [], "form": {"number": 4}})
    said = _said(catalogue, clinic, QUESTION, later)
    assert (said.input, said.choices, said.form) == ("number", (), FormView(4))


def test_question_without_its_way_to_answer_is_an_error(
    catalogue: Catalogue, clinic: Clinic
) -> None:
    without = EngineReply("asks", {key: ASKED[key] for key in ("words", "options")})
    with pytest.raises(UndefinedError):
        _said(catalogue, clinic, without)


def test_answers_to_look_over_are_read_from_their_json_shape() -> None:
    line = {"number": 1, "question": "How often?", "answer": "Never"}
    assert form_view({"review": [line]}) == FormView(review=(ReviewLine(1, "How often?", "Never"),))


@pytest.mark.parametrize(
    "given", [[], "form", {"numbers": 3}, {"number": "three"}, {"review": [{"number": 1}]}]
)
def test_what_is_no_view_is_refused(given: object) -> None:
    with pytest.raises(ValueError, match="validation error"):
        form_view(given)
