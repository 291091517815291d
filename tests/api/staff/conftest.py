"""Staff over a real database, with a clock that stands still until a test moves it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from api.audit.models import AuditRow
from api.core.crypto import Keyring
from api.core.db import Database
from api.staff import codes, door, sessions
from api.staff.accounts import Enrolled, Wanted, add_user
from api.staff.desk import Desk
from api.staff.door import Credentials, SignedIn
from api.staff.kinds import Role
from api.staff.passwords import Passwords

START = datetime(2026, 11, 25, 12, tzinfo=UTC)
EMAIL, PASSWORD, ADDRESS = "dana@clinic.example", "seven quiet herons", "203.0.113.7"
# Little memory: what is tested is what is done with hashes, not how slow they are.
PASSWORDS = Passwords(memory_kib=64)


@dataclass
class Office:
    """A clinic's staff, who sign in from one address."""

    desk: Desk
    time: datetime = START
    secret: str = ""

    def later(self, **span: float) -> None:
        self.time += timedelta(**span)

    def code(self, steps: int = 0) -> str:
        return codes.code_at(self.secret, codes.step_of(self.time) + steps)

    async def hire(self, email: str = EMAIL, role: Role = Role.NURSE) -> Enrolled:
        wanted = Wanted(email, "Dana Reed, RN", role, PASSWORD)
        async with self.desk.database.transaction() as session:
            enrolled = await add_user(session, self.desk, wanted, by="test")
        self.learn(enrolled)
        return enrolled

    def learn(self, enrolled: Enrolled) -> None:
        """What scanning the QR code does."""
        self.secret = enrolled.provisioning_uri.split("secret=")[1].split("&")[0]

    async def sign_in(
        self,
        email: str = EMAIL,
        password: str = PASSWORD,
        code: str | None = None,
        origin: str = ADDRESS,
    ) -> SignedIn:
        """A right code takes the next step, so that signing in again needs no waiting."""
        typed = Credentials(email, password, self.code() if code is None else code)
        return await door.sign_in(self.desk, typed, origin=origin)

    async def refused(self, **typed: str) -> str:
        """Try to sign in, in vain; the recorded cause."""
        with pytest.raises(door.SignInRefused):
            await self.sign_in(**typed)
        return (await self.audited())[-1].rsplit(":", 1)[-1]

    async def session(self, token: str, *, keeps_awake: bool = True) -> sessions.StaffSession:
        return await sessions.session_of(self.desk, token, origin=ADDRESS, keeps_awake=keeps_awake)

    async def over(self, token: str) -> str:
        """A session is none any more; the recorded cause."""
        with pytest.raises(sessions.SessionOver):
            await self.session(token)
        return (await self.audited())[-1].rsplit(":", 1)[-1]

    async def audited(self) -> Sequence[str]:
        async with self.desk.database.transaction() as session:
            found = await session.scalars(select(AuditRow.tag).order_by(AuditRow.id))
        return found.all()


@pytest.fixture
def office(database: Database) -> Office:
    keyring = Keyring(database, kek="k" * 40, lookup_key="k" * 40)
    office = Office(Desk(database, keyring, PASSWORDS))
    office.desk = Desk(database, keyring, PASSWORDS, lambda: office.time)
    return office
