"""The clinic's logo comes from our own origin, and is a page in which nothing runs."""

from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI

from api.bootstrap import NLU_DATA
from api.core import http
from api.messaging.clinic import Clinic, load_clinics
from api.widget import logos

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0h8v8z"/></svg>'


@pytest.fixture(scope="module")
def clinic() -> Clinic:
    return load_clinics(NLU_DATA / "faq")["lakeside"]


async def got(clinic: Clinic, address: str) -> httpx.Response:
    app = FastAPI()
    http.install(app)
    app.include_router(logos.router(clinic))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic.example") as client:
        return await client.get(address)


async def test_logo_is_served_where_nothing_in_it_can_run(clinic: Clinic) -> None:
    branded = replace(clinic, logo=LOGO)
    address = logos.address_of(branded)
    assert address is not None
    answer = await got(branded, address)
    assert (answer.status_code, answer.content) == (200, LOGO)
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_address_changes_with_the_picture(clinic: Clinic) -> None:
    one, two = (logos.address_of(replace(clinic, logo=each)) for each in (LOGO, LOGO + b"\n"))
    assert one != two


async def test_clinic_without_a_logo_has_no_address(clinic: Clinic) -> None:
    assert logos.address_of(clinic) is None
    assert (await got(clinic, "/w/clinic/lakeside/logo.svg")).status_code == 404
    branded = replace(clinic, logo=LOGO)
    assert (await got(branded, "/w/clinic/elsewhere/logo.svg")).status_code == 404
