"""The card of a patient's chart that tells of their forms: asked for, begun, answered."""

from datetime import datetime
from typing import Final

from api.core.language import Language
from api.intake.answered import Answered, answered, speaks_of_self_harm
from api.intake.assignments import by_urgency, due_at, due_for, form_of
from api.intake.desk import Desk
from api.intake.forms import Form, Unsupported
from api.intake.responses import read_response
from api.intake.totals import SCORES, Total, totals_of
from api.people.chart import Item, Loader
from api.people.chart_reader import Loaded, Reader
from api.people.record_words import instant_of, joined
from integrations.ports.fhir import NotFound, Resource

STATUSES: Final = {
    "in-progress": "In progress",
    "completed": "Completed",
    "amended": "Amended",
    "stopped": "Stopped",
}
UNDER_WAY: Final = frozenset({"in-progress", "stopped"})
ALARMING: Final = "Answered above zero on self-harm"
NAMELESS: Final = "A form that is not known here"


def forms_card(desk: Desk) -> Loader:
    """The loader of the card. Points are shown to whom the record shows readings."""

    async def load(reader: Reader) -> Loaded:
        found = await reader.all_of("QuestionnaireResponse", ("_sort", "-authored"))
        responses = [each for each in found.resources if each["status"] in STATUSES]
        totals = await _totals(reader) if responses else {}
        items = [await _asked_for(desk, reader, each) for each in await _due(reader, responses)]
        items += [await _filled_in(desk, reader, each, totals) for each in responses]
        return Loaded(tuple(items), more=found.more)

    return load


async def form_answered_by(desk: Desk, response: Resource) -> Form | None:
    """The form that a response answers; None where it is not known here or cannot be read.

    Raises:
        PortError: the record is away.
    """
    try:
        return await desk.library.form(desk.gateway, str(response.get("questionnaire", "")))
    except (NotFound, Unsupported):
        return None


async def _totals(reader: Reader) -> dict[str, Total]:
    if not any(scope.covers("Observation", "s") for scope in reader.access.scopes):
        return {}
    return totals_of((await reader.all_of("Observation", *SCORES)).resources)


async def _due(reader: Reader, responses: list[Resource]) -> list[Resource]:
    """The Tasks of forms that nobody has begun, the most urgent first."""
    found = await reader.all_of("Task", *due_for(str(reader.patient))[1:])
    begun = {_canonical(each) for each in responses if each["status"] == "in-progress"}
    tasks = [each for each in found.resources if each["status"] != "in-progress"]
    return [each for each in by_urgency(tasks) if (form_of(each) or "").split("|")[0] not in begun]


async def _asked_for(desk: Desk, reader: Reader, task: Resource) -> Item:
    form = await form_answered_by(desk, {"questionnaire": form_of(task) or ""})
    due = due_at(task)
    at = due or datetime.fromisoformat(task["authoredOn"])
    return Item(
        _title(form), "Asked for, due" if due else "Asked for", at=at.astimezone(reader.zone)
    )


async def _filled_in(
    desk: Desk, reader: Reader, response: Resource, totals: dict[str, Total]
) -> Item:
    form = await form_answered_by(desk, response)
    at = instant_of(response.get("authored"))
    total = totals.get(f"QuestionnaireResponse/{response['id']}")
    lines, is_alarming = _read(form, response)
    parts = (
        _standing(str(response["status"]), lines),
        f"Total {total.points} ({total.band.lower()})" if total else "",
        ALARMING if is_alarming else "",
    )
    return Item(
        _title(form),
        joined(parts),
        at=at.astimezone(reader.zone) if at else None,
        is_severe=is_alarming,
        ref=str(response["id"]),
    )


def _read(form: Form | None, response: Resource) -> tuple[tuple[Answered, ...], bool]:
    if form is None:
        return (), False
    try:
        answers = read_response(form, response)
    except ValueError:
        return (), False
    return answered(form, answers), speaks_of_self_harm(form, answers)


def _standing(status: str, lines: tuple[Answered, ...]) -> str:
    if status not in UNDER_WAY or not lines:
        return STATUSES[status]
    said = sum(1 for line in lines if line.answer)
    return f"{STATUSES[status]}: {said} of {len(lines)} answered"


def _title(form: Form | None) -> str:
    return form.title.in_(Language.EN) if form is not None else NAMELESS


def _canonical(response: Resource) -> str:
    return str(response.get("questionnaire", "")).split("|")[0]
