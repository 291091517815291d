"""From the record to plans: what has changed there is read again, and the plan follows it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, PatientId
from api.gateway.access import service_access
from api.gateway.interactions import Read, Search
from api.gateway.service import perform
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.people import service as people
from api.reminders import plans
from api.reminders.desk import Desk
from api.reminders.kinds import Stopped
from api.reminders.models import PreferenceRow
from api.reminders.plans import Whose
from api.reminders.timing import Day
from api.reminders.wishes import Nothing, Person, Wish, of_medicine, of_visit
from integrations.ports.fhir import Gone, NotFound, Resource

MEDICINE, VISIT, PATIENT = "MedicationRequest", "Appointment", "Patient"
_GONE = {MEDICINE: Stopped.MEDICINE_STOPPED, VISIT: Stopped.VISIT_CANCELLED}
_ACCESS = service_access(
    "reminders", "system/MedicationRequest.rs system/Appointment.rs system/Practitioner.r"
)


@dataclass(frozen=True)
class Preferences:
    """What a person agreed to, and their own hours where they gave any."""

    wants_doses: bool = False
    names_medicines: bool = False
    wants_visits: bool = True
    day: Day = Day()  # noqa: RUF009 -- frozen


async def record_changed(desk: Desk, reference: str) -> None:
    """Let the plan of a prescription or a visit say what the record says now.

    Of a patient, all their plans: a new number, another zone, a death. Idempotent, and right in
    whatever order changes are heard of: the record is asked, not the change.
    """
    type_, _, id_ = reference.partition("/")
    if type_ == PATIENT:
        await _follow_all(desk, PatientId(id_), {MEDICINE: "active", VISIT: "booked"})
        return
    resource = await _read(desk, type_, id_)
    patient = _patient_of(resource) if resource else None
    now = await desk.clock.now()
    if resource is None or patient is None:
        async with desk.database.transaction() as session:
            await plans.stop(session, desk.keyring, reference, _GONE[type_], now=now)
        return
    await _follow(desk, resource, patient, now)


async def prefer(desk: Desk, patient: PatientId, wanted: Preferences) -> None:
    """Record what a person agreed to, and let their medicines' plans follow it."""
    now = await desk.clock.now()
    async with desk.database.transaction() as session:
        await agree(session, patient, wanted, now=now)
    await _follow_all(desk, patient, {MEDICINE: "active"})


async def preferences_of(session: AsyncSession, patient: PatientId) -> Preferences:
    """What a person agreed to."""
    row = await session.get(PreferenceRow, patient)
    if row is None:
        return Preferences()
    day = Day(**{name: time.fromisoformat(at) for name, at in row.day.items()})
    return Preferences(row.wants_doses, row.names_medicines, row.wants_visits, day)


async def _follow_all(desk: Desk, patient: PatientId, standing: Mapping[str, str]) -> None:
    """Plan anew what of these types stands so in the record."""
    now = await desk.clock.now()
    for type_, status in standing.items():
        query = Search(type_, (("patient", patient), ("status", status)))
        for stored in (await perform(desk.gateway, _ACCESS, query)).entries:
            await _follow(desk, stored.body, patient, now)


async def _follow(desk: Desk, resource: Resource, patient: PatientId, now: datetime) -> None:
    reference = f"{resource['resourceType']}/{resource['id']}"
    known = await people.person(desk.gateway, patient)
    with_name = await _clinician(desk, resource)
    async with desk.database.transaction() as session:
        wanted = await preferences_of(session, patient)
        person = _person(desk, known, wanted)
        wish = _wish(resource, person, with_name)
        number = min(known.numbers, default=None) if known else None
        if isinstance(wish, Nothing) or number is None:
            because = wish.because if isinstance(wish, Nothing) else Stopped.NO_PHONE
            await plans.stop(session, desk.keyring, reference, because, now=now)
            return
        thread = await thread_of(desk, session, number, now)
        whose = Whose(patient, thread, person.zone)
        await plans.keep(session, desk.keyring, whose, wish, now=now)


def _wish(resource: Resource, person: Person, with_name: str) -> Wish | Nothing:
    if resource["resourceType"] == MEDICINE:
        return of_medicine(resource, person)
    return of_visit(resource, person, with_name=with_name)


async def _clinician(desk: Desk, resource: Resource) -> str:
    """Whom a visit is with, as it is said; empty where nobody is named."""
    actors = [str((each.get("actor") or {}).get("reference")) for each in _participants(resource)]
    ids = [each.removeprefix("Practitioner/") for each in actors if "Practitioner/" in each]
    found = await _read(desk, "Practitioner", ids[0]) if ids else None
    return people.human_name(found) if found else ""


def _participants(resource: Resource) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = resource.get("participant") or []
    return found


def _person(desk: Desk, known: people.Person | None, wanted: Preferences) -> Person:
    return Person(
        zone=ZoneInfo(known.zone) if known and known.zone else desk.zone,
        day=wanted.day,
        wants_doses=wanted.wants_doses,
        wants_visits=wanted.wants_visits,
        alive=known is not None and known.alive,
    )


async def thread_of(
    desk: Desk, session: AsyncSession, number: str, now: datetime
) -> ConversationId:
    """The texts with a number: that is where people are reminded."""
    return await find_or_open(session, desk.keyring, Channel.SMS, number, now=now)


async def _read(desk: Desk, type_: str, id_: str) -> Resource | None:
    try:
        return (await perform(desk.gateway, _ACCESS, Read(type_, id_))).body
    except (NotFound, Gone):
        return None


def _patient_of(resource: Resource) -> PatientId | None:
    """The patient a prescription or a visit is for."""
    subject: dict[str, Any] = resource.get("subject") or {}
    actors = [each.get("actor") or {} for each in _participants(resource)]
    references = [str(each.get("reference", "")) for each in (subject, *actors)]
    patients = [each.removeprefix("Patient/") for each in references if each[:8] == "Patient/"]
    return PatientId(patients[0]) if patients else None


async def agree(
    session: AsyncSession, patient: PatientId, wanted: Preferences, *, now: datetime
) -> None:
    """Record what a person agreed to; plans follow when their record is next looked at."""
    day = {name: at.isoformat() for name, at in vars(wanted.day).items()}
    await session.merge(
        PreferenceRow(
            patient_id=patient,
            wants_doses=wanted.wants_doses,
            names_medicines=wanted.names_medicines,
            wants_visits=wanted.wants_visits,
            day=day,
            changed_at=now,
        )
    )
