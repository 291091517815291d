"""A message that is given up and a STOP lock in one order, so that neither waits for the other."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from typing import override
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.undelivered import Undelivered, lock
from api.escalations.kinds import Reason
from api.messaging import outbox
from api.messaging.gate import Facts, Purpose
from api.messaging.kinds import Channel, OutboundState
from api.messaging.models import OutboundRow
from api.messaging.outbox import GIVE_UP_AFTER, Letter, Outbox
from integrations.fakes.sms import FakeSms
from integrations.ports.errors import Rejected, Unreachable
from tests.api.conversations.conftest import Floor, Talk
from tests.support.fhir import NOW

WAITS_FOR_US = text(
    "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


@dataclass
class FailingSms(FakeSms):
    """Answers every text with this failure."""

    failure: Exception = field(default_factory=Unreachable)

    @override
    async def send(self, *, to: str, text: str, status_callback: str) -> str:
        raise self.failure


def _outbox(talk: Talk, failure: Exception) -> Outbox:
    async def facts_of(row: OutboundRow) -> Facts:
        return Facts(
            purpose=Purpose(row.purpose),
            opted_in=True,
            opted_out=False,
            alive=True,
            zone=ZoneInfo("America/New_York"),
            patient_wrote_at=NOW,
        )

    async def opted_out(_session: AsyncSession, _row: OutboundRow) -> None:
        raise AssertionError

    undelivered, line = Undelivered(talk.line.keyring, talk.clock), talk.line
    return Outbox(
        database=line.database,
        keyring=line.keyring,
        clock=talk.clock,
        sms=FailingSms(NOW, failure=failure),
        facts_of=facts_of,
        opted_out=opted_out,
        given_up=undelivered.tell,
        lock=undelivered.lock,
        status_url="https://care.example/webhooks/twilio/status",
    )


@pytest.mark.parametrize("failure", [Rejected("30003"), Unreachable()], ids=["refused", "away"])
async def test_message_that_is_given_up_waits_for_a_stop_before_it_is_locked(
    floor: Floor, failure: Exception
) -> None:
    talk = await floor.opens()
    letter = Letter(talk.id, Channel.SMS, "hello", ["greet"], Purpose.REPLY)
    database, sender = talk.line.database, _outbox(talk, failure)
    async with database.transaction() as session:
        id_ = await outbox.put(
            session, talk.line.keyring, letter, now=NOW - GIVE_UP_AFTER - timedelta(hours=1)
        )
    async with database.transaction() as stop:
        await lock(stop, talk.id)
        giving_up = asyncio.create_task(outbox.deliver(sender, talk.id))
        async with asyncio.timeout(30):
            while not await stop.scalar(WAITS_FOR_US):
                assert not giving_up.done()
        # It waits for us; if it had the message already, we would wait for it now.
        free = select(OutboundRow).where(OutboundRow.id == id_).with_for_update(nowait=True)
        assert (await stop.scalars(free)).one().state == OutboundState.SENDING
    await giving_up
    async with database.transaction() as session:
        assert (await session.get_one(OutboundRow, id_)).state == OutboundState.FAILED
    (opened,) = await talk.escalated()
    assert opened.reason is Reason.NOT_DELIVERED
