"""A gateway over a fresh database, with the clock stopped at NOW."""

from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import select

from api.audit.models import AuditRow
from api.core.clock import real_now
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import new_id
from api.gateway.access import Access, ActorKind, service_access
from api.gateway.interactions import Create, Hold
from api.gateway.scopes import parse_scopes
from api.gateway.service import Gateway, perform
from api.gateway.tokens import turn_access
from integrations.fhir.embedded.backend import EmbeddedBackend
from integrations.ports.fhir import HoldRequest, Resource
from tests.support.fhir import NOW, Clinic, a_slot, an_appointment, at, open_clinic

STAFF = service_access("seed", "system/*.cruds")


@dataclass
class StoppedClock:
    """A clock that a test moves."""

    time: datetime = field(default=NOW)

    async def now(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def gateway(database: Database, clock: StoppedClock) -> Gateway:
    keyring = Keyring(database, kek="k" * 32, lookup_key="l" * 32)
    return Gateway(database, EmbeddedBackend(new_id), keyring, clock)


@pytest.fixture
async def clinic(gateway: Gateway) -> Clinic:
    """The small clinic, stored without an audit row."""
    async with gateway.database.engine.begin() as connection:
        return await open_clinic(gateway.backend.on(connection))


async def made(gateway: Gateway, resource: Resource) -> str:
    """The id of a resource that staff have created."""
    return (await perform(gateway, STAFF, Create(resource))).stored.id


async def a_free_slot(gateway: Gateway, clinic: Clinic, minutes: int = 60) -> str:
    """A free slot of Dr Ruiz."""
    return await made(gateway, a_slot(f"Schedule/{clinic.ruiz_schedule}", at(minutes)))


def turn_of(patient: str | None, turn: str = "turn-1") -> Access:
    """The standing of a turn in a conversation."""
    return turn_access(turn=turn, conversation="conversation-1", patient=patient, origin="sms")


def hold_of(slot: str, patient: str) -> Hold:
    """The wish to hold a slot until ten minutes after NOW."""
    return Hold(HoldRequest((slot,), patient, f"key {slot} {patient}", expires_at=at(10)))


def client_of(scopes: str, patient: str | None = None) -> Access:
    """The standing of an app with these scopes."""
    return Access(ActorKind.CLIENT, "app", parse_scopes(scopes), patient=patient)


async def visit_of(gateway: Gateway, patient: str, minutes: int = 60) -> str:
    """A booked visit in no slot, made by staff."""
    return await made(gateway, an_appointment("booked", at(minutes), f"Patient/{patient}"))


async def audit_rows(gateway: Gateway, *, without: str = "seed") -> list[AuditRow]:
    """All audit rows but those of one agent, the oldest first."""
    async with gateway.database.transaction() as session:
        rows = select(AuditRow).where(AuditRow.agent_id != without).order_by(AuditRow.id)
        return list(await session.scalars(rows))


def token_time() -> datetime:
    """Tokens live by real time."""
    return real_now()
