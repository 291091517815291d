"""The whole application over a real database, with one account a role and a clock to move."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from api.audit.models import AuditRow
from api.bootstrap import Ports, build_ports
from api.core.settings import load_settings
from api.main import app_of
from api.staff import codes, demo, sessions
from api.staff.kinds import Role
from api.staff.passwords import Passwords
from api.staff.service import member_with_email

KEYS = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY", "RASA_TOKEN", "INTERNAL_TOKEN")
BASE = "https://care.example"
COOKIE = "__Host-careline"
START = datetime(2026, 11, 25, 12, tzinfo=UTC)
PASSWORD, SECRET = "seven quiet herons", "JBSWY3DPEHPK3PXP"
OURS = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}


@dataclass
class House:
    """The application, its staff, and browsers that open it."""

    ports: Ports
    app: FastAPI
    time: datetime = START
    clients: list[httpx.AsyncClient] = field(default_factory=list)

    def later(self, **span: float) -> None:
        self.time += timedelta(**span)

    def browser(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, client=("203.0.113.7", 4711))
        client = httpx.AsyncClient(
            transport=transport, base_url=BASE, headers={**OURS, **headers}, timeout=30
        )
        self.clients.append(client)
        return client

    def form(self, role: Role, **changes: str) -> dict[str, str]:
        code = codes.code_at(SECRET, codes.step_of(self.time))
        return {"email": email_of(role), "password": PASSWORD, "code": code, **changes}

    async def signed_in(self, role: Role) -> httpx.AsyncClient:
        """A browser of somebody who is signed in, without the way through the door."""
        client = self.browser()
        async with self.ports.database.transaction() as session:
            member = await member_with_email(session, email_of(role))
            assert member is not None
            token = await sessions.open_session(session, self.ports.staff, member.id)
        client.cookies.set(COOKIE, token, domain="care.example")
        found = await sessions.peek(self.ports.staff, token)
        client.headers["X-CSRF-Token"] = found.csrf
        return client

    async def audited(self) -> Sequence[str]:
        async with self.ports.database.transaction() as session:
            rows = await session.scalars(select(AuditRow.tag).order_by(AuditRow.id))
        return rows.all()


def email_of(role: Role) -> str:
    return f"{role}@clinic.example"


@pytest.fixture
async def house(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    for key in KEYS:
        monkeypatch.setenv(key, "k" * 40)
    monkeypatch.setenv("CARELINE_MODE", "production")
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "k" * 40)
    monkeypatch.setenv("TWILIO_FROM", "+12125550199")
    monkeypatch.setenv("SMTP_URL", "smtps://mail.example/?from=careline@care.example")
    monkeypatch.setenv("PUBLIC_BASE_URL", BASE)
    monkeypatch.setenv("DATABASE_URL", database_url)
    built = build_ports(load_settings())
    # Little memory: what is tested is not how slow a hash is.
    ports = replace(built, staff=replace(built.staff, passwords=Passwords(memory_kib=64)))
    house = House(ports, FastAPI())
    house.ports = replace(ports, staff=replace(ports.staff, now=lambda: house.time))
    house.app = app_of(house.ports)
    await _hire_everybody(house.ports)
    yield house
    for client in house.clients:
        await client.aclose()
    await ports.database.close()


async def _hire_everybody(ports: Ports) -> None:
    async with ports.database.transaction() as session:
        people = [demo.Invented(email_of(role), f"{role} Reed", role) for role in Role]
        await demo.put(session, ports.keyring, people, password=PASSWORD, secret=SECRET)
