"""The worker process: which job wakes which use case; records, releases, escalates what fails."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Final

from api.bootstrap import Ports
from api.conversations import (
    nudging,
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
from api.core.several import for_each
from api.escalations import ladder, notices
from api.gateway import projection
from api.gateway.access import service_access
from api.gateway.interactions import ReleaseExpired
from api.gateway.service import perform
from api.intake import offering
from api.messaging import inbox, lanes, outbox, unknown
from api.messaging.kinds import InboundState
from api.messaging.lanes import UNASKED, ToDeliver
from api.reminders import planning
from api.scheduling import service as scheduling
from api.scheduling.visits import displaced_turn

SWEEP_EVERY_S = 1.0
# No sweep finds what these are about: the job itself is the memory, and is tried again.
ONLY_MEMORY = frozenset({Job.HOLD_DISPLACED, Job.RECORD_CHANGED})
SEND_EVERY_S = 0.3
PAGE = 500
UNASKED_AT_ONCE = 4
AT_ONCE = 6  # fewer than the pool has connections: jobs run beside the sweep
PURGE_EVERY = timedelta(hours=1)
_ACCESS = service_access("worker", "system/Appointment.u")


async def work(ports: Ports, stop: asyncio.Event) -> None:
    """Run jobs and sweeps until `stop` is set."""
    await ports.line.presence.start()
    rounds = [asyncio.create_task(each(ports, stop)) for each in _ROUNDS]
    get_logger().info("worker_started")
    try:
        await _run_jobs_for_ever(ports, stop)
    finally:
        stop.set()
        await asyncio.gather(*rounds, return_exceptions=True)
        await ports.line.presence.stop()
        await ports.database.close()


def handlers(ports: Ports) -> dict[Job, Handler]:
    """Which job wakes which use case."""
    chosen: dict[Job, Handler] = {
        Job.DRAIN_CONVERSATION: lambda key: _drain(ports, ConversationId(key)),
        Job.DELIVER_OUTBOX: lambda key: _answer(ports, ConversationId(key)),
        Job.HOLD_DISPLACED: lambda key: _offer_again(ports, key),
        Job.PROJECT_FHIR: lambda key: _show(ports, key),
        Job.CLIMB_LADDER: lambda key: _climb(ports, key),
        Job.SEND_NOTICE: lambda key: notices.send(ports.postroom, key),
        Job.RECORD_CHANGED: lambda key: _follow(ports, key),
    }
    return {job: _guarded(job, handler) for job, handler in chosen.items()}


async def _drain(ports: Ports, conversation: ConversationId) -> None:
    with ports.line.courtesy.answering():
        await turns.drain(ports.line, conversation)


async def _answer(ports: Ports, conversation: ConversationId) -> None:
    with ports.line.courtesy.answering():
        await outbox.deliver(ports.outbox, conversation)


async def _show(ports: Ports, key: str) -> None:
    await ports.line.courtesy.give_way()
    await projection.deliver(ports.gateway, key)


async def _offer_again(ports: Ports, appointment: str) -> None:
    """Whoever lost a held time to the clinic is told, and offered others."""
    lost = await scheduling.displaced(ports.desk, appointment)
    if lost is not None:
        conversation, reply = lost
        turn = displaced_turn(appointment)
        await conversations.push(ports.line, conversation, (reply,), turn=turn)


async def _follow(ports: Ports, reference: str) -> None:
    """What is planned by the record follows it."""
    if reference.startswith("Task/"):
        await offering.task_changed(ports.line.forms, reference)
    else:
        await planning.record_changed(ports.line.reminders, reference)


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
        "release_waiting": lambda: _release_what_waits_for_the_engine(ports),
        "wake_what_was_put_off": lambda: waking.wake_due(ports.line),
        "ask_after_forms": lambda: nudging.nudge_due(ports.line),
        "take_up_rows": lambda: _take_up_rows(ports),
    }
    for name, step in steps.items():
        try:
            await step()
        except Exception as failure:  # noqa: BLE001 -- recorded; the next round is the retry
            get_logger().error("sweep_failed", job=name, **describe(failure))


async def remind(ports: Ports, stop: asyncio.Event | None = None) -> None:
    """Take every reminder that is due, say each, the longest due first; then tell the record."""
    while await prompting.claim(ports.line):
        pass
    await prompting.say_due(ports.line, stop)
    await prompting.show_ended(ports.line)


async def send_unasked(ports: Ports, stop: asyncio.Event | None = None) -> None:
    """Send what nobody asked for, the longest waiting first, at the sender's rate."""

    async def send(each: ToDeliver) -> None:
        await ports.line.courtesy.give_way()
        try:
            await outbox.deliver(ports.outbox, each.conversation, UNASKED)
        except Exception as failure:  # noqa: BLE001 -- recorded; the next round is the retry
            get_logger().error("not_sent", conversation=each.conversation, **describe(failure))

    reached = 0
    while stop is None or not stop.is_set():
        now = await ports.clock.now()
        async with ports.database.transaction() as session:
            page = await lanes.conversations_to_deliver(
                session, now, UNASKED, after=reached, limit=PAGE
            )
        await for_each(page, send, at_once=UNASKED_AT_ONCE, stop=stop)
        if len(page) < PAGE:
            return
        reached = page[-1].seq


async def _take_up_rows(ports: Ports) -> None:
    run = handlers(ports)
    now = await ports.clock.now()
    async with ports.database.transaction() as session:
        to_drain = await inbox.conversations_to_drain(session)
        to_deliver = await lanes.conversations_to_deliver(session, now)
        to_show = await projection.keys_to_deliver(session)
    found = (
        *((Job.DRAIN_CONVERSATION, each) for each in to_drain),
        *((Job.DELIVER_OUTBOX, each.conversation) for each in to_deliver),
        *((Job.PROJECT_FHIR, each) for each in to_show),
    )
    await for_each(found, lambda each: run[each[0]](each[1]), at_once=AT_ONCE)


async def raise_alarms(ports: Ports) -> None:
    """Tell staff what they must be told by now: steps of ladders first, then their mails."""
    run = handlers(ports)
    now = await ports.clock.now()
    async with ports.database.transaction() as session:
        to_climb = await ladder.due(session, now)
    await for_each(to_climb, run[Job.CLIMB_LADDER], at_once=AT_ONCE)
    async with ports.database.transaction() as session:
        to_tell = await notices.to_send(session)
    await for_each(to_tell, run[Job.SEND_NOTICE], at_once=AT_ONCE)


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
    await _repeat(lambda: remind(ports, stop), SWEEP_EVERY_S, stop)


async def _send_unasked_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    """Beside all else: at the sender's rate it may take an hour."""
    await _repeat(lambda: send_unasked(ports, stop), SEND_EVERY_S, stop)


async def _ask_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    """Beside the sweep: a provider in trouble answers slowly."""
    await _repeat(lambda: unknown.resolve_unknown(ports.outbox), SWEEP_EVERY_S, stop)


async def _purge_for_ever(ports: Ports, stop: asyncio.Event) -> None:
    async def once() -> None:
        await tracker.purge(ports.settings.tracker_database_url)
        async with ports.database.transaction() as session:
            await drop_history(session)
            await projection.drop_shown(session)
            await queue.drop_old_changes(session)
            await watchers.drop_gone(session)

    await _repeat(once, PURGE_EVERY.total_seconds(), stop)


_ROUNDS: Final = (
    _sweep_for_ever,
    _alarm_for_ever,
    _remind_for_ever,
    _send_unasked_for_ever,
    _ask_for_ever,
    _purge_for_ever,
)


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
