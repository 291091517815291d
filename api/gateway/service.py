"""The one way in, for HTTP and for our own code: judge, ask the store, write the audit row.

Each call is a transaction of its own. What was asked and its audit row commit together, or
nothing is answered. Refusals are recorded too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.audit.service import Action, Entry, Result, Who
from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.errors import CareError
from api.core.jobs import Job, wake
from api.gateway.access import Access
from api.gateway.errors import AuditUnavailable
from api.gateway.interaction import Interaction, Store
from api.gateway.references import References
from api.gateway.rules import judge
from integrations.ports.errors import PortError
from integrations.ports.fhir import FhirBackend, NotFound, Stored, Written

# Reminders are planned and forms offered by these: every write to them is heard of.
WATCHED = ("Appointment/", "MedicationRequest/", "Patient/", "Task/")


@dataclass(frozen=True)
class Gateway:
    """What the gateway needs; built once in `bootstrap`."""

    database: Database
    backend: FhirBackend
    keyring: Keyring
    clock: Clock
    references: References = field(default_factory=References)


async def perform[R](gateway: Gateway, access: Access, interaction: Interaction[R]) -> R:
    """Do one thing to clinical data on behalf of a caller.

    Raises:
        IdentityRequired, Forbidden: the caller may not (api.gateway.errors).
        AuditUnavailable: it could not be recorded, so it did not happen.
        FhirError: what the store refused (integrations.ports.fhir); a resource of another
            patient is NotFound.
    """
    now = await gateway.clock.now()
    try:
        return await _answer(gateway, access, interaction, now=now)
    except (CareError, PortError) as refusal:
        if not isinstance(refusal, AuditUnavailable):
            await _record_refusal(gateway, access, interaction, refusal, now=now)
        raise


async def _answer[R](
    gateway: Gateway, access: Access, interaction: Interaction[R], *, now: datetime
) -> R:
    ruling = judge(access, interaction)
    async with gateway.database.transaction() as session:
        fhir = gateway.backend.on(await session.connection())
        store = Store(fhir, audit.Events(session, gateway.keyring))
        answer = await interaction.run(store, ruling, now=now)
        if isinstance(answer, Written):
            for displaced in answer.displaced:
                await wake(session, Job.HOLD_DISPLACED, displaced)
        for reference in _watched(interaction.changed(answer)):
            await wake(session, Job.RECORD_CHANGED, reference)
        entries = _entries(interaction, interaction.touched(answer), bound=ruling.patient)
        await _record(gateway, session, access, entries, now=now)
    return answer


def _watched(references: Sequence[str]) -> list[str]:
    """What others plan by, each once; a write that changed nothing may be among it."""
    return [one for one in dict.fromkeys(references) if one.startswith(WATCHED)]


async def _record(
    gateway: Gateway,
    session: AsyncSession,
    access: Access,
    entries: Sequence[Entry],
    *,
    now: datetime,
) -> None:
    try:
        await audit.record(session, gateway.keyring, entries, who=_who(access), now=now)
    except SQLAlchemyError:
        # The statement's values may be in the exception: it goes no further.
        raise AuditUnavailable from None


async def _record_refusal[R](
    gateway: Gateway,
    access: Access,
    interaction: Interaction[R],
    refusal: CareError | PortError,
    *,
    now: datetime,
) -> None:
    """Another patient's resource and one that never was look alike: both count as denied."""
    is_denial = isinstance(refusal, CareError | NotFound)
    entry = _entry(interaction, result=Result.DENIED if is_denial else Result.FAILED)
    async with gateway.database.transaction() as session:
        await _record(gateway, session, access, [entry], now=now)


def _entries[R](
    interaction: Interaction[R], touched: Sequence[Stored], *, bound: str | None
) -> list[Entry]:
    """One entry per patient and resource written or read; one per patient for a search."""
    if interaction.query() is not None:
        patients = {patient for stored in touched for patient in stored.patients}
        if bound is not None:
            patients &= {bound}
        found = [_entry(interaction, patient=patient) for patient in sorted(patients)]
        return found or [_entry(interaction, patient=bound)]
    if not touched:
        return [_entry(interaction, patient=bound)] if interaction.is_recorded_when_empty else []
    return [
        _entry(interaction, patient=patient, stored=stored)
        for stored in touched
        for patient in stored.patients or (None,)
    ]


def _entry[R](
    interaction: Interaction[R],
    *,
    patient: str | None = None,
    stored: Stored | None = None,
    result: Result = Result.DONE,
) -> Entry:
    need = interaction.need()
    return Entry(
        tag=f"fhir:{need.type}:{interaction.name}",
        action=Action(need.action),
        subtype=need.subtype,
        result=result,
        patient=patient,
        resource_type=stored.type if stored else need.type,
        resource_id=stored.id if stored else interaction.target(),
        resource_version=stored.version if stored else None,
        query=interaction.query(),
    )


def _who(access: Access) -> Who:
    return Who(
        kind=access.kind.value,
        id=access.id,
        patient=access.patient,
        purpose=access.purpose,
        origin=access.origin,
        request_id=access.request_id,
        turn=access.turn,
    )
