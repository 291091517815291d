"""Looks that are recorded: patients in a list once for a page and its stream, and conversations."""

import hmac
from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncSession

from api.audit import service as audit
from api.audit.service import Action, Entry, Who
from api.conversations.queue import Row
from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.ids import ConversationId, PatientId
from api.staff.kinds import Member
from api.staff.service import StaffSession

TREAT = "TREAT"
"""Purpose of use. Source: HL7 v3 PurposeOfUse, as IHE BALP asks for it."""
SHOWN_IN_LIST = "conversation:list:read"


def stamp(keyring: Keyring, session: StaffSession, conversation: ConversationId) -> str:
    """What a page gets when its look at a conversation was recorded, to go on looking with.

    Only we can make it, and it is of this sign-in and this conversation: whoever asks without it
    begins to look, and that is recorded.
    """
    return keyring.lookup(f"console look|{session.csrf}|{conversation}").hex()


def is_stamp(
    given: str, keyring: Keyring, session: StaffSession, conversation: ConversationId
) -> bool:
    """Whether this is the stamp of a look that was recorded."""
    return hmac.compare_digest(given.encode(), stamp(keyring, session, conversation).encode())


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
