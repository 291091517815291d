"""Puts the demo data where they belong: clinic, times, patients with record and consent, staff."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.service import record_event
from api.consent.kinds import ConsentState
from api.consent.service import Act, record
from api.conversations.consents import as_consent
from api.core.crypto import Keyring
from api.core.ids import ConversationId, PatientId
from api.core.jobs import Job, wake
from api.core.language import Language
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.reminders.planning import Preferences, agree
from api.sandbox import clinic
from api.sandbox.clinic import Clinic, Staffed, add_slots, clinic_days
from api.sandbox.forms import write_forms
from api.sandbox.patients import (
    CHILD,
    DEMO_PATIENTS,
    MOTHER,
    DemoPatient,
    as_mother,
    as_patient,
)
from api.sandbox.record import write_record
from api.sandbox.staff import seed_staff
from integrations.ports.fhir import FhirBackend, FhirSession, Query, Resource

VISITOR: Final = "1005"
VISITED: Final = "ruiz"
VISIT_AT: Final = time(14)
VISIT_LASTS: Final = timedelta(minutes=30)
SERVICE_OF_VISIT: Final = clinic.SERVICES[0]
EVIDENCE: Final = "demo-data"
# Who wants to be reminded of doses, and to read a medicine's name in a text.
AGREED: Final = {
    "1005": Preferences(wants_doses=True, names_medicines=True),
    "1007": Preferences(names_medicines=True),
}
SHOWN: Final = {
    Language.EN: "May we text you about your care?",
    Language.ES: "¿Podemos enviarle mensajes sobre su atención?",
}


@dataclass(frozen=True)
class Seeded:
    """What was put there: FHIR ids of the patients by record number, and how many free times."""

    patients: dict[str, str]
    slots: int


async def seed(
    session: AsyncSession, backend: FhirBackend, keyring: Keyring, *, now: datetime
) -> Seeded:
    """Write the demo data into an empty database, within the session's transaction."""
    fhir = backend.on(await session.connection())
    staffed = await Clinic(fhir, now).build()
    patients = await _patients(fhir, staffed, now)
    slots = await add_slots(fhir, list(staffed.schedules.values()), now=now)
    visit = await _visit(fhir, staffed, patients[VISITOR], slots, now=now)
    physician = staffed.clinicians[VISITED]
    await write_record(fhir, patients, physician, now=now)
    await write_forms(fhir, patients, physician=physician, visit=visit, now=now)
    for patient in DEMO_PATIENTS:
        if patient.opted_in:
            await _opt_in(session, fhir, keyring, patient, PatientId(patients[patient.mrn]), now)
    await seed_staff(session, keyring)
    await _remind(session, fhir, patients, now)
    await record_event(session, tag="sandbox:demo:seed", agent="service/seed", now=now)
    return Seeded(patients, len(slots))


async def _remind(
    session: AsyncSession, fhir: FhirSession, patients: dict[str, str], now: datetime
) -> None:
    """What they agreed to; reminders and offers are made of what is on record by now."""
    for mrn, wanted in AGREED.items():
        await agree(session, PatientId(patients[mrn]), wanted, now=now)
    for type_ in ("MedicationRequest", "Appointment", "Task"):
        for stored in (await fhir.search(Query(type_, ()))).entries:
            await wake(session, Job.RECORD_CHANGED, stored.reference)


async def top_up(session: AsyncSession, backend: FhirBackend, *, now: datetime) -> int:
    """Free times up to the horizon after the clock went forward; how many were added."""
    fhir = backend.on(await session.connection())
    added = await add_slots(fhir, await clinic.schedules_of(fhir), now=now)
    await record_event(session, tag="sandbox:slots:top-up", agent="service/seed", now=now)
    return len(added)


async def _patients(fhir: FhirSession, staffed: Staffed, now: datetime) -> dict[str, str]:
    ids = {}
    for patient in DEMO_PATIENTS:
        body = as_patient(patient, staffed.organization)
        ids[patient.mrn] = (await fhir.create(body, now=now)).stored.id
    mother = next(each for each in DEMO_PATIENTS if each.mrn == MOTHER)
    related = await fhir.create(as_mother(mother, ids[CHILD]), now=now)
    linked = await fhir.read("Patient", ids[MOTHER])
    link = [{"other": {"reference": related.stored.reference}, "type": "seealso"}]
    await fhir.update({**linked.body, "link": link}, now=now)
    return ids


async def _visit(
    fhir: FhirSession,
    staffed: Staffed,
    patient: str,
    slots: list[tuple[str, Resource]],
    *,
    now: datetime,
) -> Resource:
    """A booked visit on the second clinic day after the seed; it takes its time like any other."""
    days = clinic_days(now)
    next(days)
    begin = clinic.local(next(days), VISIT_AT)
    schedule = f"Schedule/{staffed.schedules[VISITED].id}"
    slot = next(
        id_
        for id_, body in slots
        if body["schedule"]["reference"] == schedule
        and datetime.fromisoformat(body["start"]) == begin
    )
    who = (f"Patient/{patient}", f"Practitioner/{staffed.clinicians[VISITED]}")
    written = await fhir.create(
        {
            "resourceType": "Appointment",
            "status": "booked",
            "serviceType": [clinic.concept(SERVICE_OF_VISIT)],
            "start": begin.isoformat(),
            "end": (begin + VISIT_LASTS).isoformat(),
            "slot": [{"reference": f"Slot/{slot}"}],
            "created": now.isoformat(),
            "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in who],
        },
        now=now,
    )
    return written.stored.body


async def _opt_in(
    session: AsyncSession,
    fhir: FhirSession,
    keyring: Keyring,
    patient: DemoPatient,
    id_: PatientId,
    now: datetime,
) -> None:
    conversation = await find_or_open(session, keyring, Channel.SMS, patient.phone, now=now)
    act = _agreed(conversation, keyring.lookup(patient.phone), patient, id_)
    await record(session, keyring, act, now=now)
    consent = as_consent(act, now=now)
    if consent is not None:
        await fhir.create(consent.resource, now=now)


def _agreed(
    conversation: ConversationId, number_lookup: bytes, patient: DemoPatient, id_: PatientId
) -> Act:
    language = Language(patient.language)
    return Act(
        conversation=conversation,
        number_lookup=number_lookup,
        state=ConsentState.OPTED_IN,
        channel=Channel.SMS,
        language=language,
        evidence=EVIDENCE,
        shown=SHOWN[language],
        said="YES" if language is Language.EN else "SÍ",
        patient=id_,
    )
