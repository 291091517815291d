"""E-mail to staff: written with the step it tells of, sent until the mail server has it.

When it is not known whether the server took a mail, it is sent again: for a safety alert twice is
better than never, and both carry the same Message-ID, by which a mailbox or a reader knows the
second for the first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from api.core.clock import Clock, real_now
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import EscalationId, new_id
from api.core.jobs import Job, wake
from api.core.logging import describe, get_logger
from api.escalations.events import Happening, happened
from api.escalations.kinds import EscalationState, EventKind, NoticeState, Step
from api.escalations.models import EscalationRow, StaffNoticeRow
from integrations.ports.errors import PortError, Rejected
from integrations.ports.mail import Mail, Mailer

# Longer than the mailer's own time-outs together: only then has its holder surely given up.
LEASE = timedelta(minutes=3)
BACK_OFF_STEPS_S = (1, 2, 5, 15, 30, 60)


@dataclass(frozen=True)
class Notice:
    """A mail to write."""

    escalation: EscalationId
    step: Step
    address: str
    subject: str
    text: str


@dataclass(frozen=True)
class Postroom:
    """What sending needs; built once in `bootstrap`."""

    database: Database
    keyring: Keyring
    clock: Clock
    mailer: Mailer


async def write(session: AsyncSession, notice: Notice, *, now: datetime) -> None:
    """Write a mail to send, once for each step and address; it goes once this commits."""
    written = await session.scalar(
        insert(StaffNoticeRow)
        .values(
            id=new_id(),
            escalation_id=notice.escalation,
            step=notice.step,
            address=notice.address,
            subject=notice.subject,
            text=notice.text,
            written_at=now,
            state=NoticeState.READY,
            tries=0,
        )
        .on_conflict_do_nothing(index_elements=["escalation_id", "step", "address"])
        .returning(StaffNoticeRow.id)
    )
    if written is not None:
        await wake(session, Job.SEND_NOTICE, written)


async def revive(session: AsyncSession, escalation: EscalationId) -> None:
    """Send after all what was not sent because somebody had taken the matter on."""
    moot = update(StaffNoticeRow).where(
        StaffNoticeRow.escalation_id == escalation, StaffNoticeRow.state == NoticeState.MOOT
    )
    revived = await session.scalars(
        moot.values(state=NoticeState.READY, retry_at=None).returning(StaffNoticeRow.id)
    )
    for id_ in revived.all():
        await wake(session, Job.SEND_NOTICE, id_)


async def to_send(session: AsyncSession) -> list[str]:
    """Mails that may be tried now, the oldest first."""
    found = await session.scalars(
        select(StaffNoticeRow.id).where(_may_be_tried()).order_by(StaffNoticeRow.id)
    )
    return list(found)


async def send(postroom: Postroom, id_: str) -> None:
    """Send one mail that may be tried now; what fails is tried again later."""
    mail = await _lease(postroom, id_)
    if mail is None:
        return
    try:
        await postroom.mailer.send(mail)
    except Rejected as refusal:
        await _mark_refused(postroom, id_, refusal.code)
    except PortError as failure:
        get_logger().warning("notice_failed", key=id_, **describe(failure))
        await _back_off(postroom, id_)
    else:
        await _mark_sent(postroom, id_)


async def _lease(postroom: Postroom, id_: str) -> Mail | None:
    """Take a mail for ourselves, unless somebody has taken the matter on meanwhile."""
    async with postroom.database.transaction() as session:
        row = await session.scalar(
            select(StaffNoticeRow)
            .where(StaffNoticeRow.id == id_, _may_be_tried())
            .with_for_update(skip_locked=True)
        )
        if row is None:
            return None
        escalation = await session.get_one(EscalationRow, row.escalation_id)
        if escalation.state != EscalationState.OPEN:
            row.state, row.lease_until = NoticeState.MOOT, None
            return None
        row.state, row.lease_until = NoticeState.SENDING, real_now() + LEASE
        row.tries += 1
        return Mail(row.id, to=row.address, subject=row.subject, text=row.text, at=row.written_at)


def _may_be_tried() -> ColumnElement[bool]:
    now = real_now()
    return or_(
        (StaffNoticeRow.state == NoticeState.READY)
        & or_(StaffNoticeRow.retry_at.is_(None), StaffNoticeRow.retry_at <= now),
        # Leased by somebody who died: whether the server took it is not known.
        (StaffNoticeRow.state == NoticeState.SENDING) & (StaffNoticeRow.lease_until < now),
    )


async def _mark_sent(postroom: Postroom, id_: str) -> None:
    async with postroom.database.transaction() as session:
        row = await session.get_one(StaffNoticeRow, id_, with_for_update=True)
        row.state, row.lease_until = NoticeState.SENT, None
        row.sent_at = await postroom.clock.now()


async def _back_off(postroom: Postroom, id_: str) -> None:
    async with postroom.database.transaction() as session:
        row = await session.get_one(StaffNoticeRow, id_, with_for_update=True)
        step = BACK_OFF_STEPS_S[min(row.tries, len(BACK_OFF_STEPS_S)) - 1]
        row.state, row.lease_until = NoticeState.READY, None
        row.retry_at = real_now() + timedelta(seconds=step)


async def _mark_refused(postroom: Postroom, id_: str, code: str) -> None:
    """Refused for good: the history says so, and the ladder goes on to the next one."""
    now = await postroom.clock.now()
    async with postroom.database.transaction() as session:
        row = await session.get_one(StaffNoticeRow, id_, with_for_update=True)
        row.state, row.lease_until, row.code = NoticeState.REFUSED, None, code[:32]
        escalation = await session.get_one(
            EscalationRow, row.escalation_id, with_for_update=True, populate_existing=True
        )
        refused = Happening(EventKind.MAIL_REFUSED, detail=f"{row.step}.{row.code}")
        await happened(session, postroom.keyring, escalation, refused, now=now)
    get_logger().error("notice_refused", key=id_, code=code)
