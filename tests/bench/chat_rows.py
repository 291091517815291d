"""A thousand open chats in one process: what each takes, and how soon a message is there.

The peer is a bare SSE service, asked by the same client. Its messages come from its memory; ours
are rows that are committed, announced between processes, read and opened.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import httpx
import psutil
from sqlalchemy import text

from api.conversations import transcript
from api.conversations.kinds import Speaker
from api.conversations.models import ConversationRow
from api.core.clock import real_now
from api.core.crypto import Keyring
from api.core.db import Database
from api.messaging.words import Rendered
from api.processes.ports import kept_port
from tests.bench import plain_sse
from tests.bench.engine_rows import MS
from tests.bench.engines import BYTES_PER_MB
from tests.bench.rows import Against, Row, percentile, row
from tests.support.patients import World

CHATS: Final = 1_000
MESSAGES: Final = 300
ROUNDS: Final = 3
AT_ONCE: Final = 8
WITHIN_S: Final = 60
BARE: Final = "bare SSE"
TEXT: Final = "x" * 80
CONVERSATIONS: Final = text("SELECT id, conversation_id FROM chat_session")
# Ours keeps who each chat is and what it has read beside the connection itself.
MEMORY_GOAL: Final = 1.5
# A commit, an announcement, three reads and an opened seal, where the peer does a put and a get.
P50_GOAL: Final = 10.0
P99_GOAL: Final = 10.0
ALL_GOAL: Final = 3.0


@dataclass
class Page:
    """One open page, which knows when each message came."""

    url: str
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Queue[float] = field(default_factory=asyncio.Queue)

    async def read(self) -> None:
        """Read the stream for as long as it goes on; hardly any work of the client's own."""
        address = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        asked = f"GET {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\n\r\n"
        writer.write(asked.encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"event: message"):
                    self.came.put_nowait(time.perf_counter())
                elif line.startswith(b"event: standing"):
                    self.ready.set()
        finally:
            writer.close()


@dataclass(frozen=True)
class Side:
    """One of the two services: its pages, its process, and how something is said to its chats.

    Attributes:
        say: says something to the chats of these numbers; the moment from which it is counted.
    """

    urls: Sequence[str]
    pid: int
    say: Callable[[Sequence[int]], Awaitable[float]]


@dataclass(frozen=True)
class Figures:
    """What was measured of one side: kB a chat, milliseconds of single messages and of rounds."""

    kb: float
    single: Sequence[float]
    last_of_all: float


async def chat_rows(world: World, work: Path) -> list[Row]:
    """Both services one after the other, so that neither takes the other's processor."""
    port = kept_port(5305)
    with plain_sse.running(port, log=work / "plain_sse.log") as process:
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            bare = await _measured(_bare_side(http, url, process.pid))
    async with _our_side(world) as side:
        ours = await _measured(side)
    return _rows(ours, bare)


def _rows(ours: Figures, bare: Figures) -> list[Row]:
    one = f"a message to one of {CHATS} open chats, from its commit to the page; {MESSAGES} times"
    everyone = f"a message to each of {CHATS} open chats at once: when the last has it"
    memory = f"resident memory that an open chat adds, {CHATS} of them in one process"
    rows = [row("chats.memory", memory, ours.kb, "kB", Against(BARE, bare.kb, MEMORY_GOAL))]
    for per_cent, goal in ((50, P50_GOAL), (99, P99_GOAL)):
        against = Against(BARE, percentile(bare.single, per_cent), goal)
        value = percentile(ours.single, per_cent)
        rows.append(row(f"chats.delivery.p{per_cent}", one, value, "ms", against))
    last = Against(BARE, bare.last_of_all, ALL_GOAL)
    return [*rows, row("chats.delivery.all", everyone, ours.last_of_all, "ms", last)]


