"""The SMS provider is away for two hours: what is still of use then goes out, evenly and once."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, override
from unittest.mock import patch

import pytest
from sqlalchemy import text

from api import worker
from api.bootstrap import Ports, build_ports
from api.core.clock import real_now, set_ahead
from api.core.db import Database
from api.core.settings import load_settings
from api.messaging import unknown
from api.messaging.gate import Refusal
from api.messaging.pace import Pace
from integrations.fakes.sms import FakeSms
from integrations.ports.errors import PortError, UnknownOutcome, Unreachable
from tests.faults.reminded import fill, number_of

PEOPLE: Final = 6
PER_SECOND: Final = 2.0
HOURS: Final = ("08:00:00", "09:00:00", "09:30:00")
EARLY, BACK_AT = "07:55", "10:01"
KEYS: Final = ("CARELINE_KEK", "CARELINE_LOOKUP_KEY", "CARELINE_TOKEN_KEY")
# What waits for the machine's time, which does not pass here: back-off, and asking the provider.
MUCH_LATER: Final = (
    "UPDATE outbound SET retry_at = NULL, posted_at = posted_at - interval '5 minutes'"
)
STATES: Final = "SELECT state, reason, count(*) FROM outbound GROUP BY 1, 2 ORDER BY 1"


@dataclass
class Seconds:
    """A machine's time that passes only while somebody waits for a turn."""

    at: float = 0.0

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        self.at += seconds


@dataclass
class Provider(FakeSms):
    """Fails as it is told before it takes anything, beside a machine's time of its own."""

    fails: PortError | None = None
    seconds: Seconds = field(default_factory=Seconds)

    @override
    async def send(self, *, to: str, text: str, status_callback: str) -> str:
        if self.fails is not None:
            raise self.fails
        return await super().send(to=to, text=text, status_callback=status_callback)

    @override
    async def find_sent(self, *, to: str, text: str, since: datetime) -> tuple[str, ...]:
        if self.fails is not None:
            raise Unreachable
        return await super().find_sent(to=to, text=text, since=since)


@dataclass
class Morning:
    """A worker's rounds on a Monday morning, by the set clock."""

    ports: Ports
    provider: Provider

    async def comes_to(self, hour: str) -> None:
        """Everything that a worker does by then, also what waits for the machine's time."""
        at = datetime.fromisoformat(f"2027-03-08T{hour}:00-05:00")
        async with self.ports.database.transaction() as session:
            await set_ahead(session, at - real_now())
        await worker.remind(self.ports)
        for _ in range(3):
            async with self.ports.database.transaction() as session:
                await session.execute(text(MUCH_LATER))
            await unknown.resolve_unknown(self.ports.outbox)
            await worker.send_unasked(self.ports)

    async def outbox(self) -> list[tuple[str, str | None, int]]:
        """How many messages are in which state, and why."""
        async with self.ports.database.transaction() as session:
            found = await session.execute(text(STATES))
            return [(str(state), reason, int(count)) for state, reason, count in found]


@pytest.fixture
async def morning(database: Database) -> AsyncIterator[Morning]:
    url = database.url.render_as_string(hide_password=False)
    known = {**dict.fromkeys(KEYS, "k" * 40), "CARELINE_MODE": "sandbox", "DATABASE_URL": url}
    known |= {"TWILIO_AUTH_TOKEN": "sandbox"}
    with patch.dict(os.environ, known):
        ports = build_ports(load_settings())
    provider, seconds = Provider(real_now()), Seconds()
    provider.seconds = seconds
    pace = Pace(PER_SECOND, monotonic=seconds.monotonic, sleep=seconds.sleep)
    ports = replace(ports, outbox=replace(ports.outbox, sms=provider, pace=pace))
    made = Morning(ports, provider)
    await made.comes_to(EARLY)
    async with ports.database.transaction() as session:
        await fill(ports, session, people=PEOPLE, each=1, hours=HOURS)
    yield made
    await ports.database.close()


@pytest.mark.parametrize("failure", [Unreachable(), UnknownOutcome()])
async def test_after_two_hours_what_is_of_use_goes_evenly_and_the_rest_says_that_it_is_too_late(
    morning: Morning, failure: PortError
) -> None:
    provider = morning.provider
    provider.fails = failure
    for hour in ("08:00", "09:00", "09:30"):
        await morning.comes_to(hour)
    assert provider.sent == []
    provider.fails, before = None, provider.seconds.at
    await morning.comes_to(BACK_AT)
    of_use = PEOPLE * 2
    assert await morning.outbox() == [
        ("refused", Refusal.TOO_LATE, PEOPLE),
        ("sent", None, of_use),
    ]
    for person in range(PEOPLE):
        nine, half_past = provider.texts_to(number_of(person))
        assert "9am" in nine
        assert "9:30am" in half_past
    # A turn for each text that went, and none for what was too late.
    took_s = provider.seconds.at - before
    assert (of_use - 1) / PER_SECOND <= took_s <= of_use / PER_SECOND
    await morning.comes_to("10:05")
    assert len(provider.sent) == of_use


async def test_what_the_provider_took_without_saying_so_is_not_sent_again(
    morning: Morning,
) -> None:
    provider = morning.provider
    provider.loses_answers = True
    await morning.comes_to("08:00")
    provider.fails = UnknownOutcome()
    await morning.comes_to("09:00")
    provider.fails, provider.loses_answers = None, False
    await morning.comes_to("09:20")
    assert await morning.outbox() == [("sent", None, PEOPLE * 2)]
    for person in range(PEOPLE):
        eight, nine = provider.texts_to(number_of(person))
        assert "8am" in eight
        assert "9am" in nine
