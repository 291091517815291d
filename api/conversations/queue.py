"""The people's queue: who needs somebody, in which order, page by page, and what has changed.

Everything that a row shows but the patient's last words is kept in the conversation's own row, in
the order of an index of its own for each view, so that a page costs the same in a long queue.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, delete, func, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import transcript
from api.conversations.attention import INBOX_TOPIC, PRIORITIES
from api.conversations.kinds import Speaker, State
from api.conversations.models import (
    PUT_OFF,
    QUEUED,
    ConversationRow,
    InboxEventRow,
    MessageRow,
)
from api.core.clock import real_now
from api.core.crypto import Keyring
from api.core.errors import CareError
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.escalations.kinds import Priority, Reason
from api.messaging.kinds import Channel
from api.messaging.threads import owner_of
from api.staff.kinds import StaffId

__all__ = [
    "INBOX_TOPIC",
    "MOST_COUNTED",
    "Change",
    "InvalidCursor",
    "Page",
    "Row",
    "View",
    "changes",
    "counts",
    "last_change",
    "page",
    "row_of",
]

MOST_COUNTED: Final = 100
"""A count goes no further: that many means "or more"."""
LAST_WORDS_CHARS: Final = 140
MOST_CHANGES: Final = 500
CHANGES_KEPT_FOR: Final = timedelta(days=1)


class View(StrEnum):
    """Which part of the queue."""

    MINE = "mine"
    UNASSIGNED = "unassigned"
    ALL = "all"
    SNOOZED = "snoozed"


class InvalidCursor(CareError):
    """Where the next page begins cannot be read."""

    code = "invalid_cursor"
    status = 422
    sentence = "That page does not exist."


@dataclass(frozen=True)
class Row:
    """A conversation as the queue shows it.

    Attributes:
        name: the patient's, where they were identified.
        reason: why people are needed; None where somebody took it up unasked.
        due_at: by when somebody should have answered.
        waiting_since: when the oldest message was written that nobody has answered.
        unread: messages of the patient's that nobody of the team has read.
        last: the beginning of the patient's last words.
        position: where the transcript ends.
    """

    conversation: ConversationId
    patient: PatientId | None
    name: str | None
    channel: Channel
    language: Language
    state: State
    reason: Reason | None
    priority: Priority
    opened_at: datetime
    due_at: datetime
    waiting_since: datetime | None
    snoozed_until: datetime | None
    unread: int
    assignee_id: StaffId | None
    assignee: str | None
    last: str | None
    position: int
    version: int


@dataclass(frozen=True)
class Page:
    """Some rows in order. `more`: where the next page begins; `counts` end at MOST_COUNTED."""

    rows: tuple[Row, ...]
    counts: Mapping[View, int]
    more: str | None


@dataclass(frozen=True)
class Change:
    """Something changed in the queue. `seq`: resume behind it."""

    seq: int
    conversation: ConversationId


async def page(
    session: AsyncSession,
    keyring: Keyring,
    view: View,
    *,
    member: StaffId,
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """Some rows of a view: safety first, then by priority, then by when an answer is due.

    Raises:
        InvalidCursor: `after` is none that a page gave.
    """
    statement = _rows().where(_within(view, member)).order_by(*_ORDER).limit(limit + 1)
    if after is not None:
        statement = statement.where(tuple_(*_ORDER) > tuple_(*_position(after)))
    found = (await session.execute(statement)).all()
    rows = await _opened(keyring, found[:limit])
    counted = await counts(session, member=member)
    more = _cursor(found[limit - 1][0]) if len(found) > limit else None
    return Page(tuple(rows), counted, more)


async def counts(session: AsyncSession, *, member: StaffId) -> Mapping[View, int]:
    """How many are in each view; MOST_COUNTED means that many or more."""
    statement = select(*(_counted(view, member).label(view) for view in View))
    row = (await session.execute(statement)).mappings().one()
    return {view: int(row[view]) for view in View}


async def row_of(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId
) -> Row | None:
    """A conversation's row as it is now; None when it is not in the queue."""
    statement = _rows().where(
        ConversationRow.id == conversation, ConversationRow.queue_rank.is_not(None)
    )
    found = (await session.execute(statement)).all()
    rows = await _opened(keyring, found)
    return rows[0] if rows else None


