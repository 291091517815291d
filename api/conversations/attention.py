"""Whether a conversation needs people, how urgently, and telling their consoles of it.

The columns by which the queue is ordered are kept here, in the transaction of what they follow.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations.kinds import Act, Owner, State
from api.conversations.models import ConversationRow, InboxEventRow
from api.conversations.rules import next_state, owner_in
from api.core.clock import real_now
from api.core.events import announce
from api.core.ids import ConversationId
from api.escalations import service as escalations
from api.messaging.threads import topic_of

INBOX_TOPIC: Final = "inbox"
# FHIR request-priority in the queue's order.
PRIORITIES: Final = ("stat", "asap", "urgent", "routine")
ROUTINE: Final = PRIORITIES.index("routine")
LAST_SAFETY_RANK: Final = PRIORITIES.index("asap")
# A conversation that people took up without an escalation: as long as a routine one.
TAKEN_UP_LASTS: Final = timedelta(hours=4)
# Any number that no other use of advisory locks takes.
_NUMBERED_IN_ORDER: Final = 0x0CA2F


def enter(row: ConversationRow, act: Act) -> bool:
    """Move a conversation on by an act; False where the act is refused in its state."""
    reached = next_state(State(row.state), act)
    if reached is None:
        return False
    row.state, row.owner = reached, owner_in(reached)
    if reached is not State.SNOOZED:
        row.snoozed_until = None
    if reached is State.BOT:
        row.assignee_id = row.assignee_name = None
    return True


def fresh_episode(row: ConversationRow) -> None:
    """Let the assistant begin anew; what must outlive an episode is read from our tables."""
    row.misses, row.holding_since = 0, None
    row.episode, row.episode_turns = row.episode + 1, 0


def patient_wrote(row: ConversationRow, *, at: datetime) -> None:
    """Take in that the last line of the transcript is the patient's: what was put off is back."""
    enter(row, Act.PATIENT_WROTE)
    row.patient_position = row.last_position
    row.waiting_since = row.waiting_since or at


async def refresh(session: AsyncSession, row: ConversationRow, *, now: datetime) -> None:
    """Put the conversation where it belongs in the queue, or out of it, and tell the consoles.

    To be called last in a transaction: see `tell`.
    """
    found = await escalations.open_in(session, ConversationId(row.id))
    if found:
        top = min(found, key=lambda each: (PRIORITIES.index(each.priority), each.due_at))
        row.queue_rank, row.queue_due_at = PRIORITIES.index(top.priority), top.due_at
        row.queue_reason = top.reason
        row.queue_opened_at = min(each.opened_at for each in found)
    elif row.owner == Owner.HUMAN:
        row.queue_rank, row.queue_reason = ROUTINE, None
        row.queue_opened_at = row.queue_opened_at or now
        row.queue_due_at = row.queue_due_at or now + TAKEN_UP_LASTS
    else:
        row.queue_rank = row.queue_due_at = row.queue_reason = row.queue_opened_at = None
    await tell(session, row)


async def tell(session: AsyncSession, row: ConversationRow) -> None:
    """Number this change and announce it, to the inbox and to who has the conversation open.

    A reader resumes behind the last number that it has seen, so a lower one must never commit
    after a higher one: numbers are given under a lock that is held until the commit. Hence last.
    """
    row.version += 1
    await session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _NUMBERED_IN_ORDER})
    session.add(InboxEventRow(conversation_id=row.id, at=real_now()))
    await session.flush()
    await announce(session, INBOX_TOPIC)
    await announce(session, topic_of(ConversationId(row.id)))
