"""What forms need, and who fills one in, in which turn."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.gateway.access import Access
from api.gateway.service import Gateway
from api.gateway.tokens import turn_access
from api.intake.library import Library


@dataclass(frozen=True)
class Desk:
    """The desk of forms; built once in `bootstrap`. `zone`: of whoever's own is not known."""

    database: Database
    keyring: Keyring
    clock: Clock
    gateway: Gateway
    zone: ZoneInfo
    library: Library = field(default_factory=Library)


@dataclass(frozen=True)
class Filler:
    """Whose turn it is. `patient`: who is known to write, or None; `channel`: how they reach us.

    `withholds`: others may read along here, so a sensitive question is not asked in words.
    """

    conversation: ConversationId
    patient: PatientId | None
    turn: str
    language: Language
    channel: str | None = None
    withholds: bool = False

    def access(self, patient: PatientId) -> Access:
        """What the gateway judges: this turn, bound to whose form it is."""
        return turn_access(
            turn=self.turn, conversation=self.conversation, patient=patient, origin=self.channel
        )
