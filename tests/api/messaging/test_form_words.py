"""The words around a form's own: what a phone shows, what the chat page offers instead."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest

from api.bootstrap import CATALOGUE, NLU_DATA
from api.core.language import Language
from api.intake.forms import load_form
from api.intake.progress import questions, start
from api.intake.short_lines import short_lines
from api.messaging.clinic import load_clinics
from api.messaging.kinds import Channel
from api.messaging.segments import segments
from api.messaging.words import Catalogue, Rendered
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import Resource
from tests.support.reading import reading_grade

HARDEST_GRADE = 6.0
WORDS = Catalogue(CATALOGUE)
CLINIC = load_clinics(NLU_DATA / "faq")["lakeside"]
FORMS = Path(CATALOGUE).parents[1] / "sandbox" / "questionnaires"
FORM_NAMES = ("gad-7", "phq-9", "visit-intake")
QUESTION = {
    "question": "Do you smoke?",
    "intro": [],
    "options": ["Yes", "No", "Not any more"],
    "input": "choices",
    "number": 3,
    "of": 9,
    "notice": "",
    "form": {"can_skip": False},
}
LIMITS = {
    "minimum": "0",
    "maximum": "10",
    "longest": 500,
    "count": 4,
    "min_occurs": 2,
    "units": ["kg", "lb"],
}


def said(
    name: str,
    arguments: Mapping[str, object],
    language: Language = Language.EN,
    channel: Channel = Channel.SMS,
) -> Rendered:
    reply = EngineReply(name, arguments)
    return WORDS.render([reply], language, channel=channel, clinic=CLINIC)


def in_language(element: Resource, name: str, language: Language) -> str:
    """A text of a form; one of ours may be in plainer English than the code's own name."""
    for translation in element.get(f"_{name}", {}).get("extension", ()):
        tag, content = translation["extension"]
        if tag["valueCode"] == language:
            return str(content["valueString"])
    return str(element[name])


def choice_questions(form: str, language: Language) -> Iterator[dict[str, object]]:
    """What is said for each question of a form of options in one group, the stem once."""
    (group, *_) = json.loads((FORMS / f"{form}.json").read_text("utf-8"))["item"]
    for number, item in enumerate(group["item"], start=1):
        codings = [option["valueCoding"] for option in item["answerOption"]]
        yield {
            **QUESTION,
            "question": in_language(item, "text", language),
            "intro": [in_language(group, "text", language)] if number == 1 else [],
            "options": [in_language(each, "display", language) for each in codings],
            "number": number,
            "of": len(group["item"]),
        }


def test_question_is_a_numbered_list_that_is_complete_by_itself() -> None:
    text = said("form_question", QUESTION).text
    assert text == "3/9: Do you smoke?\n1) Yes\n2) No\n3) Not any more\nReply 1 to 3."
    spanish = said("form_question", QUESTION, Language.ES).text
    assert spanish.endswith("3) Not any more\nResponda 1 a 3.")


@pytest.mark.parametrize("language", list(Language))
def test_page_has_the_options_on_buttons_and_not_in_the_text_too(language: Language) -> None:
    shown = said("form_question", QUESTION, language, Channel.WEB)
    assert shown.text == "Do you smoke?"
    assert [(one.label, one.send) for one in shown.choices] == [
        ("Yes", "1"), ("No", "2"), ("Not any more", "3"),
    ]  # fmt: skip


def test_label_never_breaks_the_buttons() -> None:
    odd = {**QUESTION, "options": ["More => less\nor so", "None"]}
    shown = said("form_question", odd, channel=Channel.WEB)
    assert [one.send for one in shown.choices] == ["1", "2"]


@pytest.mark.parametrize(
    ("language", "sends"), [(Language.EN, ["Y", "N"]), (Language.ES, ["S", "N"])]
)
def test_yes_or_no_is_asked_in_letters(language: Language, sends: list[str]) -> None:
    asked = {**QUESTION, "options": [], "input": "yes_no"}
    assert [
        one.send for one in said("form_question", asked, language, Channel.WEB).choices
    ] == sends
    assert f"{sends[0]} o" in said("form_question", asked, language).text


@pytest.mark.parametrize("input_", ["choices", "many", "yes_no", "day", "number", "text", "long"])
@pytest.mark.parametrize(("language", "word"), [(Language.EN, "SKIP"), (Language.ES, "SALTAR")])
def test_skip_is_offered_only_where_it_is_allowed(
    language: Language, word: str, input_: str
) -> None:
    options = ["One", "Two"] if input_ in {"choices", "many"} else []
    asked = {**QUESTION, "options": options, "input": input_}
    assert word not in said("form_question", asked, language).text
    may = {**asked, "form": {"can_skip": True}}
    assert word in said("form_question", may, language).text
    assert word not in said("form_stuck", {"required": True}, language).text
    assert word in said("form_stuck", {"required": False}, language).text


def test_digression_ends_with_the_place_and_the_question() -> None:
    text = said("form_question", {**QUESTION, "notice": "back_to"}).text
    assert text.startswith("Back to question 3 of 9:\nDo you smoke?\n1) Yes")


