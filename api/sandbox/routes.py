"""The sandbox's routes together, and what runs beside them while the process serves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import httpx
from fastapi import APIRouter, FastAPI

from api.bootstrap import Ports
from api.sandbox import control_routes, mail_routes, page_routes, phone_routes, twilio_routes
from api.sandbox.service import sandbox_of
from api.sandbox.twilio_routes import FakeTwilio
from api.web.pages import Pages

HERE: Final = Path(__file__).parent
STATIC: Final = "/sandbox/static"


def router(ports: Ports, client: httpx.AsyncClient | None = None) -> APIRouter:
    """Everything under `/sandbox`. `client`: the provider's way to our webhooks.

    Raises:
        NotInSandbox: this process is not in sandbox mode.
    """
    sandbox = sandbox_of(ports, client)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with sandbox.courier.running():
            yield

    twilio = FakeTwilio(sandbox.database, sandbox.clock, sandbox.courier, sandbox.account)
    pages = Pages(HERE, prefix=STATIC)
    routes = APIRouter(lifespan=lifespan)
    routes.include_router(control_routes.router(sandbox))
    routes.include_router(mail_routes.router(sandbox, pages, ports.clinic))
    routes.include_router(phone_routes.router(sandbox, pages))
    routes.include_router(twilio_routes.router(twilio))
    routes.include_router(
        page_routes.router(sandbox, pages, ports.clinic, base_url=ports.settings.base_url)
    )
    routes.include_router(pages.static_router())
    return routes
