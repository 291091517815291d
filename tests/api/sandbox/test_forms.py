"""The demo clinic's forms: valid, complete in both languages, and due for whom the demo says."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from api.core.crypto import Keyring
from api.core.db import Database
from api.core.language import Language
from api.intake.assignments import by_urgency, due_at, due_for, form_of
from api.intake.forms import load_form
from api.sandbox.forms import BASE, questionnaires
from api.sandbox.reset import reset
from api.sandbox.seed import seed
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import Query, Resource
from tests.support.reading import reading_grade

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
BACKEND = EmbeddedBackend()
FORMS = {form["url"].removeprefix(BASE): form for form in questionnaires()}
NEVER_SHOWN = {"may-be-pregnant"}


def items_of(parent: Resource) -> Iterator[Resource]:
    for item in parent.get("item", ()):
        yield item
        yield from items_of(item)


def spanish(element: Resource | None) -> str:
    assert element is not None
    said = {}
    for translation in element["extension"]:
        language, content = translation["extension"]
        said[language["valueCode"]] = content["valueString"]
    return str(said["es"])


def test_demo_clinic_has_three_forms() -> None:
    assert sorted(FORMS) == ["gad-7", "phq-9", "visit-intake"]


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_form_is_valid_and_every_word_of_it_is_there_in_spanish(form: Resource) -> None:
    validate(form)
    assert spanish(form["_title"]) != form["title"]
    for item in items_of(form):
        if item["linkId"] not in NEVER_SHOWN:
            assert spanish(item["_text"]) != item["text"]
        for option in item.get("answerOption", ()):
            coding = option["valueCoding"]
            assert spanish(coding["_display"]) != coding["display"]


@pytest.mark.parametrize(
    ("name", "panel", "codes"),
    [
        (
            "phq-9",
            "44249-1",
            "44250-9 44255-8 44259-0 44254-1 44251-7 44258-2 44252-5 44253-3 44260-8",
        ),
        ("gad-7", "69737-5", "69725-0 68509-9 69733-4 69734-2 69735-9 69689-8 69736-7"),
    ],
)
def test_instrument_keeps_its_codes_its_weights_and_its_copyright(
    name: str, panel: str, codes: str
) -> None:
    form = FORMS[name]
    assert [code["code"] for code in form["code"]] == [panel]
    assert form["copyright"].startswith("Copyright © Pfizer Inc.")
    asked = form["item"][0]["item"]
    assert [item["code"][0]["code"] for item in asked] == codes.split()
    for item in asked:
        assert item["required"] is True
        weighed = [
            (each["valueCoding"]["code"], each["extension"][0]["valueDecimal"])
            for each in item["answerOption"]
        ]
        assert weighed == [("LA6568-5", 0), ("LA6569-3", 1), ("LA6570-1", 2), ("LA6571-9", 3)]


def test_pregnancy_is_asked_only_where_the_record_says_that_it_may_be() -> None:
    known, *items = items_of(FORMS["visit-intake"])
    shown = [item for item in items if item["type"] != "display"]
    assert known["linkId"] == "may-be-pregnant"
    assert len(shown) == 9
    conditions = {item["linkId"]: item["enableWhen"] for item in shown if "enableWhen" in item}
    assert conditions == {
        "pregnant": [{"question": "may-be-pregnant", "operator": "=", "answerBoolean": True}]
    }


@pytest.mark.parametrize(
    ("name", "sensitive"), [("phq-9", "/44260-8"), ("visit-intake", "pregnant")]
)
def test_sensitive_question_is_marked_and_says_why_it_is_asked(name: str, sensitive: str) -> None:
    form = load_form(FORMS[name])
    marked = [link_id for link_id, (*_, item) in form.places.items() if item.sensitive]
    (question,) = (each for each in marked if form.places[each][-1].is_question)
    assert question == sensitive
    (help_,) = form.places[sensitive][-1].items
    for language in Language:
        assert help_.text.in_(language)
    assert help_.text.in_(Language.EN) != help_.text.in_(Language.ES)
    assert reading_grade(help_.text.in_(Language.EN)) <= 6


async def test_mood_form_is_due_for_two_and_the_visit_form_before_the_visit(
    database: Database,
) -> None:
    keyring = Keyring(database, kek="k" * 40, lookup_key="l" * 40)
    async with database.transaction() as session:
        seeded = await seed(session, BACKEND, keyring, now=NOW)
    await reset(database, BACKEND, keyring, now=NOW + timedelta(hours=1))
    async with database.engine.connect() as connection:
        fhir = BACKEND.on(connection)
        page = await fhir.search(Query("Patient", ()))
        assert len(page.entries) == len(seeded.patients)
        due = {}
        for patient in page.entries:
            tasks = (await fhir.search(Query("Task", due_for(patient.id)))).entries
            mrn = patient.body["identifier"][0]["value"]
            due[mrn] = by_urgency([task.body for task in tasks])
        forms = await fhir.search(Query("Questionnaire", ()))
        canonical = {f"{one.body['url']}|{one.body['version']}" for one in forms.entries}
        (visit,) = (await fhir.search(Query("Appointment", (("status", "booked"),)))).entries
    assert {mrn: [form_of(task) for task in tasks] for mrn, tasks in due.items() if tasks} == {
        "1004": [f"{BASE}phq-9|1.0"],
        "1005": [f"{BASE}visit-intake|1.0"],
        "1008": [f"{BASE}phq-9|1.0"],
    }
    assert canonical == {f"{BASE}{name}|1.0" for name in FORMS}
    (before_visit,) = due["1005"]
    assert due_at(before_visit) == datetime.fromisoformat(visit.body["start"])
    assert before_visit["reasonReference"] == {"reference": visit.reference}
