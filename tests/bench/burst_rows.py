"""Thousands of reminders due at one instant: how late they go, and whether emergencies notice.

One worker in this process, over a database of its own, with a provider in memory: what we cost,
without what a provider costs. The sender's rate and our own cost are measured apart.
"""

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, override
from unittest.mock import patch

from api import worker
from api.bootstrap import Ports, build_ports
from api.core.clock import real_now, set_ahead
from api.core.jobs import install_engine
from api.core.settings import load_settings
from api.messaging import inbox
from api.messaging.inbox import Arrival
from api.messaging.kinds import Channel
from api.messaging.pace import Pace
from api.messaging.threads import find_or_open
from api.sandbox.mail import CaughtMail
from integrations.fakes.sms import FakeSms
from tests.bench.engine_rows import MS
from tests.bench.inbox_rows import a_database
from tests.bench.rows import Against, Row, percentile, row
from tests.faults.reminded import fill, number_of
from tests.support.patients import World

# So many people, each with a medicine at each of these minutes.
MANY, FEW = 2_000, 60
MINUTES: Final = ("08:00:00", "08:01:00", "08:02:00", "08:03:00", "08:04:00")
PER_SECOND: Final = 10.0
BEFORE, DUE = "2027-03-08T07:55:00-05:00", "2027-03-08T08:05:00-05:00"
EMERGENCY: Final = "i want to kill myself"
EMERGENCIES: Final = 40
EVERY_S: Final = 0.5
KEYS: Final = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY")
WITHIN_S: Final = 3_600
# A little more than the rate alone makes of it: one round of the worker's own.
PACED_GOAL: Final = 1.1
# A dose is of use for an hour and a half; the last of ten thousand should come in a third of that.
LIMIT_S: Final = 1_800.0
EMERGENCY_WITHIN_MS: Final = 2_000.0
SLOWED_GOAL: Final = 5.0


@dataclass
class Provider(FakeSms):
    """Knows when it was handed each text."""

    handed_at: dict[str, list[float]] = field(default_factory=dict)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @override
    async def send(self, *, to: str, text: str, status_callback: str) -> str:
        self.handed_at.setdefault(to, []).append(time.perf_counter())
        self.news.set()
        return await super().send(to=to, text=text, status_callback=status_callback)


@dataclass(frozen=True)
class Burst:
    """Seconds from when they were due to when they were handed over; milliseconds of answers."""

    late_s: Sequence[float]
    alone_ms: Sequence[float]
    answered_ms: Sequence[float]


async def burst_rows(world: World) -> list[Row]:
    """First as fast as it goes, with emergencies meanwhile; then at a rate."""
    free = await _burst(world, MANY, None, emergencies=EMERGENCIES)
    paced = await _burst(world, FEW, PER_SECOND)
    count, few = len(free.late_s), len(paced.late_s)
    late = "reminders due at one instant: how late one is handed to the provider, p99"
    limit = Against("limit", LIMIT_S, goal=1.0)
    rate = Against(f"{PER_SECOND:g} a second", few * 0.99 / PER_SECOND, PACED_GOAL)
    answers = f"an emergency answered while {count} reminders go out, stored to handed over, p95"
    soon = Against("limit", EMERGENCY_WITHIN_MS, goal=1.0)
    alone = Against("with nothing due", percentile(free.alone_ms, 95), SLOWED_GOAL)
    answered = percentile(free.answered_ms, 95)
    return [
        row("reminders.burst", f"{count} {late}", percentile(free.late_s, 99), "s", limit),
        row("reminders.burst.paced", f"{few} {late}", percentile(paced.late_s, 99), "s", rate),
        row("reminders.burst.emergency", answers, answered, "ms", soon),
        row("reminders.burst.slowed", answers, answered, "ms", alone),
    ]


async def _burst(
    world: World, people: int, per_second: float | None, *, emergencies: int = 0
) -> Burst:
    async with _worker_of(world, per_second) as (ports, provider):
        await _clock(ports, BEFORE)
        async with ports.database.transaction() as session:
            await fill(ports, session, people=people, each=1, hours=MINUTES)
        numbers = [number_of(person) for person in range(people)]
        stop = asyncio.Event()
        working = asyncio.create_task(worker.work(ports, stop))
        alone = [await _emergency(ports, provider, each) for each in range(emergencies)]
        due = await _clock(ports, DUE)
        others = range(emergencies, 2 * emergencies)
        answered = [await _emergency(ports, provider, each) for each in others]
        await _until(provider, numbers, len(MINUTES))
        stop.set()
        await working
    late = [at - due for number in numbers for at in provider.handed_at[number]]
    assert len(late) == people * len(MINUTES), len(late)
    return Burst(late, alone, answered)


@asynccontextmanager
async def _worker_of(
    world: World, per_second: float | None
) -> AsyncIterator[tuple[Ports, Provider]]:
    async with a_database(world) as database:
        await install_engine(database)
        url = database.url.render_as_string(hide_password=False)
        known = {**dict.fromkeys(KEYS, "k" * 40), "CARELINE_MODE": "sandbox", "DATABASE_URL": url}
        with patch.dict(os.environ, known | {"TWILIO_AUTH_TOKEN": "sandbox"}):
            ports = build_ports(load_settings(), mailer=CaughtMail)
        provider = Provider(real_now())
        sending = replace(ports.outbox, sms=provider, pace=Pace(per_second))
        yield replace(ports, outbox=sending), provider
        await ports.database.close()


async def _clock(ports: Ports, at: str) -> float:
    """Set it; when that was."""
    async with ports.database.transaction() as session:
        await set_ahead(session, datetime.fromisoformat(at) - real_now())
    return time.perf_counter()


async def _emergency(ports: Ports, provider: Provider, number: int) -> float:
    """Milliseconds from the stored text to the answer at the provider."""
    await asyncio.sleep(EVERY_S)
    sender = f"+12125550{110 + number}"
    now, began = await ports.clock.now(), time.perf_counter()
    async with ports.database.transaction() as session:
        thread = await find_or_open(session, ports.keyring, Channel.SMS, sender, now=now)
        arrival = Arrival(thread, Channel.SMS, f"SM{uuid.uuid4().hex}", EMERGENCY)
        await inbox.store_once(session, ports.keyring, arrival, now=now)
    await _until(provider, [sender], 1)
    return (provider.handed_at[sender][0] - began) * MS


async def _until(provider: Provider, numbers: Sequence[str], each: int) -> None:
    """Until every number was sent so many."""
    async with asyncio.timeout(WITHIN_S):
        while any(len(provider.handed_at.get(number, ())) < each for number in numbers):
            provider.news.clear()
            await provider.news.wait()
