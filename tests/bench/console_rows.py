"""How soon what happens is before everybody: fifty open consoles, and one event after the other."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from tests.bench.engine_rows import MS
from tests.bench.rows import Against, Row, percentile, row
from tests.support.console import Coordinator
from tests.support.patients import Visitor, World

CONSOLES: Final = 50
EVENTS: Final = 20
LIMIT_MS: Final = 100.0
WITHIN_S: Final = 20


@dataclass
class Console:
    """One open page's stream, which knows when a conversation's row came."""

    address: str
    cookie: str = field(repr=False)
    marker: bytes
    is_live: asyncio.Event = field(default_factory=asyncio.Event)
    came: asyncio.Queue[float] = field(default_factory=asyncio.Queue)

    async def read(self) -> None:
        """Read for as long as it goes on; hardly any work of the client's own."""
        url = urlsplit(self.address)
        reader, writer = await asyncio.open_connection(url.hostname, url.port)
        asked = (
            f"GET {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\n"
            f"Cookie: {self.cookie}\r\nSec-Fetch-Site: same-origin\r\n\r\n"
        )
        writer.write(asked.encode())
        try:
            while line := await reader.readline():
                if line.startswith(b"event: pulse"):
                    self.is_live.set()
                elif self.marker in line:
                    self.came.put_nowait(time.perf_counter())
        finally:
            writer.close()


async def console_rows(world: World) -> list[Row]:
    """One row: from the request that changes a conversation to the page of each console."""
    nurse = await asyncio.to_thread(Coordinator.signs_in, world, "nurse@careline.example")
    conversation = await asyncio.to_thread(_somebody_waits, world, nurse)
    cookie = "; ".join(f"{name}={value}" for name, value in nurse.browser.cookies.items())
    address = f"{world.base_url}/console/events?view=all&open=&after=0"
    marker = f'id="row-{conversation}"'.encode()
    consoles = [Console(address, cookie, marker) for _ in range(CONSOLES)]
    reading = [asyncio.create_task(each.read()) for each in consoles]
    try:
        await _all_live(consoles)
        took = [
            each for n in range(EVENTS) for each in await _event(nurse, conversation, consoles, n)
        ]
    finally:
        for task in reading:
            task.cancel()
        await asyncio.gather(*reading, return_exceptions=True)
    what = f"a conversation is taken or let go, to each of {CONSOLES} open consoles, p99"
    limit = Against("limit", LIMIT_MS, goal=1.0)
    return [row("console.event.p99", what, percentile(took, 99) * MS, "ms", limit)]


def _somebody_waits(world: World, nurse: Coordinator) -> str:
    Visitor.opens(world).says("I want to talk to a person")
    page = nurse.get("/console/inbox").text
    return page.split('id="row-', 1)[1].split('"', 1)[0]


async def _all_live(consoles: Sequence[Console]) -> None:
    async with asyncio.timeout(WITHIN_S):
        await asyncio.gather(*(each.is_live.wait() for each in consoles))
    # What each caught up with when it came is no event.
    await asyncio.sleep(1)
    for each in consoles:
        while not each.came.empty():
            each.came.get_nowait()


async def _event(
    nurse: Coordinator, conversation: str, consoles: Sequence[Console], number: int
) -> list[float]:
    """Seconds from the request to every console."""
    act = "claim" if number % 2 == 0 else "release"
    began = time.perf_counter()
    path = f"/console/conversations/{conversation}/{act}"
    asking = asyncio.create_task(asyncio.to_thread(nurse.post, path))
    came = await asyncio.gather(*(asyncio.wait_for(e.came.get(), WITHIN_S) for e in consoles))
    answer = await asking
    assert answer.status_code < 400, answer.status_code
    await asyncio.sleep(0.3)
    for each in consoles:
        while not each.came.empty():
            each.came.get_nowait()
    return [each - began for each in came]
