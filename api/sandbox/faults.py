"""The fault switches: rows that every process reads when it uses the service meant."""

from collections.abc import Mapping
from enum import StrEnum

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from api.core.db import Database
from api.sandbox.models import SandboxFaultRow


class Service(StrEnum):
    """What can be made to fail. WEBHOOKS: how the fake provider's calls to us arrive."""

    TWILIO = "twilio"
    FHIR = "fhir"
    RASA = "rasa"
    WEBHOOKS = "webhooks"


class Fault(StrEnum):
    """How it fails."""

    OK = "ok"
    DOWN = "down"
    SLOW = "slow"
    TIMEOUT_AFTER_ACCEPT = "timeout_after_accept"
    TOO_MANY = "429"
    CONFLICT = "412"
    REORDERED = "reordered"
    DOUBLED = "doubled"


async def read_fault(session: AsyncSession | AsyncConnection, service: Service) -> Fault:
    """How a service's switch stands."""
    found = await session.scalar(
        select(SandboxFaultRow.fault).where(SandboxFaultRow.service == service)
    )
    return Fault(found) if found else Fault.OK


async def read_faults(session: AsyncSession) -> dict[Service, Fault]:
    """How every switch stands."""
    rows = await session.scalars(select(SandboxFaultRow))
    known = {Service(row.service): Fault(row.fault) for row in rows}
    return {service: known.get(service, Fault.OK) for service in Service}


async def set_faults(session: AsyncSession, faults: Mapping[Service, Fault]) -> None:
    """Move these switches; the others stay as they are."""
    for service, fault in faults.items():
        statement = insert(SandboxFaultRow).values(service=service, fault=fault)
        await session.execute(
            statement.on_conflict_do_update(index_elements=["service"], set_={"fault": fault})
        )


async def clear_faults(session: AsyncSession) -> None:
    """Everything works again."""
    await session.execute(delete(SandboxFaultRow))


class FaultReader:
    """One service's switch, read without touching the caller's connection."""

    def __init__(self, database: Database, service: Service) -> None:
        self._engine = database.side_engine
        self._service = service

    async def __call__(self) -> Fault:
        """How it stands now."""
        async with self._engine.connect() as connection:
            return await read_fault(connection, self._service)
