"""Threads: one address on one channel, found by a keyed hash, sealed at rest."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.crypto import Keyring, Place
from api.core.ids import ConversationId, new_id
from api.messaging.kinds import Channel
from api.messaging.models import ThreadRow


def owner_of(conversation: ConversationId) -> str:
    """The owner of the data key under which a conversation's words are sealed."""
    return f"conversation/{conversation}"


def topic_of(conversation: ConversationId) -> str:
    """The topic under which news of a conversation is announced."""
    return f"conversation/{conversation}"


async def find(
    session: AsyncSession, keyring: Keyring, channel: Channel, address: str
) -> ConversationId | None:
    """The conversation at this address, if there ever was one."""
    found = await session.scalar(
        select(ThreadRow.id).where(
            ThreadRow.channel == channel, ThreadRow.address_lookup == keyring.lookup(address)
        )
    )
    return ConversationId(found) if found else None


async def find_or_open(
    session: AsyncSession, keyring: Keyring, channel: Channel, address: str, *, now: datetime
) -> ConversationId:
    """The conversation at this address, opened when there is none; two at once get the same."""
    known = await find(session, keyring, channel, address)
    if known is not None:
        return known
    fresh = ConversationId(new_id())
    sealed = await keyring.seal(address, owner=owner_of(fresh), place=_address_place(fresh))
    await session.execute(
        insert(ThreadRow)
        .values(
            id=fresh,
            channel=channel,
            address_lookup=keyring.lookup(address),
            address_sealed=sealed,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["channel", "address_lookup"])
    )
    opened = await find(session, keyring, channel, address)
    return opened or fresh


async def channel_of(session: AsyncSession, conversation: ConversationId) -> Channel | None:
    """Which channel a conversation is on; None when there is no such conversation."""
    found = await session.scalar(select(ThreadRow.channel).where(ThreadRow.id == conversation))
    return Channel(found) if found else None


async def lookup_of(session: AsyncSession, conversation: ConversationId) -> bytes:
    """The keyed hash of a conversation's address: what the consent ledger knows a number by."""
    found = await session.scalars(
        select(ThreadRow.address_lookup).where(ThreadRow.id == conversation)
    )
    return found.one()


async def address_of(session: AsyncSession, keyring: Keyring, conversation: ConversationId) -> str:
    """The address of a conversation: an E.164 number, or a chat session's id."""
    row = await session.get_one(ThreadRow, conversation)
    return await keyring.unseal(
        row.address_sealed, owner=owner_of(conversation), place=_address_place(conversation)
    )


async def addresses_of(
    session: AsyncSession, keyring: Keyring, conversations: Sequence[ConversationId]
) -> dict[ConversationId, str]:
    """The addresses of several conversations, read at once."""
    rows = await session.scalars(select(ThreadRow).where(ThreadRow.id.in_(conversations)))
    return {
        (id_ := ConversationId(row.id)): await keyring.unseal(
            row.address_sealed, owner=owner_of(id_), place=_address_place(id_)
        )
        for row in rows
    }


def _address_place(conversation: ConversationId) -> Place:
    return Place("thread", "address", conversation)
