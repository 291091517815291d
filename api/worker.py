"""The worker process: which job wakes which use case; records, releases, escalates what fails."""

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import batched

from api.bootstrap import Ports
from api.conversations import (
    prompting,
    queue,
    service as conversations,
    tracker,
    turns,
    waking,
    watchers,
)
from api.core.ids import ConversationId, EscalationId
from api.core.jobs import Handler, Job, drop_history, run_jobs
from api.core.logging import describe, get_logger
from api.escalations import ladder, notices
from api.gateway import projection
from api.gateway.access import service_access
from api.gateway.interactions import ReleaseExpired
from api.gateway.service import perform
from api.messaging import inbox, outbox, unknown
from api.messaging.kinds import InboundState
from api.reminders import planning
from api.scheduling import service as scheduling
from api.scheduling.visits import displaced_turn

SWEEP_EVERY_S = 1.0
# No sweep finds what these are about: the job itself is the memory, and is tried again.
ONLY_MEMORY = frozenset({Job.HOLD_DISPLACED, Job.RECORD_CHANGED})
# The jobs do the rest: a round must not last for minutes while answers wait for the next.
MOST_DELIVERED = 100
AT_ONCE = 6  # fewer than the pool has connections: jobs run beside the sweep
PURGE_EVERY = timedelta(hours=1)
_ACCESS = service_access("worker", "system/Appointment.u")


async def work(ports: Ports, stop: asyncio.Event) -> None:
    """Run jobs and sweeps until `stop` is set."""
    await ports.line.presence.start()
    sweeping = asyncio.create_task(_sweep_for_ever(ports, stop))
    alarming = asyncio.create_task(_alarm_for_ever(ports, stop))
    reminding = asyncio.create_task(_remind_for_ever(ports, stop))
    purging = asyncio.create_task(_purge_for_ever(ports, stop))
    get_logger().info("worker_started")
    try:
        await _run_jobs_for_ever(ports, stop)
    finally:
        stop.set()
        await asyncio.gather(sweeping, alarming, reminding, purging, return_exceptions=True)
        await ports.line.presence.stop()
        await ports.database.close()


def handlers(ports: Ports) -> dict[Job, Handler]:
    """Which job wakes which use case."""
    chosen: dict[Job, Handler] = {
        Job.DRAIN_CONVERSATION: lambda key: turns.drain(ports.line, ConversationId(key)),
        Job.DELIVER_OUTBOX: lambda key: outbox.deliver(ports.outbox, ConversationId(key)),
        Job.HOLD_DISPLACED: lambda key: _offer_again(ports, key),
        Job.PROJECT_FHIR: lambda key: projection.deliver(ports.gateway, key),
        Job.CLIMB_LADDER: lambda key: _climb(ports, key),
        Job.SEND_NOTICE: lambda key: notices.send(ports.postroom, key),
        Job.RECORD_CHANGED: lambda key: planning.record_changed(ports.line.reminders, key),
    }
    return {job: _guarded(job, handler) for job, handler in chosen.items()}


async def _offer_again(ports: Ports, appointment: str) -> None:
    """Whoever lost a held time to the clinic is told, and offered others."""
    lost = await scheduling.displaced(ports.desk, appointment)
    if lost is not None:
        conversation, reply = lost
        turn = displaced_turn(appointment)
        await conversations.push(ports.line, conversation, (reply,), turn=turn)


async def _climb(ports: Ports, escalation: str) -> None:
    now = await ports.clock.now()
    await ladder.climb(ports.ladder, EscalationId(escalation), now=now)


def _guarded(job: Job, handler: Handler) -> Handler:
    """The one place that catches everything: the rows are the truth, a sweep comes again."""

    async def run(key: str) -> None:
        try:
            await handler(key)
        except Exception as failure:
            get_logger().error("job_failed", job=job, key=key, **describe(failure))
            if job in ONLY_MEMORY:
                raise

    return run


async def sweep(ports: Ports) -> None:
    """Take up what a lost wake-up left, what has become due, what waits for the world.

    Each step stands alone: a record that is away must not keep texts from going out.
    """
    steps: dict[str, Callable[[], Awaitable[object]]] = {
        "release_holds": lambda: perform(ports.gateway, _ACCESS, ReleaseExpired()),
        "resolve_unknown": lambda: unknown.resolve_unknown(ports.outbox),
        "release_waiting": lambda: _release_what_waits_for_the_engine(ports),
        "wake_what_was_put_off": lambda: waking.wake_due(ports.line),
        "take_up_rows": lambda: _take_up_rows(ports),
    }
    for name, step in steps.items():
        try:
            await step()
        except Exception as failure:  # noqa: BLE001 -- recorded; the next round is the retry
            get_logger().error("sweep_failed", job=name, **describe(failure))


