"""A mail server in memory: keeps what it was handed, refuses addresses, goes away."""

from dataclasses import dataclass, field
from typing import override

from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.mail import Mail, Mailer

NO_SUCH_MAILBOX = "550"


@dataclass
class FakeMailer(Mailer):
    """Takes mails.

    Attributes:
        taken: what it took, in order; a second one with the same id too.
        refused: addresses that it does not know.
        is_down: nothing reaches it.
        loses_answers: it takes a mail, and its answer never arrives.
    """

    taken: list[Mail] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    is_down: bool = False
    loses_answers: bool = False

    @override
    async def send(self, mail: Mail) -> None:
        if self.is_down:
            raise Unreachable
        if mail.to in self.refused:
            raise Rejected(NO_SUCH_MAILBOX)
        self.taken.append(mail)
        if self.loses_answers:
            raise UnknownOutcome
