"""A sandbox that really serves: its routes, the provider's webhooks, and a worker beside them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import text

from api import sandbox
from api.bootstrap import Ports, build_ports
from api.core import http
from api.core.settings import Settings, load_settings
from api.messaging import webhooks
from api.sandbox.seed import seed
from api.web.pages import shared_router
from api.widget import pages
from api.worker import work
from integrations.fakes.engine import FakeEngine
from integrations.fhir.embedded.backend import EmbeddedBackend

KEYS = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY", "RASA_TOKEN", "INTERNAL_TOKEN")


@dataclass(frozen=True)
class Served:
    """A serving sandbox, with the way to it."""

    ports: Ports
    client: httpx.AsyncClient
    engine: FakeEngine

    async def text(self, number: str, words: str) -> str:
        answer = await self.client.post(f"/sandbox/phone/{number}/messages", json={"text": words})
        assert answer.status_code == 202
        return str(answer.json()["sid"])

    async def thread(self, number: str) -> list[dict[str, str]]:
        answer = await self.client.get(f"/sandbox/phone/{number}/messages")
        return list(answer.json()["messages"])

    async def texts_to(self, number: str) -> list[str]:
        thread = await self.thread(number)
        return [each["text"] for each in thread if each["direction"] == "outbound"]

    async def settle(self) -> int:
        answer = await self.client.post("/sandbox/settle")
        assert answer.status_code == 200, answer.text
        return int(answer.json()["waiting"])

    async def settle_webhooks(self) -> None:
        """Wait until the provider owes us nothing; the inbox may stay full."""
        async with asyncio.timeout(20):
            while await self._owed():  # noqa: ASYNC110 -- the rows are all there is to see
                await asyncio.sleep(0.02)

    async def _owed(self) -> int:
        async with self.ports.database.transaction() as session:
            return int(await session.scalar(text("SELECT count(*) FROM twilio_webhook")) or 0)

    async def state(self) -> dict[str, Any]:
        return dict((await self.client.get("/sandbox/state")).json())

    async def faults(self, **faults: str) -> None:
        answer = await self.client.post("/sandbox/faults", json=faults)
        assert answer.status_code == 200


@pytest.fixture
def settings(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    for key in KEYS:
        monkeypatch.setenv(key, "k" * 40)
    monkeypatch.setenv("CARELINE_MODE", "sandbox")
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("CARELINE_PORT", str(_free_port()))
    monkeypatch.setenv("CARELINE_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    monkeypatch.delenv("PUBLIC_BASE_URL", raising=False)
    return load_settings()


@pytest.fixture
async def served(settings: Settings) -> AsyncIterator[Served]:
    """A sandbox without demo data and worker: what comes in stays in the inbox."""
    async with _served(settings, seeded=False) as served:
        yield served


@pytest.fixture
async def working(settings: Settings) -> AsyncIterator[Served]:
    """A seeded sandbox with a worker and an engine in memory."""
    async with _served(settings, seeded=True) as served:
        ports = _ports(settings, served.engine)
        stop = asyncio.Event()
        task = asyncio.create_task(work(ports, stop))
        yield served
        stop.set()
        await task


@asynccontextmanager
async def _served(settings: Settings, *, seeded: bool) -> AsyncIterator[Served]:
    engine = FakeEngine()
    ports = _ports(settings, engine)
    if seeded:
        await _seed(ports)
    server = uvicorn.Server(_config(settings, _app(ports)))
    task = asyncio.create_task(server.serve())
    async with httpx.AsyncClient(base_url=settings.base_url, timeout=60) as client:
        while not server.started:  # noqa: ASYNC110 -- it tells in no other way
            await asyncio.sleep(0.01)
        yield Served(ports, client, engine)
    server.should_exit = True
    await task
    await ports.database.close()


async def _seed(ports: Ports) -> None:
    now = await ports.clock.now()
    async with ports.database.transaction() as session:
        await seed(session, EmbeddedBackend(), ports.keyring, now=now)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ports(settings: Settings, engine: FakeEngine) -> Ports:
    return build_ports(
        settings,
        engine=lambda _, database: sandbox.faulty_engine(engine, database),
        backend=sandbox.faulty_backend,
        mailer=sandbox.CaughtMail,
    )


def _app(ports: Ports) -> FastAPI:
    app = FastAPI()
    http.install(app)
    app.include_router(webhooks.router(ports.webhooks))
    app.include_router(shared_router())
    app.include_router(pages.router(ports.clinic))
    app.include_router(sandbox.router(ports))
    return app


def _config(settings: Settings, app: FastAPI) -> uvicorn.Config:
    return uvicorn.Config(
        app, host="127.0.0.1", port=settings.careline_port, log_level="warning", lifespan="on"
    )
