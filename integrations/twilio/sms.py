"""The `SmsChannel` port over Twilio's official client.

Source: Twilio "Webhooks security", "Messages resource", "Error 21610"; read 2026-11.
"""

import asyncio
import re
from datetime import datetime
from typing import override

import requests.exceptions  # noqa: TID251 -- the vendor client's own exceptions, never used to call
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.sms import (
    InboundSms,
    MalformedWebhook,
    NotAuthentic,
    SmsChannel,
    SmsState,
    StatusReport,
)

TIMEOUT_S = 10
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
_SID = re.compile(r"^(SM|MM)[0-9a-f]{32}$")
_STATES = {
    "accepted": SmsState.QUEUED,
    "scheduled": SmsState.QUEUED,
    "queued": SmsState.QUEUED,
    "sending": SmsState.QUEUED,
    "sent": SmsState.SENT,
    "delivered": SmsState.DELIVERED,
    "read": SmsState.DELIVERED,
    "partially_delivered": SmsState.UNDELIVERED,
    "undelivered": SmsState.UNDELIVERED,
    "failed": SmsState.FAILED,
    "canceled": SmsState.FAILED,
}


class TwilioSms(SmsChannel):
    """One Twilio account. `sender` is a number, or a Messaging Service's SID (`MG…`)."""

    def __init__(self, *, account_sid: str, auth_token: str, sender: str, api_base: str) -> None:
        if not auth_token:
            # The vendor's validator accepts forgeries made with the empty token.
            raise ValueError("a Twilio auth token is needed")
        self._account = account_sid
        self._sender = sender
        self._validator = RequestValidator(auth_token)
        http = _BasedClient(api_base, timeout=TIMEOUT_S)
        self._client = Client(account_sid, auth_token, http_client=http)

    @override
    def read_inbound(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> InboundSms:
        fields = self._authentic(url, form, signature)
        sid = fields.get("MessageSid", "")
        if not _SID.match(sid) or not fields.get("From") or "Body" not in fields:
            raise MalformedWebhook
        return InboundSms(provider_id=sid, sender=fields["From"], text=fields["Body"])

    @override
    def read_status(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> StatusReport:
        fields = self._authentic(url, form, signature)
        sid, state = fields.get("MessageSid", ""), _STATES.get(fields.get("MessageStatus", ""))
        if not _SID.match(sid) or state is None:
            raise MalformedWebhook
        return StatusReport(provider_id=sid, state=state, error_code=fields.get("ErrorCode"))

    @override
    async def send(self, *, to: str, text: str, status_callback: str) -> str:
        return await asyncio.to_thread(self._send, to, text, status_callback)

    @override
    async def find_sent(self, *, to: str, text: str, since: datetime) -> tuple[str, ...]:
        return await asyncio.to_thread(self._find_sent, to, text, since)

    def _authentic(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> dict[str, str]:
        """The form's fields, once it is known that Twilio sent them for this account.

        Repeated names are refused: they sign alike in more than one arrangement.
        """
        fields = dict(form)
        if len(fields) != len(form) or not signature or not signature.isascii():
            raise NotAuthentic
        if not self._validator.validate(url, fields, signature):
            raise NotAuthentic
        if fields.get("AccountSid") != self._account:
            raise NotAuthentic
        return fields

    def _send(self, to: str, text: str, status_callback: str) -> str:
        sender = (
            {"messaging_service_sid": self._sender}
            if self._sender.startswith("MG")
            else {"from_": self._sender}
        )
        try:
            message = self._client.messages.create(
                to=to, body=text, status_callback=status_callback, **sender
            )
        except TwilioRestException as error:
            raise _failed(error) from None
        except requests.exceptions.ConnectTimeout:
            raise Unreachable from None
        except requests.exceptions.Timeout:
            raise UnknownOutcome from None
        except requests.exceptions.RequestException as error:
            raise _not_connected(error) from None
        return str(message.sid)

    def _find_sent(self, to: str, text: str, since: datetime) -> tuple[str, ...]:
        try:
            listed = self._client.messages.list(to=to, date_sent_after=since, limit=200)
        except (TwilioException, requests.exceptions.RequestException):
            raise Unreachable from None
        ours = (each for each in listed if each.body == text and each.direction != "inbound")
        return tuple(reversed([str(each.sid) for each in ours]))


def _failed(error: TwilioRestException) -> Exception:
    """429: not taken, later. 5xx: it may have been taken. The rest is refused for good."""
    if error.status == TOO_MANY_REQUESTS:
        return Unreachable()
    if error.status >= SERVER_ERROR:
        return UnknownOutcome()
    return Rejected(str(error.code or error.status))


def _not_connected(error: requests.exceptions.RequestException) -> Exception:
    """A refused connection never reached Twilio; one that broke later may have."""
    refused = "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)
    return Unreachable() if refused else UnknownOutcome()


class _BasedClient(TwilioHttpClient):  # type: ignore[misc]  # the vendor ships no types
    """Twilio's HTTP client, with another base address (a regional edge, the sandbox)."""

    def __init__(self, api_base: str, *, timeout: float) -> None:
        super().__init__(timeout=timeout, max_retries=None)
        self._api_base = api_base.rstrip("/")

    @override
    def request(self, method: str, url: str, *args: object, **kwargs: object) -> object:
        path = url.split("://", 1)[-1].split("/", 1)[-1]
        return super().request(method, f"{self._api_base}/{path}", *args, **kwargs)
