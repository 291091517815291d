"""A message of ours that never reached the patient is a person's matter."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import attention
from api.conversations.kinds import Act
from api.conversations.models import ConversationRow
from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.ids import ConversationId
from api.escalations.kinds import Reason
from api.escalations.service import Escalate, open_escalation
from api.messaging.outbox import Lost


async def lock(session: AsyncSession, conversation: ConversationId) -> ConversationRow | None:
    """Lock a conversation's row, if it has one: nothing else of it changes meanwhile."""
    return await session.get(
        ConversationRow, conversation, with_for_update=True, populate_existing=True
    )


class Undelivered:
    """Opens an escalation for what the provider refused or could not be given for hours."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    async def lock(self, session: AsyncSession, conversation: ConversationId) -> None:
        """Lock the conversation: before its messages are, so that it is the same order for all."""
        await lock(session, conversation)

    async def tell(self, session: AsyncSession, lost: Lost) -> None:
        """Call a person, once for each message."""
        wanted = Escalate(
            conversation=lost.conversation,
            turn=f"outbound.{lost.id}",
            reason=Reason.NOT_DELIVERED,
            patient=lost.patient,
        )
        now = await self._clock.now()
        await open_escalation(session, self._keyring, wanted, now=now)
        row = await lock(session, lost.conversation)
        if row is not None:
            attention.enter(row, Act.ESCALATE)
            await attention.refresh(session, row, now=now)
