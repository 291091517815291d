"""How soon a page of the people's queue is there when the queue is long, and very long."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import asyncpg
from sqlalchemy import select, text, update
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import queue, transcript
from api.conversations.models import ConversationRow, MessageRow
from api.conversations.queue import View
from api.core.crypto import Keyring, Place
from api.core.db import Database, plain_url
from api.core.ids import ConversationId
from api.messaging.threads import owner_of
from api.messaging.words import Rendered
from api.migrations.tables import all_tables
from api.staff.kinds import StaffId
from tests.bench.careline_world import database_url
from tests.bench.engine_rows import MS
from tests.bench.rows import Against, Row, percentile, row
from tests.support.patients import World

LENGTHS: Final = {"10k": 10_000, "100k": 100_000}
LIMIT_MS: Final = 100.0
# Ten times as long may cost a little, for deeper indexes; never ten times as much.
FLAT: Final = 1.5
READS: Final = 200
WARM_UP: Final = 10
PAGE: Final = 50
# So many pages are walked down in every view, then one begins at the top again.
DEPTH: Final = 10
ME: Final = StaffId("bench")
BEGAN: Final = datetime(2027, 3, 1, 12, tzinfo=UTC)
NAME: Final = "bench_inbox"
# The first pages of every view: DEPTH times PAGE.
FIRST: Final = tuple(
    text(query + " ORDER BY queue_rank, queue_due_at, id LIMIT 500")
    for query in (
        "SELECT id FROM conversation WHERE state = 'open'",
        "SELECT id FROM conversation WHERE state = 'open' AND assignee_id = 'bench'",
        "SELECT id FROM conversation WHERE state = 'open' AND assignee_id IS NULL",
        "SELECT id FROM conversation WHERE state = 'snoozed'",
    )
)
FILL: Final = (
    """
    INSERT INTO thread (id, channel, address_lookup, address_sealed, created_at)
    SELECT '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'sms',
        decode(lpad(n::text, 12, '0'), 'hex'), '', $3::timestamptz
    FROM generate_series($1::int, $2::int) n
    """,
    """
    INSERT INTO conversation (
        id, channel, owner, language, created_at, last_position, phone_is_shared, identity_tries,
        episode, episode_turns, misses, state, assignee_id, assignee_name, patient_position,
        waiting_since, read_position, queue_rank, queue_due_at, queue_reason, queue_opened_at,
        version
    )
    SELECT '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), 'sms', 'human', 'en',
        $3::timestamptz, 3, false, 0, 1, 0, 0,
        CASE WHEN n % 10 = 0 THEN 'snoozed' ELSE 'open' END,
        CASE n % 3 WHEN 0 THEN 'bench' WHEN 1 THEN 'other' END,
        CASE WHEN n % 3 < 2 THEN 'A Nurse' END, 3, $3, 1,
        CASE WHEN n % 100 = 1 THEN 0 WHEN n % 20 = 1 THEN 1 WHEN n % 5 = 1 THEN 2 ELSE 3 END,
        $3::timestamptz + make_interval(secs => (n::bigint * 7919) % 86400), 'asked_for_person',
        $3::timestamptz, 1
    FROM generate_series($1::int, $2::int) n
    """,
    """
    INSERT INTO message (id, conversation_id, position, speaker, body_sealed, at)
    SELECT md5(n::text || '.' || p::text)::uuid::text,
        '00000000-0000-7000-8000-' || lpad(n::text, 12, '0'), p,
        CASE WHEN p = 2 THEN 'assistant' ELSE 'patient' END, sha512(n::text::bytea),
        $3::timestamptz
    FROM generate_series($1::int, $2::int) n, generate_series(1, 3) p
    """,
)  # fmt: skip


async def inbox_rows(world: World) -> list[Row]:
    """A row for each length, and one for what ten times the length costs."""
    took: dict[str, float] = {}
    async with a_database(world) as database:
        keyring = Keyring(database, kek="b" * 32, lookup_key="b" * 32)
        filled = 0
        for name, length in LENGTHS.items():
            await fill(database, filled + 1, length)
            filled = length
            await seal_first_pages(database, keyring)
            took[name] = percentile(await _read(database, keyring), 95)
    what = "a page of 50 of the inbox, its counts and last words included, p95, {} conversations"
    limit = Against("limit", LIMIT_MS, goal=1.0)
    rows = [row(f"inbox.page.{each}", what.format(each), took[each], "ms", limit) for each in took]
    against = Against("inbox.page.10k", took["10k"], goal=FLAT)
    return [*rows, row("inbox.page.flat", what.format("100k"), took["100k"], "ms", against)]


@asynccontextmanager
async def a_database(world: World) -> AsyncIterator[Database]:
    """One more database on the server of the world that is measured, with our tables."""
    server = database_url(world)
    await _do(server, f"DROP DATABASE IF EXISTS {NAME}")
    await _do(server, f"CREATE DATABASE {NAME}")
    database = Database(make_url(server).set(database=NAME).render_as_string(hide_password=False))
    try:
        async with database.engine.begin() as connection:
            for tables in all_tables():
                await connection.run_sync(tables.create_all)
        yield database
    finally:
        await database.close()
        await _do(server, f"DROP DATABASE IF EXISTS {NAME}")


async def fill(database: Database, first: int, last: int) -> None:
    connection = await asyncpg.connect(plain_url(database.url))
    try:
        for statement in FILL:
            await connection.execute(statement, first, last, BEGAN)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


async def seal_first_pages(database: Database, keyring: Keyring) -> None:
    """Give the conversations that will be read words and a name that can be opened."""
    async with database.transaction() as session:
        ids = {id_ for query in FIRST for id_ in await session.scalars(query)}
        for id_ in ids:
            await _seal(session, keyring, ConversationId(id_))


async def _seal(session: AsyncSession, keyring: Keyring, id_: ConversationId) -> None:
    last = (MessageRow.conversation_id == id_, MessageRow.position == 3)
    message = await session.scalar(select(MessageRow.id).where(*last))
    owner, place = owner_of(id_), Place("message", "body", str(message))
    words = json.dumps(Rendered("I would like to come a little later if I may. " * 3).as_json())
    body = await keyring.seal(words, owner=owner, place=place)
    await session.execute(update(MessageRow).where(*last).values(body_sealed=body))
    name = await keyring.seal("Pat Sample", owner=owner, place=transcript.name_place(id_))
    changing = update(ConversationRow).where(ConversationRow.id == id_)
    await session.execute(changing.values(name_sealed=name))


async def _read(database: Database, keyring: Keyring) -> list[float]:
    """Milliseconds of each page: every view in turn, from its top down."""
    took: list[float] = []
    cursors: dict[View, str | None] = {}
    for number in range(WARM_UP + READS):
        view = list(View)[number % len(View)]
        if number % (DEPTH * len(View)) == 0:
            cursors = dict.fromkeys(View)
        keyring.forget()  # as another process, which has the keys to fetch
        began = time.perf_counter()
        async with database.transaction() as session:
            after = cursors[view]
            page = await queue.page(session, keyring, view, member=ME, after=after, limit=PAGE)
        took.append((time.perf_counter() - began) * MS)
        assert len(page.rows) == PAGE
        cursors[view] = page.more
    return took[WARM_UP:]


async def _do(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
