"""What reminders need, built once in `bootstrap`."""

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, PatientId
from api.gateway.service import Gateway
from api.reminders.medicines import Vocabulary


@dataclass(frozen=True)
class Desk:
    """The reminders' desk. `zone`: of whoever's own is not known."""

    database: Database
    keyring: Keyring
    clock: Clock
    gateway: Gateway
    zone: ZoneInfo
    vocabulary: Vocabulary = field(default_factory=Vocabulary)


@dataclass(frozen=True)
class Saying:
    """The turn in which something was said, and the message of the transcript that says it."""

    turn: str
    evidence: str


@dataclass(frozen=True)
class Asking:
    """Who asks something of their reminders, and in which turn of which conversation."""

    patient: PatientId
    conversation: ConversationId
    turn: str
