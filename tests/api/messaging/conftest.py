"""An outbox over a fresh database, a provider in memory and a stopped clock."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId
from api.messaging import outbox
from api.messaging.gate import Facts, Purpose
from api.messaging.kinds import Channel
from api.messaging.models import OutboundRow
from api.messaging.outbox import Letter, Lost, Outbox
from api.messaging.threads import find_or_open
from integrations.fakes.sms import FakeSms
from tests.support.fhir import NOW
from tests.support.gateway import StoppedClock

NUMBER = "+12125550150"


@dataclass
class Desk:
    """The outbox with everything a test looks at."""

    outbox: Outbox
    sms: FakeSms
    conversation: ConversationId
    lost: list[Lost] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)

    async def write(
        self,
        text: str,
        purpose: Purpose = Purpose.REPLY,
        conversation: ConversationId | None = None,
    ) -> str:
        to = conversation or self.conversation
        letter = Letter(to, Channel.SMS, text, ["greet"], purpose)
        async with self.outbox.database.transaction() as session:
            return await outbox.put(session, self.outbox.keyring, letter, now=NOW)

    async def deliver(self) -> None:
        await outbox.deliver(self.outbox, self.conversation)

    async def opens(self, number: str) -> ConversationId:
        async with self.outbox.database.transaction() as session:
            return await find_or_open(session, self.outbox.keyring, Channel.SMS, number, now=NOW)

    async def row(self, id_: str) -> OutboundRow:
        async with self.outbox.database.transaction() as session:
            return await session.get_one(OutboundRow, id_)

    async def change(self, id_: str, **values: object) -> None:
        async with self.outbox.database.transaction() as session:
            row = await session.get_one(OutboundRow, id_)
            for name, value in values.items():
                setattr(row, name, value)


@pytest.fixture
async def desk(database: Database) -> Desk:
    keyring = Keyring(database, kek="k" * 32, lookup_key="l" * 32)
    sms, lost, blocked = FakeSms(NOW), list[Lost](), list[str]()

    async def facts_of(row: OutboundRow) -> Facts:
        zone = ZoneInfo("America/New_York")
        return Facts(
            purpose=Purpose(row.purpose),
            opted_in=True,
            opted_out=False,
            alive=True,
            zone=zone,
            patient_wrote_at=NOW,
        )

    async def opted_out(_session: AsyncSession, row: OutboundRow) -> None:
        blocked.append(row.id)

    async def given_up(_session: AsyncSession, what: Lost) -> None:
        lost.append(what)

    async def lock(_session: AsyncSession, _conversation: ConversationId) -> None:
        return None

    made = Outbox(
        database=database,
        keyring=keyring,
        clock=StoppedClock(),
        sms=sms,
        facts_of=facts_of,
        opted_out=opted_out,
        given_up=given_up,
        lock=lock,
        status_url="https://care.example/webhooks/twilio/status",
    )
    async with database.transaction() as session:
        conversation = await find_or_open(session, keyring, Channel.SMS, NUMBER, now=NOW)
    return Desk(made, sms, conversation, lost, blocked)
