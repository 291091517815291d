"""What the console is made of."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from api.conversations.line import Line
from api.core.events import Announcements
from api.gateway.service import Gateway
from api.messaging.clinic import Clinic
from api.staff.service import Desk


@dataclass(frozen=True)
class Demo:
    """What everybody may know of the sandbox's invented staff, so that a newcomer can sign in."""

    password: str = field(repr=False)
    secret: str = field(repr=False)


@dataclass(frozen=True)
class Console:
    """The console's way to everything else. `demo`: in sandbox mode only."""

    line: Line
    announcements: Announcements
    staff: Desk
    gateway: Gateway
    clinic: Clinic
    base_url: str
    demo: Demo | None = None

    @property
    def is_https(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        """What a browser names as the origin of our own pages."""
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}".lower()
