"""Waiting until nothing is pending, and telling pending from what has to wait."""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.answers import ENGINE_PATIENCE
from api.core import jobs
from api.core.clock import Clock, real_now
from api.core.db import Database
from api.core.jobs import Job
from api.escalations import ladder
from api.messaging import lanes
from api.sandbox.faults import Fault, Service, read_faults

PATIENCE_S: Final = 30.0
LOOK_EVERY_S: Final = 0.1

# One statement, so that all counts are of one instant: a message on its way from one table to
# the next is never missed. `now` is care's time, `real` the machine's.
COUNTS: Final = text("""
SELECT
  (SELECT count(*) FROM inbound i WHERE state = 'pending'
     AND (not_before IS NULL OR not_before <= :real)
     AND NOT EXISTS (SELECT 1 FROM inbound b WHERE b.thread_id = i.thread_id
       AND b.seq < i.seq AND b.state = 'pending' AND b.not_before > :real)) AS inbound_fresh,
  (SELECT count(*) FROM inbound WHERE state = 'pending') AS inbound_open,
  (SELECT count(*) FROM inbound WHERE state = 'waiting') AS inbound_waiting,
  (SELECT count(*) FROM inbound i JOIN conversation c ON c.id = i.thread_id
     WHERE i.state = 'waiting' AND c.holding_since <= :patient_since) AS patience_over,
  (SELECT count(*) FROM outbound WHERE state = 'sending') AS outbound_sending,
  (SELECT count(*) FROM outbound o WHERE
     (state = 'ready' AND tries = 0 OR state = 'held' AND not_before <= :now)
     AND NOT EXISTS (SELECT 1 FROM outbound b WHERE b.thread_id = o.thread_id
       AND b.seq < o.seq AND b.state IN ('ready', 'sending', 'unknown'))) AS outbound_fresh,
  (SELECT count(*) FROM outbound WHERE state IN ('ready', 'sending', 'unknown')
     OR (state = 'held' AND not_before <= :now)) AS outbound_open,
  (SELECT count(*) FROM outbound WHERE state = 'held' AND not_before > :now) AS outbound_later,
  (SELECT count(*) FROM projection WHERE done_at IS NULL) AS projections_open,
  (SELECT count(*) FROM booking_interval WHERE state = 'held' AND expires_at <= :now)
     AS due_holds,
  (SELECT count(*) FROM conversation WHERE state = 'snoozed' AND snoozed_until <= :now)
     AS due_wakings,
  (SELECT count(*) FROM escalation WHERE state = 'open' AND next_step_at <= :now) AS due_steps,
  (SELECT count(*) FROM staff_notice WHERE state IN ('ready', 'sending')) AS notices_open,
  (SELECT count(*) FROM reminder_plan WHERE state = 'active' AND next_at <= :now)
     + (SELECT count(*) FROM reminder_prompt WHERE state = 'due'
        OR state = 'waiting' AND due_at <= :now)
     + (SELECT count(*) FROM reminder_plan WHERE shown = 'active' AND state <> 'active')
     AS due_reminders,
  (SELECT count(*) FROM intake_form WHERE next_at <= :now) AS due_forms,
  (SELECT count(*) FROM twilio_webhook) AS webhooks,
  (SELECT count(*) FROM pgqueuer) AS jobs
""")

EVERYTHING: Final = (
    "inbound_open",
    "inbound_waiting",
    "patience_over",
    "outbound_open",
    "outbound_later",
    "projections_open",
    "due_holds",
    "due_reminders",
    "due_forms",
    "due_wakings",
    "due_steps",
    "notices_open",
    "webhooks",
    "jobs",
)


@dataclass(frozen=True)
class Load:
    """How much is pending, and how much waits for a faulted service or a later time."""

    pending: int
    waiting: int


class NotSettled(Exception):
    """Something was still pending when patience ran out."""


@dataclass(frozen=True)
class Settling:
    """What settling needs. `engine_is_away`: whether the engine's process is not there."""

    database: Database
    clock: Clock
    engine_is_away: Callable[[], bool]
    patience_s: float = PATIENCE_S


async def settle(settling: Settling) -> Load:
    """Wait until nothing is pending.

    Raises:
        NotSettled: there still is, after half a minute.
    """
    await _wake_what_is_due(settling)
    give_up_at = time.monotonic() + settling.patience_s
    while True:
        load = await look(settling)
        if load.pending == 0:
            return load
        if time.monotonic() > give_up_at:
            raise NotSettled
        await asyncio.sleep(LOOK_EVERY_S)


async def look(settling: Settling) -> Load:
    """What is pending and what waits, now."""
    now = await settling.clock.now()
    async with settling.database.transaction() as session:
        counts = await _counts(session, now)
        faults = await read_faults(session)
    return _judge(counts, faults, engine_is_away=settling.engine_is_away())


async def _counts(session: AsyncSession, now: datetime) -> Mapping[str, int]:
    instants = {"now": now, "real": real_now(), "patient_since": now - ENGINE_PATIENCE}
    row = (await session.execute(COUNTS, instants)).mappings().one()
    return {name: int(count) for name, count in row.items()}


async def count_due(session: AsyncSession, now: datetime) -> int:
    """Rows whose time of care has come and that nobody has taken up yet."""
    row = await _counts(session, now)
    held = await session.scalar(
        text("SELECT count(*) FROM outbound WHERE state = 'held' AND not_before <= :now"),
        {"now": now},
    )
    due = ("due_holds", "due_wakings", "due_steps", "due_forms")
    return sum(int(row[name]) for name in due) + int(held or 0)


def _judge(
    counts: Mapping[str, int], faults: Mapping[Service, Fault], *, engine_is_away: bool
) -> Load:
    """A service that fails is waited for; one that works is expected to do its part soon."""
    engine_away = engine_is_away or faults[Service.RASA] is Fault.DOWN
    store_away = faults[Service.FHIR] is Fault.DOWN
    provider_away = faults[Service.TWILIO] is not Fault.OK
    pending = {name: counts[name] for name in EVERYTHING}
    if engine_away or store_away:
        pending["inbound_open"] = counts["inbound_fresh"]
    if engine_away:
        pending["inbound_waiting"] = 0
    if provider_away:
        pending["outbound_open"] = counts["outbound_fresh"] + counts["outbound_sending"]
    if store_away:
        pending["projections_open"] = pending["due_holds"] = 0
    pending["outbound_later"] = 0
    waiting = sum(counts[name] - pending[name] for name in EVERYTHING)
    return Load(pending=sum(pending.values()), waiting=waiting)


async def _wake_what_is_due(settling: Settling) -> None:
    """The clock may just have jumped: nobody need wait for the next sweep to notice."""
    now = await settling.clock.now()
    async with settling.database.transaction() as session:
        for each in await lanes.conversations_to_deliver(session, now):
            await jobs.wake(session, Job.DELIVER_OUTBOX, each.conversation)
        for escalation in await ladder.due(session, now):
            await jobs.wake(session, Job.CLIMB_LADDER, escalation)
