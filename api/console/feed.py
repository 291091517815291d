"""News of the inbox, read once for all consoles of this process.

Fifty open consoles cost one read of what changed, not fifty. An announcement says that there is
something; the rows say what. Numbers survive a restart, so a console resumes behind the last one
it has seen.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.exc import SQLAlchemyError

from api.console.numbers import ends_of_numbers
from api.conversations import queue
from api.conversations.queue import INBOX_TOPIC, Row
from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.events import Announcements
from api.core.ids import ConversationId
from api.core.logging import describe, get_logger

# Whoever is so far behind is cut off; their page comes back and resumes.
MOST_WAITING = 1_000


@dataclass(frozen=True)
class News:
    """A conversation as the inbox has it now.

    Attributes:
        seq: resume behind it.
        row: None when it left.
        number: the end of a texter's number, where nobody has identified them.
        at: when it was read, by the clinic's clock.
        drawn: its row as pages have it, by what makes them differ: drawn once for all of them.
    """

    seq: int
    conversation: ConversationId
    row: Row | None
    number: str | None
    at: datetime
    drawn: dict[tuple[str, bool, bool], str] = field(default_factory=dict, compare=False)


@dataclass(eq=False)
class Reader:
    """One console's share of the news. `bell`: rung when there is some."""

    bell: Callable[[], None]
    waiting: deque[News] = field(default_factory=deque)
    is_over: bool = False

    def put(self, news: list[News]) -> None:
        """Hand over what is new."""
        self.waiting.extend(news)
        self.is_over = self.is_over or len(self.waiting) > MOST_WAITING
        self.bell()

    def take(self) -> list[News]:
        """All there is."""
        taken = list(self.waiting)
        self.waiting.clear()
        return taken


class Feed:
    """The one task that reads what changed, while somebody wants to know."""

    def __init__(
        self, database: Database, keyring: Keyring, clock: Clock, announcements: Announcements
    ) -> None:
        self._database = database
        self._keyring = keyring
        self._clock = clock
        self._announcements = announcements
        self._readers: set[Reader] = set()
        self._task: asyncio.Task[None] | None = None
        self._reached = 0
        self._beginning = asyncio.Lock()

    @asynccontextmanager
    async def follow(self, bell: Callable[[], None], after: int) -> AsyncIterator[Reader]:
        """News from `after` on, for the length of the block."""
        with self._reader(bell) as reader:
            await self._catch_up(reader, after)
            yield reader

    @contextmanager
    def _reader(self, bell: Callable[[], None]) -> Iterator[Reader]:
        reader = Reader(bell)
        self._readers.add(reader)
        try:
            yield reader
        finally:
            self._readers.discard(reader)
            if not self._readers and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _catch_up(self, reader: Reader, after: int) -> None:
        """Listed before this reads, so that nothing falls between: twice does no harm."""
        async with self._beginning:
            if self._task is None or self._task.done():
                async with self._database.transaction() as session:
                    self._reached = await queue.last_change(session)
                self._task = asyncio.create_task(self._read_for_ever())
        missed = await self._read(after)
        if missed:
            reader.put(missed)

    async def _read_for_ever(self) -> None:
        try:
            async with self._announcements.subscribe(INBOX_TOPIC) as subscription:
                while True:
                    await self._tell_all()
                    await subscription.wait()
        except Exception:
            # Their pages come back and resume; whoever came after a cancelled one has another.
            for reader in self._readers:
                reader.is_over = True
                reader.bell()
            raise

    async def _tell_all(self) -> None:
        try:
            news = await self._read(self._reached)
        except (SQLAlchemyError, OSError) as failure:
            # The next look finds what this one could not.
            get_logger().warning("inbox_feed_failed", **describe(failure))
            return
        if news:
            self._reached = news[-1].seq
            for reader in tuple(self._readers):
                reader.put(news)

    async def _read(self, after: int) -> list[News]:
        """What changed, each conversation once, as it is now."""
        now = await self._clock.now()
        latest: dict[ConversationId, int] = {}
        async with self._database.transaction() as session:
            while changed := await queue.changes(session, after):
                for each in changed:
                    latest.pop(each.conversation, None)
                    latest[each.conversation] = each.seq
                after = changed[-1].seq
            rows = {each: await queue.row_of(session, self._keyring, each) for each in latest}
            known = [row for row in rows.values() if row]
            ends = await ends_of_numbers(session, self._keyring, known)
        return [News(seq, each, rows[each], ends.get(each), now) for each, seq in latest.items()]
