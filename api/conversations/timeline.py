"""A conversation as the team sees it: what was said, what they told each other, what happened."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.audit.service import Action, Entry, Who
from api.conversations import transcript
from api.conversations.attention import PRIORITIES
from api.conversations.hand import note_place, seen
from api.conversations.kinds import Act, Owner, Speaker, State
from api.conversations.line import Line
from api.conversations.models import (
    ConversationEventRow,
    ConversationRow,
    MessageRow,
    NoteRow,
)
from api.core.crypto import Keyring
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.escalations import service as escalations
from api.escalations.kinds import EventKind, Priority, Reason
from api.messaging import outbox
from api.messaging.kinds import Channel
from api.messaging.outbox import Delivery
from api.messaging.threads import owner_of
from api.staff.kinds import Member, StaffId

# What people do to an escalation follows from what they do to its conversation: told once.
_TOLD_ALREADY: Final = frozenset(
    {
        EventKind.ACKNOWLEDGED,
        EventKind.ASSIGNED,
        EventKind.RELEASED,
        EventKind.WAITING,
        EventKind.REOPENED,
        EventKind.RESOLVED,
    }
)
# A reply and a note stand there themselves.
_SHOWN_ALREADY: Final = frozenset({Act.REPLY, Act.NOTE})


@dataclass(frozen=True)
class Said:
    """A message of the transcript. `delivery`: how far one of ours got; None for the patient's."""

    at: datetime
    position: int
    id: str
    speaker: Speaker
    name: str | None
    text: str
    delivery: Delivery | None


@dataclass(frozen=True)
class Note:
    """Words of the team to itself; the patient never sees them."""

    at: datetime
    id: str
    name: str
    text: str


@dataclass(frozen=True)
class Event:
    """Something that happened. `code`: an Act or an escalation's EventKind; `name`: who did it."""

    at: datetime
    code: str
    name: str | None
    detail: str | None


type Item = Said | Note | Event


@dataclass(frozen=True)
class View:
    """A conversation with all that the team may see of it, the oldest first."""

    conversation: ConversationId
    channel: Channel
    language: Language
    state: State
    owner: Owner
    patient: PatientId | None
    name: str | None
    assignee_id: StaffId | None
    assignee: str | None
    reason: Reason | None
    priority: Priority | None
    opened_at: datetime | None
    due_at: datetime | None
    waiting_since: datetime | None
    snoozed_until: datetime | None
    position: int
    read_position: int
    version: int
    entries: tuple[Item, ...]


async def view(
    line: Line,
    conversation: ConversationId,
    *,
    by: Member,
    purpose: str = "TREAT",
    is_new_look: bool = True,
) -> View:
    """The whole conversation; the look itself is audited.

    `is_new_look`: false for a page that refreshes what a recorded look is at.

    Raises:
        UnknownConversation: there is none.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        row = await seen(session, conversation)
        if is_new_look:
            await _record_look(line, session, row, by=by, purpose=purpose, now=now)
        said = await _said(session, line.keyring, conversation)
        notes = await _notes(session, line.keyring, conversation)
        events = await _events(session, conversation)
        return await _view(line.keyring, row, _in_order(said, [*notes, *events]))


async def _record_look(
    line: Line,
    session: AsyncSession,
    row: ConversationRow,
    *,
    by: Member,
    purpose: str,
    now: datetime,
) -> None:
    entry = Entry("conversation:transcript:read", Action.READ, "read", patient=row.patient_id)
    who = Who("staff", by.id, purpose=purpose)
    await audit.record(session, line.keyring, [entry], who=who, now=now)


async def _said(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId
) -> list[Said]:
    found = await session.scalars(
        select(MessageRow)
        .where(MessageRow.conversation_id == conversation)
        .order_by(MessageRow.position)
    )
    rows = found.all()
    ours = [row.outbound_id for row in rows if row.outbound_id is not None]
    deliveries = await outbox.deliveries(session, ours)
    return [
        Said(
            at=row.at,
            position=row.position,
            id=row.id,
            speaker=Speaker(row.speaker),
            name=row.name,
            text=(await transcript.opened(keyring, row)).rendered.text,
            delivery=deliveries.get(row.outbound_id) if row.outbound_id else None,
        )
        for row in rows
    ]


async def _notes(
    session: AsyncSession, keyring: Keyring, conversation: ConversationId
) -> list[Note]:
    rows = await session.scalars(
        select(NoteRow).where(NoteRow.conversation_id == conversation).order_by(NoteRow.id)
    )
    owner = owner_of(conversation)
    return [
        Note(
            at=row.at,
            id=row.id,
            name=row.name,
            text=await keyring.unseal(row.body_sealed, owner=owner, place=note_place(row.id)),
        )
        for row in rows
    ]


async def _events(session: AsyncSession, conversation: ConversationId) -> list[Event]:
    rows = await session.scalars(
        select(ConversationEventRow)
        .where(ConversationEventRow.conversation_id == conversation)
        .order_by(ConversationEventRow.id)
    )
    own = [
        Event(row.at, row.act, row.name, row.detail)
        for row in rows
        if row.act not in _SHOWN_ALREADY
    ]
    history = await escalations.history(session, conversation)
    steps = [
        Event(each.at, each.kind, None, each.detail)
        for each in history
        if each.kind not in _TOLD_ALREADY
    ]
    return sorted([*own, *steps], key=lambda each: each.at)


def _in_order(said: Sequence[Said], others: Iterable[Item]) -> tuple[Item, ...]:
    """By time, but messages in the order of their positions, whatever the clocks said."""
    reached = accumulate((each.at for each in said), max)
    timed: list[tuple[datetime, Item]] = list(zip(reached, said, strict=True))
    timed += [(each.at, each) for each in others]
    return tuple(item for _, item in sorted(timed, key=lambda each: each[0]))


async def _view(keyring: Keyring, row: ConversationRow, entries: tuple[Item, ...]) -> View:
    return View(
        conversation=ConversationId(row.id),
        channel=Channel(row.channel),
        language=Language(row.language),
        state=State(row.state),
        owner=Owner(row.owner),
        patient=PatientId(row.patient_id) if row.patient_id else None,
        name=await transcript.name_of(keyring, row),
        assignee_id=StaffId(row.assignee_id) if row.assignee_id else None,
        assignee=row.assignee_name,
        reason=Reason(row.queue_reason) if row.queue_reason else None,
        priority=None if row.queue_rank is None else Priority(PRIORITIES[row.queue_rank]),
        opened_at=row.queue_opened_at,
        due_at=row.queue_due_at,
        waiting_since=row.waiting_since,
        snoozed_until=row.snoozed_until,
        position=row.last_position,
        read_position=row.read_position,
        version=row.version,
        entries=entries,
    )
