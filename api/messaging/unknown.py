"""Texts of which it is not known whether the provider took them: it is asked, before any resend."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select

from api.core.clock import real_now
from api.core.ids import ConversationId
from api.core.several import for_each
from api.messaging.kinds import OutboundState
from api.messaging.lanes import UNASKED, lease_is_void
from api.messaging.models import OutboundRow
from api.messaging.outbox import Outbox, back_off, mark_sent, text_of
from api.messaging.threads import address_of
from integrations.ports.errors import Unreachable

# Longer than the provider client's own time-out, plus its listing's lag: only then does "not
# listed" mean "not accepted".
ASK_AFTER = timedelta(seconds=20)
AT_ONCE = 4


async def resolve_unknown(outbox: Outbox) -> None:
    """Ask the provider about every message of which it is not known whether it was taken.

    Answers first. A provider that does not answer is left alone until the next time: during an
    outage there are thousands to ask about.
    """
    async with outbox.database.transaction() as session:
        ids = await session.scalars(
            select(OutboundRow.id)
            .where(
                or_(
                    OutboundRow.state == OutboundState.UNKNOWN,
                    (OutboundRow.state == OutboundState.SENDING) & lease_is_void(),
                ),
                OutboundRow.posted_at < real_now() - ASK_AFTER,
            )
            .order_by(OutboundRow.purpose.in_(UNASKED), OutboundRow.seq)
        )
        found = list(ids)
    is_away = asyncio.Event()

    async def ask(id_: str) -> None:
        try:
            await _ask_about(outbox, id_)
        except Unreachable:
            is_away.set()

    await for_each(found, ask, at_once=AT_ONCE, stop=is_away)


async def _ask_about(outbox: Outbox, id_: str) -> None:
    """The provider knows the message → sent; does not → it may be tried again.

    Raises:
        Unreachable: the provider does not answer.
    """
    async with outbox.database.transaction() as session:
        row = await session.get_one(OutboundRow, id_)
        if row.provider_id is not None or row.posted_at is None:
            return
        text = await text_of(session, outbox.keyring, id_)
        to = await address_of(session, outbox.keyring, ConversationId(row.thread_id))
        since = row.posted_at - timedelta(minutes=1)
    candidates = await outbox.sms.find_sent(to=to, text=text, since=since)
    known = await _known_among(outbox, candidates)
    fresh = [each for each in candidates if each not in known]
    if fresh:
        await mark_sent(outbox, id_, fresh[0])
    else:
        await back_off(outbox, row)


async def _known_among(outbox: Outbox, provider_ids: Sequence[str]) -> set[str]:
    """Those that belong to other messages of ours: the same words may be sent twice on purpose."""
    async with outbox.database.transaction() as session:
        known = await session.scalars(
            select(OutboundRow.provider_id).where(OutboundRow.provider_id.in_(provider_ids))
        )
        return {each for each in known if each is not None}
