"""Owed webhooks survive refusals, restarts and a service that is away."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy import select, update
from twilio.request_validator import RequestValidator

from api.core.db import Database
from api.sandbox import carrier
from api.sandbox.carrier import Account, Outbound
from api.sandbox.courier import BACK_OFF_STEPS_S, Courier
from api.sandbox.models import TwilioMessageRow, TwilioWebhookRow

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
PUBLIC = "https://clinic.example"
PHONE = "+12125550150"
ACCOUNT = Account("AC" + "0" * 32, "sandbox", "+12125550199", f"{PUBLIC}/webhooks/twilio/sms")

Made = Callable[[], Courier]


class Webhook:
    """Our side of a webhook: answers as told, remembers what came."""

    def __init__(self) -> None:
        self.status = 200
        self.calls: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        return httpx.Response(self.status)

    def bodies(self) -> list[dict[str, str]]:
        return [dict(httpx.QueryParams(call.content.decode())) for call in self.calls]


@pytest.fixture
def webhook() -> Webhook:
    return Webhook()


@pytest.fixture
async def courier(database: Database, webhook: Webhook) -> AsyncIterator[Courier]:
    transport = httpx.MockTransport(webhook)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:1") as client:
        yield Courier(database, client, token="sandbox", public_url=PUBLIC)


async def _text_in(database: Database, words: str) -> str:
    async with database.transaction() as session:
        return await carrier.text_in(session, ACCOUNT, PHONE, words, now=NOW)


async def _make_due(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(update(TwilioWebhookRow).values(not_before=None))


async def test_text_is_told_with_a_signature_over_the_public_address(
    database: Database, courier: Courier, webhook: Webhook
) -> None:
    sid = await _text_in(database, "Hello")
    assert await courier.post_next()
    assert not await courier.post_next()
    (body,) = webhook.bodies()
    assert (body["MessageSid"], body["From"], body["Body"]) == (sid, PHONE, "Hello")
    signature = webhook.calls[0].headers["X-Twilio-Signature"]
    assert RequestValidator("sandbox").validate(ACCOUNT.inbound_url, body, signature)


async def test_refused_webhook_is_posted_again_and_holds_the_next_of_its_phone(
    database: Database, courier: Courier, webhook: Webhook
) -> None:
    await _text_in(database, "first")
    await _text_in(database, "second")
    webhook.status = 503
    assert await courier.post_next()
    assert not await courier.post_next()
    webhook.status = 200
    await _make_due(database)
    while await courier.post_next():
        pass
    assert [body["Body"] for body in webhook.bodies()] == ["first", "first", "second"]


async def test_provider_gives_up_at_last(
    database: Database, courier: Courier, webhook: Webhook
) -> None:
    await _text_in(database, "Hello")
    webhook.status = 500
    for _ in range(len(BACK_OFF_STEPS_S) + 1):
        assert await courier.post_next()
        await _make_due(database)
    assert not await courier.post_next()


async def test_restart_takes_up_what_a_killed_process_was_posting(
    database: Database, courier: Courier, webhook: Webhook
) -> None:
    await _text_in(database, "Hello")
    assert await courier._lease() is not None
    assert not await courier.post_next()
    await courier._void_leases()
    assert await courier.post_next()
    assert len(webhook.calls) == 1


async def test_states_arrive_in_order_and_move_the_text_along(
    database: Database, courier: Courier, webhook: Webhook
) -> None:
    text = Outbound(PHONE, ACCOUNT.number, "Hello", f"{PUBLIC}/webhooks/twilio/status?outbox=1")
    async with database.transaction() as session:
        await carrier.accept(session, ACCOUNT, text, now=NOW)
    seen = []
    while await courier.post_next():
        async with database.transaction() as session:
            seen.append(await session.scalar(select(TwilioMessageRow.status)))
    assert seen == ["queued", "sent", "delivered"]
    assert [body["MessageStatus"] for body in webhook.bodies()] == seen
    assert {str(call.url.query, "ascii") for call in webhook.calls} == {"outbox=1"}
