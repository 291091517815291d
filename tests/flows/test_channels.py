"""The phone's side: signatures, duplicates, opt-out and opt-in words, the provider's faults."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.patients import Phone, World, inspector, signed_webhook, sms_fields

GRACE, SAM, ELENA = "+12125550103", "+12125550101", "+12125550107"
HOURS = "what are your hours"


def post(world: World, body: bytes, headers: dict[str, str]) -> int:
    answer = world.http.post("/webhooks/twilio/sms", content=body, headers=headers)
    return answer.status_code


def test_the_same_webhook_twice_at_once_and_again_later_is_one_reply(world: World) -> None:
    phone = Phone(world, GRACE)
    body, headers = signed_webhook(world, sms_fields(GRACE, HOURS))
    with ThreadPoolExecutor(4) as pool:
        codes = list(pool.map(lambda _: post(world, body, headers), range(4)))
    world.settle()
    assert codes == [200] * 4
    assert post(world, body, headers) == 200
    world.settle()
    assert len(phone.new()) == 1


def test_one_hold_for_a_choice_that_is_delivered_twice(world: World) -> None:
    fhir = inspector(world)
    phone = Phone(world, GRACE)
    phone.texts("i want to book a visit for a cough, tomorrow or any time")
    phone.texts("11/21/1990")
    body, headers = signed_webhook(world, sms_fields(GRACE, "1"))
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: post(world, body, headers), range(2)))
    world.settle()
    assert len(phone.new()) == 1
    pending = fhir.found(f"Appointment?patient={fhir.patient('1004')}&status=pending")
    assert len(pending) == 1


@pytest.mark.parametrize("signature", [None, "", "bm90IGEgc2lnbmF0dXJl", "f\u00f6rged".encode()])
def test_an_unsigned_or_forged_webhook_is_refused_and_nothing_is_stored(
    world: World, signature: str | bytes | None
) -> None:
    before = world.state()["inbox"]
    body, headers = signed_webhook(world, sms_fields(GRACE, HOURS))
    del headers["X-Twilio-Signature"]
    raw: list[tuple[bytes, bytes]] = [(k.encode(), v.encode()) for k, v in headers.items()]
    if signature is not None:
        value = signature if isinstance(signature, bytes) else signature.encode()
        raw.append((b"X-Twilio-Signature", value))
    answer = world.http.post("/webhooks/twilio/sms", content=body, headers=raw)
    assert answer.status_code == 403
    assert world.state()["inbox"] == before


def test_an_altered_webhook_is_refused(world: World) -> None:
    body, headers = signed_webhook(world, sms_fields(GRACE, HOURS))
    assert post(world, body.replace(b"hours", b"rates"), headers) == 403
    assert post(world, body + b"&From=%2B12125550101", headers) == 403
    spoofed = {**headers, "Host": "evil.example", "X-Forwarded-Proto": "https"}
    assert post(world, body, spoofed) == 200


def test_another_accounts_signature_is_refused(world: World) -> None:
    fields = {**sms_fields(GRACE, HOURS), "AccountSid": "AC" + "1" * 32}
    assert post(world, *signed_webhook(world, fields)) == 403


def test_a_number_in_a_messaging_service_is_accepted(world: World) -> None:
    fields = {**sms_fields(GRACE, HOURS), "MessagingServiceSid": "MG" + "0" * 32}
    assert post(world, *signed_webhook(world, fields)) == 200
    world.settle()
    assert len(Phone(world, GRACE).new()) == 1


def test_a_megabyte_is_refused_and_emoji_is_not(world: World) -> None:
    assert post(world, *signed_webhook(world, sms_fields(GRACE, "x" * 1_000_000))) == 413
    assert (
        len(Phone(world, GRACE).texts("what are your hours \U0001f600\U0001f468\u200d\u2695")) == 1
    )


def test_stop_silences_and_start_brings_back(world: World) -> None:
    phone = Phone(world, GRACE)
    phone.texts(HOURS)
    stopped = phone.texts("STOP")
    assert len(stopped) == 1  # the carrier's own confirmation, and no second one
    assert "unsubscribed" in stopped[0]
    assert phone.texts(HOURS) == []
    phone.texts("START")
    assert len(phone.texts(HOURS)) == 1


def test_an_opt_out_in_free_words_is_confirmed_once(world: World) -> None:
    phone = Phone(world, GRACE)
    confirmed = phone.texts("please stop texting me")
    assert len(confirmed) == 1
    assert "no more texts" in confirmed[0]
    assert phone.texts(HOURS) == []


def test_alto_is_confirmed_in_spanish(world: World) -> None:
    assert "no recibirá más" in Phone(world, ELENA).texts("ALTO")[0]


def test_cancel_opts_out_and_calls_a_person(world: World) -> None:
    Phone(world, GRACE).texts("CANCEL")
    codes = [
        task["code"]["coding"][0]["code"]
        for task in inspector(world).found("Task?status=requested")
    ]
    assert "may_have_meant_visit" in codes


def test_help_says_who_we_are_before_any_opt_in(world: World) -> None:
    answer = Phone(world, SAM).texts("HELP")
    assert len(answer) == 1
    assert "212-555-0199" in answer[0]
    assert "STOP" in answer[0]


def test_a_no_to_the_opt_in_is_one_closing_line_and_then_silence(world: World) -> None:
    phone = Phone(world, SAM)
    phone.texts(HOURS)
    assert "not text you" in phone.texts("no")[0]
    again = phone.texts("hello")
    assert "Reply YES" in again[0]


def test_a_timeout_after_the_provider_accepted_sends_nothing_twice(world: World) -> None:
    world.faults(twilio="timeout_after_accept")
    phone = Phone(world, GRACE)
    phone.sends(HOURS)
    world.settle()
    world.faults(twilio="ok")
    world.settle()
    assert len(phone.new()) == 1


def test_a_reply_waits_for_a_provider_that_is_down(world: World) -> None:
    world.faults(twilio="429")
    phone = Phone(world, GRACE)
    assert phone.texts(HOURS) == []
    world.faults(twilio="ok")
    world.settle()
    assert len(phone.new()) == 1


def test_a_slash_is_never_an_engine_command(world: World) -> None:
    phone = Phone(world, GRACE)
    for text in ("/restart", '/book_appointment{"x":1}', "/session_start"):
        assert len(phone.texts(text)) == 1
    assert "8" in phone.texts("/what are your hours")[0]
