"""Which patients somebody was shown in a list: recorded once each for a page and its stream."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.audit.service import Action, Entry, Who
from api.conversations.queue import Row
from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.ids import PatientId
from api.staff.kinds import Member

TREAT = "TREAT"
"""Purpose of use. Source: HL7 v3 PurposeOfUse, as IHE BALP asks for it."""
SHOWN_IN_LIST = "conversation:list:read"


class Looks:
    """What one page and its stream have shown so far."""

    def __init__(self, member: Member, origin: str, *, seen: Iterable[PatientId] = ()) -> None:
        self._who = Who("staff", member.id, purpose=TREAT, origin=origin or None)
        self._seen = set(seen)

    async def record(
        self, session: AsyncSession, keyring: Keyring, clock: Clock, rows: Iterable[Row]
    ) -> None:
        """Record the patients of these rows that were not recorded before."""
        fresh = {row.patient for row in rows if row.patient} - self._seen
        if not fresh:
            return
        entries = [
            Entry(SHOWN_IN_LIST, Action.READ, "search-type", patient=each) for each in sorted(fresh)
        ]
        await audit.record(session, keyring, entries, who=self._who, now=await clock.now())
        self._seen |= fresh
