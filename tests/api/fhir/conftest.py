"""The HTTP face in a small application, with tokens of the sandbox's clients."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from api.core.settings import Mode, Settings
from api.fhir.routes import routers
from api.gateway.service import Gateway
from tests.support.gateway import clinic, clock, gateway

__all__ = ["clinic", "clock", "gateway"]
BASE = "http://127.0.0.1:8000"
KEY = "a token key of more than thirty-two characters"


@pytest.fixture
def settings() -> Settings:
    return Settings(careline_mode=Mode.SANDBOX, careline_token_key=SecretStr(KEY))


@pytest.fixture
async def http(gateway: Gateway, settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    app = FastAPI()
    for router in routers(gateway, settings):
        app.include_router(router)
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def token_for(http: httpx.AsyncClient, client_id: str, **more: str) -> str:
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": "sandbox"}
    answer = await http.post("/oauth/token", data=form | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


@pytest.fixture
async def ehr(http: httpx.AsyncClient) -> httpx.AsyncClient:
    """The client that plays the hospital's staff."""
    http.headers["Authorization"] = f"Bearer {await token_for(http, 'sandbox-ehr')}"
    return http
