"""Announcements between processes: "something new at TOPIC", by Postgres LISTEN/NOTIFY.

An announcement carries a topic only; who hears it reads the rows. It fires on commit, so no
announcement comes before its row; a listener also looks by itself every few seconds, so a lost
one costs seconds, never a message.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress

import asyncpg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.db import Database, plain_url

CHANNEL = "careline"
LOOK_AGAIN_S = 5.0


async def announce(session: AsyncSession, topic: str) -> None:
    """Tell every listener of `topic` that there is something new, once this commits."""
    await session.execute(
        text("SELECT pg_notify(:channel, :topic)"), {"channel": CHANNEL, "topic": topic}
    )


class Announcements:
    """One process's ear: a single LISTEN connection, any number of waiting readers."""

    def __init__(self, database: Database) -> None:
        self._url = plain_url(database.url)
        self._waiting: dict[str, set[Callable[[], None]]] = defaultdict(set)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen."""
        self._task = asyncio.create_task(self._listen_for_ever())

    async def stop(self) -> None:
        """Stop listening."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    @asynccontextmanager
    async def subscribe(self, topic: str) -> AsyncIterator["Subscription"]:
        """Hear of one topic for the length of the block."""
        bell = asyncio.Event()
        with self.ring(topic, bell.set):
            yield Subscription(bell)

    @contextmanager
    def ring(self, topic: str, bell: Callable[[], None]) -> Iterator[None]:
        """Have a bell rung at every announcement of one topic, for the length of the block.

        A lost announcement rings nothing: whoever rings a bell of its own also looks by itself.
        """
        self._waiting[topic].add(bell)
        try:
            yield
        finally:
            self._waiting[topic].discard(bell)
            if not self._waiting[topic]:
                del self._waiting[topic]

    async def _listen_for_ever(self) -> None:
        while True:
            with suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._listen()
            await asyncio.sleep(1)

    async def _listen(self) -> None:
        connection = await asyncpg.connect(self._url)
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            await connection.add_listener(CHANNEL, self._ring)
            await gone.wait()
        finally:
            await connection.close()

    def _ring(self, _connection: object, _pid: int, _channel: str, topic: object) -> None:
        for bell in tuple(self._waiting.get(str(topic), ())):
            bell()


class Subscription:
    """A reader's bell."""

    def __init__(self, bell: asyncio.Event) -> None:
        self._bell = bell

    async def wait(self) -> None:
        """Return when there may be something new: announced, or after a few seconds anyway."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._bell.wait(), LOOK_AGAIN_S)
        self._bell.clear()