async def remind(ports: Ports) -> None:
    """Take every reminder that is due, then say each, the longest due first."""
    while await prompting.claim(ports.line):
        pass
    await prompting.say_due(ports.line)


async def _take_up_rows(ports: Ports) -> None:
    run = handlers(ports)
    now = await ports.clock.now()
    async with ports.database.transaction() as session:
        to_drain = await inbox.conversations_to_drain(session)
        to_deliver = (await outbox.conversations_to_deliver(session, now))[:MOST_DELIVERED]
        to_show = await projection.keys_to_deliver(session)
    found = (
        *((Job.DRAIN_CONVERSATION, each) for each in to_drain),
        *((Job.DELIVER_OUTBOX, each) for each in to_deliver),
        *((Job.PROJECT_FHIR, each) for each in to_show),
    )
    for some in batched(found, AT_ONCE):
        await asyncio.gather(*(run[job](key) for job, key in some))


async def raise_alarms(ports: Ports) -> None:
    """Tell staff what they must be told by now: steps of ladders first, then their mails."""
    run = handlers(ports)
    now = await ports.clock.now()
    async with ports.database.transaction() as session:
        to_climb = await ladder.due(session, now)
    await _run_some(run[Job.CLIMB_LADDER], to_climb)
    async with ports.database.transaction() as session:
        to_tell = await notices.to_send(session)
    await _run_some(run[Job.SEND_NOTICE], to_tell)


async def _run_some(handler: Handler, keys: Sequence[str]) -> None:
    for some in batched(keys, AT_ONCE):
        await asyncio.gather(*(handler(key) for key in some))


async def _release_what_waits_for_the_engine(ports: Ports) -> None:
    """Once the engine is back, or patience has run out, waiting messages get their turn."""
    async with ports.database.transaction() as session:
        waiting = await inbox.conversations_waiting(session)
    if not waiting:
        return
    is_back = await ports.engine.is_ready()
    for conversation in waiting:
        async with ports.database.transaction() as session:
            if is_back or await turns.patience_ran_out(ports.line, session, conversation):
                await inbox.release(session, conversation, InboundState.WAITING)


async def _sweep_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    async def once() -> None:
        if not await ports.line.presence.is_kept():
            # Our sign of life is gone: leases of ours count as void, so nothing more is begun.
            stop.set()
            return
        await sweep(ports)

    await _repeat(once, SWEEP_EVERY_S, stop)


async def _alarm_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    """Beside the sweep: it must not wait for an engine or a record that answers slowly."""
    await _repeat(lambda: raise_alarms(ports), SWEEP_EVERY_S, stop)


async def _remind_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    """Beside the sweep: thousands may be due at once, and answers must not wait for them."""
    await _repeat(lambda: remind(ports), SWEEP_EVERY_S, stop)


async def _purge_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    async def once() -> None:
        await tracker.purge(ports.settings.tracker_database_url)
        async with ports.database.transaction() as session:
            await drop_history(session)
            await projection.drop_shown(session)
            await queue.drop_old_changes(session)
            await watchers.drop_gone(session)

    await _repeat(once, PURGE_EVERY.total_seconds(), stop)


async def _repeat(step: Callable[[], Awaitable[None]], every_s: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await step()
        except Exception as failure:  # noqa: BLE001 -- the next round is the retry
            get_logger().error("sweep_failed", **describe(failure))
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), every_s)


async def _run_jobs_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            await run_jobs(ports.database, handlers(ports), stop)
        except Exception as failure:  # noqa: BLE001 -- Postgres restarts; the rows are all there
            get_logger().warning("jobs_interrupted", **describe(failure))
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), 1.0)


def stop_on_signals(stop: asyncio.Event) -> None:
    """SIGTERM and SIGINT end the worker after the work in hand."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)


async def run(ports: Ports) -> None:
    """Work until told to end by SIGTERM or SIGINT."""
    stop = asyncio.Event()
    stop_on_signals(stop)
    await work(ports, stop)