async def _measured(side: Side) -> Figures:
    """A page that fails fails the whole."""
    pages = [Page(url) for url in side.urls]
    before = _rss_kb(side.pid)
    async with asyncio.TaskGroup() as group:
        readers = [group.create_task(page.read()) for page in pages]
        async with asyncio.timeout(WITHIN_S):
            await asyncio.gather(*[page.ready.wait() for page in pages])
        kb = (_rss_kb(side.pid) - before) / len(pages)
        single = [await _single(side, pages, at) for at in range(MESSAGES)]
        rounds = [await _everyone(side, pages) for _ in range(ROUNDS)]
        for reader in readers:
            reader.cancel()
    return Figures(kb, single, percentile(rounds, 50))


async def _single(side: Side, pages: Sequence[Page], at: int) -> float:
    """Spread over the chats, so that no page is asked twice in a row."""
    number = at * 7 % len(pages)
    began = await side.say([number])
    async with asyncio.timeout(WITHIN_S):
        return (await pages[number].came.get() - began) * MS


async def _everyone(side: Side, pages: Sequence[Page]) -> float:
    began = await side.say(range(len(pages)))
    async with asyncio.timeout(WITHIN_S):
        came = await asyncio.gather(*[page.came.get() for page in pages])
    return (max(came) - began) * MS


def _bare_side(http: httpx.AsyncClient, url: str, pid: int) -> Side:
    async def say(numbers: Sequence[int]) -> float:
        path = f"/say/{numbers[0]}" if len(numbers) == 1 else "/say"
        began = time.perf_counter()
        await http.post(path)
        return began

    return Side([f"{url}/events/{chat}" for chat in range(CHATS)], pid, say)


@asynccontextmanager
async def _our_side(world: World) -> AsyncIterator[Side]:
    """Chats of this Careline, and a writer beside it: written as its worker writes."""
    pid = world.pid_of("api")
    tokens, sessions = await _opened(world)
    environment = psutil.Process(pid).environ()
    database = Database(environment["DATABASE_URL"])
    secrets = Path(environment["CARELINE_SECRETS_DIR"])
    kek, lookup = ((secrets / f"careline_{name}").read_text() for name in ("kek", "lookup_key"))
    writer = Writer(database, Keyring(database, kek=kek.strip(), lookup_key=lookup.strip()))
    try:
        await writer.find(sessions)
        urls = [f"{world.base_url}/chat/events?after=1&token={token}" for token in tokens]
        yield Side(urls, pid, writer.say)
    finally:
        await database.close()


@dataclass
class Writer:
    """Writes messages into chats."""

    database: Database
    keyring: Keyring
    conversations: list[str] = field(default_factory=list)

    async def find(self, sessions: Sequence[str]) -> None:
        """The conversations of these sessions, in their order."""
        async with self.database.transaction() as session:
            found = await session.execute(CONVERSATIONS)
        by_session: dict[str, str] = dict(list(found.tuples()))
        self.conversations = [by_session[each] for each in sessions]

    async def say(self, numbers: Sequence[int]) -> float:
        """Write one message into each of these chats; the moment just before the commit."""
        async with self.database.transaction() as session:
            for number in numbers:
                row_ = await session.get_one(
                    ConversationRow, self.conversations[number], with_for_update=True
                )
                said = transcript.Line(Speaker.ASSISTANT, Rendered(TEXT))
                await transcript.append(session, self.keyring, row_, said, now=real_now())
            await session.flush()
            return time.perf_counter()


async def _opened(world: World) -> tuple[list[str], list[str]]:
    """The tokens and ids of fresh chats."""
    wanted = {"clinic": "lakeside", "language": "en"}
    gate = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=world.base_url, timeout=60, trust_env=False) as http:

        async def opened() -> tuple[str, str]:
            async with gate:
                answer = await http.post("/chat/sessions", json=wanted)
            got = answer.raise_for_status().json()
            return got["token"], got["session"]

        made = await asyncio.gather(*[opened() for _ in range(CHATS)])
    return [token for token, _ in made], [session for _, session in made]


def _rss_kb(pid: int) -> float:
    return psutil.Process(pid).memory_info().rss / BYTES_PER_MB * 1024
