"""Opening, taking on and resolving escalations; telling of them is the ladder's."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit.service import record_event
from api.core.crypto import Keyring
from api.core.ids import ConversationId, EscalationId, PatientId, new_id
from api.core.jobs import Job, wake
from api.escalations.events import Happening, as_event, happened
from api.escalations.kinds import (
    EscalationState,
    Event,
    EventKind,
    Open,
    Outcome,
    Priority,
    Reason,
)
from api.escalations.models import EscalationEventRow, EscalationRow
from api.escalations.notices import revive
from api.escalations.rules import due_at, is_safety, priority_of
from api.escalations.task import SYSTEM_ACTOR
from api.staff.kinds import Member

SYSTEM_AGENT = "service/escalations"


@dataclass(frozen=True)
class Escalate:
    """Something a person must look at. `rule`: the safety rule that fired, never a diagnosis."""

    conversation: ConversationId
    turn: str
    reason: Reason
    patient: PatientId | None = None
    rule: str | None = None


async def open_escalation(
    session: AsyncSession, keyring: Keyring, wanted: Escalate, *, now: datetime
) -> EscalationId:
    """Open an escalation and start its ladder, whose first step is due at once; once per turn."""
    opened = await session.scalar(
        insert(EscalationRow)
        .values(_opening(wanted, now))
        .on_conflict_do_nothing(index_elements=["conversation_id", "turn_id"])
        .returning(EscalationRow.id)
    )
    if opened is None:
        return await _known(session, wanted)
    row = await session.get_one(EscalationRow, opened)
    await happened(session, keyring, row, Happening(EventKind.OPENED, detail=wanted.rule), now=now)
    await wake(session, Job.CLIMB_LADDER, opened)
    return EscalationId(opened)


async def acknowledge(
    session: AsyncSession,
    keyring: Keyring,
    conversation: ConversationId,
    by: Member,
    *,
    now: datetime,
) -> int:
    """Take a conversation's open escalations on: nobody else is told. How many there were."""
    rows = await _rows(session, conversation, EscalationState.OPEN)
    for row in rows:
        _acknowledged(row, by, now)
        await happened(session, keyring, row, Happening(EventKind.ACKNOWLEDGED, by.id), now=now)
        await _audit(session, row, "acknowledge", by, now=now)
    return len(rows)


async def assign(
    session: AsyncSession,
    keyring: Keyring,
    conversation: ConversationId,
    to: Member | None,
    by: Member | None,
    *,
    now: datetime,
) -> None:
    """Make somebody the owner of what is not resolved, or nobody. `by`: None where no person did.

    An owner stops the ladder. A safety alert that is let go goes on climbing where it stopped: it
    never lies there with nobody told who has not had it before them.
    """
    wanted = to.id if to is not None else None
    kind = EventKind.ASSIGNED if to is not None else EventKind.RELEASED
    actor = by.id if by is not None else SYSTEM_ACTOR
    for row in await _rows(session, conversation, *_UNRESOLVED):
        if row.assignee_id == wanted:
            continue
        if by is not None and to is not None and row.state == EscalationState.OPEN:
            _acknowledged(row, by, now)
        if to is None and is_safety(Priority(row.priority)):
            await _climbs_on(session, row, now)
        row.assignee_id, row.assignee_name = wanted, to.name if to is not None else None
        await happened(session, keyring, row, Happening(kind, actor, wanted), now=now)
        await _audit(session, row, "assign" if to is not None else "release", by, now=now)


async def set_aside(
    session: AsyncSession,
    keyring: Keyring,
    conversation: ConversationId,
    by: Member,
    *,
    now: datetime,
) -> None:
    """Show that what is not resolved waits, for a time or for the patient; its ladder stops."""
    for row in await _rows(session, conversation, *_UNRESOLVED):
        if row.state == EscalationState.OPEN:
            _acknowledged(row, by, now)
        await happened(session, keyring, row, Happening(EventKind.WAITING, by.id), now=now)
        await _audit(session, row, "set_aside", by, now=now)


async def resolve_all(
    session: AsyncSession,
    keyring: Keyring,
    conversation: ConversationId,
    *,
    now: datetime,
    by: Member | None = None,
    outcome: Outcome | None = None,
) -> int:
    """Resolve what is not resolved in a conversation; how many there were."""
    rows = await _rows(session, conversation, *_UNRESOLVED)
    actor = by.id if by is not None else SYSTEM_ACTOR
    for row in rows:
        row.state, row.next_step_at = EscalationState.RESOLVED, None
        row.resolved_at, row.outcome = now, outcome
        row.resolved_by = by.id if by is not None else None
        await happened(
            session, keyring, row, Happening(EventKind.RESOLVED, actor, outcome), now=now
        )
        await _audit(session, row, "resolve", by, now=now)
    return len(rows)


async def reopen_all(
    session: AsyncSession,
    keyring: Keyring,
    conversation: ConversationId,
    by: Member,
    *,
    resolved_at: datetime,
    now: datetime,
) -> int:
    """Take a resolving back, for whoever resolved by mistake; how many it had resolved.

    `resolved_at`: when it was; what was settled before it stays so. They come back as
    acknowledged: a person is looking, so nobody is told.
    """
    resolved = await _rows(session, conversation, EscalationState.RESOLVED)
    rows = [row for row in resolved if row.resolved_at == resolved_at]
    for row in rows:
        row.resolved_at = row.resolved_by = row.outcome = None
        row.state = EscalationState.ACKNOWLEDGED
        if row.acknowledged_at is None:
            _acknowledged(row, by, now)
        await happened(session, keyring, row, Happening(EventKind.REOPENED, by.id), now=now)
        await _audit(session, row, "reopen", by, now=now)
    return len(rows)


