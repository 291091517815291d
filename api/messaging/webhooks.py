"""The SMS provider's webhooks: verified against the public URL, stored once, answered at once."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request, Response

from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.logging import get_logger
from api.core.numbers import NotANumber, to_e164
from api.messaging import inbox, reports
from api.messaging.inbox import Arrival
from api.messaging.kinds import Channel
from api.messaging.threads import find_or_open
from integrations.ports.sms import InboundSms, MalformedWebhook, NotAuthentic, SmsChannel

INBOUND_PATH = "/webhooks/twilio/sms"
STATUS_PATH = "/webhooks/twilio/status"
EMPTY_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response></Response>'
MAX_BODY_BYTES = 64 * 1024
SIGNATURE = "X-Twilio-Signature"


@dataclass(frozen=True)
class Webhooks:
    """What the webhooks need. `base_url`: the public one that the provider signed."""

    database: Database
    keyring: Keyring
    clock: Clock
    sms: SmsChannel
    base_url: str


def router(hooks: Webhooks) -> APIRouter:
    """The two webhooks of the SMS provider."""
    routes = APIRouter(include_in_schema=False)

    @routes.post(INBOUND_PATH)
    async def inbound(request: Request) -> Response:
        return await receive_sms(hooks, request)

    @routes.post(STATUS_PATH)
    async def status(request: Request) -> Response:
        return await receive_status(hooks, request)

    return routes


async def receive_sms(hooks: Webhooks, request: Request) -> Response:
    """A text came in: 403 unsigned, 200 once it is stored, whether now or before."""
    form = await _form(request)
    if form is None:
        return Response(status_code=413)
    try:
        sms = hooks.sms.read_inbound(_signed_url(hooks, request), form, _signature(request))
    except NotAuthentic:
        return _forbidden(INBOUND_PATH)
    except MalformedWebhook:
        return Response(status_code=400)
    await _store(hooks, sms)
    return Response(EMPTY_TWIML, media_type="application/xml")


async def receive_status(hooks: Webhooks, request: Request) -> Response:
    """A report on a text of ours; our own id of it is in the URL that we gave the provider."""
    form = await _form(request)
    if form is None:
        return Response(status_code=413)
    try:
        report = hooks.sms.read_status(_signed_url(hooks, request), form, _signature(request))
    except NotAuthentic:
        return _forbidden(STATUS_PATH)
    except MalformedWebhook:
        return Response(status_code=400)
    outbox_id = request.query_params.get("outbox")
    now = await hooks.clock.now()
    async with hooks.database.transaction() as session:
        await reports.receive_status(session, outbox_id, report, now=now)
    return Response(status_code=204)


async def _store(hooks: Webhooks, sms: InboundSms) -> None:
    try:
        sender = to_e164(sms.sender)
    except NotANumber:
        # A short code or a named sender: another machine, which must never be answered.
        get_logger().warning("sms_from_no_person")
        return
    now = await hooks.clock.now()
    async with hooks.database.transaction() as session:
        conversation = await find_or_open(session, hooks.keyring, Channel.SMS, sender, now=now)
        arrival = Arrival(conversation, Channel.SMS, sms.provider_id, sms.text)
        await inbox.store_once(session, hooks.keyring, arrival, now=now)


async def _form(request: Request) -> list[tuple[str, str]] | None:
    """The form's fields, blank ones kept; None when the body is larger than any real one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _signed_url(hooks: Webhooks, request: Request) -> str:
    """The URL as the provider knows it: never from Host or forwarded headers, which anyone sets."""
    query = request.url.query
    return f"{hooks.base_url}{request.url.path}" + (f"?{query}" if query else "")


def _signature(request: Request) -> str | None:
    return request.headers.get(SIGNATURE)


def _forbidden(route: str) -> Response:
    get_logger().warning("webhook_not_authentic", route=route)
    return Response(status_code=403)
