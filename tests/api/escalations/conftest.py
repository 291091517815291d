"""A ladder and a postroom over a fresh database, a mail server in memory and a stopped clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.models import AuditRow
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, EscalationId, PatientId
from api.escalations import ladder, notices, service
from api.escalations.kinds import Reason
from api.escalations.ladder import Ladder
from api.escalations.models import EscalationRow, StaffNoticeRow
from api.escalations.notices import Postroom
from api.escalations.service import Escalate
from api.gateway import projection
from api.gateway.service import Gateway
from api.messaging.clinic import load_clinics
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.staff.kinds import Member, Role, StaffId
from integrations.fakes.mail import FakeMailer
from integrations.ports.fhir import Query
from tests.support.gateway import StoppedClock, clock, gateway

__all__ = ["clock", "gateway"]

NUMBER = "+12125550150"
BASE = "https://care.example"
FAQ = Path(__file__).resolve().parents[3] / "nlu_data" / "faq"
# Wednesday, ten in the morning in New York: the clinic is staffed.
NOW = datetime.fromisoformat("2027-03-03T10:00-05:00")
NIGHT = datetime.fromisoformat("2027-03-03T22:00-05:00")
DANA = Member(StaffId("staff-dana"), "nurse@careline.example", "Dana Reed, RN", Role.NURSE)
NOAH = Member(StaffId("staff-noah"), "nurse2@careline.example", "Noah Bell, RN", Role.NURSE)
STAFF = [
    DANA,
    Member(StaffId("c"), "coordinator@careline.example", "Casey Morgan", Role.COORDINATOR),
    Member(StaffId("s"), "supervisor@careline.example", "Sofia Grant, RN", Role.SUPERVISOR),
    Member(StaffId("a"), "auditor@careline.example", "Alex Frost", Role.AUDITOR),
]


@dataclass
class Alarm:
    """The ladder with everything a test looks at."""

    ladder: Ladder
    postroom: Postroom
    gateway: Gateway
    mailer: FakeMailer
    clock: StoppedClock
    conversation: ConversationId

    @property
    def database(self) -> Database:
        return self.ladder.database

    @property
    def keyring(self) -> Keyring:
        return self.ladder.keyring

    async def open(self, reason: Reason, turn: str = "turn-1") -> EscalationId:
        wanted = Escalate(self.conversation, turn, reason, PatientId("patient-1"), "rule.one")
        async with self.database.transaction() as session:
            now = await self.clock.now()
            return await service.open_escalation(session, self.keyring, wanted, now=now)

    async def work(self) -> None:
        """What a worker does in one round."""
        now = await self.clock.now()
        async with self.database.transaction() as session:
            due = await ladder.due(session, now)
        for escalation in due:
            await ladder.climb(self.ladder, escalation, now=now)
        async with self.database.transaction() as session:
            to_send = await notices.to_send(session)
        for notice in to_send:
            await notices.send(self.postroom, notice)

    async def after(self, minutes: float) -> None:
        self.clock.time += timedelta(minutes=minutes)
        await self.work()

    @property
    def told(self) -> list[str]:
        """The names before the @ of all addresses that were mailed, in order."""
        return [mail.to.split("@")[0] for mail in self.mailer.taken]

    async def row(self, escalation: EscalationId) -> EscalationRow:
        async with self.database.transaction() as session:
            return await session.get_one(EscalationRow, escalation)

    async def notices(self) -> list[StaffNoticeRow]:
        async with self.database.transaction() as session:
            return list(await session.scalars(select(StaffNoticeRow).order_by(StaffNoticeRow.id)))

    async def retry_now(self) -> None:
        """The back-off is over."""
        async with self.database.transaction() as session:
            for row in await session.scalars(select(StaffNoticeRow)):
                row.retry_at = None

    async def kinds(self) -> list[str]:
        async with self.database.transaction() as session:
            return [event.kind for event in await service.history(session, self.conversation)]

    async def audited(self) -> list[tuple[str, str]]:
        async with self.database.transaction() as session:
            rows = await session.scalars(select(AuditRow).order_by(AuditRow.id))
            return [(row.tag, f"{row.agent_kind}/{row.agent_id}") for row in rows]

    async def tasks(self) -> list[dict[str, object]]:
        """Every version of the one Task in the store, the oldest first."""
        await projection.deliver(self.gateway, f"conversation/{self.conversation}")
        async with self.database.engine.begin() as connection:
            fhir = self.gateway.backend.on(connection)
            page = await fhir.search(Query("Task", ()))
            versions = await fhir.history("Task", page.entries[0].id)
            return [each.body for each in reversed(versions)]


@pytest.fixture
async def alarm(database: Database, gateway: Gateway, clock: StoppedClock) -> Alarm:
    clock.time = NOW
    keyring, mailer = gateway.keyring, FakeMailer()

    async def staff(_session: AsyncSession) -> Sequence[Member]:
        return STAFF

    async with database.transaction() as session:
        conversation = await find_or_open(session, keyring, Channel.SMS, NUMBER, now=NOW)
    return Alarm(
        Ladder(database, keyring, load_clinics(FAQ)["lakeside"], staff, BASE),
        Postroom(database, keyring, clock, mailer),
        gateway,
        mailer,
        clock,
        conversation,
    )
