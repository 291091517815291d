"""What comes too often is told when to come again; this machine itself may ask at will."""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.core import http
from api.core.addresses import network_of
from api.core.settings import Settings
from api.widget import routes
from api.widget.limits import Asked, Limits, Rates, TooOften
from api.widget.service import Chat
from tests.api.widget.conftest import Site

HERE, THERE, ELSEWHERE = "127.0.0.1", "203.0.113.5", "203.0.113.6"
RATES = Rates(session="2/minute", confirm="3/minute", message="2/minute;3/hour")
# The start of an hour: windows of the limits begin with the clock's.
START = 1_800_000_000.0


class Clock:
    """What the limiter takes the time from."""

    now = START

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("time.time", clock.time)
    return clock


async def ask(limits: Limits, asked: Asked, by: str = THERE, *, address: str = THERE) -> int:
    """Seconds to wait; 0 when it was allowed."""
    try:
        await limits.count(asked, by=by, address=address)
    except TooOften as refusal:
        return int(refusal.headers["Retry-After"])
    return 0


async def test_allowed_number_passes_and_the_next_waits(clock: Clock) -> None:
    limits = Limits(RATES)
    assert [await ask(limits, Asked.SESSION) for _ in range(2)] == [0, 0]
    wait = await ask(limits, Asked.SESSION)
    assert 0 < wait <= 60
    clock.now += wait + 60
    assert await ask(limits, Asked.SESSION) == 0


async def test_each_address_and_each_kind_counts_on_its_own(clock: Clock) -> None:
    limits = Limits(RATES)
    for _ in range(3):
        await ask(limits, Asked.SESSION)
    assert await ask(limits, Asked.SESSION) > 0
    assert await ask(limits, Asked.SESSION, by=ELSEWHERE, address=ELSEWHERE) == 0
    assert await ask(limits, Asked.CONFIRM) == 0
    assert clock.now == START


async def test_longer_rate_holds_when_the_short_one_has_passed(clock: Clock) -> None:
    limits = Limits(RATES)
    allowed = 0
    for _ in range(5):
        allowed += await ask(limits, Asked.MESSAGE, by="chat") == 0
        clock.now += 120
    assert allowed == 3
    assert await ask(limits, Asked.MESSAGE, by="chat") > 600


@pytest.mark.parametrize("address", [HERE, "127.8.9.1", "::1"])
async def test_this_machine_may_ask_at_will(address: str) -> None:
    limits = Limits(RATES)
    waits = [await ask(limits, Asked.SESSION, address, address=address) for _ in range(20)]
    assert waits == [0] * 20


@pytest.mark.parametrize("address", ["", "unix", "10.0.0.1", "192.168.1.9"])
async def test_other_addresses_are_counted(address: str) -> None:
    limits = Limits(RATES)
    assert [await ask(limits, Asked.SESSION, address, address=address) > 0 for _ in range(3)] == [
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        (THERE, THERE),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("unix", "unix"),
    ],
)
def test_an_ipv6_network_counts_as_one(address: str, network: str) -> None:
    assert network_of(address) == network


@pytest.mark.parametrize("rate", ["", "often", "30", "-1/minute", "30/fortnight"])
def test_rate_that_cannot_be_read_stops_the_start(
    rate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_SESSION_LIMIT", rate)
    with pytest.raises(ValidationError, match="chat_session_limit"):
        Settings()


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """The chat's routes behind uvicorn's reading of proxies' headers, asked from this machine."""
    app = FastAPI()
    http.install(app)
    app.include_router(routes.router(Chat(site.line, Limits(RATES), site.streams)))
    app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=HERE)
    transport = httpx.ASGITransport(app, client=(HERE, 9))
    async with httpx.AsyncClient(transport=transport, base_url="http://clinic.example") as client:
        yield client


WANTED = {"clinic": "lakeside", "language": "en"}


async def test_too_many_sessions_of_one_address_are_refused_in_our_shape(
    client: httpx.AsyncClient,
) -> None:
    patient = {"X-Forwarded-For": THERE}
    for _ in range(2):
        assert (
            await client.post("/chat/sessions", json=WANTED, headers=patient)
        ).status_code == 201
    refused = await client.post("/chat/sessions", json=WANTED, headers=patient)
    assert refused.status_code == 429
    assert set(refused.json()) == {"error", "detail"}
    assert refused.json()["error"] == "too_often"
    assert int(refused.headers["Retry-After"]) >= 1
    other = {"X-Forwarded-For": ELSEWHERE}
    assert (await client.post("/chat/sessions", json=WANTED, headers=other)).status_code == 201
    assert (await client.post("/chat/sessions", json=WANTED)).status_code == 201


async def test_forged_first_hop_is_not_believed(client: httpx.AsyncClient) -> None:
    codes = [
        (
            await client.post(
                "/chat/sessions",
                json=WANTED,
                headers={"X-Forwarded-For": f"203.0.113.{n}, {THERE}"},
            )
        ).status_code
        for n in range(3)
    ]
    assert codes == [201, 201, 429]


async def test_message_that_was_too_often_has_no_effect_and_may_be_sent_again(
    client: httpx.AsyncClient, site: Site
) -> None:
    opened = (await client.post("/chat/sessions", json=WANTED)).json()
    headers = {"Authorization": f"Bearer {opened['token']}", "X-Forwarded-For": THERE}
    sent = [
        await client.post(
            "/chat/messages", json={"id": f"message-{n}", "text": "hello"}, headers=headers
        )
        for n in range(3)
    ]
    assert [each.status_code for each in sent] == [202, 202, 429]
    read = await client.get("/chat/messages", headers=headers)
    assert [each["from"] for each in read.json()["messages"]] == ["assistant", *["patient"] * 2]
    del headers["X-Forwarded-For"]  # from this machine, so at once
    again = await client.post(
        "/chat/messages", json={"id": "message-2", "text": "hello"}, headers=headers
    )
    assert again.json()["position"] == 4


async def test_guesses_of_a_birth_date_are_counted_by_address(client: httpx.AsyncClient) -> None:
    guess = {"json": {"born": "1979-03-09"}, "headers": {"X-Forwarded-For": THERE}}
    codes = [
        (await client.post("/chat/sessions/confirm", **guess)).status_code  # type: ignore[arg-type]
        for _ in range(4)
    ]
    assert codes == [401, 401, 401, 429]
