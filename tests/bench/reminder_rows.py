"""What reminders cost: the sweep of what is due, and what waits.

The peer of the sweep is a loop of one statement over the same rows, in the same database, that
knows nothing of schedules, zones or shared prompts.
"""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import asyncpg

from api.core.db import Database, plain_url
from api.reminders.claims import BATCH, claim_due
from tests.bench.engine_rows import MS
from tests.bench.inbox_rows import a_database
from tests.bench.rows import Against, Row, percentile, row
from tests.support.patients import World

DUE: Final = 100_000
WAITING: Final = 1_000_000
THREADS: Final = 20_000
TURN: Final = 5 * BATCH
LOOKS: Final = 100
NOW: Final = datetime(2027, 3, 8, 13, tzinfo=UTC)
LOOP: Final = "one SQL statement in a loop"
SWEEP_GOAL: Final = 0.5
# A plan is one prescription, whose doses are no rows: a million of them should be within 1 GB.
LIMIT_BYTES: Final = 1_000.0
# A look for what is due must not feel what waits; a deeper index may cost a little.
FLAT: Final = 2.0
SCHEDULE: Final = """
    {"count": null, "times": ["08:00:00"], "last_day": null, "weekdays": [1, 2, 3, 4, 5, 6, 7],
     "first_day": "2027-03-01", "every_days": 1}
"""
THREAD: Final = """
    INSERT INTO thread (id, channel, address_lookup, address_sealed, created_at)
    SELECT '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'sms',
        decode(lpad(n::text, 12, '0'), 'hex'), '', $2
    FROM generate_series(0, $1::int - 1) n
"""
# Each conversation has its doses at different minutes, so that no two share a prompt.
PLANS: Final = """
    INSERT INTO reminder_plan (id, kind, patient_id, source, conversation_id, zone, schedule,
        is_own, facts_sealed, state, next_wall, next_at, changed_at)
    SELECT '00000000-0000-7000-9000-' || lpad(n::text, 12, '0'), 'dose',
        '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'),
        'MedicationRequest/00000000-0000-7000-a000-' || lpad(n::text, 12, '0'),
        '00000000-0000-7000-8000-' || lpad((n % $5::int)::text, 12, '0'), 'America/New_York',
        $4::jsonb, false, decode(repeat('ab', 72), 'hex'), 'active', at AT TIME ZONE
        'America/New_York', at, $3
    FROM generate_series($1::int, $2::int - 1) n,
        LATERAL (SELECT $3::timestamptz + make_interval(mins => (n - $1::int) / $5::int)) AS t (at)
"""
RAW: Final = """
    WITH due AS (
        SELECT id, kind, patient_id, conversation_id, next_wall, next_at,
            gen_random_uuid()::text AS prompt
        FROM reminder_plan WHERE state = 'active' AND next_at <= $1
        ORDER BY next_at, id LIMIT $2 FOR UPDATE SKIP LOCKED
    ), prompts AS (
        INSERT INTO reminder_prompt (id, kind, patient_id, conversation_id, wall, due_at,
            useful_until, state, changed_at)
        SELECT prompt, kind, patient_id, conversation_id, next_wall, next_at,
            next_at + interval '90 minutes', 'due', $1 FROM due
    ), items AS (
        INSERT INTO reminder_item (id, plan_id, prompt_id, wall, due_at)
        SELECT gen_random_uuid()::text, id, prompt, next_wall, next_at FROM due
    )
    UPDATE reminder_plan p SET next_wall = p.next_wall + interval '1 day',
        next_at = p.next_at + interval '1 day', changed_at = $1
    FROM due WHERE p.id = due.id
"""
EMPTY: Final = "TRUNCATE reminder_item, reminder_prompt, reminder_plan"
SIZE: Final = "SELECT pg_total_relation_size('reminder_plan')"


