"""The engine's tracker: dialogue state, not a record. It is emptied of what is a day old.

The engine's own database (`TRACKER_DATABASE_URL`) holds the patients' words in the clear, so
nothing stays there longer than a dialogue can need it.
"""

from datetime import timedelta

import asyncpg

from api.core.clock import real_now
from api.core.db import driver_url, plain_url

KEPT_FOR = timedelta(hours=24)
# A sender goes as a whole: half a tracker would be replayed into a wrong state.
_PURGE = """
DELETE FROM events WHERE sender_id IN (
    SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < $1
)
"""


async def purge(tracker_url: str) -> None:
    """Delete every sender whose last event is more than a day old."""
    if not tracker_url:
        return
    connection = await asyncpg.connect(plain_url(driver_url(tracker_url)))
    try:
        if await connection.fetchval("SELECT to_regclass('events')") is not None:
            await connection.execute(_PURGE, (real_now() - KEPT_FOR).timestamp())
    finally:
        await connection.close()
