"""A line over a fresh database: an engine in memory, the small clinic, a stopped clock."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import select, update

from api.audit.models import AuditRow
from api.consent import service as consent
from api.consent.kinds import ConsentState
from api.conversations import situation, transcript
from api.conversations.kinds import Speaker
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.conversations.transcript import Said
from api.conversations.turns import drain
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, new_id
from api.core.language import Language
from api.core.presence import Presence
from api.escalations import service as escalations
from api.escalations.kinds import Open
from api.gateway.service import Gateway
from api.intake.desk import Desk as FormDesk
from api.messaging import inbox
from api.messaging.clinic import load_clinics
from api.messaging.inbox import Arrival
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open, lookup_of
from api.messaging.words import Catalogue
from api.reminders.desk import Desk as ReminderDesk
from api.safety.lexicon import Lexicon, load_lexicon
from api.scheduling.desk import Desk, DirectoryCache
from api.scheduling.request import load_vocabulary
from api.staff.kinds import Member, Role, StaffId
from integrations.fakes.engine import FakeEngine
from integrations.ports.dialogue import EngineReply, EngineTurn
from tests.support.gateway import StoppedClock, clinic, clock, gateway

__all__ = ["clinic", "clock", "gateway"]

ROOT = Path(__file__).resolve().parents[3]
NLU_DATA = ROOT / "nlu_data"
DANA = Member(StaffId("staff-dana"), "nurse@careline.example", "Dana Reed, RN", Role.NURSE)
NOAH = Member(StaffId("staff-noah"), "nurse2@careline.example", "Noah Bell, RN", Role.NURSE)
SOFIA = Member(
    StaffId("staff-sofia"), "supervisor@careline.example", "Sofia Grant, RN", Role.SUPERVISOR
)


def answers_with_its_words(turn: EngineTurn) -> tuple[EngineReply, ...]:
    """An engine whose answer can be told from every other message."""
    del turn
    return (EngineReply("thank"),)


@dataclass
class Talk:
    """One conversation with everything a test looks at."""

    line: Line
    engine: FakeEngine
    clock: StoppedClock
    id: ConversationId
    channel: Channel

    async def patient_sends(self, text: str) -> None:
        """A message comes in; nobody has looked at it yet."""
        now = await self.clock.now()
        arrival = Arrival(self.id, self.channel, new_id(), text)
        async with self.line.database.transaction() as session:
            await inbox.store_once(session, self.line.keyring, arrival, now=now)

    async def patient_writes(self, text: str) -> None:
        """A message comes in and is dealt with."""
        await self.patient_sends(text)
        await drain(self.line, self.id)

    async def said(self) -> list[Said]:
        async with self.line.database.transaction() as session:
            return await transcript.whole(session, self.line.keyring, self.id)

    async def texts(self, speaker: Speaker) -> list[str]:
        return [each.rendered.text for each in await self.said() if each.speaker is speaker]

    async def row(self) -> ConversationRow:
        async with self.line.database.transaction() as session:
            return await session.get_one(ConversationRow, self.id)

    async def change(self, **values: object) -> None:
        async with self.line.database.transaction() as session:
            changing = update(ConversationRow).where(ConversationRow.id == self.id)
            await session.execute(changing.values(**values))

    async def escalated(self) -> list[Open]:
        async with self.line.database.transaction() as session:
            return await escalations.open_in(session, self.id)

    async def audited(self) -> list[tuple[str, str, str | None]]:
        """Tag, who, whose data: of every act by staff."""
        async with self.line.database.transaction() as session:
            rows = await session.scalars(
                select(AuditRow).where(AuditRow.agent_kind == "staff").order_by(AuditRow.id)
            )
            return [(row.tag, row.agent_id, row.patient_id) for row in rows]

    def passes(self, span: timedelta) -> None:
        self.clock.time += span


@dataclass
class Floor:
    """The clinic's floor: opens conversations."""

    line: Line
    engine: FakeEngine
    clock: StoppedClock
    opened: list[ConversationId] = field(default_factory=list)

    async def opens(self, channel: Channel = Channel.SMS) -> Talk:
        now = await self.clock.now()
        number = f"+12125550{100 + len(self.opened) % 100}"
        address = number if channel is Channel.SMS else new_id()
        line = self.line
        async with line.database.transaction() as session:
            id_ = await find_or_open(session, line.keyring, channel, address, now=now)
            await situation.open_row(session, id_, channel, Language.EN, now=now)
            if channel is Channel.SMS:
                act = consent.Act(
                    conversation=id_,
                    number_lookup=await lookup_of(session, id_),
                    state=ConsentState.OPTED_IN,
                    channel=Channel.SMS,
                    language=Language.EN,
                    evidence="test",
                )
                await consent.record(session, line.keyring, act, now=now)
        self.opened.append(id_)
        return Talk(line, self.engine, self.clock, id_, channel)


@cache
def lexicon() -> Lexicon:
    return load_lexicon(NLU_DATA / "red_flags")


@pytest.fixture
def floor(database: Database, gateway: Gateway, clock: StoppedClock) -> Floor:
    engine = FakeEngine(answer=answers_with_its_words)
    return Floor(a_line(database, gateway, clock, engine), engine, clock)


def a_line(database: Database, gateway: Gateway, clock: StoppedClock, engine: FakeEngine) -> Line:
    clinic = load_clinics(NLU_DATA / "faq")["lakeside"]
    keyring: Keyring = gateway.keyring
    desk = Desk(
        database=database,
        keyring=keyring,
        clock=clock,
        gateway=gateway,
        zone=clinic.zone,
        vocabulary=load_vocabulary(NLU_DATA / "booking_words.yml"),
        directory=DirectoryCache(),
    )
    return Line(
        database=database,
        keyring=keyring,
        clock=clock,
        engine=engine,
        gateway=gateway,
        desk=desk,
        reminders=ReminderDesk(desk.database, desk.keyring, desk.clock, desk.gateway, desk.zone),
        forms=FormDesk(desk.database, desk.keyring, desk.clock, desk.gateway, desk.zone),
        lexicon=lexicon(),
        catalogue=Catalogue(ROOT / "api" / "messaging" / "catalogue"),
        clinic=clinic,
        token_key="t" * 40,
        base_url="https://chat.example.org",
        presence=Presence(database),
    )
