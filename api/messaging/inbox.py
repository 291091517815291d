"""What came in: stored once, in order, before anything else happens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import real_now
from api.core.crypto import Keyring, Place
from api.core.ids import ConversationId, MessageId, new_id
from api.core.jobs import Job, wake
from api.core.text import fold
from api.messaging.kinds import Channel, InboundState
from api.messaging.models import InboundRow
from api.messaging.threads import owner_of

MAX_TEXT_CHARS = 10_000
MARK_OF_CUT = " [...]"
BACK_OFF_STEPS_S = (1, 3, 8, 20)


@dataclass(frozen=True)
class Arrival:
    """A message as it arrived. `provider_id` is unique on its channel."""

    conversation: ConversationId
    channel: Channel
    provider_id: str
    text: str


@dataclass(frozen=True)
class Inbound:
    """A stored message with its words. `rests_until` is the end of its back-off, real time."""

    id: MessageId
    conversation: ConversationId
    text: str
    received_at: datetime
    seq: int
    text_lookup: bytes
    tries: int
    replays: int
    rests_until: datetime | None

    @property
    def turn(self) -> str:
        """The id of the turn that answers this message; a replay is a new turn."""
        return f"{self.id}.{self.replays}"


async def store_once(
    session: AsyncSession, keyring: Keyring, arrival: Arrival, *, now: datetime
) -> MessageId | None:
    """Store a message and wake its conversation; None when it had been stored before.

    One atomic insert decides, so two deliveries at once have one winner. Text over the limit is
    cut with a mark rather than refused: half an emergency is better than none.
    """
    message = MessageId(new_id())
    text = _bounded(arrival.text)
    sealed = await keyring.seal(text, owner=owner_of(arrival.conversation), place=_place(message))
    statement = (
        insert(InboundRow)
        .values(
            id=message,
            thread_id=arrival.conversation,
            channel=arrival.channel,
            provider_id=arrival.provider_id,
            text_sealed=sealed,
            text_lookup=keyring.lookup(fold(text)),
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["channel", "provider_id"])
        .returning(InboundRow.id)
    )
    if await session.scalar(statement) is None:
        return None
    await wake(session, Job.DRAIN_CONVERSATION, arrival.conversation)
    return message


async def pending(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId, *, limit: int
) -> list[Inbound]:
    """The messages not yet handled, oldest first."""
    rows = await session.scalars(
        select(InboundRow)
        .where(InboundRow.thread_id == conversation, InboundRow.state == InboundState.PENDING)
        .order_by(InboundRow.seq)
        .limit(limit)
    )
    return [await _opened(keyring, row) for row in rows]


async def id_of(session: AsyncSession, arrival: Arrival) -> MessageId:
    """The id under which an arrival was stored the first time."""
    found = await session.scalars(
        select(InboundRow.id).where(
            InboundRow.channel == arrival.channel, InboundRow.provider_id == arrival.provider_id
        )
    )
    return MessageId(found.one())


def rests(message: Inbound) -> bool:
    """Whether the message still waits out its back-off."""
    return message.rests_until is not None and message.rests_until > real_now()


async def text_of(session: AsyncSession, keyring: Keyring, id_: str) -> str:
    """The words of a message that came in."""
    return (await _opened(keyring, await session.get_one(InboundRow, id_))).text


async def came_before(session: AsyncSession, message: Inbound) -> datetime | None:
    """When the message before this one came in its conversation."""
    return await session.scalar(
        select(func.max(InboundRow.received_at)).where(
            InboundRow.thread_id == message.conversation,
            InboundRow.received_at < message.received_at,
        )
    )


async def is_waiting(session: AsyncSession, conversation: ConversationId) -> bool:
    """Whether a message of the conversation waits for the engine."""
    waits = exists().where(
        InboundRow.thread_id == conversation, InboundRow.state == InboundState.WAITING
    )
    return bool(await session.scalar(select(waits)))


async def came_after(session: AsyncSession, message: Inbound, turn: str) -> bool:
    """Whether a turn answers a message that came after this one, in the same conversation."""
    later = exists().where(
        InboundRow.id == turn.rpartition(".")[0],
        InboundRow.thread_id == message.conversation,
        InboundRow.seq > message.seq,
    )
    return bool(await session.scalar(select(later)))


async def oldest_id(session: AsyncSession, conversation: ConversationId) -> MessageId | None:
    """The message that is next in this conversation, without its words."""
    found = await session.scalar(
        select(InboundRow.id)
        .where(InboundRow.thread_id == conversation, InboundRow.state == InboundState.PENDING)
        .order_by(InboundRow.seq)
        .limit(1)
    )
    return MessageId(found) if found else None


async def settle(
    session: AsyncSession, message: MessageId, state: InboundState, *, expected: bool
) -> bool:
    """Move a pending message on; False when somebody else already has."""
    moved = await session.scalar(
        update(InboundRow)
        .where(InboundRow.id == message, InboundRow.state == InboundState.PENDING)
        .values(state=state, expected=expected, not_before=None)
        .returning(InboundRow.id)
    )
    return moved is not None


async def put_off(session: AsyncSession, message: MessageId) -> int:
    """Count a failed try and let the message rest; the number of tries so far."""
    row = await session.get_one(InboundRow, message)
    row.tries += 1
    step = BACK_OFF_STEPS_S[min(row.tries, len(BACK_OFF_STEPS_S)) - 1]
    row.not_before = real_now() + timedelta(seconds=step)
    return row.tries


async def release(session: AsyncSession, conversation: ConversationId, state: InboundState) -> int:
    """Make parked or waiting messages pending again; how many there were.

    A parked one is a new turn: it was refused. One that waited for the engine keeps its turn,
    whose effects so stay its own.
    """
    replays = InboundRow.replays + (1 if state is InboundState.PARKED else 0)
    released = await session.scalars(
        update(InboundRow)
        .where(InboundRow.thread_id == conversation, InboundRow.state == state)
        .values(state=InboundState.PENDING, replays=replays)
        .returning(InboundRow.id)
    )
    count = len(released.all())
    if count:
        await wake(session, Job.DRAIN_CONVERSATION, conversation)
    return count


async def give_up(session: AsyncSession, conversation: ConversationId, state: InboundState) -> None:
    """Parked or waiting messages are a person's now: no turn will answer them."""
    await session.execute(
        update(InboundRow)
        .where(InboundRow.thread_id == conversation, InboundRow.state == state)
        .values(state=InboundState.DONE)
    )


