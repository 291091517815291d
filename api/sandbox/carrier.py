"""What the fake SMS provider does with a text: opt-out words, blocks, states, webhooks owed.

Source: Twilio "Error 21610", "Default opt-out keywords", "Messages resource"; read 2026-11.
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import real_now
from api.sandbox.faults import Fault, Service, read_fault
from api.sandbox.models import TwilioBlockRow, TwilioMessageRow, TwilioWebhookRow

API_VERSION = "2010-04-01"
MAX_BODY_CHARS = 1600
OPT_OUT_WORDS = frozenset(
    {"stop", "stopall", "unsubscribe", "cancel", "end", "quit", "revoke", "optout"}
)
OPT_IN_WORDS = frozenset({"start", "unstop"})
# "YES" means many things; only to a blocked phone does the provider take it for an opt-in.
OPT_IN_WHEN_BLOCKED = frozenset({"yes"})
OPTED_OUT_TEXT = (
    "You have successfully been unsubscribed. You will not receive any more messages from this"
    " number. Reply START to resubscribe."
)
OPTED_IN_TEXT = (
    "You have successfully been re-subscribed to messages from this number. Reply HELP for help."
    " Reply STOP to unsubscribe. Msg&Data Rates May Apply."
)
STATES = ("queued", "sent", "delivered")
_E164 = re.compile(r"^\+[1-9]\d{6,14}$")


class CarrierRefusal(Exception):
    """The provider refuses a text. `code` and `sentence` as Twilio answers them."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


@dataclass(frozen=True)
class Account:
    """The fake account: its credentials, its number, and where it tells of what came in."""

    sid: str
    token: str
    number: str
    inbound_url: str


@dataclass(frozen=True)
class Outbound:
    """A text as handed to the provider. `callback`: where its states are to be told."""

    to: str
    sender: str
    body: str
    callback: str | None


async def accept(
    session: AsyncSession, account: Account, text: Outbound, *, now: datetime
) -> TwilioMessageRow:
    """Take a text for a phone, show it there, and owe its states.

    Raises:
        CarrierRefusal: invalid number or text, or the phone has opted out (21610).
    """
    _check(account, text)
    if await is_blocked(session, account, text.to):
        raise CarrierRefusal(21610, "Attempt to send to unsubscribed recipient")
    row = _message(account, text.to, text.body, "outbound-api", now=now)
    row.status, row.status_callback = STATES[0], text.callback
    session.add(row)
    if text.callback:
        for state in await _told_order(session):
            fields = _status_fields(account, row, state)
            await _owe(session, lane=row.sid, url=text.callback, fields=fields)
    else:
        row.status = STATES[-1]
    return row


async def text_in(
    session: AsyncSession, account: Account, phone: str, body: str, *, now: datetime
) -> str:
    """A phone texts the clinic: stored, opt-out words obeyed, a webhook owed. Returns its sid."""
    row = _message(account, phone, body, "inbound", now=now)
    row.status = "received"
    session.add(row)
    await session.flush()
    confirmation = await _obey(session, account, phone, body)
    if confirmation is not None:
        reply = _message(account, phone, confirmation, "outbound-reply", now=now)
        reply.status = STATES[-1]
        session.add(reply)
    fields = _inbound_fields(account, row)
    await _owe(session, lane=phone, url=account.inbound_url, fields=fields)
    return row.sid


async def is_blocked(session: AsyncSession, account: Account, phone: str) -> bool:
    """Whether this phone opted out of the clinic's number at the provider."""
    return await session.get(TwilioBlockRow, (phone, account.number)) is not None


async def of_phone(session: AsyncSession, phone: str) -> list[TwilioMessageRow]:
    """Every text to and from a phone, in order."""
    rows = await session.scalars(
        select(TwilioMessageRow)
        .where(TwilioMessageRow.phone == phone)
        .order_by(TwilioMessageRow.seq)
    )
    return list(rows)


def is_number(text: str) -> bool:
    """Whether the provider takes this for a phone number."""
    return _E164.match(text) is not None


def _check(account: Account, text: Outbound) -> None:
    if not is_number(text.to):
        raise CarrierRefusal(21211, "Invalid 'To' Phone Number")
    if text.sender != account.number:
        raise CarrierRefusal(21212, "Invalid From Number (caller ID)")
    if not text.body:
        raise CarrierRefusal(21602, "Message body is required.")
    if len(text.body) > MAX_BODY_CHARS:
        raise CarrierRefusal(21617, "The concatenated message body exceeds the 1600 limit.")


async def _obey(session: AsyncSession, account: Account, phone: str, body: str) -> str | None:
    """Block or unblock as the word says; the provider's own confirmation, if it sends one."""
    word = body.strip().lower()
    if word in OPT_OUT_WORDS:
        fresh = insert(TwilioBlockRow).values(phone=phone, clinic_number=account.number)
        blocked = await session.scalar(
            fresh.on_conflict_do_nothing().returning(TwilioBlockRow.phone)
        )
        return OPTED_OUT_TEXT if blocked else None
    if word not in OPT_IN_WORDS | OPT_IN_WHEN_BLOCKED:
        return None
    unblocked = await session.scalar(
        delete(TwilioBlockRow)
        .where(TwilioBlockRow.phone == phone, TwilioBlockRow.clinic_number == account.number)
        .returning(TwilioBlockRow.phone)
    )
    return OPTED_IN_TEXT if unblocked or word in OPT_IN_WORDS else None


async def _told_order(session: AsyncSession) -> tuple[str, ...]:
    """States in the order in which their callbacks arrive: Twilio promises none."""
    is_reordered = await read_fault(session, Service.WEBHOOKS) is Fault.REORDERED
    return tuple(reversed(STATES)) if is_reordered else STATES


async def _owe(session: AsyncSession, *, lane: str, url: str, fields: dict[str, str]) -> None:
    is_doubled = await read_fault(session, Service.WEBHOOKS) is Fault.DOUBLED
    for _ in range(2 if is_doubled else 1):
        session.add(TwilioWebhookRow(lane=lane, url=url, fields=fields))


def _message(
    account: Account, phone: str, body: str, direction: str, *, now: datetime
) -> TwilioMessageRow:
    return TwilioMessageRow(
        sid=f"SM{secrets.token_hex(16)}",
        phone=phone,
        clinic_number=account.number,
        direction=direction,
        body=body,
        sent_at=real_now(),
        at=now,
    )


def _inbound_fields(account: Account, row: TwilioMessageRow) -> dict[str, str]:
    return {
        "ToCountry": "US",
        "SmsMessageSid": row.sid,
        "NumMedia": "0",
        "SmsSid": row.sid,
        "SmsStatus": "received",
        "FromCountry": "US",
        "Body": row.body,
        "To": account.number,
        "NumSegments": "1",
        "MessageSid": row.sid,
        "AccountSid": account.sid,
        "From": row.phone,
        "ApiVersion": API_VERSION,
    }


def _status_fields(account: Account, row: TwilioMessageRow, state: str) -> dict[str, str]:
    return {
        "SmsSid": row.sid,
        "SmsStatus": state,
        "MessageStatus": state,
        "To": row.phone,
        "MessageSid": row.sid,
        "AccountSid": account.sid,
        "From": account.number,
        "ApiVersion": API_VERSION,
    }
