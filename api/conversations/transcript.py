"""The transcript: what was said in a conversation, in order, sealed at rest."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.kinds import Speaker
from api.conversations.models import ConversationRow, MessageRow
from api.core.crypto import Keyring, Place
from api.core.events import announce
from api.core.ids import ConversationId, MessageId, new_id
from api.messaging.threads import owner_of
from api.messaging.words import Choice, Rendered


@dataclass(frozen=True)
class Said:
    """A message of the transcript. `position` counts up by one within its conversation."""

    id: MessageId
    position: int
    speaker: Speaker
    name: str | None
    rendered: Rendered
    at: datetime


@dataclass(frozen=True)
class Line:
    """A message to append."""

    speaker: Speaker
    rendered: Rendered
    name: str | None = None
    inbound_id: str | None = None
    outbound_id: str | None = None


def topic_of(conversation: ConversationId) -> str:
    """The topic under which news of a conversation is announced."""
    return f"conversation/{conversation}"


async def append(
    session: AsyncSession, keyring: Keyring, row: ConversationRow, line: Line, *, now: datetime
) -> int:
    """Append a message and announce it; the caller holds the conversation's row lock.

    The lock makes positions gapless in commit order, so a reader who asks for what is after a
    position never skips a late commit.
    """
    row.last_position += 1
    id_, conversation = new_id(), ConversationId(row.id)
    body = json.dumps(line.rendered.as_json())
    sealed = await keyring.seal(body, owner=owner_of(conversation), place=_place(id_))
    session.add(
        MessageRow(
            id=id_,
            conversation_id=conversation,
            position=row.last_position,
            speaker=line.speaker,
            name=line.name,
            body_sealed=sealed,
            at=now,
            inbound_id=line.inbound_id,
            outbound_id=line.outbound_id,
        )
    )
    await announce(session, topic_of(conversation))
    return row.last_position


async def after(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId, position: int
) -> Sequence[Said]:
    """The messages after a position, in order."""
    rows = await session.scalars(
        select(MessageRow)
        .where(MessageRow.conversation_id == conversation, MessageRow.position > position)
        .order_by(MessageRow.position)
        .limit(500)
    )
    return [await _opened(keyring, row) for row in rows]


async def whole(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId
) -> list[Said]:
    """Every message of a conversation."""
    said: list[Said] = []
    while page := await after(session, keyring, conversation, said[-1].position if said else 0):
        said += page
    return said


async def position_of(session: AsyncSession, inbound_id: MessageId) -> int | None:
    """Where a message that came in stands in the transcript."""
    return await session.scalar(
        select(MessageRow.position).where(MessageRow.inbound_id == inbound_id)
    )


async def _opened(keyring: Keyring, row: MessageRow) -> Said:
    owner = owner_of(ConversationId(row.conversation_id))
    body = json.loads(await keyring.unseal(row.body_sealed, owner=owner, place=_place(row.id)))
    choices = tuple(Choice(**each) for each in body["choices"])
    return Said(
        id=MessageId(row.id),
        position=row.position,
        speaker=Speaker(row.speaker),
        name=row.name,
        rendered=Rendered(body["text"], choices, body["input"]),
        at=row.at,
    )


def _place(id_: str) -> Place:
    return Place("message", "body", id_)
