"""The demo clinic's forms, filled in as patients fill them in."""

from collections.abc import Mapping
from datetime import datetime

from api.core.language import Language
from api.intake.answers import Answers
from api.intake.forms import Form, load_form
from api.intake.progress import questions, start, with_answer
from api.intake.responses import as_response
from api.intake.values import Coding, Value
from api.sandbox.forms import BASE, questionnaires
from integrations.ports.fhir import Resource
from tests.support.fhir import NOW

FORMS = {form["url"].removeprefix(BASE): form for form in questionnaires()}
LOINC = "http://loinc.org"
NOT_AT_ALL, SEVERAL_DAYS = Coding(LOINC, "LA6568-5"), Coding(LOINC, "LA6569-3")
SELF_HARM = "44260-8"
VISIT: Mapping[str, Value] = {
    "reason": "My knee hurts",
    "severity": 7,
    "allergies": "Penicillin and peanuts",
    "medicines": "no medicines",
    "past-illness": "Appendix out in 2001",
    "smoking": Coding(LOINC, "LA18978-9"),
}


def visit_form(**changes: Value) -> dict[str, Value]:
    """The answers of somebody before a visit."""
    return {**VISIT, **changes}


def mood_form(count: int = 9, *, last: Coding = NOT_AT_ALL) -> dict[str, Value]:
    """The first answers to the nine questions about mood: several days each, but the last."""
    codes = [code for code in _codes("phq-9") if code][:count]
    return {code: last if code == SELF_HARM else SEVERAL_DAYS for code in codes}


def filled_in(
    name: str,
    said: Mapping[str, Value],
    patient: str,
    *,
    status: str = "completed",
    authored: datetime = NOW,
    language: Language = Language.EN,
) -> Resource:
    """A response. `said`: by linkId, or by the LOINC code of the question."""
    form = load_form(FORMS[name])
    reference = f"Patient/{patient}"
    return as_response(
        form,
        _answers(form, said),
        subject=reference,
        source=reference,
        author=None,
        status=status,
        authored=authored,
        language=language,
        base=None,
    )


def _answers(form: Form, said: Mapping[str, Value]) -> Answers:
    answers = start(form)
    for asked in questions(form, answers):
        names = {asked.item.link_id, *(str(code.code) for code in asked.item.codes)}
        for name in names & said.keys():
            answers = with_answer(form, answers, asked.path, (said[name],))
    return answers


def _codes(name: str) -> list[str]:
    form = load_form(FORMS[name])
    asked = questions(form, start(form))
    return [str(code.code) for each in asked for code in each.item.codes]
