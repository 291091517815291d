"""The SMS provider in memory keeps the promises of the port."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.fakes.sms import SIGNATURE, FakeSms
from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.sms import (
    REFUSED_OPTED_OUT,
    InboundSms,
    MalformedWebhook,
    NotAuthentic,
    SmsState,
    StatusReport,
)

NOW = datetime(2027, 3, 3, 15, 0, tzinfo=UTC)
PHONE = "+12125550150"
INBOUND = [("MessageSid", "SM1"), ("From", PHONE), ("Body", "Hello")]


async def _send(sms: FakeSms, text: str = "Hello", to: str = PHONE) -> str:
    return await sms.send(to=to, text=text, status_callback="https://clinic.example/status")


async def test_text_is_kept_and_found_again() -> None:
    sms = FakeSms(NOW)
    sid = await _send(sms)
    assert sms.texts_to(PHONE) == ["Hello"]
    assert await sms.find_sent(to=PHONE, text="Hello", since=NOW) == (sid,)
    later = NOW + timedelta(seconds=1)
    assert await sms.find_sent(to=PHONE, text="Hello", since=later) == ()


async def test_blocked_and_invalid_numbers_are_refused_for_good() -> None:
    sms = FakeSms(NOW, blocked={PHONE})
    with pytest.raises(Rejected) as refused:
        await _send(sms)
    assert refused.value.code == REFUSED_OPTED_OUT
    with pytest.raises(Rejected):
        await _send(sms, to="555")
    assert sms.sent == []


async def test_lost_answer_leaves_the_text_at_the_provider() -> None:
    sms = FakeSms(NOW, loses_answers=True)
    with pytest.raises(UnknownOutcome):
        await _send(sms)
    assert len(await sms.find_sent(to=PHONE, text="Hello", since=NOW)) == 1


async def test_provider_that_is_down_takes_and_finds_nothing() -> None:
    sms = FakeSms(NOW, is_down=True)
    with pytest.raises(Unreachable):
        await _send(sms)
    with pytest.raises(Unreachable):
        await sms.find_sent(to=PHONE, text="Hello", since=NOW)


def test_webhooks_are_read_when_signed() -> None:
    sms = FakeSms(NOW)
    assert sms.read_inbound("url", INBOUND, SIGNATURE) == InboundSms("SM1", PHONE, "Hello")
    states = [("MessageSid", "SM1"), ("MessageStatus", "delivered")]
    report = sms.read_status("url", states, SIGNATURE)
    assert report == StatusReport("SM1", SmsState.DELIVERED, None)


@pytest.mark.parametrize("signature", [None, "", "forged"])
def test_unsigned_webhook_is_not_authentic(signature: str | None) -> None:
    with pytest.raises(NotAuthentic):
        FakeSms(NOW).read_inbound("url", INBOUND, signature)


def test_repeated_field_is_not_authentic() -> None:
    with pytest.raises(NotAuthentic):
        FakeSms(NOW).read_inbound("url", [*INBOUND, ("Body", "Other")], SIGNATURE)


def test_missing_field_is_malformed() -> None:
    with pytest.raises(MalformedWebhook):
        FakeSms(NOW).read_inbound("url", INBOUND[:2], SIGNATURE)
    with pytest.raises(MalformedWebhook):
        FakeSms(NOW).read_status("url", [("MessageSid", "SM1")], SIGNATURE)
