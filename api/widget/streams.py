"""The open chats of this process: one reader looks for all of them at once.

Announcements say which chats to look at; every few seconds it looks at all, so that a lost
announcement costs seconds and a session that idled out, ended or expired ends its streams.
A thousand open chats cost a few queries every few seconds, not a few each.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from sqlalchemy.exc import SQLAlchemyError

from api.conversations import transcript, visitors
from api.conversations.kinds import Owner
from api.conversations.line import Line
from api.conversations.transcript import Said
from api.conversations.visitors import Answering
from api.core.crypto import SealBroken
from api.core.events import LOOK_AGAIN_S, Announcements
from api.core.ids import ConversationId
from api.core.logging import describe, get_logger
from api.messaging.threads import topic_of
from api.widget import sessions
from api.widget.sessions import Visit

MOST_READ = 2_000
# A browser that takes nothing for so long is cut off; it comes back and asks for what it missed.
MOST_WAITING = 5_000


@dataclass(frozen=True)
class Attended:
    """Who answers the chat now, and whether somebody is at the clinic."""

    owner: Owner
    name: str | None
    is_open: bool


@dataclass(frozen=True)
class Again:
    """What was hidden is shown from now on: the page begins anew, from the first message."""


type News = Said | Attended | Again


@dataclass(eq=False)
class Stream:
    """One open page: what it was given so far, and what it still has to take."""

    visit: Visit
    position: int
    attended: Attended | None = None
    hidden_to: int = 0
    is_over: bool = False
    waiting: list[News] = field(default_factory=list)
    bell: asyncio.Event = field(default_factory=asyncio.Event)

    def put(self, news: Collection[News], *, is_over: bool) -> None:
        """Hand over what is new."""
        self.waiting += news
        self.is_over |= is_over or len(self.waiting) > MOST_WAITING
        if self.waiting or self.is_over:
            self.bell.set()

    async def take(self) -> list[News]:
        """Wait for news, and take all there is."""
        await self.bell.wait()
        self.bell.clear()
        taken, self.waiting = self.waiting, []
        return taken


@dataclass(frozen=True)
class Look:
    """What was found for some streams at one instant."""

    tokens: set[bytes]
    answering: Mapping[ConversationId, Answering]
    said: Mapping[ConversationId, list[Said]]
    is_open: bool


class Streams:
    """Every open page of this process, and the one task that reads for them."""

    def __init__(self, line: Line, announcements: Announcements) -> None:
        self._line = line
        self._announcements = announcements
        self._open: set[Stream] = set()
        self._wanted: set[Stream] = set()
        self._rung = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None

    async def follow(self, visit: Visit, position: int) -> AsyncIterator[News]:
        """Every message after a position, now and as they come, and who answers when it changes.

        Heard of before the first look, so that nothing falls between looking and listening. Ends
        with the session.
        """
        stream = Stream(visit, position)
        with self._opened(stream):
            while not (stream.is_over and not stream.waiting):
                for news in await stream.take():
                    yield news

    @contextmanager
    def _opened(self, stream: Stream) -> Iterator[None]:
        def ring() -> None:
            self._want({stream})

        self._open.add(stream)
        self._want({stream})
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read_for_ever())
        try:
            with self._announcements.ring(topic_of(stream.visit.conversation), ring):
                yield
        finally:
            self._open.discard(stream)
            self._wanted.discard(stream)
            if not self._open and self._reader is not None:
                self._reader.cancel()
                self._reader = None

    def _want(self, streams: Collection[Stream]) -> None:
        if streams:
            self._wanted.update(streams)
            self._rung.set()

    async def _read_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        look_again_at = loop.time() + LOOK_AGAIN_S
        try:
            while True:
                await self._until_rung(look_again_at)
                if loop.time() >= look_again_at:
                    look_again_at = loop.time() + LOOK_AGAIN_S
                    self._wanted.update(self._open)
                wanted, self._wanted = self._wanted, set()
                await self._serve_all(wanted)
        finally:
            # Whatever ended the reader, no page waits for it: they come back and begin a new one.
            for stream in self._open:
                stream.put([], is_over=True)

    async def _until_rung(self, until: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout_at(until):
                await self._rung.wait()
        self._rung.clear()

    async def _serve_all(self, wanted: set[Stream]) -> None:
        try:
            await self._serve(wanted)
        except SealBroken:
            for stream in wanted:
                await self._serve_or_end(stream)
        except (SQLAlchemyError, OSError) as failure:
            # The next look at all of them finds what this one could not.
            get_logger().warning("chat_streams_failed", **describe(failure))

    async def _serve_or_end(self, stream: Stream) -> None:
        """A chat whose words cannot be opened must not keep the others from theirs."""
        try:
            await self._serve({stream})
        except (SealBroken, SQLAlchemyError, OSError) as failure:
            get_logger().error("chat_stream_failed", **describe(failure))
            stream.put([], is_over=True)

    async def _serve(self, wanted: set[Stream]) -> None:
        if not wanted:
            return
        look = await self._look(wanted)
        for stream in wanted:
            _tell(stream, look)
        self._want({each for each in wanted & self._open if _is_behind(each, look)})

    async def _look(self, wanted: Collection[Stream]) -> Look:
        line = self._line
        now = await line.clock.now()
        seen: dict[ConversationId, int] = {}
        for stream in wanted:
            conversation = stream.visit.conversation
            seen[conversation] = min(stream.position, seen.get(conversation, stream.position))
        async with line.database.transaction() as session:
            hashes = [each.visit.token_hash for each in wanted]
            tokens = await sessions.open_among(session, hashes, now=now)
            answering = await visitors.answering(session, list(seen))
            seen = {id_: _shown_after(answering, id_, at) for id_, at in seen.items()}
            behind = {id_: at for id_, at in seen.items() if _last(answering, id_) > at}
            said: dict[ConversationId, list[Said]] = defaultdict(list)
            if behind:
                found = await transcript.news(session, line.keyring, behind, most=MOST_READ)
                for conversation, each in found:
                    said[conversation].append(each)
        return Look(tokens, answering, said, line.clinic.is_open(now))


async def attended(line: Line, conversation: ConversationId) -> Attended | None:
    """Who answers a chat now, for a page that asks instead of listening."""
    now = await line.clock.now()
    async with line.database.transaction() as session:
        found = (await visitors.answering(session, [conversation])).get(conversation)
    return Attended(found.owner, found.name, line.clinic.is_open(now)) if found else None


def _last(answering: Mapping[ConversationId, Answering], conversation: ConversationId) -> int:
    found = answering.get(conversation)
    return found.last_position if found else 0


def _shown_after(
    answering: Mapping[ConversationId, Answering], conversation: ConversationId, position: int
) -> int:
    """Behind which position messages may be given to a page that has them up to one."""
    found = answering.get(conversation)
    return max(position, found.hidden_to) if found else position


def _is_behind(stream: Stream, look: Look) -> bool:
    return not stream.is_over and _last(look.answering, stream.visit.conversation) > stream.position


def _tell(stream: Stream, look: Look) -> None:
    """Give a page what it lacks; nothing any more once its token opens nothing."""
    if stream.visit.token_hash not in look.tokens:
        stream.put([], is_over=True)
        return
    conversation = stream.visit.conversation
    if _was_opened(stream, look):
        # The next look is at all of it.
        stream.position, stream.attended = 0, None
        stream.put([Again()], is_over=False)
        return
    stream.position = _shown_after(look.answering, conversation, stream.position)
    news: list[News] = [
        said for said in look.said.get(conversation, ()) if said.position > stream.position
    ]
    if news and isinstance(news[-1], Said):
        stream.position = news[-1].position
    attending = _attended(look, conversation)
    if attending is not None and attending != stream.attended and not _is_behind(stream, look):
        stream.attended = attending
        news.append(attending)
    stream.put(news, is_over=False)


def _was_opened(stream: Stream, look: Look) -> bool:
    """Whether what was hidden from this page is hidden no more."""
    found = look.answering.get(stream.visit.conversation)
    hidden_to, was = found.hidden_to if found else 0, stream.hidden_to
    stream.hidden_to = hidden_to
    return was > 0 and hidden_to == 0


def _attended(look: Look, conversation: ConversationId) -> Attended | None:
    found = look.answering.get(conversation)
    return Attended(found.owner, found.name, look.is_open) if found else None
