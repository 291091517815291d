"""Which question comes next, before, and with which number."""

import pytest

from api.intake.answers import Answers, Entry, Path
from api.intake.forms import Form
from api.intake.progress import (
    closing,
    is_complete,
    next_question,
    question_at,
    question_before,
    questions,
    start,
    with_answer,
    with_declined,
)
from api.intake.values import Coding, Value
from integrations.ports.fhir import Resource
from tests.support.questionnaires import asked, extension, form_of, item, options, when

A, B, C = (Coding("urn:test", code, code) for code in "abc")
HIDDEN = [extension("questionnaire-hidden", valueBoolean=True)]


def path_of(*steps: str | tuple[str, int]) -> Path:
    return tuple((step, 0) if isinstance(step, str) else step for step in steps)


def answered(form: Form, *said: tuple[Path, Value | None]) -> Answers:
    """Answer in turn; None declines."""
    answers = start(form)
    for path, value in said:
        if value is None:
            answers = with_declined(form, answers, path)
        else:
            answers = with_answer(form, answers, path, (value,))
    return answers


# ---- order, numbers, going back


def test_questions_are_numbered_as_things_stand() -> None:
    gate = when("1", "=", answerBoolean=True)
    form = form_of(item("1", "boolean"), item("2", enableWhen=[gate]), item("3"))
    before = questions(form, start(form))
    after = questions(form, answered(form, (path_of("1"), True)))
    assert [(one.path[-1][0], one.number, one.of) for one in before] == [("1", 1, 2), ("3", 2, 2)]
    assert [(one.number, one.of) for one in after] == [(1, 3), (2, 3), (3, 3)]


def test_back_goes_through_every_question_to_the_first() -> None:
    form = form_of(item("1"), item("g", "group", item("2"), item("3")), item("4"))
    seen: list[str] = []
    path: Path | None = None
    while (before := question_before(form, start(form), path)) is not None:
        path = before.path
        seen.append(path[-1][0])
    assert seen == ["4", "3", "2", "1"]


def test_back_from_a_question_that_is_not_asked_any_more_goes_before_its_place() -> None:
    gate = when("1", "=", answerBoolean=True)
    form = form_of(item("1", "boolean"), item("2", enableWhen=[gate]), item("3"))
    before = question_before(form, answered(form, (path_of("1"), False)), path_of("2"))
    assert before is not None
    assert before.path == path_of("1")


def test_question_has_a_number_only_within_the_list() -> None:
    form = form_of(item("1"), item("2"))
    second = question_at(form, start(form), 2)
    assert second is not None
    assert second.path == path_of("2")
    assert question_at(form, start(form), 0) is None
    assert question_at(form, start(form), 3) is None


def test_titles_and_texts_come_right_before_the_next_question() -> None:
    form = form_of(
        item("d0", "display", text="Hello"),
        item("g", "group", item("d1", "display", text="Think of today"), item("1"), text="Pain"),
        item("empty", "group", item("h", extension=HIDDEN), text="Never said"),
        item("2", "string", item("help", "display", text="In your own words")),
        item("end", "display", text="Thank you"),
    )
    answers = start(form)
    said = [[words.text for words in one.intro] for one in questions(form, answers)]
    assert said == [["Hello", "Pain", "Think of today"], ["In your own words"]]
    assert [words.text for words in closing(form, answers)] == ["Thank you"]


def _help(link_id: str, code: str = "help", **elements: object) -> Resource:
    system = "http://hl7.org/fhir/questionnaire-item-control"
    coding = {"coding": [{"system": system, "code": code}]}
    shown = extension("questionnaire-itemControl", valueCodeableConcept=coding)
    return item(link_id, "display", extension=[shown], text=link_id, **elements)


def test_help_is_there_for_who_asks_and_changes_nothing_else() -> None:
    plain = (
        item("1", "boolean"),
        item("g", "group", item("2"), item("3", repeats=True), text="Pain"),
        item("4"),
    )
    helped = form_of(
        _help("of all"),
        item("1", "boolean", _help("of 1"), _help("also of 1", "flyover")),
        item(
            "g",
            "group",
            _help("of g"),
            item("2"),
            item("3", "string", _help("of 3"), repeats=True),
            text="Pain",
        ),
        item("4"),
    )
    found = questions(helped, start(helped))
    assert [[words.text for words in one.help] for one in found] == [
        ["of 1", "also of 1"], ["of g"], ["of 3"], ["of all"],
    ]  # fmt: skip
    without = form_of(*plain)
    as_asked = [(one.path, one.number, one.of, one.intro) for one in found]
    assert as_asked == [
        (one.path, one.number, one.of, one.intro) for one in questions(without, start(without))
    ]
    assert closing(helped, start(helped)) == ()


