"""The engine's tracker keeps nothing that is a day old, and nothing in halves."""

from datetime import timedelta

import asyncpg

from api.conversations.tracker import KEPT_FOR, purge
from api.core.clock import real_now

# As the engine's SQL tracker store makes it, less the columns that no one here reads.
EVENTS = "CREATE TABLE events (id serial, sender_id text, timestamp double precision, data text)"


async def senders(url: str) -> set[str]:
    connection = await asyncpg.connect(url)
    try:
        return {row["sender_id"] for row in await connection.fetch("SELECT * FROM events")}
    finally:
        await connection.close()


async def test_what_is_a_day_old_is_deleted_and_a_living_dialogue_stays_whole(
    database_url: str,
) -> None:
    long_ago = (real_now() - KEPT_FOR - timedelta(minutes=1)).timestamp()
    lately = (real_now() - KEPT_FOR + timedelta(minutes=5)).timestamp()
    connection = await asyncpg.connect(database_url)
    await connection.execute(EVENTS)
    rows = [("gone:1", long_ago), ("alive:1", long_ago), ("alive:1", lately)]
    await connection.executemany("INSERT INTO events (sender_id, timestamp) VALUES ($1, $2)", rows)
    await purge(database_url)
    assert await senders(database_url) == {"alive:1"}
    assert await connection.fetchval("SELECT count(*) FROM events") == 2
    await connection.close()


async def test_a_tracker_that_was_never_used_is_no_error(database_url: str) -> None:
    await purge(database_url)
    await purge("")
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT to_regclass('events')") is None
    await connection.close()
