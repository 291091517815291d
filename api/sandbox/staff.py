"""The demo clinic's invented staff. Their password and second factor are published."""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from api.console.ports import Demo
from api.core.crypto import Keyring
from api.staff.demo import Invented, is_empty, put
from api.staff.kinds import Role

DEMO_STAFF: Final = Demo(password="sandbox-only", secret="JBSWY3DPEHPK3PXP")  # noqa: S106 -- the published sandbox credentials
PEOPLE: Final = (
    Invented("coordinator@careline.example", "Casey Morgan", Role.COORDINATOR),
    Invented("nurse@careline.example", "Dana Reed, RN", Role.NURSE),
    Invented("nurse2@careline.example", "Noah Bell, RN", Role.NURSE),
    Invented("oncall@careline.example", "Iris Cole, RN", Role.NURSE),
    Invented("supervisor@careline.example", "Sofia Grant, RN", Role.SUPERVISOR),
    Invented("auditor@careline.example", "Alex Frost", Role.AUDITOR),
    Invented("admin@careline.example", "Robin Vale", Role.ADMIN),
)


async def seed_staff(session: AsyncSession, keyring: Keyring) -> None:
    """The demo clinic's accounts, where there are none yet."""
    if await is_empty(session):
        await put(session, keyring, PEOPLE, password=DEMO_STAFF.password, secret=DEMO_STAFF.secret)
