"""Delivers the webhooks that the fake provider owes us: signed, at least once, from rows.

Source of the signature: Twilio "Webhooks security", X-Twilio-Signature; read 2026-11.
"""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta

import httpx
from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import aliased

from api.core.clock import real_now
from api.core.db import Database
from api.core.logging import describe, get_logger
from api.sandbox.carrier import STATES
from api.sandbox.models import TwilioMessageRow, TwilioWebhookRow

LEASE = timedelta(seconds=30)
# Long enough together to outlast a restart of ours.
BACK_OFF_STEPS_S = (0.5, 1, 2, 4, 8, 15, 30, 60)
LOOK_EVERY_S = 1.0
AT_ONCE = 8


@dataclass(frozen=True)
class Owed:
    """A webhook to post."""

    id: int
    lane: str
    url: str
    fields: Mapping[str, str]


class Courier:
    """Posts owed webhooks. `public_url` is what the provider signs; `client` finds us there."""

    def __init__(
        self, database: Database, client: httpx.AsyncClient, *, token: str, public_url: str
    ) -> None:
        self._database = database
        self._client = client
        self._token = token
        self._public_url = public_url
        self._rings: asyncio.Queue[None] = asyncio.Queue(AT_ONCE)

    def ring(self) -> None:
        """There is something new to post: wake one poster, not all of them."""
        with suppress(asyncio.QueueFull):
            self._rings.put_nowait(None)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Post what is owed, and what a process before this one left, for the block's length."""
        await self._void_leases()
        tasks = [asyncio.create_task(self._post_for_ever()) for _ in range(AT_ONCE)]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await self._client.aclose()

    async def post_next(self) -> bool:
        """Post the next owed webhook, if one is due; whether there was one."""
        owed = await self._lease()
        if owed is None:
            return False
        if await self._post(owed):
            await self._finish(owed)
        else:
            await self._put_off(owed)
        return True

    async def _post_for_ever(self) -> None:
        while True:
            try:
                busy = await self.post_next()
            except (SQLAlchemyError, OSError) as failure:
                get_logger().warning("courier_interrupted", **describe(failure))
                busy = False
            if busy:
                self.ring()
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._rings.get(), LOOK_EVERY_S)

    async def _void_leases(self) -> None:
        async with self._database.transaction() as session:
            await session.execute(update(TwilioWebhookRow).values(lease_until=None))

    async def _lease(self) -> Owed | None:
        """The oldest of its lane that is due and that nobody else is posting."""
        earlier, now = aliased(TwilioWebhookRow), real_now()
        in_front = exists().where(
            earlier.lane == TwilioWebhookRow.lane, earlier.id < TwilioWebhookRow.id
        )
        due = select(TwilioWebhookRow).where(
            ~in_front,
            or_(TwilioWebhookRow.not_before.is_(None), TwilioWebhookRow.not_before <= now),
            or_(TwilioWebhookRow.lease_until.is_(None), TwilioWebhookRow.lease_until <= now),
        )
        oldest = due.order_by(TwilioWebhookRow.id).limit(1).with_for_update(skip_locked=True)
        async with self._database.transaction() as session:
            row = await session.scalar(oldest)
            if row is None:
                return None
            row.lease_until = now + LEASE
            return Owed(row.id, row.lane, row.url, row.fields)

    async def _post(self, owed: Owed) -> bool:
        """Whether we answered that we have it."""
        signature = sign(self._token, owed.url, owed.fields)
        path = owed.url.removeprefix(self._public_url)
        try:
            answer = await self._client.post(
                path, data=dict(owed.fields), headers={"X-Twilio-Signature": signature}
            )
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def _finish(self, owed: Owed) -> None:
        async with self._database.transaction() as session:
            await session.execute(delete(TwilioWebhookRow).where(TwilioWebhookRow.id == owed.id))
            state = owed.fields.get("MessageStatus")
            message = await session.get(TwilioMessageRow, owed.fields["MessageSid"])
            if state in STATES and message is not None and message.status in STATES:
                message.status = max(message.status, state, key=STATES.index)

    async def _put_off(self, owed: Owed) -> None:
        async with self._database.transaction() as session:
            row = await session.get(TwilioWebhookRow, owed.id)
            if row is None:
                return
            if row.tries >= len(BACK_OFF_STEPS_S):
                get_logger().warning("courier_gave_up", key=owed.fields["MessageSid"])
                await session.delete(row)
                return
            row.not_before = real_now() + timedelta(seconds=BACK_OFF_STEPS_S[row.tries])
            row.tries += 1
            row.lease_until = None


def sign(token: str, url: str, fields: Mapping[str, str]) -> str:
    """The signature of a webhook: HMAC-SHA1 over the URL and the sorted fields, in base64."""
    signed = url + "".join(f"{name}{fields[name]}" for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()
