"""Which form is due for whom, as the record says, and telling the record how far it is."""

from dataclasses import dataclass

from api.core.ids import PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Read, Search, Update
from api.gateway.service import perform
from api.intake.assignments import OPEN, by_urgency, due_for as due_query, form_of, fulfilled
from api.intake.desk import Desk
from integrations.ports.fhir import Gone, NotFound

_ACCESS = service_access("intake", "system/Task.rus")


@dataclass(frozen=True)
class Due:
    """A form that a patient is to fill in. `questionnaire`: its canonical address."""

    task: str
    questionnaire: str


async def due_for(desk: Desk, patient: PatientId) -> Due | None:
    """The form that a patient is to fill in first.

    Raises:
        PortError: the record is away.
    """
    page = await perform(desk.gateway, _ACCESS, Search("Task", due_query(patient)))
    for task in by_urgency(each.body for each in page.entries):
        questionnaire = form_of(task)
        if questionnaire is not None:
            return Due(str(task["id"]), questionnaire)
    return None


async def complete(desk: Desk, task: str, response: str) -> None:
    """Say that it was filled in, and where. A Task that is over or gone is let be."""
    try:
        stored = await perform(desk.gateway, _ACCESS, Read("Task", task))
    except (NotFound, Gone):
        return
    if stored.body["status"] in OPEN:
        done = fulfilled(stored.body, response, now=await desk.clock.now())
        await perform(desk.gateway, _ACCESS, Update(done, if_match=stored.version))
