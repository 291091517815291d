"""When people had a conversation, and what the assistant said meanwhile: for tests that ask."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.kinds import Act, Owner, Speaker
from api.conversations.models import ConversationEventRow, ConversationRow, MessageRow
from api.core.ids import ConversationId
from api.messaging.models import OutboundRow

# What is said whoever has the conversation: help in danger, and what the carrier's words ask for.
SAID_ANYWAY = frozenset(
    {"crisis", "emergency", "urgent", "red_flag_question", "red_flag_cleared", "help_text"}
    | {"opt_out_confirmed", "opted_in_again"}
)
TAKES = frozenset({Act.CLAIM, Act.REPLY, Act.ASSIGN, Act.HAND_OVER, Act.REOPEN})
LETS_GO = frozenset({Act.GIVE_BACK, Act.RESOLVE})

type Span = tuple[int, float]
type Spoken = tuple[int, Sequence[str]]


async def spans_of_people(session: AsyncSession, conversation: ConversationId) -> list[Span]:
    """From where to where in the transcript a person had the conversation."""
    events = await session.scalars(
        select(ConversationEventRow)
        .where(ConversationEventRow.conversation_id == conversation)
        .order_by(ConversationEventRow.id)
    )
    spans: list[Span] = []
    begins: int | None = None
    for event in events:
        if event.act in TAKES and begins is None:
            begins = event.position
        if event.act in LETS_GO and begins is not None:
            spans.append((begins, event.position))
            begins = None
    row = await session.get_one(ConversationRow, conversation)
    assert (row.owner == Owner.HUMAN) == (begins is not None)
    return spans if begins is None else [*spans, (begins, float("inf"))]


async def said_by_assistant(session: AsyncSession, conversation: ConversationId) -> list[Spoken]:
    """Where the assistant spoke, and which responses it gave there."""
    found = await session.execute(
        select(MessageRow.position, OutboundRow.responses)
        .join(OutboundRow, OutboundRow.id == MessageRow.outbound_id)
        .where(MessageRow.conversation_id == conversation, MessageRow.speaker == Speaker.ASSISTANT)
        .order_by(MessageRow.position)
    )
    return [(position, responses) for position, responses in found]


async def talked_over(session: AsyncSession, conversation: ConversationId) -> list[Spoken]:
    """What the assistant said while a person had the conversation, and may not have."""
    spans = await spans_of_people(session, conversation)
    return [
        (position, responses)
        for position, responses in await said_by_assistant(session, conversation)
        if not SAID_ANYWAY.intersection(responses)
        and any(begins < position < ends for begins, ends in spans)
    ]
