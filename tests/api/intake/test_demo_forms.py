"""The demo clinic's forms from the first question to what is stored."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from api.bootstrap import CATALOGUE
from api.core.db import Database
from api.core.language import Language
from api.intake.answers import Answers
from api.intake.forms import Form, load_form
from api.intake.observations import as_observation, same_score
from api.intake.progress import is_complete, next_question, questions, start, with_answer
from api.intake.reading import Accepted, Miss, read_answer
from api.intake.responses import as_response, read_response
from api.intake.scoring import alarms, score
from api.messaging.words import Catalogue
from api.sandbox.forms import BASE, questionnaires
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.fhir.embedded.validation import validate
from integrations.ports.fhir import Query, Resource

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
TODAY = date(2027, 3, 3)
FORMS = {body["url"].removeprefix(BASE): load_form(body) for body in questionnaires()}
BACKEND = EmbeddedBackend()


def filled(form: Form, answers: Answers, texts: list[str], language: Language) -> Answers:
    for text in texts:
        asked = next_question(form, answers)
        assert asked is not None
        read = read_answer(asked.item, text, language, today=TODAY)
        assert isinstance(read, Accepted), (asked.item.link_id, text, read)
        answers = with_answer(form, answers, asked.path, read.values)
    return answers


def response_to(form: Form, answers: Answers, patient: str, status: str) -> Resource:
    return as_response(
        form,
        answers,
        subject=f"Patient/{patient}",
        source=f"Patient/{patient}",
        author=None,
        status=status,
        authored=NOW,
        language=Language.EN,
        base=None,
    )


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (Language.EN, ["1", "2", "nearly every day please", "4", "1", "1", "3", "1", "not at all"]),
        (Language.ES, ["1", "varios dias", "4", "Casi todos los días", "1", "1", "3", "1", "1"]),
    ],
)
async def test_mood_form_ends_as_a_score_derived_from_its_answers(
    database: Database, language: Language, texts: list[str]
) -> None:
    form = FORMS["phq-9"]
    answers = filled(form, start(form), texts, language)
    # Something was checked, so how difficult that makes life is asked, too.
    assert len(questions(form, answers)) == 10
    answers = filled(form, answers, ["2"], language)
    assert is_complete(form, answers)
    async with database.transaction() as session:
        fhir = BACKEND.on(await session.connection())
        body = response_to(form, answers, "p1", "completed")
        stored = (await fhir.create(body, now=NOW)).stored
        found = score(form, read_response(form, stored.body))
        assert found is not None
        assert (found.value, found.band_code) == (Decimal(9), "mild")
        observation = as_observation(found, stored.body, issued_at=NOW)
        for _ in range(2):
            await fhir.create(observation, now=NOW, if_none_exist=same_score(observation))
        page = await fhir.search(Query("Observation", (("derived-from", stored.reference),)))
    (kept,) = page.entries
    assert (kept.patients, kept.body["valueInteger"]) == (("p1",), 9)


def test_nothing_checked_asks_nothing_of_difficulty() -> None:
    form = FORMS["phq-9"]
    answers = filled(form, start(form), ["1"] * 9, Language.EN)
    assert (len(questions(form, answers)), is_complete(form, answers)) == (9, True)


def test_self_harm_is_told_from_what_was_typed() -> None:
    form = FORMS["phq-9"]
    path = questions(form, start(form))[8].path
    for text, is_alarming in (("1", False), ("not at all", False), ("Several days", True)):
        item = form.places["/44260-8"][-1]
        read = read_answer(item, text, Language.EN, today=TODAY)
        assert isinstance(read, Accepted)
        assert alarms(form, path, read.values) is is_alarming


@pytest.mark.parametrize(("known", "count"), [(False, 8), (True, 9)])
def test_visit_form_asks_about_pregnancy_where_it_may_be(known: bool, count: int) -> None:
    form = FORMS["visit-intake"]
    answers = start(form, {"may-be-pregnant": (known,)})
    texts = ["knee pain", "2 weeks", "7/10", "nothing", "none", "nothing much", "never smoker"]
    answers = filled(form, answers, [*texts, *(["no"] if known else []), "thank you"], Language.EN)
    assert (len(questions(form, answers)), is_complete(form, answers)) == (count, True)
    validate(response_to(form, answers, "p1", "completed"))


def test_every_miss_has_words() -> None:
    names = Catalogue(CATALOGUE).names(Language.EN)
    assert {f"form_miss_{miss.value}" for miss in Miss} == {
        name for name in names if name.startswith("form_miss_")
    }
