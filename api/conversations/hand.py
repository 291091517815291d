"""A conversation in the hand of somebody of the team, and of nobody else until they are done."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.conversations import attention
from api.conversations.errors import HeldByColleague, NotNow, UnknownConversation
from api.conversations.kinds import Act
from api.conversations.line import Line
from api.conversations.models import ConversationEventRow, ConversationRow, NoteRow
from api.core.crypto import Place
from api.core.ids import ConversationId, PatientId, new_id
from api.messaging.threads import owner_of
from api.staff.kinds import Member


@dataclass(frozen=True)
class Hand:
    """A locked conversation and who acts on it, within one transaction."""

    line: Line
    session: AsyncSession
    row: ConversationRow
    by: Member
    now: datetime

    @property
    def conversation(self) -> ConversationId:
        """Which one."""
        return ConversationId(self.row.id)

    @property
    def patient(self) -> PatientId | None:
        """Whose it is, where that is known."""
        return PatientId(self.row.patient_id) if self.row.patient_id else None


@asynccontextmanager
async def taken_in_hand(
    line: Line, conversation: ConversationId, by: Member
) -> AsyncIterator[Hand]:
    """The conversation, locked for the length of the block.

    Raises:
        UnknownConversation: there is none.
    """
    now = await line.clock.now()
    async with line.database.transaction() as session:
        yield Hand(line, session, await locked(session, conversation), by, now)


async def locked(session: AsyncSession, conversation: ConversationId) -> ConversationRow:
    """The conversation's row; whoever else wants it waits for this transaction.

    Raises:
        UnknownConversation: there is none.
    """
    row = await session.get(ConversationRow, conversation, with_for_update=True)
    if row is None:
        raise UnknownConversation
    return row


async def seen(session: AsyncSession, conversation: ConversationId) -> ConversationRow:
    """The conversation's row, for who only looks.

    Raises:
        UnknownConversation: there is none.
    """
    row = await session.get(ConversationRow, conversation)
    if row is None:
        raise UnknownConversation
    return row


def refuse_if_held(hand: Hand) -> None:
    """Two people do not answer over each other.

    Raises:
        HeldByColleague: somebody else has it.
    """
    if hand.row.assignee_id not in {None, hand.by.id}:
        raise HeldByColleague(hand.row.assignee_name or "")


def enter(hand: Hand, act: Act) -> None:
    """Move the conversation on.

    Raises:
        NotNow: it makes no sense in its state.
    """
    if not attention.enter(hand.row, act):
        raise NotNow


async def done(hand: Hand, act: Act, detail: str | None = None) -> None:
    """Write down who did what, in the history and the audit, and tell everybody's console."""
    remember(hand.session, hand.row, act, by=hand.by, detail=detail, now=hand.now)
    await audit.record_event(
        hand.session,
        tag=f"conversation:person:{act}",
        agent=hand.by.agent,
        patient=hand.patient,
        now=hand.now,
    )
    await attention.refresh(hand.session, hand.row, now=hand.now)


def remember(
    session: AsyncSession,
    row: ConversationRow,
    act: Act,
    *,
    by: Member | None,
    now: datetime,
    detail: str | None = None,
) -> None:
    """Append to the history of a conversation. `by`: None where time or the assistant acted."""
    session.add(
        ConversationEventRow(
            conversation_id=row.id,
            at=now,
            act=act,
            staff_id=by.id if by else None,
            name=by.name if by else None,
            detail=detail,
            position=row.last_position,
        )
    )


async def resolved_last_at(session: AsyncSession, conversation: ConversationId) -> datetime | None:
    """When somebody last was done with a conversation, or gave it back; None if nobody ever was."""
    ending = select(ConversationEventRow.at).where(
        ConversationEventRow.conversation_id == conversation,
        ConversationEventRow.act.in_([Act.RESOLVE, Act.GIVE_BACK]),
    )
    return await session.scalar(ending.order_by(ConversationEventRow.id.desc()).limit(1))


async def write_note(hand: Hand, text: str, *, client_id: str | None = None) -> None:
    """Keep words of the team, sealed, where nothing is ever sent from."""
    id_ = new_id()
    sealed = await hand.line.keyring.seal(
        text, owner=owner_of(hand.conversation), place=note_place(id_)
    )
    hand.session.add(
        NoteRow(
            id=id_,
            conversation_id=hand.row.id,
            client_id=client_id,
            staff_id=hand.by.id,
            name=hand.by.name,
            body_sealed=sealed,
            at=hand.now,
        )
    )


def note_place(id_: str) -> Place:
    """Where a note is kept."""
    return Place("note", "body", id_)
