"""Conversations of somebody who no longer works here go back to the team."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.conversations import attention
from api.conversations.hand import locked, remember
from api.conversations.kinds import Act
from api.conversations.line import Line
from api.conversations.models import ConversationRow
from api.core.ids import ConversationId
from api.escalations import service as escalations
from api.staff.kinds import Member

AGENT = "service/staff"


async def let_go(line: Line, gone: Member) -> int:
    """Let go of everything that somebody had who cannot sign in any more; how much it was.

    The assistant stays silent there. A safety alert goes on to the next one on its ladder: it
    must not lie with somebody who never sees it. A second time changes nothing.
    """
    async with line.database.transaction() as session:
        held = await session.scalars(
            select(ConversationRow.id).where(ConversationRow.assignee_id == gone.id)
        )
        found = [ConversationId(each) for each in held]
    for conversation in found:
        async with line.database.transaction() as session:
            await _let_go(line, session, conversation, gone)
    return len(found)


async def _let_go(
    line: Line, session: AsyncSession, conversation: ConversationId, gone: Member
) -> None:
    row, now = await locked(session, conversation), await line.clock.now()
    if row.assignee_id != gone.id:
        return
    # One that is resolved stays so: whoever opens it again does not give it back to them.
    row.assignee_id = row.assignee_name = None
    if attention.enter(row, Act.RELEASE):
        await escalations.assign(session, line.keyring, conversation, None, None, now=now)
    remember(session, row, Act.RELEASE, by=None, now=now)
    tag = f"conversation:person:{Act.RELEASE}"
    await audit.record_event(session, tag=tag, agent=AGENT, patient=row.patient_id, now=now)
    await attention.refresh(session, row, now=now)
