"""The transcript: what was said in a conversation, in order, sealed at rest."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ARRAY, Integer, String, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import communications
from api.conversations.communications import Told
from api.conversations.kinds import Speaker
from api.conversations.models import ConversationRow, MessageRow
from api.core.crypto import Keyring, Place
from api.core.events import announce
from api.core.ids import ConversationId, MessageId, new_id
from api.messaging.threads import owner_of, topic_of
from api.messaging.words import Choice, Rendered, Tone, form_view


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
    sender_id: str | None = None
    client_id: str | None = None
    answers: MessageId | None = None


async def append(
    session: AsyncSession, keyring: Keyring, row: ConversationRow, line: Line, *, now: datetime
) -> int:
    """Append a message and announce it; the caller holds the conversation's row lock.

    The lock makes positions gapless in commit order, so a reader who asks for what is after a
    position never skips a late commit.
    """
    row.last_position += 1
    # A patient's message keeps the id under which it came in: what it proves points at it.
    id_, conversation = line.inbound_id or new_id(), ConversationId(row.id)
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
            sender_id=line.sender_id,
            client_id=line.client_id,
        )
    )
    await announce(session, topic_of(conversation))
    await communications.show_message(session, keyring, row, _told(id_, line), now=now)
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
    return [await opened(keyring, row) for row in rows]


async def news(
    session: AsyncSession, keyring: Keyring, seen: Mapping[ConversationId, int], *, most: int
) -> Sequence[tuple[ConversationId, Said]]:
    """What many conversations have after a position each, asked for all of them at once.

    In order within each conversation; at most so many messages, so there may be more.
    """
    positions = func.unnest(
        cast(list(seen), ARRAY(String)), cast(list(seen.values()), ARRAY(Integer))
    )
    known = positions.table_valued("id", "position", name="known").render_derived()
    rows = await session.scalars(
        select(MessageRow)
        .join(known, MessageRow.conversation_id == known.c.id)
        .where(MessageRow.position > known.c.position)
        .order_by(MessageRow.conversation_id, MessageRow.position)
        .limit(most)
    )
    return [(ConversationId(row.conversation_id), await opened(keyring, row)) for row in rows]


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


async def position_of_reply(
    session: AsyncSession, conversation: ConversationId, client_id: str
) -> int | None:
    """Where a person's reply stands, by the id that its writer gave it."""
    return await session.scalar(
        select(MessageRow.position).where(
            MessageRow.conversation_id == conversation, MessageRow.client_id == client_id
        )
    )


async def opened(keyring: Keyring, row: MessageRow) -> Said:
    """A message with its words."""
    owner = owner_of(ConversationId(row.conversation_id))
    body = json.loads(await keyring.unseal(row.body_sealed, owner=owner, place=_place(row.id)))
    choices = tuple(Choice(**each) for each in body["choices"])
    return Said(
        id=MessageId(row.id),
        position=row.position,
        speaker=Speaker(row.speaker),
        name=row.name,
        rendered=Rendered(
            body["text"], choices, body["input"], _tone(body), form_view(body.get("form"))
        ),
        at=row.at,
    )


def _told(id_: str, line: Line) -> Told:
    return Told(
        id=id_,
        speaker=line.speaker,
        text=line.rendered.text,
        sender_id=line.sender_id,
        sender_name=line.name,
        answers=line.answers,
    )


def _tone(body: Mapping[str, object]) -> Tone:
    """Messages of earlier versions have none."""
    return Tone(str(body.get("tone", Tone.NORMAL)))


async def name_of(keyring: Keyring, row: ConversationRow) -> str | None:
    """The patient's name, where they were identified."""
    if row.name_sealed is None:
        return None
    conversation = ConversationId(row.id)
    return await keyring.unseal(
        row.name_sealed, owner=owner_of(conversation), place=name_place(conversation)
    )


def identifier_place(conversation: ConversationId) -> Place:
    """Where the number or MRN that a web visitor typed is kept."""
    return Place("conversation", "identifier", conversation)


def name_place(conversation: ConversationId) -> Place:
    """Where a patient's display name is kept."""
    return Place("conversation", "name", conversation)


def _place(id_: str) -> Place:
    return Place("message", "body", id_)
