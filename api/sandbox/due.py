"""When the next thing falls due: what the sandbox's clock must stop at on its way forward.

One entry for each kind of row that waits for a time of care. A new kind is a new line here.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# Each gives the earliest such instant after `:after`, or nothing.
DUE: Final = {
    "reminders that are planned": (
        "SELECT min(next_at) FROM reminder_plan WHERE state = 'active' AND next_at > :after"
    ),
    "reminders that were put off": (
        "SELECT min(due_at) FROM reminder_prompt WHERE state = 'waiting' AND due_at > :after"
    ),
    "forms that are let lie": ("SELECT min(next_at) FROM intake_form WHERE next_at > :after"),
    "messages held for an hour at which they may be sent": (
        "SELECT min(not_before) FROM outbound WHERE state = 'held' AND not_before > :after"
    ),
    "bookings whose hold lapses": (
        "SELECT min(held_until) FROM booking WHERE state = 'held' AND held_until > :after"
    ),
    "times that are held in the record": (
        "SELECT min(expires_at) FROM booking_interval WHERE state = 'held' AND expires_at > :after"
    ),
    "questions of ours that close": (
        "SELECT min(expires_at) FROM expectation WHERE closed_at IS NULL AND expires_at > :after"
    ),
    "escalations of which somebody else is told": (
        "SELECT min(next_step_at) FROM escalation WHERE state = 'open' AND next_step_at > :after"
    ),
    "conversations that were put off": (
        "SELECT min(snoozed_until) FROM conversation"
        " WHERE state = 'snoozed' AND snoozed_until > :after"
    ),
    "conversations that have waited for the engine long enough": (
        "SELECT min(holding_since) + interval '10 minutes' FROM conversation"
        " WHERE holding_since + interval '10 minutes' > :after"
    ),
}


async def next_due(session: AsyncSession, after: datetime) -> datetime | None:
    """The earliest instant after that one at which something falls due."""
    found = [await session.scalar(text(query), {"after": after}) for query in DUE.values()]
    return min((each for each in found if each is not None), default=None)
