"""The fake provider's HTTP API, in the shapes that Twilio's official client reads.

Source: Twilio "Messages resource", version 2010-04-01; read 2026-11.
"""

import asyncio
import hmac
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import Clock
from api.core.db import Database
from api.sandbox import carrier
from api.sandbox.carrier import API_VERSION, Account, CarrierRefusal, Outbound
from api.sandbox.courier import Courier
from api.sandbox.faults import Fault, Service, read_fault
from api.sandbox.models import TwilioMessageRow

PREFIX = "/sandbox/twilio"
DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 1000
# Longer than the real client waits (10 s), so that it never hears of the text it handed over.
HANGS_S = 12.0
NOT_SERVED = {Fault.DOWN: (503, 20503), Fault.TOO_MANY: (429, 20429)}


@dataclass(frozen=True)
class FakeTwilio:
    """What the fake provider needs."""

    database: Database
    clock: Clock
    courier: Courier
    account: Account
    hangs_s: float = HANGS_S


@dataclass(frozen=True)
class Listing:
    """The filters and the page that a list asks for."""

    to: Annotated[str | None, Query(alias="To")] = None
    sender: Annotated[str | None, Query(alias="From")] = None
    sent_on: Annotated[str | None, Query(alias="DateSent")] = None
    sent_before: Annotated[str | None, Query(alias="DateSent<")] = None
    sent_after: Annotated[str | None, Query(alias="DateSent>")] = None
    page_size: Annotated[int, Query(alias="PageSize", ge=1)] = DEFAULT_PAGE_SIZE
    page: Annotated[int, Query(alias="Page", ge=0)] = 0
    page_token: Annotated[str, Query(alias="PageToken", pattern=r"^PA\d+$")] = "PA0"  # noqa: S105


