"""A running Careline as the benchmark sees it: its pages, its database, its processes."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import psutil

from api.processes.environment import own_environment
from tests.bench.engines import Started, started
from tests.support.patients import World
from tests.support.stack import start_stack

ROOT: Final = Path(__file__).resolve().parents[2]
ANSWERS_WITHIN_S: Final = 60
SETTLES_WITHIN_S: Final = 300
ENGINE: Final = "rasa"
# Every row of a transcript is announced here when it commits.
ANNOUNCEMENTS: Final = "careline"
REPLY_TO: Final = """
    SELECT responses FROM outbound
    WHERE turn_id = (
        SELECT id || '.' || replays FROM inbound WHERE channel = $1 AND provider_id = $2
    )
"""


@contextmanager
def running_careline() -> Iterator[World]:
    """A Careline of our own with fresh demo data, or the one that CARELINE_TEST_URL names."""
    given = own_environment().get("CARELINE_TEST_URL")
    if given:
        yield _fresh(World(given))
        return
    with start_stack() as stack:
        yield _fresh(World(stack.base_url))


def second_engine(
    world: World, *, port: int, log: Path
) -> tuple[str, AbstractContextManager[Started]]:
    """The token of, and the way to start, one more engine: exactly as the running one was."""
    process = psutil.Process(world.pid_of(ENGINE))
    argv, environment = process.cmdline(), process.environ()
    argv[argv.index("-p") + 1] = str(port)
    token = environment["RASA_TOKEN"]
    start = started(
        argv,
        cwd=Path(process.cwd()),
        environment=environment,
        status_url=f"http://127.0.0.1:{port}/status?token={token}",
        log=log,
    )
    return token, start


def _fresh(world: World) -> World:
    world.wait_ready()
    world.reset()
    rest(world)
    return world


def rest(world: World) -> None:
    """Wait until nothing is pending, however long the queue has become."""
    deadline = time.monotonic() + SETTLES_WITHIN_S
    while world.http.post("/sandbox/settle").status_code != httpx.codes.OK:
        if time.monotonic() > deadline:
            raise RuntimeError("Careline does not come to rest")


class Watch:
    """Sees replies the moment that they are committed: announced by the database, then read."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._news = asyncio.Event()

    async def reply_to(self, channel: str, provider_id: str) -> Sequence[str]:
        """The names of the responses to a message, once its reply is written.

        Raises:
            TimeoutError: nothing was written within a minute.
        """
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            while True:
                self._news.clear()
                found = await self._connection.fetchval(REPLY_TO, channel, provider_id)
                if found is not None:
                    return [str(name) for name in json.loads(found)]
                await self._news.wait()

    async def conversation_of(self, session: str) -> str:
        """The conversation of a chat session."""
        query = "SELECT conversation_id FROM chat_session WHERE id = $1"
        return str(await self._connection.fetchval(query, session))

    def hear(self, *_: Any) -> None:
        """Something was written."""
        self._news.set()


@asynccontextmanager
async def watching(world: World) -> AsyncIterator[Watch]:
    """A watch over the database of this Careline."""
    connection = await asyncpg.connect(database_url(world))
    watch = Watch(connection)
    try:
        await connection.add_listener(ANNOUNCEMENTS, watch.hear)
        yield watch
    finally:
        await connection.close()


def database_url(world: World) -> str:
    """Where its database is, for asyncpg."""
    url = psutil.Process(world.pid_of("api")).environ()["DATABASE_URL"]
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)
