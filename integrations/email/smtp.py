"""The `Mailer` port over SMTP, by the standard library's client in a thread.

Sources: RFC 5321 (replies; 4.2.5: after the end of the data the server answers for the mail),
RFC 8314 (TLS), RFC 5322 3.6.4 (Message-ID).
"""

import asyncio
import smtplib
import ssl
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final, override

from integrations.ports.errors import Rejected, UnknownOutcome, Unreachable
from integrations.ports.mail import Mail, Mailer, MailServer

TIMEOUT_S: Final = 10.0
# A hung mail server must not take the threads that texts are sent by.
THREADS: Final = 16
TAKEN: Final = frozenset({250, 251})
SEND_DATA: Final = 354
PERMANENT: Final = 500


class SmtpMailer(Mailer):
    """One mail server; a connection for each mail, since there are few."""

    def __init__(
        self,
        server: MailServer,
        *,
        timeout_s: float = TIMEOUT_S,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """`trusted`: whose certificates are believed; the system's, if not given."""
        self._server = server
        self._timeout_s = timeout_s
        self._trusted = trusted or ssl.create_default_context()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="smtp")

    @override
    async def send(self, mail: Mail) -> None:
        await asyncio.get_running_loop().run_in_executor(self._threads, self._send, mail)

    def _send(self, mail: Mail) -> None:
        server = self._server
        with self._connected() as client:
            with _nothing_was_taken():
                if server.user:
                    client.login(server.user, server.password)
                if client.mail(server.sender)[0] not in TAKEN:
                    raise Unreachable  # our own sender is refused: for the operator to mend
                _expect(client.rcpt(mail.to)[0], TAKEN)
                _expect(client.docmd("DATA")[0], {SEND_DATA})
            _hand_over(client, _as_bytes(mail, server.sender))

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        with _nothing_was_taken():
            client = self._connect()
        try:
            with _nothing_was_taken():
                self._greet(client)
            yield client
        finally:
            with suppress(OSError, smtplib.SMTPException):
                client.quit()
            client.close()

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.is_tls:
            return smtplib.SMTP_SSL(
                server.host, server.port, timeout=self._timeout_s, context=self._trusted
            )
        return smtplib.SMTP(server.host, server.port, timeout=self._timeout_s)

    def _greet(self, client: smtplib.SMTP) -> None:
        if self._server.is_starttls:  # raises where it is not offered: never in the clear
            client.starttls(context=self._trusted)
        client.ehlo_or_helo_if_needed()


@contextmanager
def _nothing_was_taken() -> Iterator[None]:
    """Before the data have gone, every failure means that the server has no mail of ours.

    A wrong password too: somebody mends it, and the mail must not be lost meanwhile.
    """
    try:
        yield
    except (OSError, smtplib.SMTPException):
        raise Unreachable from None


def _hand_over(client: smtplib.SMTP, content: bytes) -> None:
    """The data and the server's word for them; without its word nobody knows."""
    dotted = b"".join(
        b"." + line if line.startswith(b".") else line for line in content.splitlines(keepends=True)
    )
    try:
        client.send(dotted + b".\r\n")
        code, _ = client.getreply()
    except (OSError, smtplib.SMTPException):
        raise UnknownOutcome from None
    _expect(code, TAKEN)


def _expect(code: int, wanted: Collection[int]) -> None:
    """A reply: as wanted, not now (4xx), or never (5xx)."""
    if code in wanted:
        return
    raise Rejected(str(code)) if code >= PERMANENT else Unreachable()


def _as_bytes(mail: Mail, sender: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.at)
    message["Message-ID"] = f"<{mail.id}@{sender.rsplit('@', 1)[-1]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(mail.text)
    return message.as_bytes()
