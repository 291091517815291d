"""A message of ours that never reached the patient is a person's matter."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.conversations import attention
from api.conversations.kinds import Act
from api.conversations.models import ConversationRow
from api.core.clock import Clock
from api.core.crypto import Keyring
from api.escalations.kinds import Reason
from api.escalations.service import Escalate, open_escalation
from api.messaging.outbox import Lost


class Undelivered:
    """Opens an escalation for what the provider refused or could not be given for hours."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

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
        row = await session.get(ConversationRow, lost.conversation, with_for_update=True)
        if row is not None:
            attention.enter(row, Act.ESCALATE)
            await attention.refresh(session, row, now=now)
