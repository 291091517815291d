"""Open questions of ours: registered with the prompt, closed by its answer or by time."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.ids import ConversationId, new_id
from api.messaging.kinds import ExpectationKind
from api.messaging.models import ExpectationRow


@dataclass(frozen=True)
class Expectation:
    """What one open question waits for. `choices`: digits 1 to that number fit it."""

    kind: ExpectationKind
    expires_at: datetime
    choices: int = 0
    ref: str | None = None
    outbound_id: str | None = None
    opened_at: datetime | None = None


async def expect(
    session: AsyncSession,
    conversation: ConversationId,
    expectation: Expectation,
    *,
    outbound_id: str,
    now: datetime,
    beside: Collection[str] = (),
) -> None:
    """Register what a prompt waits for; an older open one of its kind is closed by it.

    `beside`: references of those that stay open, being somebody else's or of something else.
    """
    await close(session, conversation, {expectation.kind}, now=now, but=beside)
    session.add(
        ExpectationRow(
            id=new_id(),
            thread_id=conversation,
            outbound_id=outbound_id,
            kind=expectation.kind,
            choices=expectation.choices,
            ref=expectation.ref,
            opened_at=now,
            expires_at=expectation.expires_at,
        )
    )


async def close(
    session: AsyncSession,
    conversation: ConversationId,
    kinds: Collection[ExpectationKind],
    *,
    now: datetime,
    but: Collection[str] = (),
) -> None:
    """Close the open questions of these kinds, but those with one of these references."""
    if not kinds:
        return
    is_meant = or_(ExpectationRow.ref.is_(None), ExpectationRow.ref.not_in(but))
    await session.execute(
        update(ExpectationRow)
        .where(
            ExpectationRow.thread_id == conversation,
            ExpectationRow.kind.in_(kinds),
            ExpectationRow.closed_at.is_(None),
            is_meant,
        )
        .values(closed_at=now)
    )


async def close_about(
    session: AsyncSession, conversation: ConversationId, refs: Collection[str], *, now: datetime
) -> None:
    """Close the open questions with these references, whatever they wait for."""
    if not refs:
        return
    await session.execute(
        update(ExpectationRow)
        .where(
            ExpectationRow.thread_id == conversation,
            ExpectationRow.ref.in_(refs),
            ExpectationRow.closed_at.is_(None),
        )
        .values(closed_at=now)
    )


async def never_asked(
    session: AsyncSession, conversation: ConversationId, outbound_id: str, *, now: datetime
) -> None:
    """Close the questions of a message that was not sent."""
    await session.execute(
        update(ExpectationRow)
        .where(
            ExpectationRow.thread_id == conversation,
            ExpectationRow.outbound_id == outbound_id,
            ExpectationRow.closed_at.is_(None),
        )
        .values(closed_at=now)
    )


async def open_at(
    session: AsyncSession, conversation: ConversationId, now: datetime
) -> tuple[Expectation, ...]:
    """The questions open at that instant, the latest asked first."""
    rows = await session.scalars(
        select(ExpectationRow)
        .where(
            ExpectationRow.thread_id == conversation,
            ExpectationRow.closed_at.is_(None),
            ExpectationRow.expires_at > now,
        )
        .order_by(ExpectationRow.opened_at.desc(), ExpectationRow.id.desc())
    )
    return tuple(
        Expectation(
            ExpectationKind(row.kind),
            row.expires_at,
            row.choices,
            row.ref,
            row.outbound_id,
            row.opened_at,
        )
        for row in rows
    )