async def open_in(session: AsyncSession, conversation: ConversationId) -> list[Open]:
    """The unresolved escalations of a conversation, oldest first."""
    found = await session.scalars(_select(conversation, *_UNRESOLVED))
    return [_as_open(row) for row in found]


async def raised_by(session: AsyncSession, patient: PatientId, rule: str) -> list[Open]:
    """The escalations that a safety rule opened for a patient, resolved or not, oldest first."""
    found = await session.scalars(
        select(EscalationRow)
        .where(EscalationRow.patient_id == patient, EscalationRow.rule == rule)
        .order_by(EscalationRow.opened_at, EscalationRow.id)
    )
    return [_as_open(row) for row in found]


async def in_crisis(
    session: AsyncSession, conversation: ConversationId, patient: PatientId | None
) -> bool:
    """Whether a crisis of this conversation, or of this patient anywhere, is not resolved yet."""
    theirs = EscalationRow.conversation_id == conversation
    if patient is not None:
        theirs = or_(theirs, EscalationRow.patient_id == patient)
    found = await session.scalar(
        select(EscalationRow.id)
        .where(
            theirs,
            EscalationRow.reason == Reason.CRISIS,
            EscalationRow.state.in_(_UNRESOLVED),
        )
        .limit(1)
    )
    return found is not None


async def history(session: AsyncSession, conversation: ConversationId) -> list[Event]:
    """All that happened to a conversation's escalations, the oldest first."""
    found = await session.scalars(
        select(EscalationEventRow)
        .join(EscalationRow, EscalationRow.id == EscalationEventRow.escalation_id)
        .where(EscalationRow.conversation_id == conversation)
        .order_by(EscalationEventRow.id)
    )
    return [as_event(row) for row in found]


async def count_unacknowledged(session: AsyncSession) -> int:
    """How many escalations nobody has taken up yet."""
    statement = select(func.count()).where(EscalationRow.state == EscalationState.OPEN)
    return int(await session.scalar(statement) or 0)


_UNRESOLVED = (EscalationState.OPEN, EscalationState.ACKNOWLEDGED)


def _opening(wanted: Escalate, now: datetime) -> dict[str, object]:
    priority = priority_of(wanted.reason)
    return {
        "id": new_id(),
        "conversation_id": wanted.conversation,
        "turn_id": wanted.turn,
        "patient_id": wanted.patient,
        "reason": wanted.reason,
        "priority": priority,
        "rule": wanted.rule,
        "state": EscalationState.OPEN,
        "opened_at": now,
        "changed_at": now,
        "due_at": due_at(priority, now),
        "next_step_at": now,
    }


async def _known(session: AsyncSession, wanted: Escalate) -> EscalationId:
    found = await session.scalar(
        select(EscalationRow.id).where(
            EscalationRow.conversation_id == wanted.conversation,
            EscalationRow.turn_id == wanted.turn,
        )
    )
    return EscalationId(str(found))


async def _rows(
    session: AsyncSession, conversation: ConversationId, *states: EscalationState
) -> list[EscalationRow]:
    """Locked, so that no step of a ladder is taken meanwhile; in one order, against deadlocks."""
    statement = _select(conversation, *states).with_for_update()
    found = await session.scalars(statement.execution_options(populate_existing=True))
    return list(found)


def _select(conversation: ConversationId, *states: EscalationState) -> Select[EscalationRow]:
    return (
        select(EscalationRow)
        .where(EscalationRow.conversation_id == conversation, EscalationRow.state.in_(states))
        .order_by(EscalationRow.opened_at, EscalationRow.id)
    )


def _acknowledged(row: EscalationRow, by: Member, now: datetime) -> None:
    row.state, row.next_step_at = EscalationState.ACKNOWLEDGED, None
    row.acknowledged_at, row.acknowledged_by = now, by.id


async def _climbs_on(session: AsyncSession, row: EscalationRow, now: datetime) -> None:
    """Nobody has it any more: the next one on the ladder is told at once.

    So is whoever would have been, had nobody taken it on: after the last step nobody else is left.
    """
    await revive(session, EscalationId(row.id))
    row.state, row.next_step_at = EscalationState.OPEN, now
    row.acknowledged_at = row.acknowledged_by = None


async def _audit(
    session: AsyncSession, row: EscalationRow, act: str, by: Member | None, *, now: datetime
) -> None:
    await record_event(
        session,
        tag=f"escalation:{row.reason}:{act}",
        agent=by.agent if by is not None else SYSTEM_AGENT,
        patient=row.patient_id,
        now=now,
    )


def _as_open(row: EscalationRow) -> Open:
    return Open(
        id=EscalationId(row.id),
        turn=row.turn_id,
        reason=Reason(row.reason),
        priority=Priority(row.priority),
        rule=row.rule,
        state=EscalationState(row.state),
        opened_at=row.opened_at,
        due_at=row.due_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        assignee=row.assignee_id,
    )
