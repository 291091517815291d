"""The job engine, behind this one file: wake-ups carried by pgqueuer on Postgres.

A job only wakes somebody up ("drain conversation X"); the rows it points at are the truth. So a
lost, doubled or late wake-up does no harm, and a sweep heals it. The engine never gets a due
time of the domain, only "now".
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from enum import StrEnum

import asyncpg
from pgqueuer.db import AsyncpgDriver
from pgqueuer.models import Job as EngineJob
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import Database, plain_url

HEARTBEAT_TIMEOUT = timedelta(seconds=30)
DEQUEUE_TIMEOUT = timedelta(seconds=5)


class Job(StrEnum):
    """Who can be woken up."""

    DRAIN_CONVERSATION = "drain_conversation"
    DELIVER_OUTBOX = "deliver_outbox"
    HOLD_DISPLACED = "hold_displaced"
    PROJECT_FHIR = "project_fhir"
    RECORD_CHANGED = "record_changed"
    CLIMB_LADDER = "climb_ladder"
    SEND_NOTICE = "send_notice"


Handler = Callable[[str], Awaitable[None]]


async def wake(session: AsyncSession, job: Job, key: str) -> None:
    """Wake a job up once this session's transaction has committed."""
    connection = await (await session.connection()).get_raw_connection()
    queries = Queries(AsyncpgDriver(connection.driver_connection))
    await queries.enqueue(job.value, key.encode())


async def run_jobs(
    database: Database, handlers: Mapping[Job, Handler], stop: asyncio.Event
) -> None:
    """Run woken jobs until `stop` is set; handlers record and swallow their own failures."""
    connection = await asyncpg.connect(plain_url(database.url))
    try:
        # Wake-ups are hints: losing the last ones to a power cut costs a sweep, not a message.
        await connection.execute("SET synchronous_commit = off")
        manager = QueueManager(Queries(AsyncpgDriver(connection)))
        for job, handler in handlers.items():
            manager.entrypoint(job.value, concurrency_limit=8)(_entrypoint(handler))
        stopping = asyncio.create_task(_stop_with(manager, stop))
        await manager.run(
            dequeue_timeout=DEQUEUE_TIMEOUT,
            batch_size=10,
            heartbeat_timeout=HEARTBEAT_TIMEOUT,
            shutdown_on_listener_failure=True,
        )
        stopping.cancel()
    finally:
        await connection.close()


async def install_engine(database: Database) -> None:
    """Create the engine's own tables where they are missing."""
    connection = await asyncpg.connect(plain_url(database.url))
    try:
        queries = Queries(AsyncpgDriver(connection))
        if not await queries.schema_is_installed():
            await queries.install()
    finally:
        await connection.close()


async def count_waiting(session: AsyncSession) -> int:
    """How many wake-ups are queued or running."""
    return int(await session.scalar(text("SELECT count(*) FROM pgqueuer")) or 0)


async def drop_history(session: AsyncSession) -> None:
    """Forget what the engine logged of jobs that are done: nobody here reads it, and it grows."""
    await session.execute(text("DELETE FROM pgqueuer_log"))


async def drop_all(session: AsyncSession) -> None:
    """Forget every wake-up, after the rows that they pointed at are gone."""
    await session.execute(text("DELETE FROM pgqueuer"))


async def _stop_with(manager: QueueManager, stop: asyncio.Event) -> None:
    await stop.wait()
    manager.shutdown.set()


def _entrypoint(handler: Handler) -> Callable[[EngineJob], Awaitable[None]]:
    async def run(job: EngineJob) -> None:
        await handler((job.payload or b"").decode())

    return run
