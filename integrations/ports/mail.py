"""E-mail to staff as the product sees it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Mail:
    """A plain-text mail to one address.

    Attributes:
        id: ours; the Message-ID is made of it, so that a second delivery of the same mail is
            known for what it is.
        at: when it was written, as its Date says.
    """

    id: str
    to: str
    subject: str
    text: str
    at: datetime


@dataclass(frozen=True)
class MailServer:
    """A mail server, who we are there, and how the way to it is encrypted.

    Attributes:
        sender: the address that mails come from.
        is_tls: encrypted from the first byte.
        is_starttls: encrypted before anything is said, or not spoken to at all.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False
    is_starttls: bool = False


class Mailer(Protocol):
    """Hands mails to a mail server."""

    async def send(self, mail: Mail) -> None:
        """Hand a mail over; on return the server has taken it.

        Raises:
            Unreachable: the server did not take it; the same call may go through later.
            UnknownOutcome: it may have been taken. Sending the same mail again is safe: it has
                the same Message-ID.
            Rejected: refused for good; `code` is the server's reply code.
        """
        ...