def test_help_that_depends_on_an_answer_is_said_with_that_answer_only() -> None:
    gate = [when("1", "=", answerBoolean=True)]
    form = form_of(item("1", "boolean"), item("2", "string", _help("why", enableWhen=gate)))
    said = {
        value: questions(form, answered(form, (path_of("1"), value)))[1].help
        for value in (True, False)
    }
    assert [words.text for words in said[True]] == ["why"]
    assert said[False] == ()


def test_control_of_another_kind_leaves_a_text_to_be_said() -> None:
    form = form_of(item("1", "string", _help("Enter it here", "prompt")))
    (only,) = questions(form, start(form))
    assert ([words.text for words in only.intro], only.help) == (["Enter it here"], ())


def test_hidden_and_read_only_items_are_not_asked_but_have_their_initial_values() -> None:
    form = form_of(
        item("h", "boolean", extension=HIDDEN, initial=[{"valueBoolean": True}]),
        item("r", readOnly=True, initial=[{"valueString": "from the record"}]),
        item("v", initial=[{"valueString": "suggested"}]),
        item("2", enableWhen=[when("h", "=", answerBoolean=True)]),
    )
    answers = start(form)
    assert asked(form, answers) == ["v", "2"]
    assert set(answers) == {path_of("h"), path_of("r")}
    first = next_question(form, answers)
    assert first is not None
    assert (first.path, first.item.initial) == (path_of("v"), ("suggested",))


def test_prefill_wins_over_the_initial_value_and_must_fit() -> None:
    form = form_of(item("h", "boolean", extension=HIDDEN, initial=[{"valueBoolean": True}]))
    assert start(form, {"h": (False,)}) == {path_of("h"): Entry((False,))}
    with pytest.raises(ValueError, match="not an answer"):
        start(form, {"h": ("yes",)})
    with pytest.raises(ValueError, match="no such question"):
        start(form, {"x": (True,)})


# ---- nested questions and groups that repeat


def test_nested_question_comes_with_the_answer_it_is_nested_in() -> None:
    form = form_of(item("1", "boolean", item("1.1", "date")), item("2"))
    assert asked(form, start(form)) == ["1", "2"]
    assert asked(form, answered(form, (path_of("1"), True))) == ["1", "1.1", "2"]
    assert asked(form, answered(form, (path_of("1"), None))) == ["1", "2"]


def test_question_nested_in_several_answers_is_asked_for_each_and_says_for_which() -> None:
    form = form_of(item("1", "choice", item("dose"), repeats=True, answerOption=options("a", "b")))
    answers = with_answer(form, start(form), path_of("1"), (A, B))
    nested = questions(form, answers)[1:]
    assert [one.path for one in nested] == [path_of("1", "dose"), path_of(("1", 1), "dose")]
    assert [[words.text for words in one.intro] for one in nested] == [["a"], ["b"]]


def test_nested_answer_follows_its_answer_and_never_stands_below_another() -> None:
    form = form_of(item("1", "choice", item("d"), repeats=True, answerOption=options(*"abc")))
    answers = with_answer(form, start(form), path_of("1"), (A, B))
    answers = with_answer(form, answers, path_of("1", "d"), ("of a",))
    answers = with_answer(form, answers, path_of(("1", 1), "d"), ("of b",))
    answers = with_answer(form, answers, path_of("1"), (B, C))
    assert {path: entry.values for path, entry in answers.items() if len(path) == 2} == {
        path_of("1", "d"): ("of b",)
    }
    answers = with_declined(form, answers, path_of("1"))
    assert answers == {path_of("1"): Entry(declined=True)}