class NotServed(Exception):
    """The provider does not serve this call, as a fault switch wants it."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.status, self.code = NOT_SERVED[fault]


def router(twilio: FakeTwilio) -> APIRouter:
    """The Messages resource of one account."""
    routes = APIRouter(
        prefix=f"{PREFIX}/{API_VERSION}/Accounts/{{account_sid}}", include_in_schema=False
    )
    basic = HTTPBasic(auto_error=False)

    def is_ours(
        account_sid: str, given: Annotated[HTTPBasicCredentials | None, Depends(basic)]
    ) -> bool:
        return _is_authentic(twilio.account, account_sid, given)

    authentic = Annotated[bool, Depends(is_ours)]

    @routes.post("/Messages.json")
    async def create(request: Request, authentic: authentic) -> JSONResponse:
        if not authentic:
            return _problem(401, 20003, "Authenticate")
        return await _create(twilio, request)

    @routes.get("/Messages.json")
    async def listed(
        authentic: authentic, listing: Annotated[Listing, Depends(Listing)]
    ) -> JSONResponse:
        if not authentic:
            return _problem(401, 20003, "Authenticate")
        return await _list(twilio, listing)

    @routes.get("/Messages/{sid}.json")
    async def fetched(authentic: authentic, sid: str) -> JSONResponse:
        if not authentic:
            return _problem(401, 20003, "Authenticate")
        return await _fetch(twilio, sid)

    return routes


async def _create(twilio: FakeTwilio, request: Request) -> JSONResponse:
    text = await _text_of(request)
    now = await twilio.clock.now()
    try:
        async with twilio.database.transaction() as session:
            fault = await _served(session)
            row = await carrier.accept(session, twilio.account, text, now=now)
    except NotServed as refusal:
        return _problem(refusal.status, refusal.code, "Service unavailable")
    except CarrierRefusal as refusal:
        return _problem(HTTPStatus.BAD_REQUEST, refusal.code, refusal.sentence)
    twilio.courier.ring()
    if fault is Fault.TIMEOUT_AFTER_ACCEPT:
        await _hang(twilio, request)
    return JSONResponse(_message(twilio.account, row), HTTPStatus.CREATED)


async def _text_of(request: Request) -> Outbound:
    form = {name: str(value) for name, value in (await request.form()).items()}
    return Outbound(
        to=form.get("To", ""),
        sender=form.get("From", ""),
        body=form.get("Body", ""),
        callback=form.get("StatusCallback") or None,
    )


async def _hang(twilio: FakeTwilio, request: Request) -> None:
    """Say nothing until the caller has lost patience, or for as long as any would have it."""
    give_up_at = time.monotonic() + twilio.hangs_s
    # A caller who has gone can only be looked for.
    while time.monotonic() < give_up_at:
        if await request.is_disconnected():
            return
        await asyncio.sleep(0.1)


async def _list(twilio: FakeTwilio, listing: Listing) -> JSONResponse:
    size = min(listing.page_size, MAX_PAGE_SIZE)
    skipped = int(listing.page_token.removeprefix("PA"))
    try:
        async with twilio.database.transaction() as session:
            await _served(session)
            wanted = _matching(listing).offset(skipped).limit(size + 1)
            rows = list(await session.scalars(wanted))
    except NotServed as refusal:
        return _problem(refusal.status, refusal.code, "Service unavailable")
    except ValueError:
        return _problem(HTTPStatus.BAD_REQUEST, 20001, "DateSent cannot be read")
    return JSONResponse(_page(twilio.account, listing, rows, size=size, skipped=skipped))


async def _fetch(twilio: FakeTwilio, sid: str) -> JSONResponse:
    try:
        async with twilio.database.transaction() as session:
            await _served(session)
            row = await session.get(TwilioMessageRow, sid)
    except NotServed as refusal:
        return _problem(refusal.status, refusal.code, "Service unavailable")
    if row is None:
        return _problem(HTTPStatus.NOT_FOUND, 20404, "The requested resource was not found")
    return JSONResponse(_message(twilio.account, row))


async def _served(session: AsyncSession) -> Fault:
    """The fault of the moment, where it lets the call through.

    Raises:
        NotServed: down, or too many calls. Nothing has been stored then.
    """
    fault = await read_fault(session, Service.TWILIO)
    if fault in NOT_SERVED:
        raise NotServed(fault)
    return fault


def _matching(listing: Listing) -> Select[TwilioMessageRow]:
    """Newest first, as Twilio lists."""
    row = TwilioMessageRow
    wanted = select(row).order_by(row.seq.desc())
    if listing.to:
        wanted = wanted.where(_side(listing.to, to=True))
    if listing.sender:
        wanted = wanted.where(_side(listing.sender, to=False))
    if listing.sent_on:
        day = _instant(listing.sent_on)
        wanted = wanted.where(row.sent_at >= day, row.sent_at < day + timedelta(days=1))
    if listing.sent_before:
        wanted = wanted.where(row.sent_at <= _instant(listing.sent_before))
    if listing.sent_after:
        wanted = wanted.where(row.sent_at >= _instant(listing.sent_after))
    return wanted


def _side(number: str, *, to: bool) -> ColumnElement[bool]:
    """Texts to (or from) a number: the phone's or the clinic's."""
    row = TwilioMessageRow
    to_clinic = row.direction == "inbound"
    clinic_is_side = to_clinic if to else ~to_clinic
    return ((row.clinic_number == number) & clinic_is_side) | (
        (row.phone == number) & ~clinic_is_side
    )


def _instant(text: str) -> datetime:
    """A day or an instant, in GMT where it says nothing else."""
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _page(
    account: Account, listing: Listing, rows: Sequence[TwilioMessageRow], *, size: int, skipped: int
) -> dict[str, object]:
    has_more = len(rows) > size
    shown = [_message(account, row) for row in rows[:size]]
    return {
        "first_page_uri": _page_uri(account, listing, 0, 0, size),
        "next_page_uri": (
            _page_uri(account, listing, listing.page + 1, skipped + size, size)
            if has_more
            else None
        ),
        "previous_page_uri": None,
        "page": listing.page,
        "page_size": size,
        "start": skipped,
        "end": skipped + max(len(shown) - 1, 0),
        "uri": _page_uri(account, listing, listing.page, skipped, size),
        "messages": shown,
    }


def _page_uri(account: Account, listing: Listing, page: int, skipped: int, size: int) -> str:
    filters = {
        "To": listing.to,
        "From": listing.sender,
        "DateSent": listing.sent_on,
        "DateSent<": listing.sent_before,
        "DateSent>": listing.sent_after,
        "PageSize": size,
        "Page": page,
        "PageToken": f"PA{skipped}",
    }
    query = urlencode({name: value for name, value in filters.items() if value is not None})
    return f"/{API_VERSION}/Accounts/{account.sid}/Messages.json?{query}"


def _message(account: Account, row: TwilioMessageRow) -> dict[str, object]:
    is_inbound = row.direction == "inbound"
    sent = format_datetime(row.sent_at.astimezone(UTC).replace(microsecond=0))
    uri = f"/{API_VERSION}/Accounts/{account.sid}/Messages/{row.sid}"
    return {
        "account_sid": account.sid,
        "api_version": API_VERSION,
        "body": row.body,
        "date_created": sent,
        "date_sent": sent,
        "date_updated": sent,
        "direction": row.direction,
        "error_code": None,
        "error_message": None,
        "from": row.phone if is_inbound else row.clinic_number,
        "messaging_service_sid": None,
        "num_media": "0",
        "num_segments": "1",
        "price": None,
        "price_unit": "USD",
        "sid": row.sid,
        "status": row.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": row.clinic_number if is_inbound else row.phone,
        "uri": f"{uri}.json",
    }


def _problem(status: int, code: int, sentence: str) -> JSONResponse:
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": sentence, "more_info": more, "status": int(status)}
    return JSONResponse(body, status)


def _is_authentic(account: Account, account_sid: str, given: HTTPBasicCredentials | None) -> bool:
    if given is None or account_sid != account.sid:
        return False
    return hmac.compare_digest(
        f"{given.username}:{given.password}".encode(), f"{account.sid}:{account.token}".encode()
    )
