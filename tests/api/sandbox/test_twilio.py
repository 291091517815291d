"""The fake provider behaves like Twilio, as Twilio's own client and validator see it."""

import asyncio
from datetime import timedelta

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from api.core.clock import real_now
from api.core.settings import (
    SANDBOX_CLINIC_NUMBER,
    SANDBOX_TWILIO_SID,
    SANDBOX_TWILIO_TOKEN,
    Settings,
)
from api.sandbox.courier import sign
from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.sms import SmsChannel
from integrations.twilio.sms import TwilioSms, _BasedClient
from tests.api.sandbox.conftest import Served

GRACE = "+12125550103"
NOBODY = "+12125550150"


@pytest.fixture
def sms(settings: Settings) -> SmsChannel:
    return TwilioSms(
        account_sid=SANDBOX_TWILIO_SID,
        auth_token=SANDBOX_TWILIO_TOKEN,
        sender=SANDBOX_CLINIC_NUMBER,
        api_base=settings.twilio_api_base,
    )


def _client(settings: Settings, token: str = SANDBOX_TWILIO_TOKEN) -> Client:
    http: TwilioHttpClient = _BasedClient(settings.twilio_api_base, timeout=5)
    return Client(SANDBOX_TWILIO_SID, token, http_client=http)


async def _send(sms: SmsChannel, settings: Settings, to: str, text: str) -> str:
    callback = f"{settings.base_url}/webhooks/twilio/status?outbox=none"
    return await sms.send(to=to, text=text, status_callback=callback)


def test_signature_is_the_one_that_twilio_computes() -> None:
    url, fields = "https://clinic.example/hook?a=1", {"From": GRACE, "Body": "¿Sí? 👍", "A": ""}
    signature = sign("sandbox", url, fields)
    assert RequestValidator("sandbox").validate(url, fields, signature)


async def test_text_reaches_the_phone_and_its_states_come_back(
    served: Served, sms: SmsChannel, settings: Settings
) -> None:
    sid = await _send(sms, settings, NOBODY, "Hello")
    await served.settle()
    (message,) = await served.thread(NOBODY)
    assert (message["sid"], message["text"]) == (sid, "Hello")
    assert (message["direction"], message["status"]) == ("outbound", "delivered")


async def test_wrong_token_is_turned_away(served: Served, settings: Settings) -> None:
    del served
    client = _client(settings, token="wrong")
    with pytest.raises(TwilioRestException) as refused:
        await asyncio.to_thread(
            client.messages.create, to=NOBODY, from_=SANDBOX_CLINIC_NUMBER, body="Hello"
        )
    assert (refused.value.status, refused.value.code) == (401, 20003)


@pytest.mark.parametrize("word", ["STOP", " cancel ", "Unsubscribe", "optout"])
async def test_opt_out_word_blocks_confirms_once_and_is_told_to_us(
    served: Served, sms: SmsChannel, settings: Settings, word: str
) -> None:
    await served.text(NOBODY, word)
    await served.text(NOBODY, word)
    await served.settle_webhooks()
    confirmations = await served.texts_to(NOBODY)
    assert len(confirmations) == 1
    assert "unsubscribed" in confirmations[0]
    assert (await served.state())["inbox"] == {"pending": 2}
    with pytest.raises(Rejected) as refused:
        await _send(sms, settings, NOBODY, "Hello")
    assert refused.value.code == "21610"


@pytest.mark.parametrize("words", ["please stop", "cancel my visit", "help", "yes"])
async def test_other_words_are_forwarded_only(
    served: Served, sms: SmsChannel, settings: Settings, words: str
) -> None:
    await served.text(NOBODY, words)
    assert await served.texts_to(NOBODY) == []
    assert await _send(sms, settings, NOBODY, "Hello")


@pytest.mark.parametrize("word", ["START", "yes", "unstop"])
async def test_opt_in_word_unblocks_a_blocked_phone(
    served: Served, sms: SmsChannel, settings: Settings, word: str
) -> None:
    await served.text(NOBODY, "STOP")
    await served.text(NOBODY, word)
    assert "re-subscribed" in (await served.texts_to(NOBODY))[-1]
    assert await _send(sms, settings, NOBODY, "Hello")


