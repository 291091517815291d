"""What answers add up to: whole instruments only, and the one answer that cannot wait."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

import pytest

from api.intake.answers import Answers, Entry
from api.intake.forms import Form, load_form
from api.intake.progress import next_question, questions, start, with_answer
from api.intake.scoring import GAD_7, PHQ_9, alarms, score
from api.intake.values import Coding, Value
from api.sandbox.forms import BASE, questionnaires
from integrations.ports.fhir import Resource

LOINC = "http://loinc.org"
BODIES = {body["url"].removeprefix(BASE): body for body in questionnaires()}
FORMS = {name: load_form(body) for name, body in BODIES.items()}
CODES = ("LA6568-5", "LA6569-3", "LA6570-1", "LA6571-9")
SELF_HARM = (("phq-9", 0), ("/44260-8", 0))


def coded(points: int) -> tuple[Value, ...]:
    # As another system would store it: without the words, which are no part of the answer.
    return (Coding(LOINC, CODES[points]),)


def answered(form: Form, points: Sequence[int]) -> Answers:
    answers = start(form)
    for each in points:
        asked = next_question(form, answers)
        assert asked is not None
        answers = with_answer(form, answers, asked.path, coded(each))
    return answers


def spread(total: int, count: int) -> list[int]:
    """Points for so many questions that add up to the total."""
    return [min(3, max(0, total - 3 * place)) for place in range(count)]


def total_of(name: str, points: Sequence[int]) -> tuple[Decimal, str] | None:
    found = score(FORMS[name], answered(FORMS[name], points))
    return None if found is None else (found.value, found.band_code)


# The published cut-offs, the first and the last total of each band.
PHQ_BANDS = {
    "minimal": (0, 4),
    "mild": (5, 9),
    "moderate": (10, 14),
    "moderately-severe": (15, 19),
    "severe": (20, 27),
}
GAD_BANDS = {"minimal": (0, 4), "mild": (5, 9), "moderate": (10, 14), "severe": (15, 21)}


@pytest.mark.parametrize(
    ("name", "count", "bands"), [("phq-9", 9, PHQ_BANDS), ("gad-7", 7, GAD_BANDS)]
)
def test_every_total_is_in_its_published_band(
    name: str, count: int, bands: dict[str, tuple[int, int]]
) -> None:
    seen = [total_of(name, spread(total, count)) for total in range(3 * count + 1)]
    expected = [
        (Decimal(total), band)
        for band, (first, last) in bands.items()
        for total in range(first, last + 1)
    ]
    assert seen == expected


def test_total_is_coded_and_keeps_the_points_of_each_question() -> None:
    found = score(FORMS["phq-9"], answered(FORMS["phq-9"], [1, 2, 3, 0, 0, 1, 2, 0, 1]))
    assert found is not None
    assert (found.code.system, found.code.code) == (LOINC, "44261-6")
    assert (found.value, found.band) == (Decimal(10), "Moderate")
    assert found.item_values["44259-0"] == 3
    assert sum(found.item_values.values()) == found.value
    anxious = score(FORMS["gad-7"], answered(FORMS["gad-7"], [1] * 7))
    assert anxious is not None
    assert anxious.code.code == "70274-6"


@pytest.mark.parametrize(("name", "count"), [("phq-9", 9), ("gad-7", 7)])
def test_partly_answered_instrument_has_no_score_and_not_a_lower_one(name: str, count: int) -> None:
    form = FORMS[name]
    whole = dict(answered(form, [3] * count))
    assert score(form, whole) is not None
    for path in list(whole):
        rest = {other: entry for other, entry in whole.items() if other != path}
        assert score(form, rest) is None
        assert score(form, {**rest, path: Entry(declined=True)}) is None
    for few in range(count):
        assert total_of(name, [3] * few) is None


def test_difficulty_is_no_part_of_the_total() -> None:
    form = FORMS["phq-9"]
    answers = answered(form, [1] * 9)
    (_, *_, difficulty) = questions(form, answers)
    assert difficulty.item.link_id == "/69722-7"
    worst = difficulty.item.options[-1].value
    found = score(form, with_answer(form, answers, difficulty.path, (worst,)))
    assert found is not None
    assert found.value == 9


def test_other_forms_have_no_score() -> None:
    assert score(FORMS["visit-intake"], start(FORMS["visit-intake"])) is None


def changed(name: str, **more: object) -> Resource:
    """A form of the clinic with other top elements."""
    return {**BODIES[name], **more}


def each_question(items: Sequence[Resource]) -> Iterator[Resource]:
    for item in items:
        yield item
        yield from each_question(item.get("item", ()))


def rebuilt(name: str, change: dict[str, object], only: str | None = None) -> Form:
    """The form with every question (or `only` one) changed; None takes an element away."""

    def of(item: Resource) -> Resource:
        inner = {"item": [of(one) for one in item["item"]]} if "item" in item else {}
        mine = change if only in {None, item["linkId"]} and "answerOption" in item else {}
        merged = {**item, **inner, **mine}
        return {key: value for key, value in merged.items() if value is not None}

    return load_form(changed(name, item=[of(one) for one in BODIES[name]["item"]]))


def options(*weights: object) -> list[Resource]:
    url = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
    return [
        {
            "valueCoding": {"system": LOINC, "code": code},
            **({} if weight is None else {"extension": [{"url": url, "valueDecimal": weight}]}),
        }
        for code, weight in zip(CODES, weights, strict=True)
    ]


def test_answer_codes_alone_are_enough() -> None:
    form = rebuilt("gad-7", {"answerOption": options(None, None, None, None)})
    found = score(form, answered(form, [3] * 7))
    assert found is not None
    assert found.value == 21


def test_weights_that_contradict_the_answer_codes_give_no_score() -> None:
    upside_down = rebuilt("gad-7", {"answerOption": options(3, 2, 1, 0)})
    assert score(upside_down, answered(upside_down, [3] * 7)) is None
    too_heavy = rebuilt("gad-7", {"answerOption": options(0, 1, 2, 30)}, only="/69734-2")
    assert score(too_heavy, answered(too_heavy, [3] * 7)) is None
    assert score(too_heavy, answered(too_heavy, [2] * 7)) is not None


def test_answer_of_the_second_question_that_is_its_own_counts_two() -> None:
    """Source: LOINC 68509-9 answers with LA18938-3, "More days than not"."""
    own = options(0, 1, 2, 3)
    own[2]["valueCoding"] = {"system": LOINC, "code": "LA18938-3"}
    form = rebuilt("gad-7", {"answerOption": own}, only="/68509-9")
    answers = dict(answered(form, [0] * 7))
    answers[("gad-7", 0), ("/68509-9", 0)] = Entry((Coding(LOINC, "LA18938-3"),))
    found = score(form, answers)
    assert found is not None
    assert found.value == 2


def without(name: str, link_id: str) -> Form:
    (group, *_) = BODIES[name]["item"]
    kept = [one for one in group["item"] if one["linkId"] != link_id]
    return load_form(changed(name, item=[{**group, "item": kept}]))


def test_shortened_instrument_has_no_score_under_the_whole_ones_name() -> None:
    short = without("gad-7", "/69736-7")
    assert score(short, answered(short, [3] * 6)) is None


def test_question_that_is_asked_or_answered_twice_gives_no_score() -> None:
    (group, *_) = BODIES["gad-7"]["item"]
    again = {**group["item"][0], "linkId": "again"}
    twice = load_form(changed("gad-7", item=[{**group, "item": [*group["item"], again]}]))
    assert score(twice, answered(twice, [1] * 8)) is None
    form = FORMS["gad-7"]
    answers = dict(answered(form, [1] * 7))
    answers[("gad-7", 0), ("/69725-0", 0)] = Entry((*coded(1), *coded(1)))
    assert score(form, answers) is None


@pytest.mark.parametrize(("weight", "total"), [(3, 3), (4, None), (-1, None), (0.5, None)])
def test_local_answer_codes_count_by_their_weight_within_the_scale(
    weight: float, total: int | None
) -> None:
    local = options(0, 1, 2, weight)
    local[3]["valueCoding"] = {"system": "https://careline.example/test", "code": "always"}
    form = rebuilt("gad-7", {"answerOption": local}, only="/69734-2")
    answers = dict(answered(form, [0] * 7))
    always = Coding("https://careline.example/test", "always")
    answers[("gad-7", 0), ("/69734-2", 0)] = Entry((always,))
    found = score(form, answers)
    assert (None if found is None else found.value) == total


def test_form_without_its_panels_code_is_known_by_its_questions() -> None:
    bare = {key: value for key, value in BODIES["phq-9"].items() if key != "code"}
    form = load_form(bare)
    found = score(form, answered(form, [1] * 9))
    assert found is not None
    assert found.code == PHQ_9.total
    without_codes = rebuilt("gad-7", {"code": None})
    assert score(without_codes, answered(without_codes, [1] * 7)) is None


@pytest.mark.parametrize(("points", "is_alarming"), [(0, False), (1, True), (2, True), (3, True)])
def test_any_thought_of_self_harm_alarms_whatever_the_total(
    points: int, *, is_alarming: bool
) -> None:
    form = FORMS["phq-9"]
    assert alarms(form, SELF_HARM, coded(points)) is is_alarming
    for asked in questions(form, start(form)):
        if asked.path != SELF_HARM:
            assert not alarms(form, asked.path, coded(3))


def test_doubtful_answer_to_that_question_alarms() -> None:
    form = FORMS["phq-9"]
    for odd in (
        "not really",
        Coding("https://careline.example/test", "never"),
        Decimal("0.5"),
        True,
    ):
        assert alarms(form, SELF_HARM, (odd,))
    upside_down = rebuilt("phq-9", {"answerOption": options(3, 2, 1, 0)})
    assert all(alarms(upside_down, SELF_HARM, coded(points)) for points in range(4))


def test_public_form_that_has_the_code_in_its_link_id_only_alarms_too() -> None:
    form = rebuilt("phq-9", {"code": None})
    assert alarms(form, SELF_HARM, coded(1))
    assert not alarms(form, SELF_HARM, coded(0))


def test_nothing_alarms_where_nothing_was_said() -> None:
    assert not alarms(FORMS["phq-9"], SELF_HARM, ())
    assert not alarms(FORMS["gad-7"], SELF_HARM, coded(3))
    assert not alarms(FORMS["phq-9"], (), coded(3))


def test_instruments_ask_nothing_twice() -> None:
    for one in (PHQ_9, GAD_7):
        assert len(set(one.items)) == len(one.items)
        assert [band.least for band in one.bands] == sorted(band.least for band in one.bands)
