"""From a Task in the record to the text that offers its form."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId, new_id
from api.gateway.access import service_access
from api.gateway.interactions import Read
from api.gateway.service import perform
from api.intake.assignments import OPEN, due_at, form_of, is_form
from api.intake.desk import Desk
from api.intake.fillings import Filling, save
from api.intake.models import FormRow
from api.intake.states import FormState, Waiting
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.people import service as people
from integrations.ports.fhir import Gone, NotFound, Resource

# A form for a visit is offered the day before it; another one the morning after it was asked for.
BEFORE_VISIT = timedelta(days=1)
MORNING = time(10)
_ACCESS = service_access("intake", "system/Task.r")


async def task_changed(desk: Desk, reference: str) -> None:
    """Let the offer of a form follow the Task that asks for it.

    Idempotent, and right in whatever order changes are heard of: the record is asked.

    Raises:
        PortError: the record is away.
    """
    task = await _read(desk, reference.partition("/")[2])
    if task is not None and not is_form(task):
        return
    if task is None or task["status"] not in OPEN:
        await _withdraw(desk, reference.partition("/")[2])
        return
    await _offer(desk, task)


async def _offer(desk: Desk, task: Resource) -> None:
    questionnaire = form_of(task)
    patient = PatientId(str(task["for"]["reference"]).partition("/")[2])
    person = await people.person(desk.gateway, patient)
    if questionnaire is None or person is None or not person.alive or not person.numbers:
        return
    now = await desk.clock.now()
    zone = ZoneInfo(person.zone) if person.zone else desk.zone
    async with desk.database.transaction() as session:
        if await _known(session, str(task["id"])):
            return
        number = min(person.numbers)
        thread = await find_or_open(session, desk.keyring, Channel.SMS, number, now=now)
        filling = _offered(task, questionnaire, patient, thread, now)
        filling.next_at = max(now, offer_at(task, now, zone))
        await save(session, filling)


def offer_at(task: Resource, now: datetime, zone: ZoneInfo) -> datetime:
    """When a form is offered: the day before the visit that it is for, else the next morning."""
    visit = due_at(task)
    if visit is not None:
        return visit - BEFORE_VISIT
    tomorrow = now.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(tomorrow, MORNING, tzinfo=zone).astimezone(now.tzinfo)


def _offered(
    task: Resource, questionnaire: str, patient: PatientId, thread: ConversationId, now: datetime
) -> Filling:
    return Filling(
        id=new_id(),
        conversation=thread,
        patient=patient,
        questionnaire=questionnaire,
        state=FormState.OFFERED,
        opened_at=now,
        changed_at=now,
        task=str(task["id"]),
        before_visit=due_at(task) is not None,
        next_step=Waiting.OFFER,
        is_new=True,
    )


async def _known(session: AsyncSession, task: str) -> bool:
    found = await session.scalar(select(FormRow.id).where(FormRow.task_id == task))
    return found is not None


async def _withdraw(desk: Desk, task: str) -> None:
    """What is no longer asked for is not offered; what somebody is at stays theirs to send."""
    async with desk.database.transaction() as session:
        row = await session.scalar(select(FormRow).where(FormRow.task_id == task).with_for_update())
        if row is not None and row.state == FormState.OFFERED:
            row.state, row.next_step, row.next_at = FormState.CLOSED, None, None


async def _read(desk: Desk, id_: str) -> Resource | None:
    try:
        return (await perform(desk.gateway, _ACCESS, Read("Task", id_))).body
    except (NotFound, Gone):
        return None
