"""One page's stream: rows that changed, counts, and the conversation that is open in it.

Everything goes down as markup that htmx puts in its place. Rows carry the number behind which a
page that was cut off goes on; nothing else does, since the next look shows it as it is then.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from fastapi.sse import ServerSentEvent
from markupsafe import Markup

from api.console import inbox_view, showing
from api.console.feed import News, Reader
from api.console.inbox_view import Shown
from api.console.looks import Looks, is_stamp
from api.console.security import HOME, LOCKED, LOGIN
from api.console.showing import Desk, Looking
from api.conversations import queue
from api.conversations.queue import Row
from api.conversations.takeover import Watcher
from api.core.ids import ConversationId
from api.messaging.threads import topic_of
from api.staff.service import SessionOver, peek

PULSE_S: Final = 5.0
"""How often a page hears that it is still connected, and its session is looked at again."""
COUNTS_AFTER_S: Final = 0.4
"""Counts wait for the end of a burst of news."""
RETRY_MS: Final = 1_000


@dataclass(frozen=True)
class Wanted:
    """What a page asks for.

    Attributes:
        open_id: the conversation that is open in it.
        after: resume behind this number.
        look: the stamp of a page whose look at the conversation was recorded.
    """

    token: str = field(repr=False)
    open_id: ConversationId | None
    after: int
    look: str = field(default="", repr=False)


@dataclass
class _Bells:
    """What has rung since the last look."""

    any: asyncio.Event = field(default_factory=asyncio.Event)
    conversation: bool = False

    def ring(self) -> None:
        self.any.set()

    def ring_conversation(self) -> None:
        self.conversation = True
        self.any.set()

    async def wait(self, timeout_s: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self.any.wait(), timeout_s)
        self.any.clear()


class Stream:
    """The stream of one page."""

    def __init__(self, desk: Desk, at: Looking, wanted: Wanted) -> None:
        self._desk = desk
        self._at = at
        self._wanted = wanted
        self._looks = Looks(at.member, at.origin)
        self._bells = _Bells()
        self._watchers: tuple[Watcher, ...] = ()
        self._counts_due = True
        self._is_new_look = wanted.open_id is not None and not is_stamp(
            wanted.look, desk.console.line.keyring, at.session, wanted.open_id
        )

    async def events(self) -> AsyncIterator[ServerSentEvent]:
        """Everything that happens, until the session locks or ends, or the page goes."""
        topic = topic_of(self._wanted.open_id) if self._wanted.open_id else "none"
        announcements = self._desk.console.announcements
        with announcements.ring(topic, self._bells.ring_conversation):
            async with self._desk.feed.follow(self._bells.ring, self._wanted.after) as reader:
                # What happened between the page and this stream is in the conversation, too.
                self._bells.conversation = self._wanted.open_id is not None
                async for event in self._follow(reader):
                    yield event

    async def _follow(self, reader: Reader) -> AsyncIterator[ServerSentEvent]:
        loop = asyncio.get_running_loop()
        pulse_at = loop.time()
        while not reader.is_over:
            if loop.time() >= pulse_at:
                pulse_at = loop.time() + PULSE_S
                if gone := await self._gone():
                    yield ServerSentEvent(raw_data=gone, event="over")
                    return
                yield await self._pulse()
                if presence := await self._presence():
                    yield presence
            async for event in self._news(reader):
                yield event
            left = max(0.0, pulse_at - loop.time())
            await self._bells.wait(min(left, COUNTS_AFTER_S) if self._counts_due else left)
            if self._counts_due and not reader.waiting and not self._bells.conversation:
                self._counts_due = False
                yield await self._counts()

    async def _news(self, reader: Reader) -> AsyncIterator[ServerSentEvent]:
        if news := reader.take():
            self._counts_due = True
            yield await self._rows(news)
        if self._bells.conversation and self._wanted.open_id:
            self._bells.conversation = False
            yield await self._conversation(self._wanted.open_id)

    async def _gone(self) -> str:
        """Where the page must go; empty while it may stay."""
        try:
            session = await peek(self._desk.console.staff, self._wanted.token)
        except SessionOver:
            return LOGIN
        if session.member.role is not self._at.member.role:
            return HOME  # what the new one may see is drawn anew
        return LOCKED if session.is_locked else ""

    async def _pulse(self) -> ServerSentEvent:
        now = await self._desk.console.line.clock.now()
        return ServerSentEvent(raw_data=now.isoformat(), event="pulse", retry=RETRY_MS)

    async def _presence(self) -> ServerSentEvent | None:
        """Who else has it before them; nobody says that they went, it lapses."""
        if self._wanted.open_id is None:
            return None
        now = await showing.watching(self._desk, self._at.member, self._wanted.open_id)
        if now == self._watchers:
            return None
        self._watchers = now
        return ServerSentEvent(
            raw_data=self._desk.pages.render("_presence.html", watchers=now, oob=True)
        )

    async def _rows(self, news: list[News]) -> ServerSentEvent:
        line, at = self._desk.console.line, self._at
        mine = [each for each in news if inbox_view.belongs(each.row, at.view, at.member.id)]
        async with line.database.transaction() as session:
            shown = [each.row for each in mine if each.row]
            await self._looks.record(session, line.keyring, line.clock, shown)
        kept = {each.conversation for each in mine}
        markup = self._desk.pages.render(
            "_arrivals.html",
            rows=[self._row(each, each.row) for each in mine if each.row],
            gone=[each.conversation for each in news if each.conversation not in kept],
        )
        return ServerSentEvent(raw_data=markup, id=str(news[-1].seq))

    def _row(self, news: News, row: Row) -> Markup:
        """A row's markup, which fifty pages share: a few things make them differ."""
        at, opened = self._at, self._wanted.open_id == news.conversation
        key = (at.view.value, row.assignee_id == at.member.id, opened)
        if key not in news.drawn:
            ends = {news.conversation: news.number} if news.number else {}
            shown = Shown(at.member.id, news.at, self._desk.console.clinic.zone, ends)
            news.drawn[key] = self._desk.pages.render(
                "_row.html",
                r=inbox_view.row_view(row, shown),
                view=at.view.value,
                open_id=news.conversation if opened else "",
            )
        # Escaped when it was drawn.
        return Markup(news.drawn[key])  # noqa: S704

    async def _conversation(self, id_: ConversationId) -> ServerSentEvent:
        now = await self._desk.console.line.clock.now()
        at = Looking(self._at.session, self._at.origin, self._at.view, now, is_part=True)
        told = {"is_stream": True}
        values = await showing.pieces(self._desk, at, id_, told, is_new_look=self._is_new_look)
        self._is_new_look = False
        self._watchers = await showing.watching(self._desk, at.member, id_)
        return ServerSentEvent(raw_data=self._desk.pages.render("_pieces.html", **values))

    async def _counts(self) -> ServerSentEvent:
        async with self._desk.console.line.database.transaction() as session:
            counted = await queue.counts(session, member=self._at.member.id)
        markup = self._desk.pages.render("_counts.html", views=inbox_view.tabs(counted))
        return ServerSentEvent(raw_data=markup)
