"""Small Questionnaires, as JSON and as the forms that they are."""

from datetime import UTC, datetime

from api.core.language import Language
from api.intake.answers import Answers
from api.intake.forms import Form, Unsupported, load_form
from api.intake.progress import questions
from api.intake.responses import as_response
from integrations.ports.fhir import Resource

URL = "https://careline.example/Questionnaire/test"
AUTHORED = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
CORE = "http://hl7.org/fhir/StructureDefinition/"


def item(link_id: str, kind: str = "string", *items: Resource, **elements: object) -> Resource:
    """An item; its text is its linkId unless said otherwise."""
    raw = {"linkId": link_id, "type": kind, "text": f"About {link_id}?", **elements}
    return raw | ({"item": list(items)} if items else {})


def options(*codes: str, system: str = "urn:test") -> list[Resource]:
    """Options with the codes, whose words are the codes."""
    return [{"valueCoding": {"system": system, "code": c, "display": c}} for c in codes]


def when(question: str, operator: str, **answer: object) -> Resource:
    """One condition."""
    return {"question": question, "operator": operator, **answer}


def extension(name: str, **value: object) -> Resource:
    """One of HL7's core extensions."""
    return {"url": CORE + name, **value}


def questionnaire(*items: Resource, **elements: object) -> Resource:
    """A Questionnaire of the items."""
    return {
        "resourceType": "Questionnaire",
        "url": URL,
        "version": "1",
        "status": "active",
        "item": list(items),
        **elements,
    }


def form_of(*items: Resource, **elements: object) -> Form:
    """The form that the items make."""
    return load_form(questionnaire(*items, **elements))


def reasons_of(*items: Resource, **elements: object) -> tuple[str, ...]:
    """Why the items make no form; empty when they do."""
    try:
        form_of(*items, **elements)
    except Unsupported as refused:
        return refused.reasons
    return ()


def asked(form: Form, answers: Answers) -> list[str]:
    """Which questions are asked, by the last step of their path."""
    return [one.path[-1][0] for one in questions(form, answers)]


def response_of(form: Form, answers: Answers, status: str = "in-progress") -> Resource:
    """The answers as a response of a patient's own."""
    return as_response(
        form,
        answers,
        subject="Patient/1001",
        source="Patient/1001",
        author=None,
        status=status,
        authored=AUTHORED,
        language=Language.EN,
        base=None,
    )