async def changes(session: AsyncSession, after: int) -> list[Change]:
    """What changed behind that number, in order; the same conversation may come again."""
    found = await session.scalars(
        select(InboxEventRow)
        .where(InboxEventRow.id > after)
        .order_by(InboxEventRow.id)
        .limit(MOST_CHANGES)
    )
    return [Change(row.id, ConversationId(row.conversation_id)) for row in found]


async def last_change(session: AsyncSession) -> int:
    """The number to resume behind for whoever reads the queue now; read it before the page."""
    return int(await session.scalar(select(func.max(InboxEventRow.id))) or 0)


async def drop_old_changes(session: AsyncSession) -> None:
    """Forget changes that no console resumes behind any more."""
    before = real_now() - CHANGES_KEPT_FOR
    await session.execute(delete(InboxEventRow).where(InboxEventRow.at < before))


_CURSOR: Final = re.compile(r"(?P<rank>[0-3])~(?P<due_at>[0-9T:.+-]+)~(?P<id>[A-Za-z0-9-]{1,36})")
_ORDER = (ConversationRow.queue_rank, ConversationRow.queue_due_at, ConversationRow.id)
_UNREAD = (
    select(func.count())
    .where(
        MessageRow.conversation_id == ConversationRow.id,
        MessageRow.position > ConversationRow.read_position,
        MessageRow.speaker == Speaker.PATIENT,
    )
    .correlate(ConversationRow)
    .scalar_subquery()
)


def _rows() -> Select[ConversationRow, MessageRow | None, int]:
    return select(ConversationRow, MessageRow, _UNREAD).outerjoin(
        MessageRow,
        and_(
            MessageRow.conversation_id == ConversationRow.id,
            MessageRow.position == ConversationRow.patient_position,
        ),
    )


def _within(view: View, member: StaffId) -> ColumnElement[bool]:
    """Written as the indexes are, not with parameters: a plan made once must match them too."""
    match view:
        case View.MINE:
            return and_(text(QUEUED), ConversationRow.assignee_id == member)
        case View.UNASSIGNED:
            return and_(text(QUEUED), ConversationRow.assignee_id.is_(None))
        case View.ALL:
            return and_(text(QUEUED))
        case View.SNOOZED:
            return and_(text(PUT_OFF))


def _counted(view: View, member: StaffId) -> ScalarSelect[int]:
    some = select(ConversationRow.id).where(_within(view, member)).limit(MOST_COUNTED)
    return select(func.count()).select_from(some.subquery()).scalar_subquery()


async def _opened(
    keyring: Keyring, found: Sequence[tuple[ConversationRow, MessageRow | None, int]]
) -> list[Row]:
    """Every conversation has a key of its own: they are fetched together."""
    await keyring.fetch([owner_of(ConversationId(row.id)) for row, _, _ in found])
    return [await _row(keyring, *each) for each in found]


async def _row(
    keyring: Keyring, row: ConversationRow, message: MessageRow | None, unread: int
) -> Row:
    last = None if message is None else (await transcript.opened(keyring, message)).rendered.text
    assert row.queue_rank is not None  # noqa: S101 -- what is in the queue has these three
    assert row.queue_opened_at is not None  # noqa: S101
    assert row.queue_due_at is not None  # noqa: S101
    return Row(
        conversation=ConversationId(row.id),
        patient=PatientId(row.patient_id) if row.patient_id else None,
        name=await transcript.name_of(keyring, row),
        channel=Channel(row.channel),
        language=Language(row.language),
        state=State(row.state),
        reason=Reason(row.queue_reason) if row.queue_reason else None,
        priority=Priority(PRIORITIES[row.queue_rank]),
        opened_at=row.queue_opened_at,
        due_at=row.queue_due_at,
        waiting_since=row.waiting_since,
        snoozed_until=row.snoozed_until,
        unread=unread,
        assignee_id=StaffId(row.assignee_id) if row.assignee_id else None,
        assignee=row.assignee_name,
        last=None if last is None else last[:LAST_WORDS_CHARS],
        position=row.last_position,
        version=row.version,
    )


def _cursor(row: ConversationRow) -> str:
    due_at = row.queue_due_at.isoformat() if row.queue_due_at else ""
    return f"{row.queue_rank}~{due_at}~{row.id}"


def _position(cursor: str) -> tuple[int, datetime, str]:
    found = _CURSOR.fullmatch(cursor)
    try:
        due_at = datetime.fromisoformat(found["due_at"] if found else "")
    except ValueError:
        raise InvalidCursor from None
    if found is None or due_at.tzinfo is None:
        raise InvalidCursor
    return int(found["rank"]), due_at, found["id"]
