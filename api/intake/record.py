"""The answers of a form in the record: one QuestionnaireResponse, from the first answer on.

Every write says in full what is answered, so the same step again changes nothing.
"""

from dataclasses import dataclass
from datetime import datetime

from api.gateway.access import service_access
from api.gateway.interactions import Create, Read, Update
from api.gateway.service import perform
from api.intake import prefill
from api.intake.answers import Answers
from api.intake.desk import Desk, Filler
from api.intake.fillings import Filling
from api.intake.forms import Form
from api.intake.progress import start
from api.intake.responses import as_response, read_response
from integrations.ports.fhir import Gone, NotFound, Resource

IDENTIFIER = "https://careline.example/fhir/form"
# Creating is conditional on our own identifier, which asks of every record: a service's to do.
_ACCESS = service_access("intake", "system/QuestionnaireResponse.cru")


@dataclass(frozen=True)
class Sheet:
    """A form and what is answered so far. `body`: the response as the record has it, if it has."""

    form: Form
    answers: Answers
    body: Resource | None
    version: int | None


async def read(desk: Desk, filler: Filler, filling: Filling) -> Sheet:
    """The form with what is answered of it.

    Raises:
        PortError: the record is away. Unsupported: the form cannot be asked any more.
    """
    form = await desk.library.form(desk.gateway, filling.questionnaire)
    if filling.response is None:
        known = await prefill.known_of(desk, filler, filling.patient, form)
        return Sheet(form, start(form, known), None, None)
    access = filler.access(filling.patient)
    read_ = Read("QuestionnaireResponse", filling.response)
    stored = await perform(desk.gateway, access, read_)
    return Sheet(form, read_response(form, stored.body), stored.body, stored.version)


async def write(
    desk: Desk, filler: Filler, filling: Filling, sheet: Sheet, *, status: str, now: datetime
) -> int:
    """Let the record say what is answered; the first answer makes the response.

    Of what was sent, the same answers again are no other version.

    Returns:
        The version that says so.

    Raises:
        PortError: it was not written; what it says stands as before.
    """
    resource = _resource(filler, filling, sheet, status=status, now=now)
    if filling.response is None:
        return await _create(desk, filler, filling, resource)
    if sheet.version is not None and filling.was_sent and _says_same(sheet, resource):
        return sheet.version
    resource["id"] = filling.response
    update = Update(resource, if_match=sheet.version)
    return (await perform(desk.gateway, filler.access(filling.patient), update)).stored.version


async def _create(desk: Desk, filler: Filler, filling: Filling, resource: Resource) -> int:
    found = (("identifier", f"{IDENTIFIER}|{filling.id}"),)
    written = await perform(desk.gateway, _ACCESS, Create(resource, if_none_exist=found))
    filling.response = written.stored.id
    if written.created:
        return written.stored.version
    # A try that was cut off had begun it: this one says the same, and what came since.
    resource["id"] = written.stored.id
    again = Update(resource, if_match=written.stored.version)
    return (await perform(desk.gateway, filler.access(filling.patient), again)).stored.version


def _says_same(sheet: Sheet, resource: Resource) -> bool:
    """Whether the record says it already, in whatever language the questions were put."""
    before = read_response(sheet.form, sheet.body) if sheet.body is not None else None
    return before == read_response(sheet.form, resource)


async def stop(desk: Desk, response: str | None) -> None:
    """Say in the record that nobody goes on with it; what was answered stays."""
    if response is None:
        return
    try:
        stored = await perform(desk.gateway, _ACCESS, Read("QuestionnaireResponse", response))
    except (NotFound, Gone):
        return
    if stored.body["status"] != "in-progress":
        return
    resource = {**stored.body, "status": "stopped"}
    await perform(desk.gateway, _ACCESS, Update(resource, if_match=stored.version))


def _resource(
    filler: Filler, filling: Filling, sheet: Sheet, *, status: str, now: datetime
) -> Resource:
    patient = f"Patient/{filling.patient}"
    resource: Resource = as_response(
        sheet.form,
        sheet.answers,
        subject=patient,
        source=patient,
        author=None,
        status=status,
        authored=now,
        language=filler.language,
        base=sheet.body,
    )
    resource["identifier"] = {"system": IDENTIFIER, "value": filling.id}
    return resource
