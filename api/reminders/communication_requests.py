"""A plan as others see it: one FHIR R4 CommunicationRequest, with every state it goes through.

The move to the next time is no state. No medicine is named: `about` points at the prescription.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring
from api.gateway.projection import Projection, project
from api.reminders.claims import UNREADABLE
from api.reminders.kinds import PlanState
from api.reminders.models import PlanRow
from api.reminders.schedule import Fixed, Recurring, read_schedule
from api.reminders.wall import Pattern, instant_of
from integrations.ports.fhir import Resource

PLAN_SYSTEM = "https://careline.example/reminder"
CATEGORY_SYSTEM = "https://careline.example/fhir/CodeSystem/communication-category"
STOPPED_SYSTEM = "https://careline.example/fhir/CodeSystem/reminder-stopped-reason"
# Source: HL7 v3 ParticipationMode, the example binding of CommunicationRequest.medium in FHIR R4
# 4.0.1; SMSWRIT is an SMS message.
MODE_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode"
ASSISTANT = {"type": "Device", "display": "Careline assistant"}
# Source: FHIR R4 4.0.1, value set request-status.
_STATUS = {
    PlanState.ACTIVE: "active",
    PlanState.ENDED: "completed",
    PlanState.STOPPED: "revoked",
}
BATCH = 500


async def show(session: AsyncSession, keyring: Keyring, row: PlanRow, *, now: datetime) -> None:
    """Let the record follow a plan that was made or changed, in the same commit."""
    row.shown = row.state
    await project(session, keyring, as_projection(row), now=now)


async def show_ended(session: AsyncSession, keyring: Keyring, *, now: datetime) -> int:
    """Let the record follow plans that came to their end since; how many there were.

    The sweep ends them in bulk and does no more than that: here it catches up, rows that another
    worker is at are skipped.
    """
    found = await session.scalars(
        select(PlanRow)
        .where(PlanRow.shown == PlanState.ACTIVE, PlanRow.state != PlanState.ACTIVE)
        .order_by(PlanRow.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    ended = found.all()
    for row in ended:
        row.shown = row.state
        await project(session, keyring, as_projection(row), now=now, wakes=False)
    return len(ended)


def as_projection(row: PlanRow) -> Projection:
    """The plan as it is now; its states keep their order by its key."""
    return Projection(f"reminder/{row.id}", as_request(row))


def as_request(row: PlanRow) -> Resource:
    """The plan as it is now."""
    patient: Resource = {"reference": f"Patient/{row.patient_id}"}
    request: Resource = {
        "resourceType": "CommunicationRequest",
        "identifier": [{"system": PLAN_SYSTEM, "value": row.id}],
        "status": _STATUS[PlanState(row.state)],
        "category": [_coded(CATEGORY_SYSTEM, "reminder")],
        "medium": [_coded(MODE_SYSTEM, "SMSWRIT")],
        "subject": patient,
        "about": [{"reference": row.source}],
        "recipient": [patient],
        "sender": ASSISTANT,
        **_occurrence(row),
    }
    if row.is_own:
        request["requester"] = patient
    if row.state == PlanState.STOPPED and row.stopped_because:
        request["statusReason"] = _coded(STOPPED_SYSTEM, row.stopped_because.replace("_", "-"))
    return request


def _occurrence(row: PlanRow) -> Resource:
    """When: one time, or from the first to the last; a plan may have no last, or make no sense."""
    try:
        schedule, zone = read_schedule(row.schedule), ZoneInfo(row.zone)
    except UNREADABLE:
        return {}
    match schedule:
        case Fixed(walls=(only,)):
            return {"occurrenceDateTime": _instant(only, zone)}
        case Fixed(walls=walls):
            return {"occurrencePeriod": _period(walls[0], walls[-1], zone)}
        case Recurring(pattern):
            return {"occurrencePeriod": _period(*_ends(pattern), zone)}


def _ends(pattern: Pattern) -> tuple[datetime, datetime | None]:
    first = datetime.combine(pattern.first_day, pattern.times[0])
    if pattern.last_day is None:
        return first, None
    return first, datetime.combine(pattern.last_day, pattern.times[-1])


def _period(first: datetime, last: datetime | None, zone: ZoneInfo) -> Resource:
    period: Resource = {"start": _instant(first, zone)}
    return period if last is None else period | {"end": _instant(last, zone)}


def _instant(wall: datetime, zone: ZoneInfo) -> str:
    return instant_of(wall, zone).astimezone(zone).isoformat()


def _coded(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}