async def unexpected_since(
    session: AsyncSession, conversation: ConversationId, since: datetime
) -> int:
    """How many messages that answered no question of ours came in since then."""
    return int(
        await session.scalar(
            select(func.count()).where(
                InboundRow.thread_id == conversation,
                InboundRow.received_at > since,
                InboundRow.state.in_([InboundState.DONE, InboundState.PARKED]),
                InboundRow.expected.is_(False),
            )
        )
        or 0
    )


async def repeats(session: AsyncSession, message: Inbound, *, among: int, within: timedelta) -> int:
    """How many of the last `among` messages up to this one, lately, said the same words as it."""
    last = await session.scalars(
        select(InboundRow.text_lookup)
        .where(
            InboundRow.thread_id == message.conversation,
            InboundRow.seq <= message.seq,
            InboundRow.received_at > message.received_at - within,
        )
        .order_by(InboundRow.seq.desc())
        .limit(among)
    )
    return sum(lookup == message.text_lookup for lookup in last)


async def conversations_to_drain(session: AsyncSession) -> Sequence[ConversationId]:
    """Conversations with a pending message that no longer rests: what a lost wake-up left."""
    found = await session.scalars(
        select(InboundRow.thread_id)
        .where(
            InboundRow.state == InboundState.PENDING,
            (InboundRow.not_before.is_(None)) | (InboundRow.not_before <= real_now()),
        )
        .distinct()
    )
    return [ConversationId(each) for each in found]


async def conversations_waiting(session: AsyncSession) -> Sequence[ConversationId]:
    """Conversations in which a message waits for the engine."""
    found = await session.scalars(
        select(InboundRow.thread_id).where(InboundRow.state == InboundState.WAITING).distinct()
    )
    return [ConversationId(each) for each in found]


async def _opened(keyring: Keyring, row: InboundRow) -> Inbound:
    conversation, message = ConversationId(row.thread_id), MessageId(row.id)
    text = await keyring.unseal(
        row.text_sealed, owner=owner_of(conversation), place=_place(message)
    )
    return Inbound(
        id=message,
        conversation=conversation,
        text=text,
        received_at=row.received_at,
        seq=row.seq,
        text_lookup=row.text_lookup,
        tries=row.tries,
        replays=row.replays,
        rests_until=row.not_before,
    )


def _bounded(text: str) -> str:
    """Postgres keeps no NUL; the rest of what a phone can send stays as it is."""
    clean = text.replace("\x00", "")
    return clean if len(clean) <= MAX_TEXT_CHARS else clean[:MAX_TEXT_CHARS] + MARK_OF_CUT


def _place(message: MessageId) -> Place:
    return Place("inbound", "text", message)