def test_group_that_repeats_asks_before_each_instance_that_may_be_left_out() -> None:
    form = form_of(item("g", "group", item("1"), repeats=True))
    answers = start(form)
    first = next_question(form, answers)
    assert first is not None
    assert (first.path, first.is_more, first.is_first) == (path_of("g"), True, True)
    answers = with_answer(form, answers, path_of("g"), (True,))
    answers = with_answer(form, answers, path_of("g", "1"), ("x",))
    more = next_question(form, answers)
    assert more is not None
    assert (more.path, more.is_more, more.is_first) == (path_of(("g", 1)), True, False)
    answers = with_answer(form, answers, more.path, (False,))
    assert is_complete(form, answers)


def test_required_group_is_not_asked_whether_there_is_one_and_ends_at_its_limit() -> None:
    most = [extension("questionnaire-maxOccurs", valueInteger=2)]
    form = form_of(item("g", "group", item("1"), repeats=True, required=True, extension=most))
    answers = start(form)
    assert [one.is_more for one in questions(form, answers)] == [False, True]
    answers = answered(
        form, (path_of("g", "1"), "x"), (path_of(("g", 1)), True), (path_of(("g", 1), "1"), "y")
    )
    assert [one.is_more for one in questions(form, answers)] == [False, True, False]
    assert is_complete(form, answers)


def test_no_more_after_all_drops_the_instances_after_it() -> None:
    form = form_of(item("g", "group", item("1"), repeats=True), item("2"))
    answers = answered(
        form,
        (path_of("g"), True),
        (path_of("g", "1"), "x"),
        (path_of(("g", 1)), True),
        (path_of(("g", 1), "1"), "y"),
        (path_of("g"), False),
    )
    assert answers == {path_of("g"): Entry((False,))}
    assert asked(form, answers) == ["g", "2"]


# ---- skipping, completing, refusing


def test_form_is_complete_when_all_is_answered_or_skipped() -> None:
    form = form_of(item("1", required=True), item("2"))
    answers = answered(form, (path_of("1"), "x"))
    assert not is_complete(form, answers)
    assert is_complete(form, with_declined(form, answers, path_of("2")))


def test_form_lacks_a_required_value_that_nobody_filled_in() -> None:
    form = form_of(item("h", "boolean", required=True, extension=HIDDEN), item("1"))
    assert not is_complete(form, answered(form, (path_of("1"), "x")))
    filled = with_answer(form, start(form, {"h": (True,)}), path_of("1"), ("x",))
    assert is_complete(form, filled)


def test_too_few_answers_leave_the_question_open() -> None:
    least = [extension("questionnaire-minOccurs", valueInteger=2)]
    form = form_of(item("1", repeats=True, extension=least))
    answers = with_answer(form, start(form), path_of("1"), ("a",))
    assert not is_complete(form, answers)
    assert is_complete(form, with_answer(form, answers, path_of("1"), ("a", "b")))


def test_required_question_and_question_about_more_cannot_be_skipped() -> None:
    form = form_of(item("1", required=True), item("g", "group", item("2"), repeats=True))
    for path in (path_of("1"), path_of("g")):
        with pytest.raises(ValueError, match="needs an answer"):
            with_declined(form, start(form), path)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (path_of("9"), ("x",)),
        (path_of("h"), (True,)),
        (path_of("2"), ("x",)),
        (path_of("1"), ("x",)),
        (path_of("1"), ()),
        (path_of("1"), (11,)),
        (path_of("1"), (1, 2)),
        (path_of("1"), (True,)),
        (path_of("c"), (A, B)),
        (path_of("c"), (Coding("urn:test", "z", "z"),)),
        (path_of("g"), ("yes",)),
    ],
)
def test_answer_that_is_not_asked_for_or_does_not_fit_is_refused(
    path: Path, values: tuple[Value, ...]
) -> None:
    alone = [extension("questionnaire-optionExclusive", valueBoolean=True)]
    chosen = options("a", "b")
    chosen[1]["extension"] = alone
    form = form_of(
        item("h", "boolean", extension=HIDDEN),
        item("1", "integer", extension=[extension("maxValue", valueInteger=10)]),
        item("2", enableWhen=[when("1", ">", answerInteger=5)]),
        item("c", "choice", repeats=True, answerOption=chosen),
        item("g", "group", item("3"), repeats=True),
    )
    with pytest.raises(ValueError, match=r"."):
        with_answer(form, start(form), path, values)
