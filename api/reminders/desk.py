"""What reminders need, built once in `bootstrap`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.gateway.service import Gateway


@dataclass(frozen=True)
class Desk:
    """The reminders' desk. `zone`: of whoever's own is not known. `brands`: with generic names."""

    database: Database
    keyring: Keyring
    clock: Clock
    gateway: Gateway
    zone: ZoneInfo
    brands: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Saying:
    """The turn in which something was said, and the message of the transcript that says it."""

    turn: str
    evidence: str
