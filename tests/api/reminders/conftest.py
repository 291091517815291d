"""Somebody to remind: their thread, over a fresh database."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import PatientId, new_id
from api.gateway.service import Gateway
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from api.reminders import plans
from api.reminders.claims import claim_due
from api.reminders.desk import Desk as AnsweringDesk
from api.reminders.plans import Whose
from api.reminders.wishes import Wish
from integrations.fhir.embedded.backend import EmbeddedBackend

JOHN = PatientId("john")
NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class Desk:
    """What the tests plan and claim with."""

    database: Database
    keyring: Keyring
    whose: Whose

    async def keep(self, wish: Wish, now: datetime, *, is_own: bool = False) -> None:
        async with self.database.transaction() as session:
            await plans.keep(session, self.keyring, self.whose, wish, now=now, is_own=is_own)

    async def claim_all(self, now: datetime) -> int:
        """Sweep until nothing is due; how many times were taken."""
        taken = 0
        while True:
            async with self.database.transaction() as session:
                some = (await claim_due(session, now=now)).count
            if not some:
                return taken
            taken += some


@pytest.fixture
async def desk(database: Database) -> Desk:
    keyring = Keyring(database, kek="k" * 32, lookup_key="l" * 32)
    async with database.transaction() as session:
        thread = await find_or_open(
            session, keyring, Channel.SMS, "+12125550104", now=datetime.fromisoformat(EARLY)
        )
    return Desk(database, keyring, Whose(JOHN, thread, NEW_YORK))


EARLY = "2027-03-08T05:00:00-05:00"


def answering_desk(desk: Desk, clock: Clock) -> AnsweringDesk:
    """What answers are taken with; there is no record behind it but the embedded store."""
    gateway = Gateway(desk.database, EmbeddedBackend(new_id), desk.keyring, clock)
    return AnsweringDesk(desk.database, desk.keyring, clock, gateway, NEW_YORK)