async def reminder_rows(world: World) -> list[Row]:
    """The sweep against its peer, in turns; then what a million waiting plans cost."""
    async with a_database(world) as database:
        connection = await asyncpg.connect(plain_url(database.url))
        try:
            await connection.execute(THREAD, THREADS, NOW)
            swept = [await _sweep_row(database, connection)]
            return [*swept, *await _waiting_rows(database, connection)]
        finally:
            await connection.close()


async def _sweep_row(database: Database, connection: asyncpg.Connection) -> Row:
    """In turns of a few batches, so that both meet the same machine."""
    await _fill(connection, 0, 2 * DUE, NOW)
    loop, ours = list[float](), list[float]()
    for _ in range(DUE // TURN):
        loop.append(await _swept_a_second(lambda: _raw(connection)))
        ours.append(await _swept_a_second(lambda: _claim(database, _horizon())))
    assert await _claim(database, _horizon()) == 0
    what = f"{DUE} plans that are due taken and moved on, {BATCH} a commit; median of turns"
    against = Against(LOOP, percentile(loop, 50), SWEEP_GOAL, more_is_better=True)
    return row("reminders.sweep", what, percentile(ours, 50), "1/s", against)


async def _swept_a_second(sweep: Callable[[], Awaitable[int]]) -> float:
    """One turn; plans a second."""
    began, taken = time.perf_counter(), 0
    while taken < TURN:
        taken += await sweep()
    return taken / (time.perf_counter() - began)


async def _raw(connection: asyncpg.Connection) -> int:
    return int((await connection.execute(RAW, _horizon(), BATCH)).split()[-1])


async def _claim(database: Database, now: datetime) -> int:
    async with database.transaction() as session:
        return (await claim_due(session, now=now)).count


def _horizon() -> datetime:
    """When the last of those that are due is."""
    return NOW + timedelta(minutes=2 * DUE // THREADS)


async def _waiting_rows(database: Database, connection: asyncpg.Connection) -> list[Row]:
    """How big they are, and what it costs to look past them: with nothing due, and with one."""
    before = NOW - timedelta(hours=1)
    await connection.execute(EMPTY)
    alone = await _look(database, connection, before)
    await _fill(connection, 0, WAITING, NOW)
    size = await connection.fetchval(SIZE)
    nothing = await _look(database, connection, before)
    one = await _look(database, connection, before, due=1)
    await connection.execute(EMPTY)
    one_alone = await _look(database, connection, before, due=1)
    beside = f"beside {WAITING} plans that wait, p10"
    table = Against("an empty table", alone, FLAT)
    same = Against("the one alone", one_alone, FLAT)
    limit = Against("limit", LIMIT_BYTES, goal=1.0)
    return [
        row("reminders.waiting.size", "a plan that waits, its indexes included", size / WAITING,
            "B", limit),
        row("reminders.waiting.nothing_due", f"a look for what is due, {beside}", nothing, "ms",
            table),
        row("reminders.waiting.one_due", f"one that is due taken and moved on, {beside}", one,
            "ms", same),
    ]  # fmt: skip


async def _look(
    database: Database, connection: asyncpg.Connection, now: datetime, *, due: int = 0
) -> float:
    """Milliseconds of a sweep that finds so many due: of the quick ones, as one of ten is.

    What is compared is measured minutes apart, and on a machine that has other work.
    """
    took = list[float]()
    for number in range(LOOKS):
        for _ in range(due):
            at = WAITING + number
            await connection.execute(PLANS, at, at + 1, before_of(now), SCHEDULE, THREADS)
        began = time.perf_counter()
        assert await _claim(database, now) == due
        took.append((time.perf_counter() - began) * MS)
    return percentile(took, 10)


def before_of(now: datetime) -> datetime:
    """Just due."""
    return now - timedelta(minutes=1)


async def _fill(connection: asyncpg.Connection, first: int, last: int, at: datetime) -> None:
    await connection.execute(EMPTY)
    await connection.execute(PLANS, first, last, at, SCHEDULE, THREADS)
    await connection.execute("VACUUM ANALYZE")