@pytest.mark.parametrize(("language", "most"), [(Language.EN, 2), (Language.ES, 4)])
@pytest.mark.parametrize("form", ["phq-9", "gad-7"])
def test_validated_wording_is_kept_and_costs_no_more_than_it_must(
    form: str, language: Language, most: int
) -> None:
    """Its words may not be shortened: where they are long, nothing of ours is added to them."""
    for asked in choice_questions(form, language):
        text = said("form_question", asked, language).text
        intro, options = asked["intro"], asked["options"]
        assert isinstance(intro, list)
        assert isinstance(options, list)
        lines = [f"{place}) {label}" for place, label in enumerate(options, start=1)]
        bare = "\n".join([*intro, str(asked["question"]), *lines])
        assert bare in text or bare in text.replace(f"{asked['number']}/{asked['of']}: ", "")
        assert segments(text) <= max(segments(bare), 1 if language is Language.EN else 2)
        assert segments(text) <= most


def test_every_question_about_mood_tells_how_many_there_are() -> None:
    for asked in choice_questions("phq-9", Language.EN):
        assert f"{asked['number']}/9: " in said("form_question", asked).text


INPUTS = {"choice": "choices", "boolean": "yes_no", "integer": "number"}


def visit_questions(language: Language) -> Iterator[dict[str, object]]:
    (hidden, *items) = json.loads((FORMS / "visit-intake.json").read_text("utf-8"))["item"]
    assert "text" not in hidden
    for number, item in enumerate(items, start=1):
        codings = [option["valueCoding"] for option in item.get("answerOption", ())]
        help_ = [in_language(each, "text", language) for each in item.get("item", ())]
        yield {
            **QUESTION,
            "question": in_language(item, "text", language),
            "options": [in_language(each, "display", language) for each in codings],
            "input": INPUTS.get(item["type"], "long"),
            "number": number,
            "form": {"can_skip": not item.get("required", False), "help": "".join(help_)},
        }


@pytest.mark.parametrize(("language", "most"), [(Language.EN, 1), (Language.ES, 2)])
def test_visit_form_is_short_and_plain(language: Language, most: int) -> None:
    for asked in visit_questions(language):
        text = said("form_question", asked, language).text
        assert text.startswith(f"{asked['number']}/9: ")
        assert segments(text) <= most, text
        if language is Language.EN:
            plain = said("form_question", asked, language, Channel.WEB)
            assert reading_grade(plain.text) <= HARDEST_GRADE, plain.text
            assert all(reading_grade(one.label) <= HARDEST_GRADE for one in plain.choices)


@pytest.mark.parametrize(("language", "word"), [(Language.EN, "WHY"), (Language.ES, "POR QUÉ")])
def test_word_for_why_is_offered_where_the_form_says_it_and_costs_no_text(
    language: Language, word: str
) -> None:
    plain = {**QUESTION, "options": [], "input": "yes_no"}
    for question, offers in (("Do you smoke?", True), ("Do you smoke? " * 8, False)):
        asked = {**plain, "question": question, "form": {"can_skip": True, "help": "It helps."}}
        text = said("form_question", asked, language).text
        assert (word in text) is offers
        assert segments(text) <= (1 if language is Language.EN else 2)
    bare = {**plain, "form": {"can_skip": True, "help": None}}
    assert word not in said("form_question", bare, language).text


def test_review_shows_each_answer_under_its_number_with_what_was_asked() -> None:
    lines = [
        {"number": 1, "label": "Reason", "answer": "knee pain"},
        {"number": 2, "label": "", "answer": "none"},
    ]
    assert said("form_review", {"lines": lines, "intro": [], "amending": False}).text.split(
        "\n"
    ) == [
        "Your answers:",
        "1) Reason: knee pain",
        "2) none",
        "Reply SEND, or a number to change it.",
    ]


@pytest.mark.parametrize("name", FORM_NAMES)
@pytest.mark.parametrize("language", list(Language))
def test_review_of_a_demo_form_with_long_answers_stays_within_reason(
    name: str, language: Language
) -> None:
    form = load_form(json.loads((FORMS / f"{name}.json").read_text("utf-8")))
    asked = questions(form, start(form))
    spoken = [(each.number, each.item, "several words of an answer") for each in asked]
    lines = [asdict(line) for line in short_lines(spoken, language)]
    text = said("form_review", {"lines": lines, "intro": [], "amending": False}, language).text
    assert all(f"{each.number}) " in text for each in asked)
    assert segments(text) <= (4 if language is Language.EN else 7)


MISSES = sorted(n for n in WORDS.names(Language.EN) if n.startswith("form_miss_"))


@pytest.mark.parametrize("name", MISSES)
@pytest.mark.parametrize("language", list(Language))
def test_miss_says_what_can_be_taken(name: str, language: Language) -> None:
    for limits in (
        LIMITS,
        {**LIMITS, "count": 1, "min_occurs": 1, "minimum": None, "maximum": None},
    ):
        for input_ in ("day", "number"):
            shown = {**limits, "input": input_}
            text = said(name, shown, language).text
            assert segments(text) == 1 if language is Language.EN else segments(text) <= 2
            if language is Language.EN:
                assert reading_grade(text) <= HARDEST_GRADE, text


def test_limits_are_named() -> None:
    assert "from 0 to 10" in said("form_miss_not_a_number", LIMITS).text
    assert "1 to 4" in said("form_miss_not_an_option", LIMITS).text
    assert "10 or less" in said("form_miss_too_large", LIMITS).text
    late = {"input": "day", "maximum": "2026-11-25"}
    assert "2026-11-25 or before" in said("form_miss_too_large", late).text
    assert "500 letters" in said("form_miss_too_long", LIMITS).text
