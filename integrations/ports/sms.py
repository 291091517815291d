"""The SMS provider as the product sees it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True)
class InboundSms:
    """A text that came in, already known to be the provider's."""

    provider_id: str
    sender: str
    text: str


@dataclass(frozen=True)
class StatusReport:
    """What the provider says of a text of ours."""

    provider_id: str
    state: "SmsState"
    error_code: str | None


class SmsState(StrEnum):
    """The life of an outbound text at the provider, in the order it can only move forward in."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"


class NotAuthentic(Exception):
    """A webhook that the provider did not sign, or not for this account."""


class MalformedWebhook(Exception):
    """A signed webhook that lacks what it must carry."""


class SmsChannel(Protocol):
    """Sends texts and reads the provider's webhooks."""

    def read_inbound(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> InboundSms:
        """Read a webhook for a text that came in.

        Raises:
            NotAuthentic: missing, empty or wrong signature, or another account's.
            MalformedWebhook: authentic, but a required field is missing or repeated.
        """
        ...

    def read_status(
        self, url: str, form: list[tuple[str, str]], signature: str | None
    ) -> StatusReport:
        """Read a webhook for the state of a text of ours; raises as `read_inbound`."""
        ...

    async def send(self, *, to: str, text: str, status_callback: str) -> str:
        """Hand a text to the provider and return its id there.

        Raises:
            Unreachable: nothing was sent; the same call may go through later.
            UnknownOutcome: it may have been sent; ask with `find_sent` first.
            Rejected: refused for good; `code` is the provider's (21610: opted out there).
        """
        ...

    async def find_sent(self, *, to: str, text: str, since: datetime) -> tuple[str, ...]:
        """The provider's ids of such texts that it accepted since then, oldest first.

        Raises:
            Unreachable: it could not be asked.
        """
        ...


REFUSED_OPTED_OUT = "21610"
