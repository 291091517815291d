"""The sandbox stays where it belongs."""

from dataclasses import replace

import httpx
import pytest

from api import sandbox
from api.bootstrap import build_ports
from api.core.settings import Mode, Settings
from api.main import app_of
from api.sandbox.service import NotInSandbox

PATHS = ("/", "/demo", "/sandbox/phone", "/sandbox/clock", "/sandbox/state", "/sandbox/mail")


def _production(settings: Settings) -> Settings:
    return settings.model_copy(update={"careline_mode": Mode.PRODUCTION})


async def test_sandbox_refuses_to_load_in_production(settings: Settings) -> None:
    ports = build_ports(_production(settings))
    with pytest.raises(NotInSandbox):
        sandbox.router(ports)
    await ports.database.close()


async def test_production_knows_none_of_its_addresses(settings: Settings) -> None:
    ports = build_ports(_production(settings))
    transport = httpx.ASGITransport(app_of(ports))
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic.example") as client:
        for path in PATHS:
            assert (await client.get(path)).status_code == 404, path
        assert (await client.post("/sandbox/reset")).status_code == 404
    await ports.database.close()


async def test_sandbox_never_reaches_the_real_provider(settings: Settings) -> None:
    assert settings.twilio_api_base.startswith("http://127.0.0.1")
    ports = build_ports(settings)
    assert replace(ports).settings.twilio_from == "+12125550199"
    await ports.database.close()
