"""What people say of their visits: coming, another time, cannot come. Each turn once."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Cancel, Read, Update
from api.gateway.projection import Projection, project
from api.gateway.service import perform
from api.reminders.desk import Desk, Saying
from api.reminders.kinds import PromptState
from api.reminders.models import ItemRow, PlanRow, PromptRow
from integrations.ports.dialogue import EngineReply
from integrations.ports.fhir import (
    Gone,
    NotAllowedNow,
    NotFound,
    PreconditionFailed,
    Resource,
    VersionConflict,
)

ANSWER_SYSTEM = "https://careline.example/visit-answer"
TRIES = 3
CONFIRMED, AGAIN, HEARD = "confirmed", "confirmed_again", "heard"
"""What became of a prompt that was answered with yes."""
IS_CONFIRMED = (CONFIRMED, AGAIN, HEARD)
_ACCESS = service_access("reminders", "system/Appointment.rus")
_OVER = EngineReply("visit_is_over", {})


async def confirm(desk: Desk, prompt_id: str, saying: Saying) -> EngineReply | None:
    """They are coming: said in the visit itself and as a response to it.

    Said again it is acknowledged once more; after that there is nothing more to say.
    """
    visit, patient = await visit_of(desk, prompt_id)
    appointment = await _participate(desk, visit, patient, "accepted")
    if appointment is None:
        return _OVER
    if await _answered(desk, prompt_id, patient, visit, "accepted", saying) == HEARD:
        return None
    waits = {"prompt": prompt_id, "until": appointment["start"]}
    return EngineReply("visit_confirmed", _start(desk, appointment) | waits)


async def cannot_come(desk: Desk, prompt_id: str) -> EngineReply:
    """Asked once more before a time is given away."""
    visit, _ = await visit_of(desk, prompt_id)
    appointment = await _booked(desk, visit)
    if appointment is None:
        return _OVER
    return EngineReply("visit_release", _start(desk, appointment) | {"prompt": prompt_id})


async def keep(desk: Desk, prompt_id: str) -> EngineReply:
    """They come after all, or have not said; its letters are still heard."""
    visit, _ = await visit_of(desk, prompt_id)
    appointment = await _booked(desk, visit)
    if appointment is None:
        return _OVER
    return EngineReply("visit_kept", {"prompt": prompt_id, "until": appointment["start"]})


async def release(desk: Desk, prompt_id: str, saying: Saying) -> EngineReply:
    """Give the time to somebody else."""
    visit, patient = await visit_of(desk, prompt_id)
    try:
        await perform(desk.gateway, _ACCESS, Cancel(visit, "patient"))
    except (NotFound, Gone, NotAllowedNow):
        return _OVER
    await _answered(desk, prompt_id, patient, visit, "declined", saying)
    return EngineReply("visit_released", {})


def _start(desk: Desk, appointment: Resource) -> dict[str, object]:
    """When it is, in the clinic's zone: that is where one goes."""
    return {"start": appointment["start"], "zone": desk.zone.key}


async def visit_of(desk: Desk, prompt_id: str) -> tuple[str, PatientId]:
    """The Appointment's id that a prompt speaks of, and whose it is."""
    async with desk.database.transaction() as session:
        row = await _plan(session, prompt_id)
    return row.source.partition("/")[2], PatientId(row.patient_id)


async def _plan(session: AsyncSession, prompt_id: str) -> PlanRow:
    found = await session.scalars(
        select(PlanRow)
        .join(ItemRow, ItemRow.plan_id == PlanRow.id)
        .where(ItemRow.prompt_id == prompt_id)
    )
    return found.one()


async def _booked(desk: Desk, visit: str) -> Resource | None:
    """The visit, while it is on."""
    try:
        body = (await perform(desk.gateway, _ACCESS, Read("Appointment", visit))).body
    except (NotFound, Gone):
        return None
    return body if body["status"] == "booked" else None


async def _participate(desk: Desk, visit: str, patient: PatientId, status: str) -> Resource | None:
    """Write the patient's own participation; staff may be changing the visit at the same time."""
    for _ in range(TRIES):
        appointment = await _booked(desk, visit)
        if appointment is None:
            return None
        changed = _with_participation(appointment, patient, status)
        if changed == appointment:
            return appointment
        version = int(appointment["meta"]["versionId"])
        try:
            await perform(desk.gateway, _ACCESS, Update(changed, if_match=version))
        except (VersionConflict, PreconditionFailed):
            continue
        return changed
    raise VersionConflict("Appointment")


def _with_participation(appointment: Resource, patient: PatientId, status: str) -> Resource:
    actor = f"Patient/{patient}"
    participants: list[dict[str, Any]] = [
        {**each, "status": status} if (each.get("actor") or {}).get("reference") == actor else each
        for each in appointment["participant"]
    ]
    return {**appointment, "participant": participants}


async def _answered(
    desk: Desk, prompt_id: str, patient: PatientId, visit: str, status: str, saying: Saying
) -> str:
    """Write what they said; what the prompt came to by it."""
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        prompt = await session.get_one(PromptRow, prompt_id, with_for_update=True)
        if prompt.last_turn == saying.turn:
            return str(prompt.reason)
        prompt.state, prompt.last_turn, prompt.changed_at = PromptState.ANSWERED, saying.turn, now
        prompt.reason = _next_reason(prompt.reason) if status == "accepted" else status
        response = _response(prompt_id, patient, visit, status)
        await project(session, desk.keyring, response, now=now)
        return prompt.reason


def _next_reason(reason: str | None) -> str:
    """Confirmed, confirmed again, and from then on only heard."""
    steps = (CONFIRMED, AGAIN, HEARD)
    return steps[min(steps.index(reason) + 1, 2)] if reason in steps else CONFIRMED


def _response(prompt_id: str, patient: PatientId, visit: str, status: str) -> Projection:
    """FHIR R4 AppointmentResponse: one a prompt, the last word of which counts."""
    resource: Resource = {
        "resourceType": "AppointmentResponse",
        "identifier": [{"system": ANSWER_SYSTEM, "value": prompt_id}],
        "appointment": {"reference": f"Appointment/{visit}"},
        "actor": {"reference": f"Patient/{patient}"},
        "participantStatus": status,
    }
    return Projection(key=f"visit-answer/{prompt_id}", resource=resource)
