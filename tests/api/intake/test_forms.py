"""Questionnaires are read whole, or refused with every reason."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from api.core.language import Language
from api.intake.forms import Unsupported, load_form
from api.intake.kinds import ItemType
from api.intake.progress import next_question, questions, start, with_answer
from api.intake.values import Coding, Date, Quantity
from integrations.ports.fhir import Resource
from tests.support.questionnaires import (
    CORE,
    extension,
    form_of,
    item,
    options,
    questionnaire,
    reasons_of,
    when,
)

OFFICIAL = Path(__file__).with_name("official")
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
EN, ES = Language.EN, Language.ES


def _official(name: str) -> Resource:
    resource: Resource = json.loads(
        (OFFICIAL / f"{name}.json").read_text("utf-8"), parse_float=Decimal
    )
    return resource


def _refused(name: str, value_sets: dict[str, Resource] | None = None) -> tuple[str, ...]:
    with pytest.raises(Unsupported) as refused:
        load_form(_official(name), value_sets)
    return refused.value.reasons


# ---- HL7's own examples


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("Questionnaire-bb", 7),
        ("Questionnaire-f201", 7),
        ("Questionnaire-zika-virus-exposure-assessment", 1),
    ],
)
def test_official_example_is_asked(name: str, count: int) -> None:
    form = load_form(_official(name))
    assert [one.number for one in questions(form, start(form))] == list(range(1, count + 1))


def test_official_example_goes_where_its_conditions_lead() -> None:
    form = load_form(_official("Questionnaire-zika-virus-exposure-assessment"))
    answers, said = start(form), []
    for value in (False, False, True):
        asked = next_question(form, answers)
        assert asked is not None
        said.append(asked.path[-1][0])
        answers = with_answer(form, answers, asked.path, (value,))
    asked = next_question(form, answers)
    assert (said, asked and asked.path[-1][0]) == (["1", "2", "4"], "5")


def test_official_score_without_words_is_refused_for_each_question() -> None:
    assert _refused("Questionnaire-gcs") == (
        "item[0] (1.1): it has no text to ask",
        "item[1] (1.2): it has no text to ask",
        "item[2] (1.3): it has no text to ask",
    )


def test_official_example_needs_the_value_sets_it_refers_to() -> None:
    given = _official("ValueSet-yesnodontknow")
    reasons = _refused("Questionnaire-3141", {given["url"]: given})
    assert reasons == (
        "item[0].item[0] (1.1): it has no text to ask",
        "item[0].item[0].item[0].item[0] (1.1.1.1): it has no text to ask",
        "item[0].item[0].item[0].item[1] (1.1.1.2): it has no text to ask",
        "item[1].item[0].item[0] (2.1.2): a choice without options",
    )
    unknown = f"the codes of value set {given['url']} are not known"
    assert f"item[0].item[0] (1.1): {unknown}" in _refused("Questionnaire-3141")


def test_official_score_by_expression_is_refused() -> None:
    reasons = _refused("Questionnaire-phq-9-questionnaire")
    assert reasons[0] == "form: it has no url, so no answer can say what it answers"
    assert "item[8] (TotalScore): its answer is calculated" in reasons
    assert len(reasons) == 11


def test_official_form_without_link_ids_is_refused() -> None:
    reasons = _refused("Questionnaire-qs1")
    assert "item[0].item[0] (): it has no linkId" in reasons


# ---- what is read


def test_words_come_in_the_language_or_as_the_form_has_them() -> None:
    spanish = [extension("translation")]
    spanish[0]["extension"] = [
        {"url": "lang", "valueCode": "es-MX"},
        {"url": "content", "valueString": "¿Fuma?"},
    ]
    form = form_of(item("1", "boolean", text="Do you smoke?", _text={"extension": spanish}))
    words = form.items[0].text
    assert (words.in_(EN), words.in_(ES)) == ("Do you smoke?", "¿Fuma?")


def test_contained_value_set_gives_options_with_their_scores_and_translations() -> None:
    concepts = [
        {
            "code": "a",
            "display": "Never",
            "extension": [extension("ordinalValue", valueDecimal=0)],
            "designation": [{"language": "es", "value": "Nunca"}],
        },
        {"code": "b", "display": "Daily"},
        {"code": "c", "display": "Left out"},
    ]
    include = [{"system": "urn:x", "concept": concepts}]
    exclude = [
        {"system": "urn:x", "concept": [{"code": "c", "display": "Left out"}]},
    ]
    given = {
        "resourceType": "ValueSet",
        "id": "often",
        "compose": {"include": include, "exclude": exclude},
    }
    form = form_of(item("1", "choice", answerValueSet="#often"), contained=[given])
    first, second = form.items[0].options
    assert first.value == Coding("urn:x", "a", "Never")
    assert (first.label.in_(ES), first.ordinal) == ("Nunca", Decimal(0))
    assert (second.label.in_(ES), second.ordinal) == ("Daily", None)


def test_limits_units_and_marks_are_read() -> None:
    unit = extension("questionnaire-unit", valueCoding={"system": "u", "code": "kg"})
    pain = item(
        "pain",
        "integer",
        extension=[extension("minValue", valueInteger=0), extension("maxValue", valueInteger=10)],
    )
    weight = item(
        "weight",
        "quantity",
        extension=[unit, {"url": SDC + "sdc-questionnaire-minQuantity"} | _amount(1)],
    )
    since = item("since", "date", extension=[extension("minValue", valueDate="2020")])
    secret = {"url": "https://careline.example/fhir/StructureDefinition/sensitive-question"}
    drugs = item("drugs", extension=[secret | {"valueBoolean": True}], maxLength=20)
    form = form_of(pain, weight, since, drugs)
    assert (form.items[0].minimum, form.items[0].maximum) == (0, 10)
    assert form.items[1].unit == Coding("u", "kg")
    assert form.items[1].minimum == Quantity(Decimal(1), None, "u", "kg")
    assert form.items[2].minimum == Date("2020")
    assert (form.items[3].sensitive, form.items[3].max_length) == (True, 20)


def _amount(value: int) -> Resource:
    return {"valueQuantity": {"value": value, "system": "u", "code": "kg"}}


def test_hidden_and_read_only_hold_for_what_is_inside_a_group() -> None:
    hidden = [extension("questionnaire-hidden", valueBoolean=True)]
    form = form_of(
        item("h", "group", item("h1"), extension=hidden),
        item("r", "group", item("r1"), readOnly=True),
        item("q"),
    )
    assert [form.places[one][-1].is_asked for one in ("h1", "r1", "q")] == [False, False, True]


def test_total_that_nothing_depends_on_is_left_out_and_said_so() -> None:
    calculated = [{"url": SDC + "sdc-questionnaire-calculatedExpression", "valueExpression": {}}]
    total = item("total", "integer", readOnly=True, extension=calculated)
    form = form_of(item("1"), total)
    assert form.ignored == ("item[1] (total): its answer is not calculated",)
    gated = item("2", enableWhen=[when("total", ">", answerInteger=9)])
    assert reasons_of(total, gated) == ("item[0] (total): its answer is calculated",)
    assert reasons_of(total | {"readOnly": False}) == ("item[0] (total): its answer is calculated",)
    assert reasons_of(total | {"required": True}) != ()


# ---- what is refused


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (item("1", "group"), "a group needs items (que-1)"),
        (item("1", "display", item("2")), "a display has no items (que-1)"),
        (item("1", "display", code=[{"code": "x"}]), "a display has no code (que-3)"),
        (
            item("1", "choice", answerOption=options("a"), answerValueSet="#x"),
            "options are given once: answerOption or answerValueSet (que-4)",
        ),
        (
            item("1", "boolean", answerOption=options("a")),
            "answers of this type have no options (que-5)",
        ),
        (item("1", "display", required=True), "a display is neither required nor repeated (que-6)"),
        (item("1", "display", readOnly=True), "a display cannot be read-only (que-9)"),
        (item("1", "date", maxLength=4), "answers of this type have no greatest length (que-10)"),
        (
            item("1", "choice", answerOption=options("a"), initial=options("a")),
            "beside options there is no initial value (que-11)",
        ),
        (
            item("1", initial=[{"valueString": "a"}, {"valueString": "b"}]),
            "several initial values are for what repeats (que-13)",
        ),
        (item("1", "attachment"), "attachment answers cannot be given in a conversation"),
        (item("1", "reference"), "reference answers cannot be given in a conversation"),
        (item("1", "choice"), "a choice without options"),
        (item("1", text=""), "it has no text to ask"),
        (
            item("1", modifierExtension=[{"url": "urn:x"}]),
            "an extension that we do not know changes its meaning",
        ),
        (
            item("1", extension=[{"url": SDC + "sdc-questionnaire-enableWhenExpression"}]),
            "an expression decides if it is asked",
        ),
        (
            item("1", extension=[{"url": SDC + "sdc-questionnaire-initialExpression"}]),
            "an initial value is calculated",
        ),
        (
            item("1", extension=[{"url": CORE + "regex"}]),
            "answers by a pattern cannot be asked for",
        ),
        (
            item("1", "integer", initial=[{"valueString": "a"}]),
            "its initial value is no answer to it",
        ),
        (
            item("1", "integer", extension=[extension("minValue", valueDate="2020")]),
            "its smallest or largest answer is not of the answer's type",
        ),
        (
            item("1", "integer", answerOption=[{"valueInteger": 0}, {"valueInteger": 1}]),
            "an option is a number, but not that of its place: a reply could mean either",
        ),
        (
            item("1", "choice", answerOption=[{"valueReference": {"reference": "Patient/1"}}]),
            "valueReference cannot be given in a conversation",
        ),
        (
            item("1", extension=[extension("questionnaire-minOccurs", valueInteger=2)]),
            "it must occur several times, but does not repeat",
        ),
        (
            item("1", "group", item("2"), repeats=True, text=""),
            "a group that repeats needs a text, to ask for another one",
        ),
        (item("1", required=True, readOnly=True), "a required answer that nobody may give"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_reason(raw: Resource, reason: str) -> None:
    assert f"item[0] (1): {reason}" in reasons_of(raw)


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        (when("9", "=", answerString="x"), "its condition asks for '9', which is not in the form"),
        (when("g", "=", answerString="x"), "its condition asks for 'g', which is no question"),
        (when("1", "~", answerBoolean=True), "its condition has no operator '~'"),
        (when("1", ">", answerBoolean=True), "its condition orders what has no order"),
        (
            when("1", "exists", answerString="x"),
            "whether an answer exists is true or false (que-7)",
        ),
        (
            when("1", "=", answerInteger=1),
            "its condition compares '1' with a value of another type",
        ),
        (
            when("1", "=", answerReference={"reference": "Patient/1"}),
            "valueReference cannot be given in a conversation",
        ),
    ],
)
def test_condition_that_cannot_be_decided_is_refused(condition: Resource, reason: str) -> None:
    group = item("g", "group", item("g1"))
    reasons = reasons_of(item("1", "boolean"), group, item("2", enableWhen=[condition]))
    assert reasons == (f"item[2] (2): {reason}",)


def test_conditions_that_go_round_in_a_circle_are_refused_once() -> None:
    reasons = reasons_of(
        item("a", "boolean", enableWhen=[when("c", "=", answerBoolean=True)]),
        item("b", "boolean", enableWhen=[when("a", "=", answerBoolean=True)]),
        item("c", "boolean", enableWhen=[when("b", "=", answerBoolean=True)]),
    )
    assert reasons == ("item[0] (a): its conditions go round in a circle: a - c - b - a",)


def test_group_that_depends_on_its_own_question_is_refused() -> None:
    condition = [when("q", "=", answerString="x")]
    reasons = reasons_of(item("g", "group", item("q"), enableWhen=condition))
    assert reasons == ("item[0] (g): its conditions go round in a circle: g - q - g",)


def test_every_reason_is_told_at_once() -> None:
    two = [when("1", "=", answerString="x"), when("1", "=", answerString="y")]
    reasons = reasons_of(
        item("1"),
        item("1"),
        item("g", "group", item("h", "group", item("x", "attachment"))),
        item("2", enableWhen=two),
        url="",
    )
    assert reasons == (
        "form: it has no url, so no answer can say what it answers",
        "form: several items have the linkId '1' (que-2)",
        "item[2].item[0].item[0] (x): attachment answers cannot be given in a conversation",
        "item[3] (2): several conditions need an enableBehavior (que-12)",
    )


def test_value_set_that_is_a_rule_is_refused() -> None:
    rule = {"resourceType": "ValueSet", "id": "r", "compose": {"include": [{"system": "urn:x"}]}}
    raw = questionnaire(item("1", "choice", answerValueSet="#r"), contained=[rule])
    with pytest.raises(Unsupported) as refused:
        load_form(raw)
    assert refused.value.reasons == ("item[0] (1): a value set does not list its codes one by one",)


def test_value_sets_that_contain_each_other_are_refused() -> None:
    ring = {"compose": {"include": [{"valueSet": ["urn:ring"]}]}}
    raw = questionnaire(item("1", "choice", answerValueSet="urn:ring|1"))
    with pytest.raises(Unsupported):
        load_form(raw, {"urn:ring": ring})


def test_every_type_of_item_is_known_by_its_code() -> None:
    kinds = [kind for kind in ItemType if kind.is_question and "choice" not in kind]
    form = form_of(*(item(kind.name, kind.value) for kind in kinds))
    assert [one.type for one in form.items] == kinds
