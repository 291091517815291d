"""What the line of one message needs, built once in `bootstrap`."""

from dataclasses import dataclass, field

from api.core.clock import Clock
from api.core.courtesy import Courtesy
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.presence import Presence
from api.gateway.service import Gateway
from api.intake.desk import Desk as FormDesk
from api.messaging.clinic import Clinic
from api.messaging.words import Catalogue
from api.reminders.desk import Desk as ReminderDesk
from api.safety.lexicon import Lexicon
from api.scheduling.desk import Desk
from integrations.ports.dialogue import DialogueEngine


@dataclass(frozen=True)
class Line:
    """The ports and data that turns are made with."""

    database: Database
    keyring: Keyring
    clock: Clock
    engine: DialogueEngine
    gateway: Gateway
    desk: Desk
    reminders: ReminderDesk
    forms: FormDesk
    lexicon: Lexicon
    catalogue: Catalogue
    clinic: Clinic
    token_key: str
    base_url: str
    """Where patients reach us, without a slash at its end."""
    presence: Presence
    courtesy: Courtesy = field(default_factory=Courtesy)
    at_work: set[str] = field(default_factory=set)
    """Conversations that this process is answering now."""
