"""How soon the console's first page is there when ten thousand conversations wait.

The whole application over a database of its own, asked in this process: what the server does from
the request to the last byte, without a network.
"""

import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Final
from unittest.mock import patch

import httpx

from api.bootstrap import Ports, build_ports
from api.core.settings import load_settings
from api.main import app_of
from api.staff import demo, sessions
from api.staff.kinds import Role
from api.staff.service import member_with_email
from tests.bench.engine_rows import MS
from tests.bench.inbox_rows import a_database, fill, seal_first_pages
from tests.bench.rows import Against, Row, percentile, row
from tests.support.patients import World

LENGTH: Final = 10_000
VIEWS: Final = ("all", "mine", "unassigned", "snoozed")
WARM_UP: Final = 8
READS: Final = 80
LIMIT_MS: Final = 300.0
EMAIL: Final = "bench@clinic.example"
KEYS: Final = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY")


async def console_page_rows(world: World) -> list[Row]:
    """The page of 50 rows in each view in turn."""
    async with a_database(world) as database:
        url = database.url.render_as_string(hide_password=False)
        with _settings(url):
            ports = build_ports(load_settings())
        await fill(database, 1, LENGTH)
        await seal_first_pages(database, ports.keyring)
        async with _nurse(ports) as client:
            took = [await _read(client, VIEWS[n % len(VIEWS)]) for n in range(WARM_UP + READS)]
        await ports.database.close()
    what = f"the inbox page of 50 by HTTP, {LENGTH} conversations in the queue, p95"
    limit = Against("limit", LIMIT_MS, goal=1.0)
    return [row("console.inbox.page", what, percentile(took[WARM_UP:], 95), "ms", limit)]


@contextmanager
def _settings(url: str) -> Iterator[None]:
    known = {**dict.fromkeys(KEYS, "k" * 40), "CARELINE_MODE": "sandbox", "DATABASE_URL": url}
    with patch.dict(os.environ, known):
        yield


@asynccontextmanager
async def _nurse(ports: Ports) -> AsyncIterator[httpx.AsyncClient]:
    """The browser of somebody who is signed in."""
    async with ports.database.transaction() as session:
        person = demo.Invented(EMAIL, "Bench Reed", Role.NURSE)
        await demo.put(session, ports.keyring, [person], password="-", secret="JBSWY3DPEHPK3PXP")
        member = await member_with_email(session, EMAIL)
        assert member is not None
        token = await sessions.open_session(session, ports.staff, member.id)
    app = app_of(ports)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        client.cookies.set("careline_console", token)
        yield client


async def _read(client: httpx.AsyncClient, view: str) -> float:
    began = time.perf_counter()
    answer = await client.get(f"/console/inbox?view={view}")
    took = (time.perf_counter() - began) * MS
    assert answer.status_code == 200, answer.status_code
    assert view == "mine" or answer.text.count('class="row ') == 50
    return took