async def test_invalid_number_is_refused(
    served: Served, sms: SmsChannel, settings: Settings
) -> None:
    del served
    with pytest.raises(Rejected) as refused:
        await _send(sms, settings, "12345", "Hello")
    assert refused.value.code == "21211"


async def test_official_client_pages_through_a_listing(served: Served, settings: Settings) -> None:
    client = _client(settings)
    for number in range(5):
        await asyncio.to_thread(
            client.messages.create, to=NOBODY, from_=SANDBOX_CLINIC_NUMBER, body=f"Text {number}"
        )
    await served.text(NOBODY, "an answer")
    listed = await asyncio.to_thread(client.messages.list, to=NOBODY, page_size=2)
    assert [each.body for each in listed] == [f"Text {number}" for number in (4, 3, 2, 1, 0)]
    from_phone = await asyncio.to_thread(client.messages.list, from_=NOBODY)
    assert [(each.direction, each.body) for each in from_phone] == [("inbound", "an answer")]
    fetched = await asyncio.to_thread(client.messages(listed[0].sid).fetch)
    assert (fetched.body, fetched.status) == ("Text 4", "delivered")


async def test_look_up_finds_what_was_sent_since(
    served: Served, sms: SmsChannel, settings: Settings
) -> None:
    del served
    sid = await _send(sms, settings, NOBODY, "Hello")
    a_minute_ago, later = real_now() - timedelta(minutes=1), real_now() + timedelta(minutes=1)
    assert await sms.find_sent(to=NOBODY, text="Hello", since=a_minute_ago) == (sid,)
    assert await sms.find_sent(to=NOBODY, text="Hello", since=later) == ()
    assert await sms.find_sent(to=NOBODY, text="Other", since=a_minute_ago) == ()


async def test_provider_that_is_down_or_busy_stores_nothing(
    served: Served, sms: SmsChannel, settings: Settings
) -> None:
    await served.faults(twilio="down")
    with pytest.raises(UnknownOutcome):
        await _send(sms, settings, NOBODY, "Hello")
    with pytest.raises(Unreachable):
        await sms.find_sent(to=NOBODY, text="Hello", since=real_now())
    await served.faults(twilio="429")
    with pytest.raises(Unreachable):
        await _send(sms, settings, NOBODY, "Hello")
    await served.faults(twilio="ok")
    assert await served.thread(NOBODY) == []


async def test_answer_lost_after_acceptance_leaves_the_text_delivered(
    served: Served, settings: Settings
) -> None:
    await served.faults(twilio="timeout_after_accept")
    impatient = Client(
        SANDBOX_TWILIO_SID,
        SANDBOX_TWILIO_TOKEN,
        http_client=_BasedClient(settings.twilio_api_base, timeout=0.2),
    )
    with pytest.raises(Exception, match="timed out"):
        await asyncio.to_thread(
            impatient.messages.create, to=NOBODY, from_=SANDBOX_CLINIC_NUMBER, body="Hello"
        )
    assert await served.texts_to(NOBODY) == ["Hello"]


async def test_reordered_callbacks_end_in_delivered(
    served: Served, sms: SmsChannel, settings: Settings
) -> None:
    await served.faults(webhooks="reordered")
    await _send(sms, settings, NOBODY, "Hello")
    await served.settle()
    assert [each["status"] for each in await served.thread(NOBODY)] == ["delivered"]


async def test_doubled_webhook_is_stored_once(served: Served) -> None:
    await served.faults(webhooks="doubled")
    await served.text(NOBODY, "Hello")
    await served.settle_webhooks()
    assert (await served.state())["inbox"] == {"pending": 1}


async def test_number_may_be_written_with_an_escaped_plus(served: Served) -> None:
    await served.text("%2B12125550150", "Hello")
    assert [each["text"] for each in await served.thread(NOBODY)] == ["Hello"]


async def test_what_is_no_number_is_refused(served: Served) -> None:
    answer = await served.client.post("/sandbox/phone/nobody/messages", json={"text": "Hello"})
    assert answer.status_code == 422
