"""What booking needs, and whose booking it is in which turn."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.core.clock import Clock
from api.core.crypto import Keyring
from api.core.db import Database
from api.core.ids import ConversationId, PatientId
from api.core.language import Language
from api.gateway.access import Access
from api.gateway.service import Gateway
from api.scheduling.request import Directory, Vocabulary

DIRECTORY_LASTS = timedelta(minutes=1)


class DirectoryCache:
    """Who and what can be booked, read from the record at most once a minute."""

    def __init__(self) -> None:
        self._read_at: datetime | None = None
        self._directory = Directory({}, ())

    async def read(
        self, from_record: Callable[[], Awaitable[Directory]], now: datetime
    ) -> Directory:
        """The directory as it was within the last minute; `now` may also have gone back."""
        if self._read_at is None or abs(now - self._read_at) > DIRECTORY_LASTS:
            self._directory = await from_record()
            self._read_at = now
        return self._directory


@dataclass(frozen=True)
class Desk:
    """The booking desk; built once in `bootstrap`. `zone`: the clinic's."""

    database: Database
    keyring: Keyring
    clock: Clock
    gateway: Gateway
    zone: ZoneInfo
    vocabulary: Vocabulary
    directory: DirectoryCache


@dataclass(frozen=True)
class Asker:
    """Whose booking it is and in which turn; `access` is what the gateway judges."""

    access: Access
    conversation: ConversationId
    patient: PatientId
    turn: str
    language: Language
